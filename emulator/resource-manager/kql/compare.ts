import type { Compiled } from './compile.ts'
import { QueryProblem, type Position } from './problem.ts'
import { isNumeric, textOf, type Type, type Value } from './values.ts'

interface Comparison {
  readonly operator: string
  readonly at: Position
}

/** Two values against each other. A dynamic one is taken for what the other side is. */
export function compileComparison({ operator, at }: Comparison, left: Compiled, right: Compiled): Compiled {
  const types = [left.type, right.type] as const
  const inText = textComparisons[operator]
  if (inText !== undefined) {
    if (!types.every(isTextual)) throw incomparable(operator, types, at)
    return {
      type: 'bool',
      of: (row) => inText(textOf(left.of(row)), textOf(right.of(row))),
    }
  }
  const inOrder = orders[operator]
  if (inOrder !== undefined) {
    // Kusto compares dynamic values in order only after a cast.
    if (!types.every(isNumeric)) throw incomparable(operator, types, at)
    return {
      type: 'bool',
      of: (row) => {
        const [a, b] = [left.of(row), right.of(row)]
        return typeof a === 'number' && typeof b === 'number' ? inOrder(a, b) : null
      },
    }
  }
  if (!areComparable(types)) throw incomparable(operator, types, at)
  const wanted = operator === '=='
  return {
    type: 'bool',
    of: (row) => {
      const same = equals(left.of(row), right.of(row))
      return same === null ? null : same === wanted
    },
  }
}

/** One value among several. */
export function compileMembership(
  { operator, at }: Comparison,
  left: Compiled,
  among: readonly Compiled[],
): Compiled {
  for (const { type } of among) {
    if (!areComparable([left.type, type])) throw incomparable(operator, [left.type, type], at)
  }
  const fold = operator.endsWith('~')
  const key = (value: Value) => (fold ? textOf(value).toLowerCase() : value)
  const wanted = !operator.startsWith('!')
  return {
    type: 'bool',
    of: (row) => {
      const value = key(left.of(row))
      return among.some((each) => equals(value, key(each.of(row))) === true) === wanted
    },
  }
}

/** "Two null values yield null, a null and a non-null value are not equal" (Kusto, null values). */
function equals(left: Value, right: Value): boolean | null {
  if (left === null && right === null) return null
  if (left === null || right === null) return false
  if (typeof left === 'object' || typeof right === 'object') return textOf(left) === textOf(right)
  return left === right
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

type TextComparison = (text: string, wanted: string) => boolean

const folded: Readonly<Record<string, TextComparison>> = {
  has: hasTerm,
  contains: (text, wanted) => text.includes(wanted),
  startswith: (text, wanted) => text.startsWith(wanted),
  endswith: (text, wanted) => text.endsWith(wanted),
}

const textComparisons: Readonly<Record<string, TextComparison>> = {
  '=~': (text, wanted) => text.toLowerCase() === wanted.toLowerCase(),
  '!~': (text, wanted) => text.toLowerCase() !== wanted.toLowerCase(),
  ...Object.fromEntries(
    Object.entries(folded).flatMap(([word, test]) => {
      const insensitive: TextComparison = (text, wanted) => test(text.toLowerCase(), wanted.toLowerCase())
      return [
        [word, insensitive],
        [`!${word}`, not(insensitive)],
        [`${word}_cs`, test],
        [`!${word}_cs`, not(test)],
      ]
    }),
  ),
}

function not(test: TextComparison): TextComparison {
  return (text, wanted) => !test(text, wanted)
}

/** Whole terms only: what stands on both sides is no letter and no digit (Kusto, string operators). */
function hasTerm(text: string, wanted: string): boolean {
  const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character)
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + wanted.length])) return true
  }
  return false
}

function isTextual(type: Type): boolean {
  return type === 'string' || type === 'dynamic'
}

function areComparable([left, right]: readonly [Type, Type]): boolean {
  if (left === 'dynamic' || right === 'dynamic') return true
  return left === right || (isNumeric(left) && isNumeric(right))
}

function incomparable(operator: string, types: readonly Type[], at: Position): QueryProblem {
  return new QueryProblem(
    'semantic',
    `Cannot compare values of types ${types.join(' and ')} with '${operator}'. Try adding explicit casts`,
    { token: operator, at },
  )
}
