import { counted, grouped } from '../domain/count.ts'
import type { Check } from '../domain/evaluate.ts'
import { code, table } from './markdown.ts'
import type { Report } from './report.ts'
import { checkWords } from './wording.ts'

const MOST_ROWS = 50

/** Every limit with what was found; with limits per repository, those that are not kept. */
export function limits({ evaluation, thresholds, skipped }: Report): readonly string[] {
  const { checks } = evaluation
  if (checks.length === 0 || skipped !== undefined) return []
  const perRepository = thresholds.scope === 'repository'
  const notable = perRepository ? checks.filter(({ status }) => status !== 'within') : checks
  const kept = checks.length - notable.length
  const rest = [
    ...(notable.length > MOST_ROWS
      ? [`And ${grouped(notable.length - MOST_ROWS)} more that are not kept.`]
      : []),
    ...(kept > 0 ? [`All other limits are kept (${counted(kept, 'check')}).`] : []),
  ]
  const columns = ['', 'limit', ...(perRepository ? ['repository'] : []), 'found', 'expected']
  const rows = notable
    .slice(0, MOST_ROWS)
    .map((check) => row(check, { perRepository, complete: evaluation.incomplete === undefined }))
  return [
    '### Limits',
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
    ...(rest.length === 0 ? [] : [rest.join(' ')]),
  ]
}

interface Shape {
  readonly perRepository: boolean
  /** Everything was read, so that a limit that is kept is really kept. */
  readonly complete: boolean
}

function row(check: Check, { perRepository, complete }: Shape): readonly string[] {
  const { found, expected } = checkWords(check)
  const where = perRepository ? [code(check.repository ?? '')] : []
  return [icon(check, complete), `\`${check.id}\``, ...where, found, expected]
}

function icon({ status, level }: Check, complete: boolean): string {
  if (status === 'within') return complete ? '✅' : '➖'
  return status === 'exceeded' && level === 'fail' ? '❌' : '⚠️'
}
