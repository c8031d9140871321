import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import { orphansOf, totalsOf, type Totals } from '../domain/evaluate.ts'
import type { Observation } from '../domain/past.ts'
import type { Plan, PlannedFate } from '../domain/plan.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import { formerCell } from './former-tags.ts'
import { byteLength, code, details, listed, table, unbroken } from './markdown.ts'
import { fateWords } from './purge-words.ts'
import type { Report } from './report.ts'
import { ageWords, rootReason, sizeWords } from './wording.ts'

const MOST_REPOSITORIES = 100

/** More rows than this nobody reads; the numbers above them always cover everything. */
const MOST_ORPHANS = 1000

interface Affected {
  readonly survey: Survey
  readonly totals: Totals
}

/** Repositories with orphans, those with the most bytes first. */
function affectedRepositories({ surveys, now }: Report): readonly Affected[] {
  return surveys
    .map((survey) => ({ survey, totals: totalsOf([survey], now) }))
    .filter(({ totals }) => totals.orphans > 0)
    .toSorted((a, b) => b.totals.orphanBytes - a.totals.orphanBytes || b.totals.orphans - a.totals.orphans)
}

/** One row per repository with orphans. */
export function orphansByRepository(report: Report): readonly string[] {
  const affected = affectedRepositories(report)
  if (affected.length === 0) return []
  const withoutTag = report.surveys.filter(({ findings }) =>
    findings.some(({ kind }) => kind === 'digest-only'),
  )
  const judged = report.surveys.filter(({ gap }) => gap === undefined)
  const clean = judged.length - affected.length - withoutTag.length
  const more = affected.length - MOST_REPOSITORIES
  const rest = [
    ...(more > 0 ? [`And ${counted(more, 'more repository', 'more repositories')} with orphans.`] : []),
    ...(clean > 0 ? [`${counted(clean, 'repository', 'repositories')} without orphans.`] : []),
  ]
  const watched = report.history.state !== 'none'
  const columns = [
    'repository',
    'orphans:',
    'their manifests:',
    'all manifests:',
    'size, up to:',
    watched ? 'oldest:' : 'oldest, pushed:',
  ]
  return [
    '### Orphans by repository',
    'An orphan is what an overwritten or removed tag left behind: in no tag list, still stored, billed and scanned. Sizes are upper bounds, because images share layers.',
    table(
      columns,
      affected.slice(0, MOST_REPOSITORIES).map((each) => repositoryRow(each, watched)),
    ),
    ...(rest.length === 0 ? [] : [rest.join(' ')]),
  ]
}

function repositoryRow({ survey, totals }: Affected, watched: boolean): readonly string[] {
  return [
    code(survey.repository),
    grouped(totals.orphans),
    grouped(totals.orphanManifests),
    grouped(survey.manifests),
    sizeCell(totals.orphanBytes, totals.unsized),
    totals.oldestOrphan === undefined
      ? ''
      : unbroken(
          watched ? ageWords(totals.oldestOrphan) : `${formatDuration(totals.oldestOrphan.length)} ago`,
        ),
  ]
}

/** Every orphan, folded by repository and oldest first, as far as the bytes reach. */
export function orphanList(report: Report, budget: number): readonly string[] {
  const affected = affectedRepositories(report)
  const share = Math.max(100, Math.floor(MOST_ORPHANS / Math.max(1, affected.length)))
  const parts: string[] = []
  let [rows, bytes, unseen] = [MOST_ORPHANS, budget - FRAME_BYTES, 0]
  for (const { survey } of affected) {
    const part = repositoryPart(survey, {
      plan: report.purge?.left ?? report.plan,
      report,
      rows: Math.min(rows, share),
      bytes,
    })
    if (part === undefined) {
      unseen += orphansOf([survey]).length
      continue
    }
    parts.push(part.text)
    rows -= part.shown
    bytes -= byteLength(part.text) + 2
  }
  if (unseen > 0)
    parts.push(`And ${counted(unseen, 'orphan')} in other repositories, see the log of this step.`)
  return parts
}

interface Room {
  readonly plan: Plan
  readonly report: Report
  readonly rows: number
  readonly bytes: number
}

/** Enough for the frame of a part, and for the sentence about what was cut. */
const FRAME_BYTES = 2000

