import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseBytes } from '../../src/domain/bytes.ts'
import { DAY, HOUR, MINUTE, parseDuration } from '../../src/domain/duration.ts'
import type { Survey } from '../../src/domain/survey.ts'
import { annotations } from '../../src/report/annotations.ts'
import type { Report } from '../../src/report/report.ts'
import { notRead, orphan, reportOf, repository, withOrphans, type WrittenLimits } from './story.ts'

const GIB = 1024 ** 3

function messages(report: Report): readonly string[] {
  return annotations(report).map(({ message }) => message)
}

function levels(report: Report): readonly string[] {
  return annotations(report).map(({ level }) => level)
}

/** A repository with orphans that are together so large and at most so old. */
function api(count: number, { size = 0, age = 2 * DAY } = {}): Survey {
  const findings = Array.from({ length: count }, (_, number) =>
    orphan('api', { number, size: number === 0 ? size : 0, age: number === 0 ? age : 2 * DAY }),
  )
  return repository('api', { findings })
}

describe('an annotation says which limit, expected and found', () => {
  const found = api(41, { size: 3.2 * GIB, age: 212 * DAY + 5 * HOUR })

  test.each<[WrittenLimits, string]>([
    [
      { maxOrphans: 25, scope: 'repository' },
      'myregistry/api: 41 orphans, expected at most 25 (up to 3.2 GiB, oldest pushed 212 days ago)',
    ],
    [
      { maxOrphans: 25 },
      'myregistry: 41 orphans, expected at most 25 (up to 3.2 GiB, oldest pushed 212 days ago)',
    ],
    [{ warnOrphans: 0 }, 'myregistry: 41 orphans, expected none (up to 3.2 GiB, oldest pushed 212 days ago)'],
    [
      { maxOrphanSize: 2 * GIB },
      'myregistry: orphans of up to 3.2 GiB, expected at most 2 GiB (41 orphans, oldest pushed 212 days ago)',
    ],
    [
      { maxOrphanAge: '30d' },
      'myregistry: oldest orphan pushed 212 days ago, expected at most 30 days (41 orphans, up to 3.2 GiB)',
    ],
  ])('%j', (limits, sentence) => {
    expect(messages(reportOf([found], limits))).toEqual([sentence])
  })

  test('for broken indexes', () => {
    const [index] = api(1).findings
    const broken = index === undefined ? [] : [{ repository: 'api', index: index.root, missing: [] }]
    expect(messages(reportOf([repository('api', { broken })], { brokenIndexes: 'fail' }))).toEqual([
      'myregistry: 1 broken index, expected none',
    ])
  })

  test('for a size that is not wholly known', () => {
    const unsized = { ...orphan('api', { size: 10 }), unsized: 2 }
    expect(messages(reportOf([repository('api', { findings: [unsized] })], { maxOrphanSize: 10 }))).toEqual([
      expect.stringContaining('and 2 images of unknown size, expected at most'),
    ])
  })

  test('for sizes of which none is known: no upper bound of nothing', () => {
    const unsized = { ...orphan('api', { size: 0 }), unsized: 1 }
    expect(messages(reportOf([repository('api', { findings: [unsized] })], { maxOrphans: 0 }))).toEqual([
      'myregistry: 1 orphan, expected none (of unknown size, oldest pushed 2 days ago)',
    ])
  })

  test('of another host with its whole name', () => {
    expect(messages(reportOf([api(1)], { maxOrphans: 0 }, { host: 'localhost:5000' }))[0]).toMatch(
      /^localhost:5000: 1 orphan, /,
    )
  })
})

