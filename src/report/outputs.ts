import { DAY } from '../domain/duration.ts'
import { findingsOf } from './left-alone.ts'
import { isPurged, outcomesOf } from '../domain/outcome.ts'
import { cvesIn } from '../domain/severity-check.ts'
import type { Survey } from '../domain/survey.ts'
import { isPurgeComplete } from './purge-trouble.ts'
import type { Report } from './report.ts'
import { resultOf, type Result } from './verdict-words.ts'

/** Every output that `action.yml` declares, in its order; a test holds the two together. */
export const OUTPUT_NAMES = [
  'result',
  'orphans',
  'orphan-manifests',
  'orphan-bytes',
  'oldest-orphan-days',
  'purgeable-manifests',
  'new-orphans',
  'broken-indexes',
  'orphaned-referrers',
  'wrappers',
  'in-flight',
  'findings-critical',
  'findings-high',
  'purged-manifests',
  'purged-bytes',
  'purge-complete',
  'complete',
] as const

type OutputName = (typeof OUTPUT_NAMES)[number]
export type Outputs = Readonly<Record<OutputName, string>>

/** Empty where a value is unknown or not applicable, never 0 for unknown. */
export function outputs(report: Report): Outputs {
  const { evaluation, surveys, skipped } = report
  const result = resultOf(report)
  const judged = surveys.filter(({ gap }) => gap === undefined)
  if (skipped !== undefined) return { ...NOTHING_KNOWN, result, complete: 'true' }
  const purged = purgeOutputs(report)
  const complete = String(evaluation.incomplete === undefined)
  // Nothing was judged, though there was something to judge.
  if (judged.length === 0 && surveys.length > 0) return { ...NOTHING_KNOWN, ...purged, result, complete }
  const { orphans, orphanManifests, orphanBytes, unsized, oldestOrphan, brokenIndexes } = evaluation.totals
  return {
    result,
    orphans: String(orphans),
    'orphan-manifests': String(orphanManifests),
    'orphan-bytes': unsized > 0 ? '' : String(orphanBytes),
    'oldest-orphan-days': oldestOrphan === undefined ? '' : String(Math.floor(oldestOrphan.length / DAY)),
    'purgeable-manifests': String((report.purge?.left ?? report.plan).manifests),
    'new-orphans': String(report.history.newOrphans ?? ''),
    'broken-indexes': String(brokenIndexes),
    'orphaned-referrers': String(findingsOf(judged, 'orphaned-referrer').length),
    wrappers: String(findingsOf(judged, 'wrapper').length),
    'in-flight': String(judged.reduce((sum, { inFlight }) => sum + inFlight, 0)),
    ...findingsOutputs(report, judged),
    ...purged,
    complete,
  }
}

/** A number that is only a lower bound is none. */
function findingsOutputs(
  { vulnerabilities }: Report,
  judged: readonly Survey[],
): Pick<Outputs, 'findings-critical' | 'findings-high'> {
  const asked = vulnerabilities.kind !== 'not-asked'
  const counts = asked ? cvesIn(judged, vulnerabilities) : undefined
  const known = counts?.truncated === false ? counts : undefined
  return {
    'findings-critical': known === undefined ? '' : String(known.critical),
    'findings-high': known === undefined ? '' : String(known.high),
  }
}

type PurgeOutputs = Pick<Outputs, 'purged-manifests' | 'purged-bytes' | 'purge-complete'>

function purgeOutputs(report: Report): PurgeOutputs {
  const { purge } = report
  if (purge === undefined) return { 'purged-manifests': '', 'purged-bytes': '', 'purge-complete': '' }
  const done = outcomesOf(purge.receipt).filter(({ outcome }) => isPurged(outcome))
  const unknown = done.some(({ step }) => step.size === undefined)
  return {
    'purged-manifests': String(done.length),
    'purged-bytes': unknown ? '' : String(done.reduce((sum, { step }) => sum + (step.size ?? 0), 0)),
    'purge-complete': String(isPurgeComplete(report)),
  }
}

/** The outputs of a run that failed before it could judge anything. */
export function failedOutputs(): Outputs {
  return { ...NOTHING_KNOWN, result: 'fail' satisfies Result, complete: 'false' }
}

const NOTHING_KNOWN = Object.fromEntries(OUTPUT_NAMES.map((name) => [name, ''])) as Outputs
