import { counted, grouped } from '../domain/count.ts'
import type { Check } from '../domain/evaluate.ts'
import { code, table } from './markdown.ts'
import type { Report } from './report.ts'
import { checkWords } from './wording.ts'

const MOST_ROWS = 50

/** Every limit with what was found; with limits per repository, those that are not kept. */
export function limits({ evaluation, thresholds }: Report): readonly string[] {
  const { checks } = evaluation
  if (checks.length === 0) return []
  const perRepository = thresholds.scope === 'repository'
  const notable = perRepository ? checks.filter(({ status }) => status !== 'within') : checks
  const within = checks.length - notable.length
  const rest = [
    ...(notable.length > MOST_ROWS
      ? [`and ${grouped(notable.length - MOST_ROWS)} more that are not kept`]
      : []),
    ...(within > 0 ? [`${counted(within, 'limit')} of single repositories kept`] : []),
  ]
  const columns = ['', 'limit', ...(perRepository ? ['repository'] : []), 'found', 'expected']
  const rows = notable.slice(0, MOST_ROWS).map((check) => row(check, { perRepository }))
  return [
    '### Limits',
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
    ...(rest.length === 0 ? [] : [`${rest.join('; ')}.`]),
  ]
}

function row(check: Check, { perRepository }: { readonly perRepository: boolean }): readonly string[] {
  const { found, expected } = checkWords(check)
  return [
    icon(check),
    `\`${check.id}\``,
    ...(perRepository ? [code(check.repository ?? '')] : []),
    found,
    expected,
  ]
}

function icon({ status, level }: Check): string {
  if (status === 'within') return '✅'
  return status === 'exceeded' && level === 'fail' ? '❌' : '⚠️'
}
