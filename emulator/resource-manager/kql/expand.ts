import { compile, mismatch } from './compile.ts'
import { nameOf } from './names.ts'
import { QueryProblem } from './problem.ts'
import type { Operator } from './syntax.ts'
import { isBag, isList, type Row, type Table, type Value } from './values.ts'

export interface ExpandLimits {
  /** How many rows of one there may be when the query does not say. */
  readonly unsaid: number
  readonly most: number
  /** What becomes of a query that asks for more than the most. */
  readonly overMost: 'refuse' | 'cut'
  readonly perQuery: number
}

/**
 * One row for each element. Of null there is one row with null, of an empty array none (Kusto, mv-expand). What is beyond the
 * limit is left out without a word: that is the service's default of 128, which costs findings.
 */
export function expand(
  { item, limit }: Extract<Operator, { kind: 'mv-expand' }>,
  table: Table,
  limits: ExpandLimits,
): Table {
  const compiled = compile(item.expression, { columns: table.columns, operator: 'mv-expand' })
  if (compiled.type !== 'dynamic') throw mismatch('mv-expand', [compiled.type], item.expression.at)
  if (limit !== undefined && limit > limits.most && limits.overMost === 'refuse') {
    throw new QueryProblem(
      'limit',
      `mv-expand: the row limit ${limit} is over the maximum of ${limits.most}.`,
      { token: String(limit), at: item.expression.at },
    )
  }
  const most = Math.min(limit ?? limits.unsaid, limits.most)
  const name = nameOf(item, 0)
  return {
    columns: [...table.columns.filter((column) => column.name !== name), { name, type: 'dynamic' }],
    rows: table.rows.flatMap((row) =>
      elementsOf(compiled.of(row))
        .slice(0, most)
        .map((element): Row => ({ ...row, [name]: element })),
    ),
  }
}

function elementsOf(value: Value): readonly Value[] {
  if (isList(value)) return value
  return isBag(value) ? Object.entries(value).map(([name, each]) => ({ [name]: each })) : [value]
}
