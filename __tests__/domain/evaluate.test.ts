import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../src/domain/duration.ts'
import { evaluate, hasLimits, totalsOf, type Evaluation, type Thresholds } from '../../src/domain/evaluate.ts'
import { unread, type Gap, type Survey } from '../../src/domain/survey.ts'
import { NOW, survey, type Described } from './picture.ts'
import { NO_LIMIT, UNLIMITED } from './unlimited.ts'

const IN_USE = { current: { tags: ['latest'] } }

function ms(duration: string): number {
  return parseDuration(duration) ?? Number.NaN
}

/** A repository with so many orphans, each of one image. */
function withOrphans(count: number, orphan: Described = {}, repository = 'app'): Survey {
  const orphans = Array.from({ length: count }, (_, index) => [`old${index}`, orphan])
  return survey({ ...Object.fromEntries(orphans), ...IN_USE }, { repository })
}

function judge(surveys: readonly Survey[], thresholds: Partial<Thresholds>): Evaluation {
  return evaluate(surveys, { ...UNLIMITED, ...thresholds }, { now: NOW, newOrphans: undefined })
}

function statuses({ checks }: Evaluation): readonly string[] {
  return checks.map(({ id, status, level }) => `${id}: ${status} (${level})`)
}

describe('a limit is exceeded when the value is greater than it', () => {
  test.each([
    [25, 26, 'exceeded', 'fail'],
    [25, 25, 'within', 'pass'],
    [25, 0, 'within', 'pass'],
    [0, 1, 'exceeded', 'fail'],
    [0, 0, 'within', 'pass'],
  ])('max-orphans %i, %i orphans: %s', (...[max, count, status, result]) => {
    const evaluation = judge([withOrphans(count)], { orphans: { ...NO_LIMIT, max } })
    expect(evaluation.checks).toMatchObject([{ id: 'max-orphans', status, limit: max, actual: count }])
    expect(evaluation.result).toBe(result)
  })

  test.each([
    [2999, 'exceeded'],
    [3000, 'within'],
    [3001, 'within'],
  ])('max-orphan-size %i, three orphans of 1000 bytes: %s', (max, status) => {
    const { checks } = judge([withOrphans(3)], { orphanSize: { ...NO_LIMIT, max } })
    expect(checks).toMatchObject([{ id: 'max-orphan-size', status, limit: max, actual: 3000 }])
  })

  test.each([
    ['2d', 'exceeded'],
    ['9d', 'within'],
    ['10d', 'within'],
  ])('max-orphan-age %s, the oldest of 9 days: %s', (max, status) => {
    const repository = survey({ older: { age: '9d' }, younger: { age: '2d' }, ...IN_USE })
    const { checks } = judge([repository], { orphanAge: { ...NO_LIMIT, max: ms(max) } })
    expect(checks).toMatchObject([{ id: 'max-orphan-age', status, limit: ms(max), actual: ms('9d') }])
  })

  test('by one millisecond', () => {
    const limits = { orphanAge: { ...NO_LIMIT, max: ms('2d') } }
    expect(
      evaluate([withOrphans(1)], { ...UNLIMITED, ...limits }, { now: NOW, newOrphans: undefined }).result,
    ).toBe('pass')
    expect(
      evaluate([withOrphans(1)], { ...UNLIMITED, ...limits }, { now: NOW + 1, newOrphans: undefined }).result,
    ).toBe('fail')
  })
})

describe('a limit that is not given', () => {
  test('is no check, and whatever is found passes', () => {
    const broken = survey({ index: { tags: ['v1'], children: ['gone'] } }, { missing: ['gone'] })
    expect(judge([withOrphans(1000, { age: '10000d' }), broken], {})).toMatchObject({
      checks: [],
      result: 'pass',
    })
  })

  test('is not the same as 0, which tolerates none', () => {
    expect(judge([withOrphans(1)], { orphans: { max: undefined, warn: 0 } }).result).toBe('warn')
    expect(judge([withOrphans(1)], { orphanSize: { max: 0, warn: undefined } }).result).toBe('fail')
    expect(judge([withOrphans(1)], { orphanAge: { max: 0, warn: undefined } }).result).toBe('fail')
  })
})

describe('that a limit is set', () => {
  test.each<Partial<Thresholds>>([
    { orphans: { max: 0, warn: undefined } },
    { orphans: { max: undefined, warn: 25 } },
    { orphanSize: { max: 0, warn: undefined } },
    { orphanSize: { max: undefined, warn: 1 } },
    { orphanAge: { max: 0, warn: undefined } },
    { orphanAge: { max: undefined, warn: 1 } },
    { brokenIndexes: 'warn' },
    { brokenIndexes: 'fail' },
  ])('is so with one alone, whatever was looked at: %j', (thresholds) => {
    expect(hasLimits({ ...UNLIMITED, ...thresholds })).toBe(true)
    expect(hasLimits({ ...UNLIMITED, ...thresholds, scope: 'repository' })).toBe(true)
  })

  test.each<Partial<Thresholds>>([{}, { scope: 'repository' }, { warnOnly: true }])(
    'is not so by how limits are judged: %j',
    (thresholds) => {
      expect(hasLimits({ ...UNLIMITED, ...thresholds })).toBe(false)
    },
  )
})

