import type { ScalarFunction } from './functions.ts'
import { isBag, isList, type Type, type Value } from './values.ts'

const parseJson: ScalarFunction = {
  takes: [1, 1],
  result: ([type]) => (type === 'string' || type === 'dynamic' ? 'dynamic' : undefined),
  apply: ([value = null]) => parsed(value),
}

export const dynamicFunctions: Readonly<Record<string, ScalarFunction>> = {
  parse_json: parseJson,
  todynamic: parseJson,
  // Null of anything but an array (Kusto).
  array_length: {
    takes: [1, 1],
    result: dynamicOnly('long'),
    apply: ([value = null]) => (isList(value) ? value.length : null),
  },
  // What becomes of an argument that is no array is not documented; queries guard against it with coalesce().
  array_concat: {
    takes: [1, 64],
    result: dynamicOnly('dynamic'),
    apply: (args) => (args.every(isList) ? args.flat() : null),
  },
  bag_keys: {
    takes: [1, 1],
    result: dynamicOnly('dynamic'),
    apply: ([value = null]) => (isBag(value) ? Object.keys(value) : null),
  },
}

/** "Text that is no JSON is returned as it is, as a dynamic value" (Kusto, parse_json). */
function parsed(value: Value): Value {
  if (typeof value !== 'string') return value
  if (value === '') return null
  try {
    return JSON.parse(value) as Value
  } catch {
    return value
  }
}

function dynamicOnly(result: Type): ScalarFunction['result'] {
  return (types) => (types.every((type) => type === 'dynamic') ? result : undefined)
}
