import { ageOf, type Age } from './age.ts'
import type { Bytes } from './bytes.ts'
import type { Milliseconds } from './duration.ts'
import type { Instant } from './snapshot.ts'
import type { BrokenIndex, Finding, Survey } from './survey.ts'
import type { Severity, SeverityFacts } from './vulnerability.ts'

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
  /** Of vulnerabilities of orphans: this severity or a worse one. */
  readonly severity: Limits<Severity>
  readonly brokenIndexes: 'report' | 'warn' | 'fail'
  readonly scope: 'total' | 'repository'
  /** Limits are about orphans that the state did not know, or that what was just pushed left. */
  readonly onlyNew: boolean
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
  readonly oldestOrphan: Age | undefined
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
  | 'fail-on-severity'
  | 'warn-on-severity'
  | 'defender'

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
  /** Of what was judged: of new orphans only, when somebody is to answer for no others. */
  readonly totals: Totals
  readonly onlyNew: boolean
  /** Of checks on vulnerabilities. */
  readonly findings?: SeverityFacts
}

/** Every check, in the order of the inputs, and what they come to. */
export interface Evaluation {
  readonly checks: readonly Check[]
  readonly totals: Totals
  /** What repositories that could not be read in full mean; undefined when all were read. */
  readonly incomplete: 'fail' | 'warn' | undefined
  /** Limits on orphans could not be held against anything, because no state tells which of them are new. */
  readonly unjudged: boolean
  readonly result: 'pass' | 'warn' | 'fail'
}

/** Which orphans are new, by their keys; undefined when no state tells. */
export type NewOrphans = ReadonlySet<string> | undefined

/** The same for the same orphan in every look at its repository. */
export function keyOf({ repository, root }: Finding): string {
  return `${repository}@${root.digest}`
}

/** Holds everything that was read in full against the limits. All checks are evaluated; none hides another. */
export function evaluate(
  surveys: readonly Survey[],
  thresholds: Thresholds,
  { now, newOrphans }: { readonly now: Instant; readonly newOrphans: NewOrphans },
): Evaluation {
  const judged = surveys.filter(({ gap }) => gap === undefined)
  const { onlyNew } = thresholds
  const unjudged = onlyNew && newOrphans === undefined && hasOrphanLimits(thresholds)
  const counts = countedBy(thresholds, newOrphans)
  const held = (repository: string | undefined, these: readonly Survey[]): readonly Check[] =>
    checksOf(repository, totalsOf(these, now, counts), thresholds)
  const checks = (
    thresholds.scope === 'total'
      ? held(undefined, judged)
      : judged.flatMap((survey) => held(survey.repository, [survey]))
  ).filter(({ id }) => !unjudged || id === 'broken-indexes')
  const incomplete = incompleteLevel(surveys, thresholds)
  const failed = checks.some(({ level, status }) => level === 'fail' && status === 'exceeded')
  const warned = unjudged || incomplete === 'warn' || checks.some(({ status }) => status !== 'within')
  const result = failed || incomplete === 'fail' ? 'fail' : warned ? 'warn' : 'pass'
  return { checks, totals: totalsOf(judged, now), incomplete, unjudged, result }
}

/** Which orphans limits are about. */
export function countedBy({ onlyNew }: Thresholds, newOrphans: NewOrphans): (finding: Finding) => boolean {
  return (finding) => !onlyNew || (newOrphans?.has(keyOf(finding)) ?? false)
}

/** Whether any limit is set: without one a run cannot fail on hygiene. */
export function hasLimits(thresholds: Thresholds): boolean {
  return thresholds.brokenIndexes !== 'report' || hasOrphanLimits(thresholds)
}

function hasOrphanLimits({ orphans, orphanSize, orphanAge, severity }: Thresholds): boolean {
  return [orphans, orphanSize, orphanAge, severity].some(
    ({ max, warn }) => max !== undefined || warn !== undefined,
  )
}

function incompleteLevel(surveys: readonly Survey[], { warnOnly }: Thresholds): 'fail' | 'warn' | undefined {
  const gaps = surveys.flatMap(({ gap }) => gap ?? [])
  if (gaps.length === 0) return undefined
  // Without permission for any repository nothing was judged at all: that is no matter of limits.
  const denied = gaps.length === surveys.length && gaps.every(({ kind }) => kind === 'permission')
  return warnOnly && !denied ? 'warn' : 'fail'
}

/** Sums what the surveys found, or as much of it as counts. */
export function totalsOf(
  surveys: readonly Survey[],
  now: Instant,
  counts: (finding: Finding) => boolean = () => true,
): Totals {
  const orphans = orphansOf(surveys).filter(counts)
  const broken: readonly BrokenIndex[] = surveys.flatMap((survey) => survey.broken)
  let oldest: Age | undefined
  for (const orphan of orphans) {
    // No age is longer than the time since the push: of a hundred thousand only a few are worth an object.
    if (oldest !== undefined && now - orphan.root.pushedAt <= oldest.length) continue
    const age = ageOf(orphan, now)
    if (oldest === undefined || age.length > oldest.length) oldest = age
  }
  return {
    orphans: orphans.length,
    orphanManifests: orphans.reduce((sum, { manifests }) => sum + manifests.length, 0),
    orphanBytes: orphans.reduce((sum, { size }) => sum + size, 0),
    unsized: orphans.reduce((sum, { unsized }) => sum + unsized, 0),
    oldestOrphan: oldest,
    brokenIndexes: broken.length,
  }
}

/** The orphans that count; kept ones, wrappers, orphaned referrers and digest-only repositories do not. */
export function orphansOf(surveys: readonly Survey[]): readonly Finding[] {
  return surveys.flatMap(({ findings }) => findings.filter(({ kind, kept }) => kind === 'orphan' && !kept))
}

function checksOf(repository: string | undefined, totals: Totals, thresholds: Thresholds): readonly Check[] {
  const { orphans, orphanSize, orphanAge, brokenIndexes, onlyNew, warnOnly } = thresholds
  const check = (id: CheckId, limit: number | undefined, actual: number): readonly Check[] => {
    if (limit === undefined) return []
    const fails = id.startsWith('max-') || (id === 'broken-indexes' && brokenIndexes === 'fail')
    const blurred = id.endsWith('-orphan-size') && totals.unsized > 0
    const status = actual > limit ? 'exceeded' : blurred ? 'unknown' : 'within'
    return [
      { id, repository, level: fails && !warnOnly ? 'fail' : 'warn', status, limit, actual, totals, onlyNew },
    ]
  }
  // No orphan is no age at all, and within every limit.
  const age = totals.oldestOrphan?.length ?? 0
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