test('an age limit of 0 is kept when there is no orphan', () => {
  expect(statuses(judge([survey(IN_USE)], { orphanAge: { max: 0, warn: 0 } }))).toEqual([
    'max-orphan-age: within (fail)',
    'warn-orphan-age: within (warn)',
  ])
})

test('all checks are evaluated, in the order of the inputs; none hides another', () => {
  const broken = survey({ index: { tags: ['v1'], children: ['gone'] } }, { missing: ['gone'] })
  const evaluation = judge([withOrphans(3), broken], {
    orphans: { max: 2, warn: 3 },
    orphanSize: { max: 5000, warn: 2000 },
    orphanAge: { max: ms('1d'), warn: ms('1h') },
    severity: { max: undefined, warn: undefined },
    brokenIndexes: 'fail',
  })
  expect(statuses(evaluation)).toEqual([
    'max-orphans: exceeded (fail)',
    'warn-orphans: within (warn)',
    'max-orphan-size: within (fail)',
    'warn-orphan-size: exceeded (warn)',
    'max-orphan-age: exceeded (fail)',
    'warn-orphan-age: exceeded (warn)',
    'broken-indexes: exceeded (fail)',
  ])
})

describe('the result', () => {
  test.each([
    ['fails when a max is exceeded', { max: 2, warn: undefined }, 'fail'],
    ['fails when both are exceeded', { max: 2, warn: 1 }, 'fail'],
    ['warns when only a warn is exceeded', { max: 3, warn: 1 }, 'warn'],
    ['passes when none is', { max: 3, warn: 3 }, 'pass'],
  ])('%s', (_, orphans, result) => {
    expect(judge([withOrphans(3)], { orphans }).result).toBe(result)
  })

  test('of an empty registry is a pass', () => {
    expect(judge([], { orphans: { max: 0, warn: 0 } })).toMatchObject({
      result: 'pass',
      incomplete: undefined,
    })
  })
})

describe('what counts', () => {
  const repository = survey({
    ...IN_USE,
    old: { children: ['amd64'], age: '5d' },
    amd64: { size: 40 },
    held: { size: 2, age: '4d' },
    holder: { subject: 'held', tags: ['v1'] },
    wrapper: { children: ['current'], age: '300d' },
    orphanedReferrer: { subject: 'gone', age: '300d' },
    locked: { locks: { delete: false }, age: '300d' },
    young: { age: '1m' },
  })

  test('are orphans, held ones too; no wrapper, orphaned referrer, protected manifest or one in flight', () => {
    expect(totalsOf([repository], NOW)).toEqual({
      orphans: 2,
      orphanManifests: 3,
      orphanBytes: 42,
      unsized: 0,
      oldestOrphan: { length: ms('5d'), since: 'pushed' },
      brokenIndexes: 0,
    })
  })

  test('is nothing in a repository without any tag', () => {
    expect(totalsOf([survey({ image: {}, other: {} })], NOW)).toMatchObject({
      orphans: 0,
      orphanManifests: 0,
      orphanBytes: 0,
      oldestOrphan: undefined,
    })
  })

  test('of age is never less than nothing, though clocks differ', () => {
    const surveys = [withOrphans(1)]
    expect(totalsOf(surveys, NOW - ms('30d')).oldestOrphan).toEqual({ length: 0, since: 'pushed' })
  })
})

describe('the scope of a limit', () => {
  const surveys = [
    withOrphans(2, {}, 'api'),
    withOrphans(3, {}, 'web'),
    survey(IN_USE, { repository: 'clean' }),
  ]

  test('total: everything that was looked at together', () => {
    const { checks } = judge(surveys, { orphans: { ...NO_LIMIT, max: 4 } })
    expect(checks).toMatchObject([{ repository: undefined, actual: 5, status: 'exceeded' }])
  })

  test('repository: each by itself, with its own numbers', () => {
    const { checks, totals, result } = judge(surveys, { orphans: { max: 2, warn: 1 }, scope: 'repository' })
    expect(checks.map((check) => `${check.repository} ${check.id} ${check.actual} ${check.status}`)).toEqual([
      'api max-orphans 2 within',
      'api warn-orphans 2 exceeded',
      'web max-orphans 3 exceeded',
      'web warn-orphans 3 exceeded',
      'clean max-orphans 0 within',
      'clean warn-orphans 0 within',
    ])
    expect(checks.map((check) => check.totals.orphans)).toEqual([2, 2, 3, 3, 0, 0])
    expect(totals.orphans).toBe(5)
    expect(result).toBe('fail')
  })

  test('repository: no sum over repositories exceeds it', () => {
    expect(judge(surveys, { orphans: { ...NO_LIMIT, max: 3 }, scope: 'repository' }).result).toBe('pass')
  })
})

