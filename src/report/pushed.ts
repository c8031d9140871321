import { counted } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import type { LeftOrphan, PushedTag } from '../domain/push.ts'
import type { Report } from './report.ts'
import { code } from './markdown.ts'
import { sizeWords, type Show } from './wording.ts'

const MOST_TAGS = 30

/** What the push left that this run follows. */
export function pushLeft(report: Report): readonly string[] {
  const lines = pushedLines(report, code)
  return lines.length === 0 ? [] : ['### What this push left', lines.map((line) => `- ${line}`).join('\n')]
}

/** One line for each pushed tag; foreign words pass through `show`. */
export function pushedLines({ history, now }: Report, show: Show): readonly string[] {
  const { pushed, state } = history
  const shown = pushed
    .slice(0, MOST_TAGS)
    .map((tag) => pushedLine(tag, { show, now, hasState: state !== 'none' }))
  return pushed.length > MOST_TAGS
    ? [...shown, `and ${counted(pushed.length - MOST_TAGS, 'more tag')}`]
    : shown
}

interface Telling {
  readonly show: Show
  readonly now: number
  readonly hasState: boolean
}

function pushedLine(pushed: PushedTag, telling: Telling): string {
  const { repository, tag, digest, left } = pushed
  const { show } = telling
  const name = show(`${repository}:${tag}`)
  if (digest === undefined) return `${name}: the registry has no such tag`
  const head = `${name} is ${show(shortDigest(digest))} now`
  return left.length === 0
    ? `${head}; ${leftNothing(pushed, telling)}`
    : `${head} and left ${left.map((orphan) => leftWords(orphan, telling)).join(', ')}`
}

function leftNothing({ before, known }: PushedTag, { show, hasState }: Telling): string {
  if (!hasState) return 'what it was before is not known without a state'
  if (!known) return 'no run looked at this repository before, so what it was is not known'
  return before === undefined
    ? 'no run saw it anywhere else'
    : `before it was ${show(shortDigest(before))}, which is no orphan`
}

function leftWords({ finding, evidence }: LeftOrphan, { show, now }: Telling): string {
  const { root, size, unsized } = finding
  const pushed = formatDuration(Math.max(0, now - root.pushedAt))
  const how = evidence === 'label' ? ', by its own label' : ''
  return `${show(shortDigest(root.digest))} (${sizeWords(size, unsized)}, pushed ${pushed} ago${how})`
}
