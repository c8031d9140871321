import { dynamicFunctions } from './functions-dynamic.ts'
import { textFunctions } from './functions-text.ts'
import { isNumeric, textOf, type Type, type Value } from './values.ts'

export interface ScalarFunction {
  /** How many arguments at least and at most. */
  readonly takes: readonly [number, number]
  /** The type of its result; undefined when the arguments are of types it does not take. */
  result(types: readonly Type[]): Type | undefined
  apply(args: readonly Value[], types: readonly Type[]): Value
}

const conversions: Readonly<Record<string, ScalarFunction>> = {
  tostring: { takes: [1, 1], result: () => 'string', apply: ([value = null]) => textOf(value) },
  toint: { takes: [1, 1], result: () => 'long', apply: ([value = null]) => wholeOf(value) },
  tolong: { takes: [1, 1], result: () => 'long', apply: ([value = null]) => wholeOf(value) },
  todouble: { takes: [1, 1], result: () => 'real', apply: ([value = null]) => numberOf(value) },
  toreal: { takes: [1, 1], result: () => 'real', apply: ([value = null]) => numberOf(value) },
  tobool: { takes: [1, 1], result: () => 'bool', apply: ([value = null]) => truthOf(value) },
}

const choices: Readonly<Record<string, ScalarFunction>> = {
  iff: {
    takes: [3, 3],
    result: ([condition, ...types]) => (condition === 'bool' ? commonType(types) : undefined),
    apply: ([condition, then = null, otherwise = null]) => (condition === true ? then : otherwise),
  },
  case: {
    takes: [3, 64],
    result: (types) => {
      const conditions = types.slice(0, -1).filter((_, at) => at % 2 === 0)
      const results = types.filter((_, at) => at % 2 === 1 || at === types.length - 1)
      const isPaired = types.length % 2 === 1
      return isPaired && conditions.every((type) => type === 'bool') ? commonType(results) : undefined
    },
    apply: (args) => {
      const met = args.findIndex((value, at) => at % 2 === 0 && at < args.length - 1 && value === true)
      return (met === -1 ? args.at(-1) : args[met + 1]) ?? null
    },
  },
  // "The first that is not null, or not empty for text" (Kusto); a dynamic empty text is not null.
  coalesce: {
    takes: [2, 64],
    result: commonType,
    apply: (args, types) =>
      args.find((value, at) => value !== null && (types[at] !== 'string' || value !== '')) ??
      args.at(-1) ??
      null,
  },
  not: {
    takes: [1, 1],
    result: ([type]) => (type === 'bool' ? 'bool' : undefined),
    apply: ([value]) => value !== true,
  },
  isnull: { takes: [1, 1], result: () => 'bool', apply: ([value]) => value === null },
  isnotnull: { takes: [1, 1], result: () => 'bool', apply: ([value]) => value !== null },
  isempty: { takes: [1, 1], result: () => 'bool', apply: ([value = null]) => textOf(value) === '' },
  isnotempty: { takes: [1, 1], result: () => 'bool', apply: ([value = null]) => textOf(value) !== '' },
}

export const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...conversions,
  ...choices,
  iif: choices['iff'] as ScalarFunction,
  ...textFunctions,
  ...dynamicFunctions,
}

function commonType(types: readonly Type[]): Type | undefined {
  const [first] = types
  if (types.every((type) => type === first)) return first
  return types.every(isNumeric) ? 'real' : undefined
}

function numberOf(value: Value): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isNaN(number) ? null : number
}

function wholeOf(value: Value): number | null {
  const number = numberOf(value)
  return number === null ? null : Math.trunc(number)
}

function truthOf(value: Value): boolean | null {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  const text = textOf(value).toLowerCase()
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null
}
