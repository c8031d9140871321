import { counted } from '../domain/count.ts'
import { oneLine } from './markdown.ts'
import type { Report } from './report.ts'
import { checkSentence } from './wording.ts'

/** What GitHub shows above the run's files and on the run's page. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly message: string
}

/** GitHub shows ten errors and ten warnings of a step and drops the rest without a word. */
const MOST = 10

/** One per limit that is not kept and one per reason for which repositories were not read, the worst first. */
export function annotations({ evaluation, surveys, thresholds, host }: Report): readonly Annotation[] {
  const incomplete = evaluation.result === 'fail' && !thresholds.warnOnly ? 'error' : 'warning'
  const all: Annotation[] = [
    ...evaluation.checks
      .filter(({ status }) => status !== 'within')
      .map((check): Annotation => ({
        level: check.status === 'exceeded' && check.level === 'fail' ? 'error' : 'warning',
        message: checkSentence(check, host, oneLine),
      })),
    ...reasons(
      surveys.flatMap(({ repository, gap }) => (gap === undefined ? [] : [[repository, gap.why] as const])),
    ).map((message): Annotation => ({ level: incomplete, message })),
  ].toSorted((a, b) => a.level.localeCompare(b.level))
  if (all.length <= MOST) return all
  const shown = all.slice(0, MOST - 1)
  const rest = all.slice(MOST - 1)
  const level = rest.some((annotation) => annotation.level === 'error') ? 'error' : 'warning'
  return [...shown, { level, message: `And ${counted(rest.length, 'more problem')}: see the job summary.` }]
}

const MOST_NAMES = 5

/** Repositories that failed for the same reason are one annotation, not one each. */
function reasons(gaps: readonly (readonly [string, string])[]): readonly string[] {
  const byReason = Map.groupBy(gaps, ([repository, why]) => why.replaceAll(repository, '…'))
  return [...byReason.values()].map((same) => {
    const names = same.slice(0, MOST_NAMES).map(([repository]) => repository)
    const more = same.length > MOST_NAMES ? ` and ${same.length - MOST_NAMES} more` : ''
    return oneLine(`Not read in full: ${names.join(', ')}${more}. ${same[0]?.[1] ?? ''}`)
  })
}
