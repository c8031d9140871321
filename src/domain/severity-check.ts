import {
  countedBy,
  orphansOf,
  totalsOf,
  type Check,
  type Evaluation,
  type NewOrphans,
  type Thresholds,
} from './evaluate.ts'
import type { Instant } from './snapshot.ts'
import type { Finding, Survey } from './survey.ts'
import {
  countFrom,
  cvesOf,
  sumOfCves,
  type CveCounts,
  type DataNeed,
  type Ignorance,
  type Severity,
  type Vulnerabilities,
} from './vulnerability.ts'

/** What the vulnerabilities of orphans are held against. */
export interface SeverityRules {
  readonly thresholds: Thresholds
  readonly vulnerabilities: Vulnerabilities
  /** Undefined when nobody asks. */
  readonly need: DataNeed | undefined
  readonly newOrphans: NewOrphans
  readonly now: Instant
}

/** Adds the limits on severities, and what `required` asks for, to an evaluation. */
export function withSeverities(
  evaluation: Evaluation,
  surveys: readonly Survey[],
  rules: SeverityRules,
): Evaluation {
  const own = severityChecks(surveys, rules).filter(({ id }) => !evaluation.unjudged || id === 'defender')
  return { ...evaluation, checks: [...evaluation.checks, ...own], result: resultWith(own, evaluation) }
}

/** Further checks can only make a result worse. */
function resultWith(checks: readonly Check[], { result }: Evaluation): Evaluation['result'] {
  if (result === 'fail' || checks.some(({ level, status }) => level === 'fail' && status === 'exceeded'))
    return 'fail'
  return result === 'warn' || checks.some(({ status }) => status !== 'within') ? 'warn' : 'pass'
}

function severityChecks(surveys: readonly Survey[], rules: SeverityRules): readonly Check[] {
  const { scope, severity } = rules.thresholds
  const judged = surveys.filter(({ gap }) => gap === undefined)
  const parts = scope === 'total' ? [judged] : judged.map((survey) => [survey])
  const limits = parts.flatMap((part) => {
    const repository = scope === 'total' ? undefined : part[0]?.repository
    return [
      ...checkOf('fail-on-severity', severity.max, { part, repository, rules }),
      ...checkOf('warn-on-severity', severity.warn, { part, repository, rules }),
    ]
  })
  return [...limits, ...dataCheck(judged, rules)]
}

interface Judged {
  readonly part: readonly Survey[]
  readonly repository: string | undefined
  readonly rules: SeverityRules
}

function checkOf(
  id: 'fail-on-severity' | 'warn-on-severity',
  severity: Severity | undefined,
  { part, repository, rules }: Judged,
): readonly Check[] {
  if (severity === undefined) return []
  const { thresholds, vulnerabilities, newOrphans, now } = rules
  const isCounted = countedBy(thresholds, newOrphans)
  const counts = cvesIn(part, vulnerabilities, isCounted)
  const actual = counts === undefined ? 0 : countFrom(severity, counts)
  const fails = id === 'fail-on-severity' && !thresholds.warnOnly
  return [
    {
      id,
      repository,
      level: fails ? 'fail' : 'warn',
      status: actual > 0 ? 'exceeded' : isCertain(counts) ? 'within' : 'unknown',
      limit: 0,
      actual,
      totals: totalsOf(part, now, isCounted),
      onlyNew: thresholds.onlyNew,
      findings: {
        severity,
        counts,
        ignorance: counts === undefined ? ignoranceOf(vulnerabilities) : undefined,
      },
    },
  ]
}

/** Where the service answers, something unknown has no record. */
export function ignoranceOf(vulnerabilities: Vulnerabilities): Ignorance {
  return vulnerabilities.kind === 'unknown' ? vulnerabilities.reason : 'no-record'
}

/** What the service does not show, or does not rate, may be of any severity. */
function isCertain(counts: CveCounts | undefined): boolean {
  return counts !== undefined && !counts.truncated && counts.unknown === 0
}

/**
 * The CVEs of all orphans that count.
 *
 * @returns undefined when they are not known, or nothing is recorded of any; without an orphan there are none for certain
 */
export function cvesIn(
  surveys: readonly Survey[],
  vulnerabilities: Vulnerabilities,
  isCounted: (finding: Finding) => boolean = () => true,
): CveCounts | undefined {
  const orphans = orphansOf(surveys).filter(isCounted)
  if (orphans.length === 0) return sumOfCves([])
  if (vulnerabilities.kind !== 'known') return undefined
  const { images } = vulnerabilities
  const counts = sumOfCves(orphans.map((orphan) => cvesOf(orphan, images)))
  return counts.unrecorded < orphans.length ? counts : undefined
}

/** Having no record on the orphans is no failure: the service answers, and knows of other images. */
function dataCheck(
  judged: readonly Survey[],
  { need, vulnerabilities, thresholds, now }: SeverityRules,
): readonly Check[] {
  if (need !== 'required' || vulnerabilities.kind !== 'unknown' || vulnerabilities.reason === 'no-record')
    return []
  return [
    {
      id: 'defender',
      repository: undefined,
      level: thresholds.warnOnly ? 'warn' : 'fail',
      status: 'exceeded',
      limit: 0,
      actual: 0,
      totals: totalsOf(judged, now),
      onlyNew: thresholds.onlyNew,
      findings: { severity: undefined, counts: undefined, ignorance: vulnerabilities.reason },
    },
  ]
}
