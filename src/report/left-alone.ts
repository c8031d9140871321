import { counted, grouped } from '../domain/count.ts'
import { formatDuration } from '../domain/duration.ts'
import type { Finding, ProtectingRule, Survey } from '../domain/survey.ts'
import type { GroupKind } from '../domain/verdict.ts'
import { code, details, table } from './markdown.ts'
import type { Report } from './report.ts'
import { PROTECTED_BECAUSE } from './wording.ts'

/** What was neither counted nor judged, with the reason, in numbers. */
export function leftAlone({ surveys, inFlight }: Report): readonly string[] {
  const live = sum(surveys, (survey) => survey.live)
  const young = sum(surveys, (survey) => survey.inFlight)
  const rows = [
    [live, 'in use: tagged, or needed by something tagged'],
    [
      young,
      `in flight: pushed less than ${formatDuration(inFlight)} ago, possibly half of a push; counted later`,
    ],
    ...protectedRows(surveys),
    ...groupRows(surveys),
  ] as const
  const shown = rows.filter(([count]) => count > 0).map(([count, why]) => [grouped(count), why])
  if (shown.length === 0) return []
  return ['### Left alone', table(['manifests:', 'why'], shown), ...digestOnlyNames(surveys)]
}

type Row = readonly [number, string]

function protectedRows(surveys: readonly Survey[]): readonly Row[] {
  const rules = Object.keys(PROTECTED_BECAUSE) as ProtectingRule[]
  return rules.map((rule) => [
    sum(surveys, (survey) => survey.protected.get(rule) ?? 0),
    PROTECTED_BECAUSE[rule],
  ])
}

function groupRows(surveys: readonly Survey[]): readonly Row[] {
  const row = (kind: GroupKind, words: (roots: number) => string): Row => {
    const found = findingsOf(surveys, kind)
    return [sum(found, ({ manifests }) => manifests.length), words(found.length)]
  }
  return [
    row('wrapper', (roots) => `${counted(roots, 'wrapper')}: untagged indexes, all that they list is in use`),
    row('orphaned-referrer', (roots) => `${counted(roots, 'orphaned referrer')}: what they describe is gone`),
    row(
      'digest-only',
      (roots) => `${counted(roots, 'image')} in repositories without any tag, used by digest or not at all`,
    ),
  ]
}

const MOST_NAMES = 20

function digestOnlyNames(surveys: readonly Survey[]): readonly string[] {
  const names = surveys
    .filter(({ findings }) => findings.some(({ kind }) => kind === 'digest-only'))
    .map(({ repository }) => code(repository))
  if (names.length === 0) return []
  const more = names.length > MOST_NAMES ? `, and ${grouped(names.length - MOST_NAMES)} more` : ''
  const title = `${counted(names.length, 'repository', 'repositories')} without any tag`
  return [details(title, `${names.slice(0, MOST_NAMES).join(', ')}${more}`)]
}

/** All groups of one kind, over all repositories. */
export function findingsOf(surveys: readonly Survey[], wanted: GroupKind): readonly Finding[] {
  return surveys.flatMap(({ findings }) => findings.filter(({ kind }) => kind === wanted))
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
