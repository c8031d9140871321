import { counted } from '../domain/count.ts'
import type { Survey } from '../domain/survey.ts'
import { listed, oneLine } from './markdown.ts'
import { purgeTroubles } from './purge-trouble.ts'
import type { Report } from './report.ts'
import { UNJUDGED } from './verdict-words.ts'
import { checkSentence } from './wording.ts'

/** What GitHub shows above the run's files and on the run's page. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly message: string
}

/** GitHub shows ten errors and ten warnings of a step and drops the rest without a word. */
const MOST = 10

/** One per limit that is not kept and one per reason for which repositories were not read, the worst first. */
export function annotations(report: Report): readonly Annotation[] {
  const { evaluation, surveys, host } = report
  const troubles = purgeTroubles(report, { show: oneLine, say: oneLine }).map((message): Annotation => ({
    level: 'error',
    message,
  }))
  const incomplete = evaluation.incomplete === 'fail' ? 'error' : 'warning'
  const limits = evaluation.checks
    .filter(({ status }) => status !== 'within')
    .map((check): Annotation => ({
      level: check.status === 'exceeded' && check.level === 'fail' ? 'error' : 'warning',
      message: checkSentence(check, host, oneLine),
    }))
  const unjudged: readonly Annotation[] = evaluation.unjudged ? [{ level: 'warning', message: UNJUDGED }] : []
  const gaps = reasons(surveys).map((message): Annotation => ({ level: incomplete, message }))
  return limited(
    [...troubles, ...limits, ...unjudged, ...gaps].toSorted((a, b) => a.level.localeCompare(b.level)),
  )
}

/** The first ones, and how many more there are. */
export function limited(all: readonly Annotation[]): readonly Annotation[] {
  if (all.length <= MOST) return all
  const rest = all.slice(MOST - 1)
  const level = rest.some((annotation) => annotation.level === 'error') ? 'error' : 'warning'
  const message = `And ${counted(rest.length, 'more problem')}: see the job summary and the log.`
  return [...all.slice(0, MOST - 1), { level, message }]
}

const MOST_NAMES = 5

/** Repositories that failed for the same reason are one annotation, not one each. */
function reasons(surveys: readonly Survey[]): readonly string[] {
  const gaps = surveys.flatMap(({ repository, gap }) => (gap === undefined ? [] : [{ repository, ...gap }]))
  return [...Map.groupBy(gaps, ({ reason }) => reason).values()].map((same) => {
    const names = listed(
      same.map(({ repository }) => repository),
      MOST_NAMES,
      (name) => oneLine(name, 100),
    )
    const [first] = same
    return oneLine(`Not read in full: ${names}. ${(same.length === 1 ? first?.why : first?.reason) ?? ''}`)
  })
}
