import type { Digest } from './digest.ts'
import { isPurged, outcomesOf, type Receipt } from './outcome.ts'
import type { Instant } from './snapshot.ts'
import type { BrokenIndex, Survey } from './survey.ts'

/** What a purge is compared with. */
export interface Before {
  readonly surveys: readonly Survey[]
  /** When they were begun. */
  readonly since: Instant
  readonly receipt: Receipt
}

/**
 * Live indexes that lack something they had before the purge, or something that the purge deleted. Whatever was broken
 * before is none of them, nor is an index that came meanwhile and still waits for its children.
 */
export function damageOf(
  after: readonly Survey[],
  { surveys, since, receipt }: Before,
): readonly BrokenIndex[] {
  const known = new Set(
    surveys.flatMap(({ lacking }) => lacking.flatMap((broken) => broken.missing.map(pairWith(broken)))),
  )
  const purged = new Set(
    outcomesOf(receipt)
      .filter(({ outcome }) => isPurged(outcome))
      .map(({ step }) => keyOf(step.repository, step.digest)),
  )
  return after
    .flatMap(({ lacking }) => lacking)
    .map((broken): BrokenIndex => {
      const { repository, index, missing } = broken
      const isDamage = (child: Digest): boolean =>
        !known.has(pairWith(broken)(child)) &&
        (index.pushedAt < since || purged.has(keyOf(repository, child)))
      return { ...broken, missing: missing.filter(isDamage) }
    })
    .filter(({ missing }) => missing.length > 0)
}

function pairWith({ repository, index }: BrokenIndex): (child: Digest) => string {
  return (child) => `${keyOf(repository, index.digest)} ${child}`
}

function keyOf(repository: string, digest: Digest): string {
  return `${repository}@${digest}`
}
