import { counted, grouped } from '../domain/count.ts'
import { formatDuration } from '../domain/duration.ts'
import type { Finding, ProtectingRule, Survey } from '../domain/survey.ts'
import type { GroupKind } from '../domain/verdict.ts'
import { code, listed, table } from './markdown.ts'
import type { Report } from './report.ts'
import { PROTECTED_BECAUSE } from './wording.ts'

/** What was neither counted nor judged, with the reason, in numbers. */
export function leftAlone({ surveys, inFlight }: Report): readonly string[] {
  const young = sum(surveys, (survey) => survey.inFlight)
  const live = sum(surveys, (survey) => survey.live)
  const rows: readonly Row[] = [
    [
      young,
      `in flight: pushed less than ${formatDuration(inFlight)} ago, possibly half of a push; counted later`,
    ],
    ...protectedRows(surveys),
    [kept(surveys), 'kept: the newest of each repository, as `keep-n-untagged` says'],
    ...groupRows(surveys),
    [live, 'in use: tagged, or needed by something tagged'],
  ]
  const shown = rows.filter(([count]) => count > 0).map(([count, why]) => [grouped(count), why])
  return shown.length === 0 ? [] : ['### Left alone', table(['manifests:', 'why'], shown)]
}

type Row = readonly [number, string]

function protectedRows(surveys: readonly Survey[]): readonly Row[] {
  const rules = Object.keys(PROTECTED_BECAUSE) as ProtectingRule[]
  return rules.map((rule) => [
    sum(surveys, (survey) => survey.protected.get(rule) ?? 0),
    PROTECTED_BECAUSE[rule],
  ])
}

function kept(surveys: readonly Survey[]): number {
  const groups = surveys.flatMap(({ findings }) => findings.filter((finding) => finding.kept))
  return sum(groups, ({ manifests }) => manifests.length)
}

const MOST_NAMES = 10

function groupRows(surveys: readonly Survey[]): readonly Row[] {
  const row = (kind: GroupKind, words: string): Row => [
    sum(findingsOf(surveys, kind), ({ manifests }) => manifests.length),
    words,
  ]
  const names = surveys
    .filter(({ findings }) => findings.some(({ kind }) => kind === 'digest-only'))
    .map(({ repository }) => repository)
  const where = `${counted(names.length, 'repository', 'repositories')} without any tag, used by digest or not at all`
  return [
    row('wrapper', 'wrappers: untagged indexes whose images are all in use'),
    row('orphaned-referrer', 'orphaned referrers: signatures, attestations and the like whose image is gone'),
    row('digest-only', `in ${where}: ${listed(names, MOST_NAMES, code)}`),
  ]
}

/** All groups of one kind, over all repositories. */
export function findingsOf(surveys: readonly Survey[], wanted: GroupKind): readonly Finding[] {
  return surveys.flatMap(({ findings }) => findings.filter(({ kind }) => kind === wanted))
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
