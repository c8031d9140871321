import { backlogOf } from '../domain/backlog.ts'
import { counted } from '../domain/count.ts'
import { formatDurationLimit, MINUTE } from '../domain/duration.ts'
import { hasLimits, orphansOf, type Check } from '../domain/evaluate.ts'
import type { Report } from './report.ts'

/** What to do, each with the line to write into the workflow. */
export function nextSteps(report: Report): readonly string[] {
  const judged = report.surveys.some(({ gap }) => gap === undefined)
  if (report.skipped !== undefined || !judged) return []
  const steps = [
    ...limitStep(report),
    ...purgeStep(report),
    ...backlogStep(report),
    ...brokenStep(report),
    ...inFlightStep(report),
  ]
  return steps.length === 0 ? [] : ['### What to do next', ...steps.map(written)]
}

interface Step {
  readonly why: string
  readonly yaml: string
}

function written({ why, yaml }: Step): string {
  return `${why}\n\n\`\`\`yaml\n${yaml}\n\`\`\``
}

function limitStep({ evaluation, surveys, thresholds }: Report): readonly Step[] {
  if (!hasLimits(thresholds)) {
    const most = surveys.reduce((number, survey) => Math.max(number, orphansOf([survey]).length), 0)
    const today = thresholds.scope === 'total' ? evaluation.totals.orphans : most
    const why = 'Let the gate stand: with this limit the step fails as soon as one orphan more is found.'
    return [{ why, yaml: `max-orphans: ${today}` }]
  }
  const failing = evaluation.checks.filter(({ status, level }) => status === 'exceeded' && level === 'fail')
  const worst = (id: Check['id']): number =>
    failing.reduce((most, check) => (check.id === id ? Math.max(most, check.actual) : most), 0)
  const [orphans, bytes] = [worst('max-orphans'), worst('max-orphan-size')]
  const lines = [
    ...(orphans > 0 ? [`max-orphans: ${orphans}`] : []),
    ...(bytes > 0 ? [`max-orphan-size: ${Math.ceil(bytes / MEBIBYTE)}MiB`] : []),
  ]
  // What is too old today is older tomorrow: no limit accepts that for long.
  const aged = worst('max-orphan-age') > 0 ? ' (the age stays over its limit until the oldest are gone)' : ''
  const why = `To accept what is there today and fail only when it becomes more${aged}:`
  return lines.length === 0 ? [] : [{ why, yaml: lines.join('\n') }]
}

/** Offered when there is something to gain by it. */
function purgeStep({ plan, purge }: Report): readonly Step[] {
  if (purge !== undefined || plan.manifests === 0) return []
  const due = counted(plan.manifests, 'manifest that is due', 'manifests that are due')
  const why = `To delete the ${due}, shown above, in this step or in a nightly job (\`**\` stands for all repositories):`
  return [{ why, yaml: "purge: true\nrepositories: '**'" }]
}

function backlogStep({ policy, plan, purge, now }: Report): readonly Step[] {
  const backlog = backlogOf(purge?.left ?? plan, policy, now)
  if (backlog === undefined) return []
  const orphans = counted(backlog.orphans, 'orphan was', 'orphans were')
  const why =
    `${orphans} pushed more than ${formatDurationLimit(policy.olderThan)} ago, but nobody knows since when they are orphans: ` +
    `this action watches them since its first run, and the first is due on ${dayOf(backlog.due)}. To clear the backlog ` +
    'at once, if nothing that lost its tag lately may be needed again:'
  return [{ why, yaml: 'orphan-age: pushed' }]
}

function dayOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

const MEBIBYTE = 1024 ** 2

function brokenStep({ evaluation, thresholds }: Report): readonly Step[] {
  const { brokenIndexes } = evaluation.totals
  if (brokenIndexes === 0 || thresholds.brokenIndexes !== 'report') return []
  const why = `${counted(brokenIndexes, 'index that is in use lacks', 'indexes that are in use lack')} images. To fail on that:`
  return [{ why, yaml: 'broken-indexes: fail' }]
}

const SHORTEST_IN_FLIGHT = 15 * MINUTE

function inFlightStep({ surveys, evaluation, inFlight }: Report): readonly Step[] {
  const young = surveys.some((survey) => survey.inFlight > 0)
  if (!young || evaluation.totals.orphans > 0 || inFlight <= SHORTEST_IN_FLIGHT) return []
  const why =
    'What was just pushed is in flight and not counted yet: an index may still be on its way. A nightly run counts it; ' +
    'the shortest time to wait is:'
  return [{ why, yaml: 'in-flight: 15m' }]
}
