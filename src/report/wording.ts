import type { Age } from '../domain/age.ts'
import { formatBytes, formatBytesBeside, formatBytesLimit, type Bytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration, formatDurationBeside, formatDurationLimit } from '../domain/duration.ts'
import type { Check, Totals } from '../domain/evaluate.ts'
import { shortHost } from '../domain/login-server.ts'
import type { Finding, ProtectingRule } from '../domain/survey.ts'
import type { RootCause } from '../domain/verdict.ts'
import { cvesFound, doubt, severityLimit } from './vulnerability-words.ts'

/** Shows text that comes from the registry: on one line for a log, escaped for Markdown. */
export type Show = (text: string) => string

/** `myregistry/api: 41 orphans, expected at most 25 (up to 3.2 GiB, oldest pushed 212 days ago)`. */
export function checkSentence(check: Check, host: string, show: Show): string {
  const { found, expected, besides } = checkWords(check)
  const more = besides.length === 0 ? '' : ` (${besides.join(', ')})`
  return `${show(checkSubject(check, host))}: ${found}, expected ${expected}${more}`
}

function checkSubject({ repository }: Check, host: string): string {
  return repository === undefined ? shortHost(host) : `${shortHost(host)}/${repository}`
}

interface CheckWords {
  readonly found: string
  readonly expected: string
  /** What else is known of the same orphans. */
  readonly besides: readonly string[]
}

/** The measured value and the limit of a check in words that differ whenever the numbers do. */
export function checkWords({ id, limit, actual, status, totals, onlyNew, findings }: Check): CheckWords {
  const noun = onlyNew ? 'new orphan' : 'orphan'
  const orphans = counted(totals.orphans, noun)
  const size = sizeWords(totals.orphanBytes, totals.unsized)
  const age = oldest(totals)
  const some = totals.orphans > 0
  switch (id) {
    case 'max-orphans':
    case 'warn-orphans':
      return { found: orphans, expected: atMost(limit, grouped(limit)), besides: some ? [size, ...age] : [] }
    case 'max-orphan-size':
    case 'warn-orphan-size': {
      const unknown = status === 'unknown' ? ` and ${unsizedWords(totals.unsized)}` : ''
      return {
        found: `${noun}s of up to ${formatBytesBeside(actual, limit)}${unknown}`,
        expected: atMost(limit, formatBytesLimit(limit)),
        besides: some ? [orphans, ...age] : [],
      }
    }
    case 'max-orphan-age':
    case 'warn-orphan-age':
      return {
        found: some ? oldestWords(totals, formatDurationBeside(actual, limit), noun) : `no ${noun}`,
        expected: atMost(limit, formatDurationLimit(limit)),
        besides: some ? [orphans, size] : [],
      }
    case 'broken-indexes':
      return { found: counted(actual, 'broken index', 'broken indexes'), expected: 'none', besides: [] }
    case 'fail-on-severity':
    case 'warn-on-severity':
      return {
        found: cvesFound(findings?.counts, totals.orphans),
        expected: `none of severity ${severityLimit(findings?.severity)}`,
        besides: doubt(status, findings),
      }
    case 'defender':
      return {
        found: 'Microsoft Defender has no data',
        expected: 'some, as the input defender says',
        besides: doubt(status, findings),
      }
  }
}

function oldestWords({ oldestOrphan }: Totals, length: string, noun: string): string {
  return oldestOrphan?.since === 'observed'
    ? `oldest ${noun} seen as one for ${length}`
    : `oldest ${noun} pushed ${length} ago`
}

function atMost(limit: number, text: string): string {
  return limit === 0 ? 'none' : `at most ${text}`
}

function oldest({ oldestOrphan }: Totals): readonly string[] {
  return oldestOrphan === undefined ? [] : [`oldest ${ageWords(oldestOrphan)}`]
}

/** `pushed 212 days ago`, `an orphan for 3 days`: which of the two ages it is, is always said. */
export function ageWords({ length, since }: Age): string {
  const words = formatDuration(length)
  return since === 'pushed' ? `pushed ${words} ago` : `an orphan for ${words}`
}

/** `41 orphans (up to 3.2 GiB, oldest pushed 212 days ago)`, `No orphans`. */
export function foundWords(totals: Totals): string {
  if (totals.orphans === 0) return 'No orphans'
  const facts = [sizeWords(totals.orphanBytes, totals.unsized), ...oldest(totals)]
  return `${counted(totals.orphans, 'orphan')} (${facts.join(', ')})`
}

/**
 * A sum of sizes: an upper bound, because images share layers.
 *
 * @returns `up to 3.2 GiB`, `up to 3.2 GiB and 1 image of unknown size`, `of unknown size`
 */
export function sizeWords(bytes: Bytes, unsized: number): string {
  if (unsized === 0) return `up to ${formatBytes(bytes)}`
  return bytes === 0 ? 'of unknown size' : `up to ${formatBytes(bytes)} and ${unsizedWords(unsized)}`
}

function unsizedWords(unsized: number): string {
  return `${counted(unsized, 'image')} of unknown size`
}

/** Why a root is what it is; what comes from the registry passes through `show`. */
export function findingReason({ because, heldBy }: Finding, show: Show): string {
  const why = rootReason(because, show)
  return heldBy === undefined ? why : `${why}; held: ${show(shortDigest(heldBy))} refers to it and is kept`
}

export function rootReason(because: RootCause, show: Show): string {
  switch (because.rule) {
    case 'unreferenced':
      return 'no tag, in no index, refers to nothing here'
    case 'children-live':
      return 'untagged index, all that it lists is in use'
    case 'subject-gone':
      return `refers to ${show(shortDigest(because.subject))}, which is gone`
    case 'no-tag-in-repository':
      return 'no manifest of this repository has a tag'
  }
}

/** What protects manifests, behind their number. */
export const PROTECTED_BECAUSE: Readonly<Record<ProtectingRule, string>> = {
  locked: 'locked (deleteEnabled or writeEnabled is false), or needed by one that is',
  pinned: 'pinned (protect-digests, protect-digests-from, protect-deployed), or needed by one that is',
  'reading-disabled': 'reading is disabled (readEnabled is false)',
  'unknown-type': 'of a media type that is not known',
  'subject-elsewhere': 'signatures or attestations by tag whose image is not in this repository',
  circle: 'refer to each other in a circle',
}
