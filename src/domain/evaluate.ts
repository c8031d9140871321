import type { Bytes } from './bytes.ts'
import type { Milliseconds } from './duration.ts'
import type { Instant } from './snapshot.ts'
import type { BrokenIndex, Finding, Survey } from './survey.ts'

/** One limit to fail at and one to warn at; undefined means no limit, 0 means none tolerated. */
interface Limits<Value> {
  readonly max: Value | undefined
  readonly warn: Value | undefined
}

/** What the team tolerates. */
export interface Thresholds {
  readonly orphans: Limits<number>
  readonly orphanSize: Limits<Bytes>
  readonly orphanAge: Limits<Milliseconds>
  readonly brokenIndexes: 'report' | 'warn' | 'fail'
  readonly scope: 'total' | 'repository'
  /** Every failure becomes a warning. */
  readonly warnOnly: boolean
}

/** What is measured against the limits, over the repositories that were read in full. */
export interface Totals {
  readonly orphans: number
  readonly orphanManifests: number
  /** Bytes of all orphans, an upper bound; without the images that have no known size. */
  readonly orphanBytes: Bytes
  /** Images of orphans whose size the service did not give. */
  readonly unsized: number
  /** Undefined when there is no orphan. */
  readonly oldestOrphan: Milliseconds | undefined
  readonly brokenIndexes: number
}

/** The inputs that set a limit. */
type CheckId =
  | 'max-orphans'
  | 'warn-orphans'
  | 'max-orphan-size'
  | 'warn-orphan-size'
  | 'max-orphan-age'
  | 'warn-orphan-age'
  | 'broken-indexes'

/** One limit held against one measured value. */
export interface Check {
  readonly id: CheckId
  /** What it judges: a repository, or undefined for everything that was looked at. */
  readonly repository: string | undefined
  /** What an exceeded limit means; `warn-only` is already applied. */
  readonly level: 'fail' | 'warn'
  /** `unknown`: what could be measured is within the limit, but not everything could be. */
  readonly status: 'within' | 'exceeded' | 'unknown'
  readonly limit: number
  readonly actual: number
  readonly totals: Totals
}

/** Every check, in the order of the inputs, and what they come to. */
export interface Evaluation {
  readonly checks: readonly Check[]
  readonly totals: Totals
  /** What repositories that could not be read in full mean; undefined when all were read. */
  readonly incomplete: 'fail' | 'warn' | undefined
  readonly result: 'pass' | 'warn' | 'fail'
}

/** Holds everything that was read in full against the limits. All checks are evaluated; none hides another. */
export function evaluate(surveys: readonly Survey[], thresholds: Thresholds, now: Instant): Evaluation {
  const judged = surveys.filter(({ gap }) => gap === undefined)
  const totals = totalsOf(judged, now)
  const checks =
    thresholds.scope === 'total'
      ? checksOf(undefined, totals, thresholds)
      : judged.flatMap((survey) => checksOf(survey.repository, totalsOf([survey], now), thresholds))
  const incomplete = incompleteLevel(surveys, thresholds)
  const failed = checks.some(({ level, status }) => level === 'fail' && status === 'exceeded')
  const warned = checks.some(({ status }) => status !== 'within')
  const result = failed || incomplete === 'fail' ? 'fail' : warned || incomplete === 'warn' ? 'warn' : 'pass'
  return { checks, totals, incomplete, result }
}

/** Whether any limit is set: without one a run cannot fail on hygiene. */
export function hasLimits({ orphans, orphanSize, orphanAge, brokenIndexes }: Thresholds): boolean {
  const limits = [orphans, orphanSize, orphanAge].flatMap(({ max, warn }) => [max, warn])
  return brokenIndexes !== 'report' || limits.some((limit) => limit !== undefined)
}

function incompleteLevel(surveys: readonly Survey[], { warnOnly }: Thresholds): 'fail' | 'warn' | undefined {
  const gaps = surveys.flatMap(({ gap }) => gap ?? [])
  if (gaps.length === 0) return undefined
  // Without permission for any repository nothing was judged at all: that is no matter of limits.
  const denied = gaps.length === surveys.length && gaps.every(({ kind }) => kind === 'permission')
  return warnOnly && !denied ? 'warn' : 'fail'
}

/** Sums what the surveys found. */
export function totalsOf(surveys: readonly Survey[], now: Instant): Totals {
  const orphans = orphansOf(surveys)
  const broken: readonly BrokenIndex[] = surveys.flatMap((survey) => survey.broken)
  const oldest = orphans.reduce((earliest, { root }) => Math.min(earliest, root.pushedAt), Infinity)
  return {
    orphans: orphans.length,
    orphanManifests: orphans.reduce((sum, { manifests }) => sum + manifests.length, 0),
    orphanBytes: orphans.reduce((sum, { size }) => sum + size, 0),
    unsized: orphans.reduce((sum, { unsized }) => sum + unsized, 0),
    oldestOrphan: orphans.length === 0 ? undefined : Math.max(0, now - oldest),
    brokenIndexes: broken.length,
  }
}

/** The orphans that count; kept ones, wrappers, orphaned referrers and digest-only repositories do not. */
export function orphansOf(surveys: readonly Survey[]): readonly Finding[] {
  return surveys.flatMap(({ findings }) => findings.filter(({ kind, kept }) => kind === 'orphan' && !kept))
}

function checksOf(repository: string | undefined, totals: Totals, thresholds: Thresholds): readonly Check[] {
  const { orphans, orphanSize, orphanAge, brokenIndexes, warnOnly } = thresholds
  const check = (id: CheckId, limit: number | undefined, actual: number): readonly Check[] => {
    if (limit === undefined) return []
    const fails = id.startsWith('max-') || (id === 'broken-indexes' && brokenIndexes === 'fail')
    const blurred = id.endsWith('-orphan-size') && totals.unsized > 0
    const status = actual > limit ? 'exceeded' : blurred ? 'unknown' : 'within'
    return [{ id, repository, level: fails && !warnOnly ? 'fail' : 'warn', status, limit, actual, totals }]
  }
  // No orphan is no age at all, and within every limit.
  const age = totals.oldestOrphan ?? 0
  return [
    ...check('max-orphans', orphans.max, totals.orphans),
    ...check('warn-orphans', orphans.warn, totals.orphans),
    ...check('max-orphan-size', orphanSize.max, totals.orphanBytes),
    ...check('warn-orphan-size', orphanSize.warn, totals.orphanBytes),
    ...check('max-orphan-age', orphanAge.max, age),
    ...check('warn-orphan-age', orphanAge.warn, age),
    ...check('broken-indexes', brokenIndexes === 'report' ? undefined : 0, totals.brokenIndexes),
  ]
}