describe('values that would read alike when rounded are told apart', () => {
  const spoken = (report: Report): readonly (string | undefined)[] => {
    const [message = ''] = messages(report)
    const found =
      /^\S+ (?:orphans of up to |oldest orphan pushed )?(.*?)(?: ago)?, expected at most (.*?) \(/.exec(
        message,
      )
    return [found?.[1], found?.[2]]
  }

  test('sizes', () => {
    expect(spoken(reportOf([api(1, { size: 5 * GIB + 1 })], { maxOrphanSize: 5 * GIB }))).toEqual([
      '5,368,709,121 bytes',
      '5 GiB',
    ])
  })

  test('ages', () => {
    expect(spoken(reportOf([api(1, { age: 7 * DAY + 3 * HOUR })], { maxOrphanAge: '7d' }))).toEqual([
      '7 days 3 hours',
      '7 days',
    ])
  })

  test('ages, also by less than a second', () => {
    expect(spoken(reportOf([api(1, { age: 7 * DAY + 500 })], { maxOrphanAge: '7d' }))).toEqual([
      'more than 7 days',
      '7 days',
    ])
  })

  const bytes = (text = ''): number => {
    const [count = '', unit = ''] = text.replaceAll(',', '').split(' ')
    return Number(count) * (parseBytes(`1${unit.replace('bytes', 'B')}`) ?? Number.NaN)
  }
  const length = (text = ''): number => parseDuration(text.replaceAll(',', '')) ?? Number.NaN

  test.each([
    ['1000-based', 500e6, 510e6],
    ['1024-based, just over', 3297 * 1024 ** 2, Math.round(3.24 * GIB)],
  ])('so that an exceeded limit reads as exceeded: a size %s', (_, limit, size) => {
    const [found, bound] = spoken(reportOf([api(1, { size })], { maxOrphanSize: limit }))
    expect(bytes(bound)).toBe(limit)
    expect(bytes(found)).toBeGreaterThan(limit)
    expect(found?.endsWith('iB')).toBe(bound?.endsWith('iB'))
  })

  test('so that an exceeded limit reads as exceeded: hours by half an hour', () => {
    const [found, bound] = spoken(reportOf([api(1, { age: 36.5 * HOUR })], { maxOrphanAge: '36h' }))
    expect(bound).toBe('36 hours')
    expect(length(found)).toBe(36.5 * HOUR)
  })

  test('so that an exceeded limit always reads as exceeded: sizes', () => {
    const unit = fc.constantFrom('MB', 'MiB', 'GB', 'GiB')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        unit,
        fc.integer({ min: 1, max: 2 ** 31 }),
        (...given) => {
          const [count, unit, more] = given
          const limit = parseBytes(`${count}${unit}`) ?? Number.NaN
          const [found, bound] = spoken(reportOf([api(1, { size: limit + more })], { maxOrphanSize: limit }))
          expect(bytes(bound)).toBe(limit)
          expect(bytes(found)).toBeGreaterThan(limit)
        },
      ),
    )
  })

  test('so that an exceeded limit always reads as exceeded: ages, to the minute', () => {
    const minutes = fc.integer({ min: 1, max: 50_000 })
    fc.assert(
      fc.property(minutes, minutes, (limit, more) => {
        const age = (limit + more) * MINUTE
        const [found, bound] = spoken(reportOf([api(1, { age })], { maxOrphanAge: `${limit}m` }))
        expect(length(bound)).toBe(limit * MINUTE)
        expect(length(found)).toBeGreaterThan(limit * MINUTE)
      }),
    )
  })
})

describe('the level of an annotation', () => {
  test('is error for what fails and warning for what warns, errors first', () => {
    const limits = { warnOrphans: 0, maxOrphanSize: 1, warnOrphanAge: '1h', maxOrphanAge: '1d' }
    expect(levels(reportOf([withOrphans('api', 2)], limits))).toEqual([
      'error',
      'error',
      'warning',
      'warning',
    ])
  })

  test('is warning with warn-only', () => {
    expect(
      levels(reportOf([withOrphans('api', 2)], { maxOrphans: 0, maxOrphanSize: 0, warnOnly: true })),
    ).toEqual(['warning', 'warning'])
  })

  test('is warning when a size limit cannot be judged', () => {
    const unsized = { ...orphan('api'), unsized: 1 }
    expect(levels(reportOf([repository('api', { findings: [unsized] })], { maxOrphanSize: 10_000 }))).toEqual(
      ['warning'],
    )
  })

  test.each([
    [{}, 'error'],
    [{ warnOnly: true }, 'warning'],
  ])('for a repository that was not read in full, %j: %s', (limits, level) => {
    const gap = notRead('web', { kind: 'stopped', why: 'The time limit of 1 hour was reached.' })
    expect(levels(reportOf([repository('api'), gap], limits))).toEqual([level])
  })

  test('is error, warn-only or not, when permission is missing for everything', () => {
    const denied = notRead('web', { kind: 'permission' })
    expect(levels(reportOf([denied], { warnOnly: true }))).toEqual(['error'])
    expect(levels(reportOf([denied]))).toEqual(['error'])
  })
})

