import { formatDuration } from '../domain/duration.ts'
import { commitLink, shortRevision, type Origin } from '../domain/origin.ts'
import type { Instant } from '../domain/snapshot.ts'
import type { Finding } from '../domain/survey.ts'
import { code, listed, oneLine, unbroken } from './markdown.ts'
import type { Report } from './report.ts'
import type { Show } from './wording.ts'

interface Told {
  readonly origin: Origin | undefined
  readonly now: Instant
  readonly show: Show
  /** The GitHub server of the workflow, for links; undefined where nothing can be linked. */
  readonly server: string | undefined
  /** Our own words that belong together. */
  readonly together: (words: string) => string
}

/** `main until 2 hours ago` and `built from 1a2b3c4`, as far as they are known. Nothing is claimed that nobody saw or wrote. */
export function formerWords({ observed }: Finding, told: Told): readonly string[] {
  const { origin, now, show, together } = told
  const { formerly } = observed ?? {}
  const parts: string[] = []
  if (formerly !== undefined) {
    const { names, lastSeen, replacedAt } = formerly
    const tags = listed(names, 3, show)
    const ago = (words: string, at: Instant): string =>
      together(`${words} ${formatDuration(Math.max(0, now - at))} ago`)
    parts.push(
      replacedAt === undefined
        ? `${tags}, ${ago('last seen', lastSeen)}`
        : `${tags} ${ago('until', replacedAt)}`,
    )
  } else if (origin?.version !== undefined) parts.push(`perhaps ${show(origin.version)}, says its label`)
  const built = origin === undefined ? undefined : builtWords(origin, told)
  return [...parts, ...(built === undefined ? [] : [built])]
}

function builtWords(origin: Origin, { show, server, together }: Told): string | undefined {
  const revision = shortRevision(origin)
  if (revision !== undefined) {
    const link = commitLink(origin, server)
    return `${together('built from')} ${link === undefined ? show(revision) : `[${show(revision)}](${link})`}`
  }
  // Of a date only the day is shown, and only if it is one.
  const day = /^\d{4}-\d\d-\d\d(?=T|$)/.exec(origin.created ?? '')?.[0]
  return day === undefined ? undefined : together(`built on ${day}`)
}

/** For a cell of a table. */
export function formerCell(finding: Finding, { history, now, server }: Report): string {
  const origin = history.origins.get(finding.root.digest)
  return formerWords(finding, { origin, now, show: code, server, together: unbroken }).join('<br>')
}

/** For the log. */
export function formerLine(finding: Finding, { history, now }: Report): string {
  const origin = history.origins.get(finding.root.digest)
  const show = (text: string): string => oneLine(text, 130)
  return formerWords(finding, { origin, now, show, server: undefined, together: String }).join('; ')
}
