import { formatBytes } from '../domain/bytes.ts'
import { counted } from '../domain/count.ts'
import { formatDuration } from '../domain/duration.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import type { GroupKind } from '../domain/verdict.ts'
import { oneLine } from './markdown.ts'
import type { Report } from './report.ts'
import { findingReason } from './wording.ts'

/** One folded part of the log. */
export interface LogGroup {
  readonly title: string
  readonly lines: readonly string[]
}

/** A log that opens in a browser; the totals are in the title of each group whatever was cut. */
const MOST_LINES = 20_000

/** Everything that was found, by repository: the log is the complete list. */
export function logGroups({ surveys, now }: Report): readonly LogGroup[] {
  let left = MOST_LINES
  return surveys
    .map((survey) => ({ survey, lines: surveyLines(survey, now) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ survey, lines }) => {
      const shown = lines.slice(0, left)
      left -= shown.length
      const cut = lines.length - shown.length
      return {
        title: titleOf(survey),
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
  return `${repository}: ${[counted(orphans, 'orphan'), ...more].join(', ')}`
}

function surveyLines({ gap, findings, broken }: Survey, now: number): readonly string[] {
  if (gap !== undefined) return [gap.why]
  return [
    ...findings
      .toSorted((a, b) => a.root.pushedAt - b.root.pushedAt)
      .map((finding) => findingLine(finding, now)),
    ...broken.map(
      ({ index, missing }) =>
        `broken index ${index.digest} ${index.tags.slice(0, 5).join(' ')}: missing ${missing.slice(0, 20).join(' ')}`,
    ),
  ]
}

const NOUN: Readonly<Record<GroupKind, string>> = {
  orphan: 'orphan',
  wrapper: 'wrapper',
  'orphaned-referrer': 'orphaned referrer',
  'digest-only': 'without tag',
}

function findingLine(finding: Finding, now: number): string {
  const { kind, root, manifests, size, platforms } = finding
  const age = formatDuration(Math.max(0, now - root.pushedAt))
  const facts = [
    counted(manifests.length, 'manifest'),
    `up to ${formatBytes(size)}`,
    `pushed ${age} ago`,
    ...(platforms.length === 0 ? [] : [platforms.join(' ')]),
  ]
  return `${NOUN[kind]} ${root.digest} (${facts.join(', ')}): ${findingReason(finding, oneLine)}`
}
