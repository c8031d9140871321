import { counted } from '../domain/count.ts'
import { LOCKS_UNKNOWN } from '../domain/obstacle.ts'
import { isHeldSince, isLeftOver, outcomesOf, type StepOutcome } from '../domain/outcome.ts'
import type { PlannedFate } from '../domain/plan.ts'
import { listed } from './markdown.ts'
import type { PurgeReport, Report } from './report.ts'
import type { Show } from './wording.ts'

const MOST_NAMES = 5

/** How names and whole sentences from elsewhere are shown. */
interface Telling {
  readonly show: Show
  readonly say: Show
}

/** Everything about a purge that makes the run fail, whatever the limits say. */
export function purgeTroubles(report: Report, { show, say }: Telling): readonly string[] {
  const { purge } = report
  if (purge === undefined) return []
  return [
    ...damageLines(purge, { show, say }),
    ...failureLines(purge, say),
    ...breakerLines(report, show),
    ...unknownLines(report, { show, say }),
  ]
}

function damageLines({ damage, receipt }: PurgeReport, { show, say }: Telling): readonly string[] {
  if (damage.length === 0 && receipt.halted?.kind === 'damage') return [`DAMAGE: ${say(receipt.halted.why)}`]
  return damage.map(({ repository, index, missing }) => {
    const name = index.tags.length === 0 ? index.digest : `${index.tags.join(', ')} (${index.digest})`
    return `DAMAGE: in ${show(repository)} the index ${show(name)} lacks ${listed(missing, MOST_NAMES, show)}, which it had before the purge. Push it again.`
  })
}

/** One line per reason, not one per manifest. */
function failureLines({ receipt }: PurgeReport, say: Show): readonly string[] {
  const failures = outcomesOf(receipt).flatMap(({ step, outcome }) => {
    if (outcome.kind === 'failed') return [{ step, why: outcome.error }]
    return outcome.kind === 'not-tried' ? [{ step, why: outcome.why }] : []
  })
  const reasons = Map.groupBy(failures, ({ why }) => why.replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:…'))
  return [...reasons].map(([why, same]) =>
    same.length === 1
      ? `1 manifest that was due could not be deleted. ${say(same[0]?.why ?? why)}`
      : `${counted(same.length, 'manifest')} that were due could not be deleted. ${say(why)}`,
  )
}

function breakerLines({ plan, policy }: Report, show: Show): readonly string[] {
  return plan.trips.map(
    ({ repository, planned, manifests }) =>
      `Nothing was deleted in ${show(repository)}: ${planned} of its ${counted(manifests, 'manifest')} are due, more than ` +
      `max-delete-percent: ${policy.maxDeletePercent ?? ''} allows. Check them, then raise it for one run.`,
  )
}

/** What cannot be seen is never deleted, so that such a purge would never do anything. */
function unknownLines({ surveys, plan }: Report, { show, say }: Telling): readonly string[] {
  const obstacles = surveys.flatMap(({ repository, obstacle }) =>
    obstacle?.kind === 'unknown' ? [{ repository, why: obstacle.why }] : [],
  )
  const hidden = [...plan.fates].filter(([, fate]) => fate.kind === 'locks-unknown')
  const reasons = Map.groupBy(
    [...obstacles, ...hidden.map(([{ repository }]) => ({ repository, why: LOCKS_UNKNOWN }))],
    ({ why }) => why,
  )
  return [...reasons].map(([why, same]) => {
    const names = [...new Set(same.map(({ repository }) => repository))]
    return `Nothing can be deleted safely in ${listed(names, MOST_NAMES, show)}. ${say(why)}`
  })
}

/** Fates of what is due and stays. */
const LEFT_OVER: ReadonlySet<PlannedFate['kind']> = new Set([
  'over-limit',
  'breaker',
  'obstacle',
  'locks-unknown',
])

/** Whether everything that was due is gone; what is in use again, or held, is not due. */
export function isPurgeComplete({ plan, purge, surveys }: Report): boolean {
  if (purge === undefined || purge.receipt.halted !== undefined) return false
  const outcomes = outcomesOf(purge.receipt)
  const touched = new Set(outcomes.map(({ step }) => step.repository))
  const rootOf = ({ step }: StepOutcome): string => `${step.repository}@${step.root}`
  // A referrer that came meanwhile holds its orphan, which the look afterwards does not see: it reads no tagged images.
  const held = new Set(outcomes.filter(({ outcome }) => isHeldSince(outcome)).map(rootOf))
  const planned = new Set(outcomes.map(rootOf).filter((root) => !held.has(root)))
  return (
    !outcomes.some(({ outcome }) => isLeftOver(outcome)) &&
    !plan.fates.values().some(({ kind }) => LEFT_OVER.has(kind)) &&
    // What is due in a repository that could not be read is not known.
    !surveys.some(({ gap, repository }) => gap !== undefined && !touched.has(repository)) &&
    // Said to be gone, and found again.
    !surveys.some(({ repository, lots }) =>
      lots.some(
        ({ fate, finding }) => fate.kind === 'due' && planned.has(`${repository}@${finding.root.digest}`),
      ),
    )
  )
}
