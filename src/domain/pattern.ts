import { isRepositoryName } from './image-reference.ts'

/** A glob over repository names. `*` stops at `/`, `**` does not; a leading `!` excludes. */
export interface Pattern {
  /** As it was written, `!` included. */
  readonly text: string
  readonly negative: boolean
  /** The name itself when the pattern has no `*`; such a pattern needs no catalog. */
  readonly literal: string | undefined
  readonly matches: (name: string) => boolean
}

/** What `parsePattern` accepts, for messages. */
export const PATTERN_GRAMMAR =
  'repository names or globs of lower-case letters, digits and . _ - /, where * stops at /, ** does not and a leading ! excludes'

/** @returns the pattern, or undefined when no repository could ever have a name like it */
export function parsePattern(text: string): Pattern | undefined {
  const negative = text.startsWith('!')
  const glob = negative ? text.slice(1) : text
  // Some name has to fit: what is wrong with any letter for the stars is wrong with all.
  if (!isRepositoryName(glob.replaceAll(/\*+/g, 'a'))) return undefined
  const steps = stepsOf(glob)
  return {
    text,
    negative,
    literal: glob.includes('*') ? undefined : glob,
    matches: (name) => fits(name, steps),
  }
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

/**
 * One position of a glob. `maybe` is an entry to the step behind it that may also be passed over together with it: the
 * two stand for a leading `**` and its slash, which may be no folder at all, as in every shell.
 */
type Step = 'maybe' | 'folders' | 'any' | 'anyButSlash' | { readonly is: string }

function stepsOf(glob: string): readonly Step[] {
  return [...glob.matchAll(/(?<=^|\/)\*{2,}\/|\*{2,}|\*|[^*]/g)].flatMap(([token]): readonly Step[] => {
    if (!token.startsWith('*')) return [{ is: token }]
    if (token === '*') return ['anyButSlash']
    return token.endsWith('/') ? ['maybe', 'folders'] : ['any']
  })
}

/** Follows all positions at once: a regular expression would try them one after another, for ever with many stars. */
function fits(name: string, steps: readonly Step[]): boolean {
  let at = reachable([0], steps)
  for (const letter of name)
    at = reachable(
      [...at].flatMap((position) => after(position, letter, steps)),
      steps,
    )
  return at.has(steps.length)
}

/** Where one letter leads from a position. */
function after(position: number, letter: string, steps: readonly Step[]): readonly number[] {
  const step = steps[position]
  if (step === 'any') return [position]
  if (step === 'anyButSlash') return letter === '/' ? [] : [position]
  if (step === 'folders') return letter === '/' ? [position, position + 1] : [position]
  return typeof step === 'object' && step.is === letter ? [position + 1] : []
}

/** Positions with those that they reach without a letter. */
function reachable(positions: readonly number[], steps: readonly Step[]): ReadonlySet<number> {
  const reached = new Set(positions)
  for (const position of reached) {
    const step = steps[position]
    if (step === 'any' || step === 'anyButSlash') reached.add(position + 1)
    if (step === 'maybe') reached.add(position + 1).add(position + 2)
  }
  return reached
}
