import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import { orphansOf, totalsOf, type Totals } from '../domain/evaluate.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import { byteLength, code, details, table, unbroken } from './markdown.ts'
import type { Report } from './report.ts'
import { findingReason } from './wording.ts'

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
  const clean = report.surveys.filter(({ gap }) => gap === undefined).length - affected.length
  const rest = [
    ...(affected.length > MOST_REPOSITORIES
      ? [`and ${grouped(affected.length - MOST_REPOSITORIES)} more repositories with orphans`]
      : []),
    ...(clean > 0 ? [`${counted(clean, 'repository', 'repositories')} without orphans`] : []),
  ]
  const columns = [
    'repository',
    'orphans:',
    'their manifests:',
    'all manifests:',
    'size, up to:',
    'oldest, pushed:',
  ]
  return [
    '### Orphans by repository',
    'An orphan is what an overwritten or removed tag left behind: in no tag list, still stored, billed and scanned. Sizes are upper bounds, because images share layers.',
    table(columns, affected.slice(0, MOST_REPOSITORIES).map(repositoryRow)),
    ...(rest.length === 0 ? [] : [`${rest.join('; ')}.`]),
  ]
}

function repositoryRow({ survey, totals }: Affected): readonly string[] {
  return [
    code(survey.repository),
    grouped(totals.orphans),
    grouped(totals.orphanManifests),
    grouped(survey.manifests),
    sizeText(totals.orphanBytes, totals.unsized),
    totals.oldestOrphan === undefined ? '' : unbroken(`${formatDuration(totals.oldestOrphan)} ago`),
  ]
}

/** Every orphan, folded by repository and oldest first, as far as the bytes reach. */
export function orphanList(report: Report, budget: number): readonly string[] {
  const affected = affectedRepositories(report)
  const parts: string[] = []
  let [bytes, rows] = [budget, MOST_ORPHANS]
  const share = Math.max(100, Math.floor(MOST_ORPHANS / Math.max(1, affected.length)))
  let left = affected.reduce((sum, { totals }) => sum + totals.orphans, 0)
  for (const { survey } of affected) {
    const part = repositoryPart(survey, { now: report.now, rows: Math.min(rows, share), bytes })
    if (part === undefined) break
    parts.push(part.text)
    bytes -= byteLength(part.text) + 2
    rows -= part.shown
    left -= orphansOf([survey]).length
  }
  if (left > 0) parts.push(`And ${counted(left, 'orphan')} in other repositories, see the log of this step.`)
  return parts
}

interface Room {
  readonly now: number
  readonly rows: number
  readonly bytes: number
}

/** Enough for the frame of a part and the sentence about what was cut. */
const FRAME_BYTES = 1000

function repositoryPart(
  survey: Survey,
  { now, rows, bytes }: Room,
): { text: string; shown: number } | undefined {
  const orphans = orphansOf([survey]).toSorted((a, b) => a.root.pushedAt - b.root.pushedAt)
  const lines: (readonly string[])[] = []
  let room = bytes - FRAME_BYTES
  for (const orphan of orphans.slice(0, rows)) {
    const row = orphanRow(orphan, now)
    room -= byteLength(row.join(' | ')) + 5
    if (room < 0) break
    lines.push(row)
  }
  if (lines.length === 0) return undefined
  const cut = orphans.length - lines.length
  const body = [
    table(['digest', 'platforms', 'manifests:', 'size, up to:', 'pushed:', 'why it is an orphan'], lines),
    ...(cut > 0 ? [`The oldest are shown; and ${grouped(cut)} more, see the log of this step.`] : []),
  ]
  const title = `${code(survey.repository)}: ${counted(orphans.length, 'orphan')}`
  return { text: details(title, body.join('\n\n')), shown: lines.length }
}

function orphanRow(orphan: Finding, now: number): readonly string[] {
  return [
    code(shortDigest(orphan.root.digest)),
    orphan.platforms.map(code).join(' '),
    grouped(orphan.manifests.length),
    sizeText(orphan.size, orphan.unsized),
    unbroken(`${formatDuration(Math.max(0, now - orphan.root.pushedAt))} ago`),
    findingReason(orphan, code),
  ]
}

function sizeText(size: number, unsized: number): string {
  return unsized === 0
    ? formatBytes(size)
    : `${formatBytes(size)} and ${counted(unsized, 'image')} of unknown size`
}
