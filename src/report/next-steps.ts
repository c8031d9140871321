import { counted } from '../domain/count.ts'
import { orphansOf } from '../domain/evaluate.ts'
import type { Report } from './report.ts'

/** What to do, each with the line to write into the workflow. */
export function nextSteps(report: Report): readonly string[] {
  const steps = [...limitStep(report), ...brokenStep(report), ...inFlightStep(report)]
  return steps.length === 0 ? [] : ['### What to do next', ...steps]
}

interface Step {
  readonly why: string
  readonly yaml: string
}

function written({ why, yaml }: Step): string {
  return `${why}\n\n\`\`\`yaml\n${yaml}\n\`\`\``
}

function limitStep({ evaluation, surveys, thresholds }: Report): readonly string[] {
  const { checks, totals } = evaluation
  const perRepository = surveys.map((survey) => orphansOf([survey]).length)
  const today = thresholds.scope === 'total' ? totals.orphans : Math.max(0, ...perRepository)
  if (checks.length === 0) {
    const why = 'Let the gate stand: with this limit the step fails as soon as one orphan more is found.'
    return [written({ why, yaml: `max-orphans: ${today}` })]
  }
  const exceeded = checks.some(
    ({ id, status, level }) => id === 'max-orphans' && status === 'exceeded' && level === 'fail',
  )
  if (!exceeded) return []
  const why = 'To accept what is there today and fail only when it becomes more:'
  return [written({ why, yaml: `max-orphans: ${today}` })]
}

function brokenStep({ evaluation, thresholds }: Report): readonly string[] {
  const { brokenIndexes } = evaluation.totals
  if (brokenIndexes === 0 || thresholds.brokenIndexes !== 'report') return []
  const why = `${counted(brokenIndexes, 'tagged image')} cannot be pulled on every platform. To fail on that:`
  return [written({ why, yaml: 'broken-indexes: fail' })]
}

function inFlightStep({ surveys, evaluation }: Report): readonly string[] {
  const young = surveys.some(({ inFlight }) => inFlight > 0)
  if (!young || evaluation.totals.orphans > 0) return []
  const why =
    'What was just pushed is in flight and not counted yet: an index may still be on its way. A nightly run counts it; the shortest time to wait is:'
  return [written({ why, yaml: 'in-flight: 15m' })]
}
