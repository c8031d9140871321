import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ageOf, restOf } from '../../src/domain/age.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { runs } from '../property-runs.ts'
import { isLive, isOrdinary, live, pushOf, rootIn, stillIn, type Check } from './days-known.ts'
import { days, IN_FLIGHT, OLDER_THAN, REPOSITORY } from './days.ts'

const RUNS = runs(300)

/** Checks a rule at every run of many lives, and that it applied often enough to say something. */
function always(check: Check, atLeast = RUNS.numRuns / 4): void {
  let checked = 0
  fc.assert(
    fc.property(days, (lived) => {
      checked += live(lived, check)
    }),
    RUNS,
  )
  expect(checked).toBeGreaterThan(atLeast)
}

test('nothing is due that a run saw in use less than older-than ago', () => {
  always(({ look: { found, real }, before }) => {
    const due = found.survey.lots.filter(({ fate }) => fate.kind === 'due')
    for (const digest of due.flatMap(({ manifests }) => manifests))
      expect(real - (before.liveAt.get(digest) ?? -Infinity)).toBeGreaterThanOrEqual(OLDER_THAN)
    return due.length
  })
})

test('nothing is due in a repository that was known for less than older-than', () => {
  always(({ look: { found, real }, before }) => {
    const due = found.survey.lots.filter(({ fate }) => fate.kind === 'due')
    const known = due.length > 0 ? real - (before.since ?? real) : Infinity
    expect(known).toBeGreaterThanOrEqual(OLDER_THAN)
    return due.length
  })
})

test('what every run saw lying there with the same parts for older-than does not wait any longer', () => {
  always(({ look: { found }, before }) => {
    const still = stillIn(found, before)
    const lots = found.survey.lots.filter(
      ({ finding: { root } }) =>
        found.now - Math.max(root.pushedAt, still.get(root.digest) ?? 0) >= OLDER_THAN,
    )
    for (const { fate } of lots) expect(fate.kind).not.toBe('waiting')
    return lots.length
  }, RUNS.numRuns / 10)
})

test('no age is negative, or longer than the time since the push', () => {
  always(({ look: { found, left } }) => {
    for (const { survey, now } of [found, left]) {
      for (const finding of survey.findings) {
        const pushed = Math.max(0, now - finding.root.pushedAt)
        for (const age of [ageOf(finding, now).length, restOf(finding, 'observed', now)]) {
          expect(age).toBeGreaterThanOrEqual(0)
          expect(age).toBeLessThanOrEqual(pushed)
        }
      }
    }
    return found.survey.findings.length
  })
})

test('for a gate age grows with time while it is nobody’s and nobody pushes it again', () => {
  always(({ look: { found }, before: { last, ages, still } }) => {
    const same = found.survey.findings.filter(({ root, kind }) => {
      const was = rootIn(last, root.digest)
      return was?.kind === kind && was.root.pushedAt === root.pushedAt && ages.has(root.digest)
    })
    for (const finding of same) {
      const { digest } = finding.root
      const [before, after] = [ages.get(digest) ?? 0, ageOf(finding, found.now).length]
      expect(after).toBeGreaterThanOrEqual(before)
      // Of two runs at once, the other may have known it for longer.
      if (still.has(digest)) expect(after - before).toBeLessThanOrEqual(found.now - (last?.now ?? 0))
    }
    return same.length
  })
})

test('what was in use at the last look is nobody’s since now, and was in use', () => {
  always(({ look: { found }, before: { last } }) => {
    const lost = found.survey.findings.filter(({ root }) => isLive(last, root.digest))
    for (const { observed } of lost)
      expect(observed).toMatchObject({ since: found.now, quietSince: found.now, seenLive: true })
    return lost.length
  })
})

test('a new orphan that the last look did not see in use is not said to have been', () => {
  always(({ look: { found }, before: { last } }) => {
    const fresh = found.survey.findings.filter(
      ({ kind, root, observed }) =>
        kind === 'orphan' && observed?.isNew === true && last?.snapshot.manifests.has(root.digest) === true,
    )
    for (const { root, observed } of fresh)
      expect(observed?.seenLive === true && !isLive(last, root.digest)).toBe(false)
    return fresh.length
  })
})

test('an orphan is new in the first run that sees it as one, and in no other', () => {
  always(({ look: { found }, before: { last } }) => {
    if (last === undefined) return 0
    const isNew = (digest: Digest): boolean | undefined => {
      const was = rootIn(last, digest)
      if (was !== undefined) return was.kind !== 'orphan'
      // One that was part of another orphan, or locked, or in flight, may count either way.
      return isLive(last, digest) || !last.snapshot.manifests.has(digest) ? true : undefined
    }
    const orphans = found.survey.findings.filter(({ kind }) => kind === 'orphan')
    const clear = orphans.filter(({ root }) => isNew(root.digest) !== undefined)
    for (const { root, observed } of clear) expect(observed?.isNew).toBe(isNew(root.digest))
    return clear.length
  })
})

test('what is young and no run saw tagged is in flight', () => {
  always(({ look: { found }, before: { complete } }) => {
    const { snapshot, verdicts, now } = found
    const young = [...snapshot.manifests.values()].filter(
      (manifest) => now - manifest.pushedAt < IN_FLIGHT && !complete.has(pushOf(manifest)),
    )
    for (const { digest } of young)
      expect(['live', 'protected', 'in-flight']).toContain(verdicts.get(digest)?.kind)
    return young.length
  })
})

test('what was tagged at the last look and not pushed again is not in flight by itself', () => {
  always(({ look: { found }, before: { last } }) => {
    const tagged = [...found.snapshot.manifests.values()].filter(({ digest, pushedAt }) => {
      const was = last?.snapshot.manifests.get(digest)
      const isYoung = found.now - pushedAt < IN_FLIGHT && pushedAt <= (last?.now ?? 0)
      return isYoung && was?.pushedAt === pushedAt && was.tags.some(isOrdinary)
    })
    for (const { digest } of tagged) expect(found.verdicts.get(digest)?.because.rule).not.toBe('just-pushed')
    return tagged.length
  })
})

test('tags churn as often as runs found them elsewhere, with the size of the orphans that they left', () => {
  always(({ look: { memory }, after }) => {
    const churn = [...(memory.repositories.get(REPOSITORY)?.churn ?? [])]
    expect(new Map(churn.map(([tag, { times }]) => [tag, times]))).toEqual(after.churn.times)
    // Which of several tags counts an orphan that they left together does not matter.
    expect(churn.reduce((sum, [, { bytes }]) => sum + bytes, 0)).toBe(after.churn.bytes)
    return churn.length
  })
})
