import { counted } from '../domain/count.ts'
import { hasLimits, type Check } from '../domain/evaluate.ts'
import { shortHost } from '../domain/login-server.ts'
import { listed, type AlertKind } from './markdown.ts'
import { purgeTroubles } from './purge-trouble.ts'
import type { Report } from './report.ts'
import type { Show } from './wording.ts'

/** The outcome in one glance: for the head of the summary and the end of the log. */
export interface VerdictWords {
  readonly icon: string
  readonly title: string
  readonly kind: AlertKind
  readonly lines: readonly string[]
}

export type Result = 'pass' | 'warn' | 'fail' | 'skipped'

export function resultOf(report: Report): Result {
  if (report.skipped !== undefined) return 'skipped'
  return purgeTroubles(report, { show: String, say: String }).length > 0 ? 'fail' : report.evaluation.result
}

/** How foreign text and a limit that is not kept are said: escaped in Markdown, with its subject in a log. */
export interface Voice {
  readonly show: Show
  /** For a whole sentence. */
  readonly say: Show
  readonly sayCheck: (check: Check) => string
}

export function verdictWords(report: Report, voice: Voice): VerdictWords {
  const title = (words: string): string => `ACR Hygiene Gate: ${shortHost(report.host)} ${words}`
  switch (resultOf(report)) {
    case 'skipped':
      return { icon: '⏭️', title: title('skipped'), kind: 'NOTE', lines: skippedLines(report) }
    case 'fail':
      return { icon: '❌', title: title('failed'), kind: 'CAUTION', lines: troubleLines(report, voice) }
    case 'warn':
      return {
        icon: '⚠️',
        title: title('passed with warnings'),
        kind: 'WARNING',
        lines: troubleLines(report, voice),
      }
    case 'pass':
      return { icon: '✅', title: title('passed'), kind: 'TIP', lines: passLines(report) }
  }
}

function skippedLines({ skipped }: Report): readonly string[] {
  return [`Nothing was looked at: ${skipped ?? ''}.`]
}

function passLines({ thresholds }: Report): readonly string[] {
  return [
    hasLimits(thresholds) ? 'All limits are kept.' : 'No limit is set, so this step cannot fail on hygiene.',
  ]
}

export const UNJUDGED =
  'Which orphans are new is not known, because no run kept a state yet: the limits on orphans were held against nothing.'

/** More of them than this are counted, not shown. */
const MOST_LINES = 5
const MOST_NAMES = 5

function troubleLines(report: Report, { show, say, sayCheck }: Voice): readonly string[] {
  const { evaluation, surveys } = report
  const troubles = purgeTroubles(report, { show, say })
  const broken = notKept(evaluation.checks)
  const unread = surveys.filter(({ gap }) => gap !== undefined).map(({ repository }) => repository)
  return [
    ...(evaluation.unjudged ? [UNJUDGED] : []),
    ...troubles.slice(0, MOST_LINES),
    ...(troubles.length > MOST_LINES
      ? [`And ${counted(troubles.length - MOST_LINES, 'more problem')}.`]
      : []),
    ...broken.slice(0, MOST_LINES).map((check) => `${sayCheck(check)}.`),
    ...(broken.length > MOST_LINES ? [`And ${counted(broken.length - MOST_LINES, 'more limit')}.`] : []),
    ...(unread.length > 0
      ? [
          `${counted(unread.length, 'repository', 'repositories')} could not be read in full and cannot be judged: ` +
            `${listed(unread, MOST_NAMES, show)}.`,
        ]
      : []),
  ]
}

/** The worst first; where both limits of a measure are exceeded, the one that fails says it all. */
function notKept(checks: readonly Check[]): readonly Check[] {
  const measure = ({ id, repository }: Check): string =>
    `${id.replace(/^(?:max|fail|warn)-/, '')} ${repository ?? ''}`
  const failing = new Set(
    checks.filter(({ status, id }) => status === 'exceeded' && /^(?:max|fail)-/.test(id)).map(measure),
  )
  return checks
    .filter((check) => check.status !== 'within')
    .filter((check) => !(check.id.startsWith('warn-') && failing.has(measure(check))))
    .toSorted((a, b) => severity(b) - severity(a))
}

function severity({ level, status }: Check): number {
  if (status !== 'exceeded') return 0
  return level === 'fail' ? 2 : 1
}
