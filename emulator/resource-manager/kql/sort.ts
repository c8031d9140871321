import { compile } from './compile.ts'
import { QueryProblem } from './problem.ts'
import type { SortKey } from './syntax.ts'
import type { Row, Table, Value } from './values.ts'

/** Rows that compare alike keep their order. */
export function sorted(keys: readonly SortKey[], table: Table): Table {
  const compiled = keys.map(({ expression, descending, nullsFirst }) => {
    const of = compile(expression, { columns: table.columns, operator: 'order' })
    // Kusto's rule; the cast is missing.
    if (of.type === 'dynamic') {
      throw new QueryProblem('semantic', "'order' operator: key can't be of a 'dynamic' type", {
        token: 'order',
        at: expression.at,
      })
    }
    return { of, descending, nullsFirst }
  })
  const compareRows = (left: Row, right: Row): number => {
    for (const { of, descending, nullsFirst } of compiled) {
      const [a, b] = [of.of(left), of.of(right)]
      if (a === null || b === null) {
        if (a === b) continue
        return (a === null) === nullsFirst ? -1 : 1
      }
      const order = compareValues(a, b)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }
  return { ...table, rows: table.rows.toSorted(compareRows) }
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return Number(a) - Number(b)
}
