import { QueryProblem, type Position } from './problem.ts'

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol' | 'end'
  /** As it stands in the query; of a string, what it means. */
  readonly text: string
  readonly at: Position
}

/** Operators with a hyphen. Anywhere else a hyphen is a minus. */
const hyphenated = [
  'mv-expand',
  'mv-apply',
  'make-series',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
]

const blank = /\s+|\/\/[^\n]*/y
const name = new RegExp(`(?:${hyphenated.join('|')})(?![\\w-])|[A-Za-z_$][\\w$]*`, 'y')
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const text = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y
const verbatim = /@'(?:[^']|'')*'|@"(?:[^"]|"")*"/y
// A word with an exclamation mark negates: !in, !has. `in~` compares without case.
const word = /!?in~|!(?!in~)[a-z_]+/y
const symbol = /==|=~|!=|!~|<=|>=|\.\.|[|()[\]{},.=<>+\-*/%:;]/y

/** Splits a query into tokens; comments are gone. */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = []
  let index = 0
  const positionAt = positionsIn(query)
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index
    return pattern.exec(query)?.[0]
  }
  while (index < query.length) {
    const skipped = match(blank)
    if (skipped !== undefined) {
      index += skipped.length
      continue
    }
    const at = positionAt(index)
    const found = nextToken(match, at)
    if (found === undefined)
      throw new QueryProblem('syntax', 'ParserFailure', { token: query[index] ?? '', at })
    tokens.push(found.token)
    index += found.length
  }
  return [...tokens, { kind: 'end', text: '<EOF>', at: positionAt(query.length) }]
}

function nextToken(
  match: (pattern: RegExp) => string | undefined,
  at: Position,
): { readonly token: Token; readonly length: number } | undefined {
  const quoted = match(verbatim) ?? match(text)
  if (quoted !== undefined) {
    return { token: { kind: 'string', text: meaningOf(quoted), at }, length: quoted.length }
  }
  const kinds = [
    ['symbol', word],
    ['name', name],
    ['number', number],
    ['symbol', symbol],
  ] as const
  for (const [kind, pattern] of kinds) {
    const found = match(pattern)
    if (found !== undefined) return { token: { kind, text: found, at }, length: found.length }
  }
  return undefined
}

function meaningOf(quoted: string): string {
  if (quoted.startsWith('@')) {
    const quote = quoted[1] ?? ''
    return quoted.slice(2, -1).replaceAll(quote + quote, quote)
  }
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function positionsIn(query: string): (index: number) => Position {
  return (index) => {
    const before = query.slice(0, index).split('\n')
    return { line: before.length, character: before.at(-1)?.length ?? 0 }
  }
}
