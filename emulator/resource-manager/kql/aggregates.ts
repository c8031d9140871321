import { isNumeric, keyOf, type Type, type Value } from './values.ts'

export interface Aggregate {
  readonly takes: readonly [number, number]
  /** The type of its result; undefined when the arguments are of types it does not take. */
  result(types: readonly Type[]): Type | undefined
  /** The arguments of each row of a group. */
  fold(rows: readonly (readonly Value[])[]): Value
  /** What its column is called when the query does not say: `count_`, `set_digest`. */
  columnName(argument: string): string
}

/** dcount() is exact here; the service estimates. */
export const aggregates: Readonly<Record<string, Aggregate>> = {
  count: {
    takes: [0, 0],
    result: () => 'long',
    fold: (rows) => rows.length,
    columnName: () => 'count_',
  },
  countif: {
    takes: [1, 1],
    result: ([type]) => (type === 'bool' ? 'long' : undefined),
    fold: (rows) => rows.filter(([value]) => value === true).length,
    columnName: () => 'countif_',
  },
  dcount: {
    takes: [1, 2],
    result: () => 'long',
    fold: (rows) => new Set(present(rows).map(keyOf)).size,
    columnName: (argument) => `dcount_${argument}`,
  },
  sum: {
    takes: [1, 1],
    result: numeric,
    fold: (rows) => total(present(rows)),
    columnName: (argument) => `sum_${argument}`,
  },
  sumif: {
    takes: [2, 2],
    result: ([type, condition]) => (condition === 'bool' ? numeric([type ?? 'dynamic']) : undefined),
    fold: (rows) => total(present(rows.filter(([, condition]) => condition === true))),
    columnName: (argument) => `sumif_${argument}`,
  },
  min: extreme('min', (candidate, best) => candidate < best),
  max: extreme('max', (candidate, best) => candidate > best),
  make_set: collected('set', (values) => [...new Map(values.map((value) => [keyOf(value), value])).values()]),
  make_list: collected('list', (values) => values),
  take_any: {
    takes: [1, 1],
    result: ([type]) => type,
    fold: (rows) => present(rows)[0] ?? null,
    columnName: (argument) => argument,
  },
}

function extreme(
  name: string,
  beats: (candidate: number | string, best: number | string) => boolean,
): Aggregate {
  return {
    takes: [1, 1],
    result: ([type]) => (type === 'dynamic' ? undefined : type),
    fold: (rows) => {
      const values = present(rows).filter((value) => typeof value === 'number' || typeof value === 'string')
      const [first, ...rest] = values
      if (first === undefined) return null
      return rest.reduce((best, value) => (beats(value, best) ? value : best), first)
    },
    columnName: (argument) => `${name}_${argument}`,
  }
}

function collected(name: string, arrange: (values: readonly Value[]) => readonly Value[]): Aggregate {
  return {
    takes: [1, 2],
    result: () => 'dynamic',
    fold: (rows) => {
      const most = rows[0]?.[1]
      const values = arrange(present(rows))
      return typeof most === 'number' ? values.slice(0, most) : values
    },
    columnName: (argument) => `${name}_${argument}`,
  }
}

/** The first argument of each row that has one. */
function present(rows: readonly (readonly Value[])[]): readonly Value[] {
  return rows.flatMap(([value = null]) => (value === null ? [] : [value]))
}

function total(values: readonly Value[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0)
}

function numeric([type = 'dynamic']: readonly Type[]): Type | undefined {
  return isNumeric(type) ? type : undefined
}
