import type { ScalarFunction } from './functions.ts'
import { QueryProblem } from './problem.ts'
import { isNumeric, textOf, type Type, type Value } from './values.ts'

/** Takes texts, and dynamic values for their text: split() of a property is what published queries do. */
export const textFunctions: Readonly<Record<string, ScalarFunction>> = {
  tolower: ofText((text) => text.toLowerCase()),
  toupper: ofText((text) => text.toUpperCase()),
  strlen: { ...ofText((text) => text.length), result: ([type]) => (isText(type) ? 'long' : undefined) },
  strcat: {
    takes: [1, 64],
    result: () => 'string',
    apply: (args) => args.map(textOf).join(''),
  },
  substring: {
    takes: [2, 3],
    result: ([text, ...numbers]) => (isText(text) && numbers.every(isNumeric) ? 'string' : undefined),
    apply: ([text = null, start = null, length]) => {
      const from = Math.max(0, Number(start))
      return textOf(text).slice(from, typeof length === 'number' ? from + length : undefined)
    },
  },
  indexof: {
    takes: [2, 2],
    result: (types) => (types.every(isText) ? 'long' : undefined),
    apply: ([text = null, wanted = null]) => textOf(text).indexOf(textOf(wanted)),
  },
  replace_string: {
    takes: [3, 3],
    result: (types) => (types.every(isText) ? 'string' : undefined),
    apply: ([text = null, from = null, to = null]) => textOf(text).replaceAll(textOf(from), textOf(to)),
  },
  split: {
    takes: [2, 3],
    result: ([text, delimiter, index]) =>
      isText(text) && isText(delimiter) && (index === undefined || isNumeric(index)) ? 'dynamic' : undefined,
    apply: ([text = null, delimiter = null, index]) => {
      const parts = textOf(text).split(textOf(delimiter))
      if (typeof index !== 'number') return parts
      const part = parts[index]
      return part === undefined ? [] : [part]
    },
  },
  // Kusto's patterns are RE2; JavaScript's are close enough for character classes and groups.
  extract: {
    takes: [3, 3],
    result: ([pattern, group, text]) =>
      pattern === 'string' && group === 'long' && isText(text) ? 'string' : undefined,
    apply: ([pattern = null, group = null, text = null]) =>
      patternOf(textOf(pattern)).exec(textOf(text))?.[Number(group)] ?? '',
  },
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new QueryProblem('semantic', `extract(): not a regular expression: '${text}'`, { token: text })
  }
}

function ofText(apply: (text: string) => Value): ScalarFunction {
  return {
    takes: [1, 1],
    result: ([type]) => (isText(type) ? 'string' : undefined),
    apply: ([value = null]) => apply(textOf(value)),
  }
}

function isText(type: Type | undefined): boolean {
  return type === 'string' || type === 'dynamic'
}
