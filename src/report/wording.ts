import { formatBytes, formatBytesExactly } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { formatDuration, formatDurationExactly } from '../domain/duration.ts'
import type { Check, Totals } from '../domain/evaluate.ts'
import { shortHost } from '../domain/login-server.ts'
import type { Finding, ProtectingRule } from '../domain/survey.ts'
import { shortDigest } from '../domain/digest.ts'
import type { RootCause } from '../domain/verdict.ts'

/** Shows text that comes from the registry: as it is for a log, escaped for Markdown. */
export type Show = (text: string) => string

/** `myregistry/api: 41 orphans, expected at most 25 (up to 3.2 GiB, oldest pushed 212 days ago)`. */
export function checkSentence(check: Check, host: string, show: Show): string {
  const name = check.repository === undefined ? shortHost(host) : `${shortHost(host)}/${check.repository}`
  return `${show(name)}: ${checkPredicate(check)}`
}

/** `41 orphans, expected at most 25 (up to 3.2 GiB, oldest pushed 212 days ago)`. */
export function checkPredicate(check: Check): string {
  const { found, expected, besides } = checkWords(check)
  const more = besides.length === 0 ? '' : ` (${besides.join(', ')})`
  return `${found}, expected ${expected}${more}`
}

interface CheckWords {
  readonly found: string
  readonly expected: string
  /** What else is known of the same orphans. */
  readonly besides: readonly string[]
}

/** The measured value and the limit of a check in words that differ whenever the numbers do. */
export function checkWords({ id, limit, actual, status, totals }: Check): CheckWords {
  const orphans = counted(totals.orphans, 'orphan')
  const size = `up to ${formatBytes(totals.orphanBytes)}`
  const age = oldest(totals)
  const some = totals.orphans > 0
  switch (id) {
    case 'max-orphans':
    case 'warn-orphans':
      return { found: orphans, expected: atMost(limit, grouped(limit)), besides: some ? [size, ...age] : [] }
    case 'max-orphan-size':
    case 'warn-orphan-size': {
      const [shown, bound] = distinct(actual, limit, [formatBytes, formatBytesExactly])
      const unknown =
        status === 'unknown' ? [`the size of ${counted(totals.unsized, 'image')} is not known`] : []
      return {
        found: `orphans of up to ${shown}`,
        expected: atMost(limit, bound),
        besides: some ? [orphans, ...age, ...unknown] : [],
      }
    }
    case 'max-orphan-age':
    case 'warn-orphan-age': {
      const [shown, bound] = distinct(actual, limit, [formatDuration, formatDurationExactly])
      return {
        found: some ? `oldest orphan pushed ${shown} ago` : 'no orphan',
        expected: atMost(limit, bound),
        besides: some ? [orphans, size] : [],
      }
    }
    case 'broken-indexes':
      return { found: counted(actual, 'broken index', 'broken indexes'), expected: 'none', besides: [] }
  }
}

function atMost(limit: number, text: string): string {
  return limit === 0 ? 'none' : `at most ${text}`
}

function oldest({ oldestOrphan }: Totals): readonly string[] {
  return oldestOrphan === undefined ? [] : [`oldest pushed ${formatDuration(oldestOrphan)} ago`]
}

type Format = (value: number) => string

/** The limit exact, as it was given, and the value rounded unless the two would read alike. */
function distinct(
  value: number,
  limit: number,
  [rounded, exact]: readonly [Format, Format],
): readonly [string, string] {
  const alike = value !== limit && rounded(value) === rounded(limit)
  return [alike ? exact(value) : rounded(value), exact(limit)]
}

/** Why a root is what it is; what comes from the registry passes through `show`. */
export function findingReason({ because, heldBy }: Finding, show: Show): string {
  const why = rootReason(because, show)
  return heldBy === undefined ? why : `${why}; held: ${show(shortDigest(heldBy))} refers to it and is kept`
}

function rootReason(because: RootCause, show: Show): string {
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
  'reading-disabled': 'reading is disabled (readEnabled is false)',
  'unknown-type': 'of a media type that is not known',
  'subject-elsewhere': 'a signature or attestation by tag whose image is not in this repository',
  circle: 'manifests that refer to each other in a circle',
}
