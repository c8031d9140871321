/** A glob over repository names. `*` stops at `/`, `**` does not; a leading `!` excludes. */
export interface Pattern {
  /** As it was written, `!` included. */
  readonly text: string
  readonly negative: boolean
  /** The name itself when the pattern has no `*`; such a pattern needs no catalog. */
  readonly literal: string | undefined
  readonly matches: (name: string) => boolean
}

/** Repository names hold `[a-z0-9]` with `.`, `_`, `-` inside and `/` between parts (OCI distribution specification). */
const GLOB = /^!?[a-z0-9*][a-z0-9._*/-]*$/

/** What `parsePattern` accepts, for messages. */
export const PATTERN_GRAMMAR =
  'repository names or globs of lower-case letters, digits and . _ - /, where * stops at /, ** does not and a leading ! excludes'

/** @returns the pattern, or undefined when no repository could ever have a name like it */
export function parsePattern(text: string): Pattern | undefined {
  if (!GLOB.test(text) || text.endsWith('/') || text.includes('//')) return undefined
  const negative = text.startsWith('!')
  const glob = negative ? text.slice(1) : text
  const expression = new RegExp(`^${regularExpression(glob)}$`)
  return {
    text,
    negative,
    literal: glob.includes('*') ? undefined : glob,
    matches: (name) => expression.test(name),
  }
}

/**
 * `**` followed by a slash also stands for no folder at all, as in every shell: `**` + `/api` finds `api` too. Three or
 * more stars are two.
 */
function regularExpression(glob: string): string {
  return glob.replaceAll(/\*{2,}\/|\*{2,}|\*|[.]/g, (token) => {
    if (token === '.') return '\\.'
    if (token === '*') return '[^/]*'
    return token.endsWith('/') ? '(?:.*/)?' : '.*'
  })
}

/** Which of the names are meant: at least one positive pattern (none given: all names), and no negative one. */
export interface Selection {
  readonly selected: readonly string[]
  readonly withoutMatch: readonly Pattern[]
}

/** Negative patterns win wherever they stand, so that reordering a list never widens it. */
export function select(names: readonly string[], patterns: readonly Pattern[]): Selection {
  const positive = patterns.filter(({ negative }) => !negative)
  const negative = patterns.filter((pattern) => pattern.negative)
  const used = new Set<Pattern>()
  const selected = names.filter((name) => {
    const wanted = positive.filter((pattern) => pattern.matches(name))
    const unwanted = negative.filter((pattern) => pattern.matches(name))
    for (const pattern of [...wanted, ...unwanted]) used.add(pattern)
    return (positive.length === 0 || wanted.length > 0) && unwanted.length === 0
  })
  return { selected, withoutMatch: patterns.filter((pattern) => !used.has(pattern)) }
}
