import { ageOf } from '../domain/age.ts'
import { counted } from '../domain/count.ts'
import { formatDuration } from '../domain/duration.ts'
import type { BrokenIndex, Finding, Survey } from '../domain/survey.ts'
import type { GroupKind } from '../domain/verdict.ts'
import { formerLine } from './former-tags.ts'
import { listed, oneLine } from './markdown.ts'
import type { Report } from './report.ts'
import { ageWords, findingReason, sizeWords } from './wording.ts'

/** One folded part of the log. */
export interface LogGroup {
  readonly title: string
  readonly lines: readonly string[]
}

/** A log that opens in a browser; the totals are in the title of each group whatever was cut. */
const MOST_LINES = 20_000

/** Everything that was found, by repository. */
export function logGroups(report: Report): readonly LogGroup[] {
  let left = MOST_LINES
  return report.surveys
    .map((survey) => ({ survey, lines: surveyLines(survey, { report, most: left }) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ survey, lines }) => {
      const shown = lines.slice(0, left)
      left -= shown.length
      const cut = linesOf(survey) - shown.length
      return {
        title: oneLine(titleOf(survey)),
        lines: cut > 0 ? [...shown, `… and ${counted(cut, 'more line')}`] : shown,
      }
    })
}

function titleOf({ repository, gap, findings, broken }: Survey): string {
  if (gap !== undefined) return `${repository}: not read in full`
  const orphans = findings.filter(({ kind }) => kind === 'orphan').length
  const more = [
    ...(findings.length > orphans ? [counted(findings.length - orphans, 'other finding')] : []),
    ...(broken.length > 0 ? [counted(broken.length, 'broken index', 'broken indexes')] : []),
  ]
  return `${oneLine(repository, 200)}: ${[counted(orphans, 'orphan'), ...more].join(', ')}`
}

function linesOf({ gap, findings, broken }: Survey): number {
  return gap === undefined ? findings.length + broken.length : 1
}

/** Oldest first; no more of them are put into words than can be shown. */
function surveyLines(
  { gap, findings, broken }: Survey,
  { report, most }: { readonly report: Report; readonly most: number },
): readonly string[] {
  if (gap !== undefined) return [oneLine(gap.why)]
  return [
    ...broken.map(brokenLine),
    ...findings
      .toSorted((a, b) => a.root.pushedAt - b.root.pushedAt)
      .slice(0, most)
      .map((finding) => findingLine(finding, report)),
  ]
}

function brokenLine({ index, missing }: BrokenIndex): string {
  const tags = index.tags.length === 0 ? '' : ` (${listed(index.tags, 5, (tag) => oneLine(tag, 130))})`
  return `broken index ${index.digest}${tags}: missing ${listed(missing, 10, oneLine)}`
}

const NOUN: Readonly<Record<GroupKind, string>> = {
  orphan: 'orphan',
  wrapper: 'wrapper',
  'orphaned-referrer': 'orphaned referrer',
  'digest-only': 'without tag',
}

function findingLine(finding: Finding, report: Report): string {
  const { kind, root, manifests, size, unsized, platforms } = finding
  const age = formatDuration(Math.max(0, report.now - root.pushedAt))
  const facts = [
    counted(manifests.length, 'manifest'),
    // What a wrapper lists is in use: it takes no room itself.
    ...(kind === 'wrapper' ? [] : [sizeWords(size, unsized)]),
    `pushed ${age} ago`,
    ...(finding.observed?.seenLive === true ? [ageWords(ageOf(finding, report.now))] : []),
    ...(platforms.length === 0 ? [] : [listed(platforms, 6, (platform) => oneLine(platform, 60))]),
  ]
  const was = kind === 'orphan' ? formerLine(finding, report) : ''
  const former = was === '' ? '' : `; was ${was}`
  return `${NOUN[kind]} ${root.digest} (${facts.join(', ')}): ${findingReason(finding, oneLine)}${former}`
}
