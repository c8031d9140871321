import { formatBytes } from '../domain/bytes.ts'
import { counted } from '../domain/count.ts'
import { formatDuration } from '../domain/duration.ts'
import type { Check, Totals } from '../domain/evaluate.ts'
import { shortHost } from '../domain/login-server.ts'
import type { AlertKind } from './markdown.ts'
import type { Report } from './report.ts'

/** The outcome in one glance: for the head of the summary and the end of the log. */
export interface VerdictWords {
  readonly icon: string
  readonly title: string
  readonly kind: AlertKind
  readonly lines: readonly string[]
}

export type Result = 'pass' | 'warn' | 'fail' | 'skipped'

export function resultOf({ skipped, evaluation }: Report): Result {
  return skipped ? 'skipped' : evaluation.result
}

/** @param wordsOf how a limit that is not kept is said: with its subject in a log, escaped in Markdown */
export function verdictWords(report: Report, wordsOf: (check: Check) => string): VerdictWords {
  const title = (words: string): string => `ACR Hygiene Gate: ${shortHost(report.host)} ${words}`
  switch (resultOf(report)) {
    case 'skipped':
      return { icon: '⏭️', title: title('skipped'), kind: 'NOTE', lines: skippedLines(report) }
    case 'fail':
      return { icon: '❌', title: title('failed'), kind: 'CAUTION', lines: lines(report, wordsOf) }
    case 'warn':
      return {
        icon: '⚠️',
        title: title('passed with warnings'),
        kind: 'WARNING',
        lines: lines(report, wordsOf),
      }
    case 'pass':
      return { icon: '✅', title: title('passed'), kind: 'NOTE', lines: lines(report, wordsOf) }
  }
}

function skippedLines({ host }: Report): readonly string[] {
  return [
    `Nothing was looked at: none of the pushed images is in a repository of ${host} that is to be looked at.`,
  ]
}

/** More of them than this are counted, not shown. */
const MOST_LINES = 5

function lines(report: Report, wordsOf: (check: Check) => string): readonly string[] {
  const { evaluation } = report
  const exceeded = evaluation.checks
    .filter(({ status }) => status !== 'within')
    .toSorted((a, b) => a.level.localeCompare(b.level))
    .map((check) => `${wordsOf(check)}.`)
  const shown = [
    ...exceeded.slice(0, MOST_LINES),
    ...(exceeded.length > MOST_LINES ? [`And ${counted(exceeded.length - MOST_LINES, 'limit')} more.`] : []),
    ...gapLine(report),
  ]
  return shown.length > 0 ? shown : [`${foundSentence(evaluation.totals)}, ${withinLimits(report)}.`]
}

function gapLine({ surveys }: Report): readonly string[] {
  const unread = surveys.filter(({ gap }) => gap !== undefined).length
  if (unread === 0) return []
  return [`${counted(unread, 'repository', 'repositories')} could not be read in full and cannot be judged.`]
}

/** `41 orphans (up to 3.2 GiB, oldest pushed 212 days ago)`. */
function foundSentence({ orphans, orphanBytes, oldestOrphan }: Totals): string {
  if (oldestOrphan === undefined) return 'No orphans'
  return `${counted(orphans, 'orphan')} (up to ${formatBytes(orphanBytes)}, oldest pushed ${formatDuration(oldestOrphan)} ago)`
}

function withinLimits({ evaluation }: Report): string {
  return evaluation.checks.length === 0
    ? 'and no limit is set, so this step cannot fail on hygiene'
    : 'within all limits'
}