describe('broken indexes', () => {
  const broken = survey({ index: { tags: ['v1'], children: ['gone'] } }, { missing: ['gone'] })

  test.each([
    ['report', [], 'pass'],
    ['warn', ['broken-indexes: exceeded (warn)'], 'warn'],
    ['fail', ['broken-indexes: exceeded (fail)'], 'fail'],
  ] as const)('%s', (brokenIndexes, checks, result) => {
    const evaluation = judge([broken], { brokenIndexes })
    expect(statuses(evaluation)).toEqual(checks)
    expect(evaluation.result).toBe(result)
    expect(evaluation.totals.brokenIndexes).toBe(1)
  })

  test('none is within every level', () => {
    expect(judge([withOrphans(0)], { brokenIndexes: 'fail' }).result).toBe('pass')
  })
})

describe('warn-only', () => {
  test('makes every failure of the gate a warning', () => {
    const evaluation = judge([withOrphans(3)], {
      orphans: { max: 0, warn: undefined },
      orphanSize: { max: 0, warn: undefined },
      orphanAge: { max: 0, warn: undefined },
      warnOnly: true,
    })
    expect(evaluation.checks.map(({ status, level }) => `${status} ${level}`)).toEqual(
      Array.from({ length: 3 }, () => 'exceeded warn'),
    )
    expect(evaluation.result).toBe('warn')
  })

  test('does not make a warning of what is kept', () => {
    expect(judge([withOrphans(1)], { orphans: { max: 1, warn: 1 }, warnOnly: true }).result).toBe('pass')
  })
})

describe('sizes that are not known', () => {
  const surveys = [withOrphans(1, { size: 10 }), withOrphans(2, { size: 'unknown' }, 'web')]

  test('leave a size limit neither kept nor exceeded, which warns', () => {
    const evaluation = judge(surveys, { orphanSize: { max: 10, warn: undefined } })
    expect(evaluation.checks).toMatchObject([{ status: 'unknown', actual: 10, level: 'fail' }])
    expect(evaluation.result).toBe('warn')
    expect(evaluation.totals.unsized).toBe(2)
  })

  test('do not hide a limit that the known ones alone exceed', () => {
    expect(judge(surveys, { orphanSize: { max: 9, warn: undefined } })).toMatchObject({
      checks: [{ status: 'exceeded' }],
      result: 'fail',
    })
  })

  test('leave the other limits as they are', () => {
    expect(
      judge(surveys, { orphans: { max: 3, warn: 3 }, orphanAge: { max: ms('9d'), warn: undefined } }).result,
    ).toBe('pass')
  })

  test('matter only in the repository that has them', () => {
    const { checks } = judge(surveys, { orphanSize: { max: 10, warn: undefined }, scope: 'repository' })
    expect(checks.map(({ status }) => status)).toEqual(['within', 'unknown'])
  })
})

describe('a repository that could not be read in full', () => {
  const why = 'It could not be read.'
  const gap = (kind: Gap['kind']): Survey => unread('secret', { kind, why, reason: why })

  test.each(['permission', 'stopped', 'unreadable'] as const)('fails the run: %s', (kind) => {
    expect(judge([withOrphans(0), gap(kind)], {})).toMatchObject({ result: 'fail', incomplete: 'fail' })
  })

  test.each(['permission', 'stopped', 'unreadable'] as const)('is a warning with warn-only: %s', (kind) => {
    expect(judge([withOrphans(0), gap(kind)], { warnOnly: true })).toMatchObject({
      result: 'warn',
      incomplete: 'warn',
    })
  })

  test('does not keep the others from being judged', () => {
    const { checks, totals } = judge([gap('stopped'), withOrphans(3)], {
      orphans: { max: 2, warn: undefined },
    })
    expect(checks).toMatchObject([{ status: 'exceeded', actual: 3 }])
    expect(totals.orphans).toBe(3)
  })

  test('has no checks of its own', () => {
    const surveys = [gap('unreadable'), withOrphans(0, {}, 'api')]
    const { checks } = judge(surveys, { orphans: { max: 0, warn: undefined }, scope: 'repository' })
    expect(checks.map(({ repository }) => repository)).toEqual(['api'])
  })

  test('fails even with warn-only when permission is missing for every one: nothing was judged', () => {
    expect(judge([gap('permission'), gap('permission')], { warnOnly: true })).toMatchObject({
      result: 'fail',
      incomplete: 'fail',
    })
    expect(judge([gap('permission'), gap('stopped')], { warnOnly: true })).toMatchObject({
      result: 'warn',
      incomplete: 'warn',
    })
  })
})
