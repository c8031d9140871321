import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/domain/duration.ts'
import { evaluate } from '../../src/domain/evaluate.ts'
import { nextSteps } from '../../src/report/next-steps.ts'
import type { Report } from '../../src/report/report.ts'
import { NOW, survey } from '../domain/picture.ts'
import { notRead, reportOf, repository, thresholdsOf, withOrphans, type WrittenLimits } from './story.ts'

/** The lines that the summary proposes for the workflow. */
function proposals(report: Report): readonly string[] {
  return [
    ...nextSteps(report)
      .join('\n\n')
      .matchAll(/```yaml\n(.*?)\n```/gs),
  ].map(([, yaml = '']) => yaml)
}

const BROKEN = survey({ index: { tags: ['v1'], children: ['gone'] } }, { missing: ['gone'] })
const YOUNG = survey({ current: { tags: ['latest'] }, young: { age: '1m' } })

describe('a limit of orphans is proposed', () => {
  test('when none is set: what is there today', () => {
    expect(proposals(reportOf([withOrphans('api', 3), withOrphans('web', 2)]))).toEqual(['max-orphans: 5'])
    expect(proposals(reportOf([repository('api')]))).toEqual(['max-orphans: 0'])
  })

  test('when it is exceeded: what is there today', () => {
    expect(proposals(reportOf([withOrphans('api', 3)], { maxOrphans: 1 }))).toEqual(['max-orphans: 3'])
  })

  test('a size that is exceeded: rounded up, so that today is within it', () => {
    expect(proposals(reportOf([withOrphans('api', 3)], { maxOrphanSize: 0 }))).toEqual([
      'max-orphan-size: 1MiB',
    ])
  })

  test('no age: what is too old today is older tomorrow', () => {
    expect(proposals(reportOf([withOrphans('api', 3)], { maxOrphanAge: '1d' }))).toEqual([])
  })

  test('with limits per repository: what the worst one has', () => {
    const surveys = [withOrphans('api', 3), withOrphans('web', 7)]
    expect(proposals(reportOf(surveys, { maxOrphans: 1, scope: 'repository' }))).toEqual(['max-orphans: 7'])
  })

  test.each<WrittenLimits>([{ maxOrphans: 3 }, { warnOrphans: 0 }, { maxOrphans: 0, warnOnly: true }])(
    'not when that is not what fails: %j',
    (limits) => {
      expect(proposals(reportOf([withOrphans('api', 3)], limits))).toEqual([])
    },
  )

  test('not when limits are set, though no repository could be held against them', () => {
    const limits = { maxOrphans: 0, scope: 'repository' } as const
    expect(nextSteps(reportOf([], limits))).toEqual([])
    expect(nextSteps(reportOf([notRead('web')], limits))).toEqual([])
  })

  test('not from what was not read', () => {
    expect(nextSteps(reportOf([notRead('web')]))).toEqual([])
  })

  test('not by a run that was skipped', () => {
    expect(
      nextSteps(reportOf([], {}, { skipped: 'none of the pushed images is in myregistry.azurecr.io' })),
    ).toEqual([])
  })

  test('that today keeps, and one orphan more would not', () => {
    const counts = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(counts, fc.constantFrom('total', 'repository'), (all, scope) => {
        const surveys = all.map((count, index) => withOrphans(`app-${index}`, count))
        const [proposal = ''] = proposals(
          reportOf(surveys, all.some((count) => count > 0) ? { maxOrphans: 0, scope } : {}),
        )
        const maxOrphans = Number(/^max-orphans: (\d+)$/.exec(proposal)?.[1])
        const judge = (limit: number): string =>
          evaluate(surveys, thresholdsOf({ maxOrphans: limit, scope }), { now: NOW, newOrphans: undefined })
            .result
        expect(judge(maxOrphans)).toBe('pass')
        if (maxOrphans > 0) expect(judge(maxOrphans - 1)).toBe('fail')
      }),
    )
  })
})

describe('failing on broken indexes is proposed', () => {
  test('when there are some and they are only reported', () => {
    expect(proposals(reportOf([BROKEN], { maxOrphans: 0 }))).toEqual(['broken-indexes: fail'])
  })

  test.each(['warn', 'fail'] as const)('not when they already %s', (brokenIndexes) => {
    expect(proposals(reportOf([BROKEN], { maxOrphans: 0, brokenIndexes }))).toEqual([])
  })
})

describe('a shorter wait for what is in flight is proposed', () => {
  test('when it alone keeps the count at nothing', () => {
    expect(proposals(reportOf([YOUNG], { maxOrphans: 0 }))).toEqual(['in-flight: 15m'])
  })

  test('not when it is the shortest already', () => {
    expect(nextSteps(reportOf([YOUNG], { maxOrphans: 0 }, { inFlight: 15 * MINUTE }))).toEqual([])
  })

  test('not when orphans are found anyway', () => {
    expect(proposals(reportOf([YOUNG, withOrphans('api', 1)], { maxOrphans: 5 }))).toEqual([])
  })
})

test('nothing is proposed when all is well', () => {
  expect(nextSteps(reportOf([repository('api')], { maxOrphans: 0 }))).toEqual([])
})

test('what could not be read keeps nothing from being proposed for the rest', () => {
  const surveys = [withOrphans('api', 3), notRead('web')]
  expect(proposals(reportOf(surveys, { maxOrphans: 1 }))).toEqual(['max-orphans: 3'])
})
