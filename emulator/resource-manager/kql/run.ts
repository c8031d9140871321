import { compile, unresolved } from './compile.ts'
import { expand, type ExpandLimits } from './expand.ts'
import { nameOf, uniqueNames } from './names.ts'
import { parseQuery } from './parser.ts'
import { QueryProblem } from './problem.ts'
import { sorted } from './sort.ts'
import { summarize } from './summarize.ts'
import type { Named, Operator } from './syntax.ts'
import type { Row, Table } from './values.ts'

export interface Outcome extends Table {
  /** The query says in which order. */
  readonly ordered: boolean
  /** The query says how many at most. */
  readonly limited: boolean
}

export interface World {
  readonly limits: ExpandLimits
  /** Names in any case. */
  table(name: string): Table | undefined
}

/** Answers a query, or throws a QueryProblem. */
export function run(text: string, world: World): Outcome {
  const { table: source, operators } = parseQuery(text)
  const name = source?.name ?? 'Resources'
  const table = world.table(name)
  if (table === undefined) {
    // The text of a client's fixture (Azure/azqr); the code is published by several.
    throw new QueryProblem('table', `Table ${name} is invalid, unsupported or disallowed.`, {
      token: name,
      ...(source === undefined ? {} : { at: source.at }),
    })
  }
  const expands = operators.filter(({ kind }) => kind === 'mv-expand').length
  if (expands > world.limits.perQuery) {
    throw new QueryProblem(
      'limit',
      `Query has ${expands} mv-expand operators. The maximum is ${world.limits.perQuery}.`,
      { token: 'mv-expand' },
    )
  }
  return {
    ...operators.reduce((present, operator) => apply(operator, present, world.limits), table),
    ordered: operators.some(({ kind }) => kind === 'order' || kind === 'top'),
    limited: operators.some(({ kind }) => kind === 'take' || kind === 'top'),
  }
}

function apply(operator: Operator, table: Table, limits: ExpandLimits): Table {
  switch (operator.kind) {
    case 'where':
      return filtered(operator, table)
    case 'extend':
      return extended(operator.columns, table)
    case 'project':
      return projected(operator.columns, table, 'project')
    case 'distinct':
      return summarize({ kind: 'summarize', aggregates: [], by: operator.columns }, table)
    case 'project-away':
      return without(operator, table)
    case 'summarize':
      return summarize(operator, table)
    case 'mv-expand':
      return expand(operator, table, limits)
    case 'order':
      return sorted(operator.keys, table)
    case 'take':
      return { ...table, rows: table.rows.slice(0, operator.count) }
    case 'top': {
      const inOrder = sorted([operator.key], table)
      return { ...inOrder, rows: inOrder.rows.slice(0, operator.count) }
    }
    case 'count':
      return { columns: [{ name: 'Count', type: 'long' }], rows: [{ Count: table.rows.length }] }
  }
}

function filtered({ predicate }: Extract<Operator, { kind: 'where' }>, table: Table): Table {
  const compiled = compile(predicate, { columns: table.columns, operator: 'where' })
  if (compiled.type !== 'bool') {
    throw new QueryProblem('semantic', `'where' operator: expected a bool, found ${compiled.type}`, {
      token: 'where',
      at: predicate.at,
    })
  }
  return { ...table, rows: table.rows.filter((row) => compiled.of(row) === true) }
}

/** Columns of one extend cannot speak of each other (Kusto). */
function extended(columns: readonly Named[], table: Table): Table {
  const added = projected(columns, table, 'extend')
  const names = new Set(added.columns.map(({ name }) => name))
  return {
    columns: [...table.columns.filter(({ name }) => !names.has(name)), ...added.columns],
    rows: table.rows.map((row, at): Row => ({ ...row, ...added.rows[at] })),
  }
}

function projected(columns: readonly Named[], table: Table, operator: string): Table {
  const names = uniqueNames(columns.map((each, at) => nameOf(each, at)))
  const compiled = columns.map(({ expression }, at) => ({
    name: names[at] ?? '',
    of: compile(expression, { columns: table.columns, operator }),
  }))
  return {
    columns: compiled.map(({ name, of }) => ({ name, type: of.type })),
    rows: table.rows.map((row): Row =>
      Object.fromEntries(compiled.map(({ name, of }) => [name, of.of(row)])),
    ),
  }
}

function without({ names }: Extract<Operator, { kind: 'project-away' }>, table: Table): Table {
  for (const { name, at } of names) {
    if (!table.columns.some((column) => column.name === name)) {
      throw unresolved(name, { operator: 'project-away', at })
    }
  }
  const gone = new Set(names.map(({ name }) => name))
  return {
    columns: table.columns.filter(({ name }) => !gone.has(name)),
    rows: table.rows.map((row): Row =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !gone.has(name))),
    ),
  }
}