function repositoryPart(
  survey: Survey,
  { plan, report, rows, bytes }: Room,
): { text: string; shown: number } | undefined {
  const orphans = orphansOf([survey]).toSorted((a, b) => a.root.pushedAt - b.root.pushedAt)
  const columns = columnsFor(orphans, report)
  const lines: (readonly string[])[] = []
  let left = bytes - FRAME_BYTES
  for (const orphan of orphans.slice(0, Math.max(0, rows))) {
    const row = columns.map(({ cell }) => cell(orphan, { report, plan }))
    left -= byteLength(row.join(' | ')) + 5
    if (left < 0) break
    lines.push(row)
  }
  if (lines.length === 0) return undefined
  const cut = orphans.length - lines.length
  const body = [
    table(
      columns.map(({ title }) => title),
      lines,
    ),
    ...(columns.includes(REASON) ? [] : [`Why: ${reasonsOf(orphans)}.`]),
    ...(cut > 0 ? [`The oldest are shown; and ${grouped(cut)} more, see the log of this step.`] : []),
  ]
  const title = `${code(survey.repository)}: ${counted(orphans.length, 'orphan')}`
  return { text: details(title, body.join('\n\n')), shown: lines.length }
}

const MOST_PLATFORMS = 6

interface Column {
  readonly title: string
  readonly cell: (orphan: Finding, told: Told) => string
}

interface Told {
  readonly report: Report
  readonly plan: Plan
}

const COLUMNS: readonly Column[] = [
  { title: 'digest', cell: ({ root }) => code(shortDigest(root.digest)) },
  { title: 'platforms', cell: ({ platforms }) => listed(platforms, MOST_PLATFORMS, code) },
  { title: 'manifests:', cell: ({ manifests }) => grouped(manifests.length) },
  { title: 'size, up to:', cell: ({ size, unsized }) => sizeCell(size, unsized) },
]

const PUSHED: Column = {
  title: 'pushed:',
  cell: ({ root }, { report }) => unbroken(`${ageOfPush(root, report)} ago`),
}

const AGES: Column = {
  title: 'age',
  cell: ({ root, observed }, { report }) =>
    [
      `pushed ${ageOfPush(root, report)} ago`,
      ...(observed === undefined ? [] : [observedWords(observed, report)]),
    ]
      .map(unbroken)
      .join('<br>'),
}

const FORMER: Column = { title: 'was', cell: (orphan, { report }) => formerCell(orphan, report) }

const REASON: Column = { title: 'why it is an orphan', cell: ({ because }) => rootReason(because, code) }

const PURGE: Column = {
  title: 'purge',
  cell: (orphan, { plan }) => {
    const fate = plan.fates.get(orphan)
    return fate === undefined ? '' : fateCell(fate)
  },
}

/** What nobody knows anything about needs no column. */
function columnsFor(orphans: readonly Finding[], report: Report): readonly Column[] {
  const watched = orphans.some(({ observed }) => observed !== undefined)
  const told = orphans.some((orphan) => formerCell(orphan, report) !== '')
  return [
    ...COLUMNS,
    watched ? AGES : PUSHED,
    ...(told ? [FORMER] : []),
    // There is no room for all, and the reason is nearly always the same.
    ...(watched || told ? [] : [REASON]),
    PURGE,
  ]
}

/** A length of time stays on one line. */
function fateCell(fate: PlannedFate): string {
  const words = fateWords(fate, code)
  return fate.kind === 'waiting' ? unbroken(words) : words
}

function reasonsOf(orphans: readonly Finding[]): string {
  return [...new Set(orphans.map(({ because }) => rootReason(because, code)))].join('; ')
}

function ageOfPush({ pushedAt }: Finding['root'], { now }: Report): string {
  return formatDuration(Math.max(0, now - pushedAt))
}

/** One that was there when the state began has been an orphan for longer than anybody watched. */
function observedWords({ since, seenLive, isNew }: Observation, { now, history }: Report): string {
  if (isNew && history.state === 'known') return 'a new orphan'
  if (since >= now) return 'seen first now'
  const length = formatDuration(now - since)
  return `orphan for ${seenLive ? length : `${length} or more`}`
}

/** Beside a heading that says "up to". */
function sizeCell(size: number, unsized: number): string {
  if (unsized === 0) return unbroken(formatBytes(size))
  return size === 0 ? 'unknown' : sizeWords(size, unsized).replace('up to ', '')
}