test('nothing is annotated when all limits are kept, or none is set', () => {
  expect(annotations(reportOf([withOrphans('api', 3)], { maxOrphans: 3 }))).toEqual([])
  expect(annotations(reportOf([withOrphans('api', 3)]))).toEqual([])
})

describe('repositories that were not read in full', () => {
  const gap = (name: string, reason: string, id = ''): Survey =>
    notRead(name, { why: `Could not list the manifests of ${name}: ${reason}${id}`, reason })

  test('are one annotation for each reason, in full for one that is alone with its own', () => {
    const surveys = [
      gap('team-1', 'It was denied.'),
      gap('team-2', 'It was denied.'),
      gap('team-3', 'It was throttled.'),
    ]
    expect(messages(reportOf(surveys))).toEqual([
      'Not read in full: team-1, team-2. It was denied.',
      'Not read in full: team-3. Could not list the manifests of team-3: It was throttled.',
    ])
  })

  test('are one annotation for one reason, whatever their names', () => {
    const surveys = ['a', 'manifests', 'team-1'].map((name) => gap(name, 'It was denied.'))
    expect(messages(reportOf(surveys))).toEqual(['Not read in full: a, manifests, team-1. It was denied.'])
  })

  test('are one annotation for one reason, though each has its correlation id', () => {
    const surveys = [
      gap('team/api', 'It was denied.', ' Correlation id: 0b5ad2f4.'),
      gap('team/web', 'It was denied.', ' Correlation id: 7c1e90aa.'),
    ]
    expect(messages(reportOf(surveys))).toEqual(['Not read in full: team/api, team/web. It was denied.'])
  })

  test('are named up to five for one reason, the rest counted', () => {
    const surveys = Array.from({ length: 12 }, (_, index) => gap(`team-${index}`, 'Time ran out.'))
    expect(messages(reportOf(surveys))).toEqual([
      'Not read in full: team-0, team-1, team-2, team-3, team-4 and 7 more. Time ran out.',
    ])
  })
})

describe('there are at most ten annotations', () => {
  const report = (repositories: number): Report =>
    reportOf(
      Array.from({ length: repositories }, (_, index) => withOrphans(`app-${index}`, 1)),
      { maxOrphans: 0, scope: 'repository' },
    )

  test('and ten are shown as they are', () => {
    expect(messages(report(10)).filter((message) => message.startsWith('myregistry/app-'))).toHaveLength(10)
  })

  test.each([11, 12, 500, 5000])('and of %i the tenth says how many more', (repositories) => {
    const all = messages(report(repositories))
    expect(all).toHaveLength(10)
    expect(all.filter((message) => message.startsWith('myregistry/app-'))).toHaveLength(9)
    expect(all[9]).toMatch(new RegExp(`^And ${(repositories - 9).toLocaleString('en-US')} more problems\\b`))
  })

  test('and the tenth is an error when one of the rest is', () => {
    expect(new Set(levels(report(11)))).toEqual(new Set(['error']))
    const warnings = Array.from({ length: 11 }, (_, index) => withOrphans(`app-${index}`, 1))
    expect(levels(reportOf(warnings, { warnOrphans: 0, scope: 'repository' })).at(-1)).toBe('warning')
  })
})
