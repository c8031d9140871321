import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import { orphansOf, totalsOf, type Totals } from '../domain/evaluate.ts'
import type { Plan } from '../domain/plan.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import { byteLength, code, details, listed, table, unbroken } from './markdown.ts'
import { fateWords } from './purge-words.ts'
import type { Report } from './report.ts'
import { rootReason, sizeWords } from './wording.ts'

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
    ...(rest.length === 0 ? [] : [rest.join(' ')]),
  ]
}

function repositoryRow({ survey, totals }: Affected): readonly string[] {
  return [
    code(survey.repository),
    grouped(totals.orphans),
    grouped(totals.orphanManifests),
    grouped(survey.manifests),
    sizeCell(totals.orphanBytes, totals.unsized),
    totals.oldestOrphan === undefined ? '' : unbroken(`${formatDuration(totals.oldestOrphan)} ago`),
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
      now: report.now,
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
  readonly now: number
  readonly rows: number
  readonly bytes: number
}

/** Enough for the frame of a part, and for the sentence about what was cut. */
const FRAME_BYTES = 2000

function repositoryPart(
  survey: Survey,
  { plan, now, rows, bytes }: Room,
): { text: string; shown: number } | undefined {
  const orphans = orphansOf([survey]).toSorted((a, b) => a.root.pushedAt - b.root.pushedAt)
  const lines: (readonly string[])[] = []
  let left = bytes - FRAME_BYTES
  for (const orphan of orphans.slice(0, Math.max(0, rows))) {
    const row = orphanRow(orphan, { now, plan })
    left -= byteLength(row.join(' | ')) + 5
    if (left < 0) break
    lines.push(row)
  }
  if (lines.length === 0) return undefined
  const cut = orphans.length - lines.length
  const body = [
    table(
      ['digest', 'platforms', 'manifests:', 'size, up to:', 'pushed:', 'why it is an orphan', 'purge'],
      lines,
    ),
    ...(cut > 0 ? [`The oldest are shown; and ${grouped(cut)} more, see the log of this step.`] : []),
  ]
  const title = `${code(survey.repository)}: ${counted(orphans.length, 'orphan')}`
  return { text: details(title, body.join('\n\n')), shown: lines.length }
}

const MOST_PLATFORMS = 6

function orphanRow(
  orphan: Finding,
  { now, plan }: { readonly now: number; readonly plan: Plan },
): readonly string[] {
  const fate = plan.fates.get(orphan)

  return [
    code(shortDigest(orphan.root.digest)),
    listed(orphan.platforms, MOST_PLATFORMS, code),
    grouped(orphan.manifests.length),
    sizeCell(orphan.size, orphan.unsized),
    unbroken(`${formatDuration(Math.max(0, now - orphan.root.pushedAt))} ago`),
    rootReason(orphan.because, code),
    fate === undefined ? '' : fateWords(fate, code),
  ]
}

/** Beside a heading that says "up to". */
function sizeCell(size: number, unsized: number): string {
  if (unsized === 0) return unbroken(formatBytes(size))
  return size === 0 ? 'unknown' : sizeWords(size, unsized).replace('up to ', '')
}
