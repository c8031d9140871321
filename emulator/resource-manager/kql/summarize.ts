import { aggregates, type Aggregate } from './aggregates.ts'
import { compile, mismatch, type Compiled, type Scope } from './compile.ts'
import { nameOf, uniqueNames } from './names.ts'
import { QueryProblem } from './problem.ts'
import type { Expression, Named, Operator } from './syntax.ts'
import { keyOf, type Row, type Table, type Type } from './values.ts'

interface Key {
  readonly name: string
  readonly compiled: Compiled
}

interface Fold {
  readonly name: string
  readonly type: Type
  readonly aggregate: Aggregate
  readonly args: readonly Compiled[]
}

/** One row for each group, in the order in which the groups appear; without `by` one row, of no rows as well. */
export function summarize(
  { aggregates: wanted, by }: Extract<Operator, { kind: 'summarize' }>,
  table: Table,
): Table {
  const scope: Scope = { columns: table.columns, operator: 'summarize' }
  const names = uniqueNames([
    ...by.map((each, at) => nameOf(each, at)),
    ...wanted.map((each) => each.name ?? defaultName(each)),
  ])
  const keys = by.map((each, at) => keyFor(each, names[at] ?? '', scope))
  const folds = wanted.map((each, at) => foldFor(each, names[by.length + at] ?? '', scope))
  const groups = new Map<string, Row[]>(by.length === 0 ? [['[]', []]] : [])
  for (const row of table.rows) {
    const key = keyOf(keys.map(({ compiled }) => compiled.of(row)))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  const rows = [...groups.values()].map((group): Row => {
    const [first] = group
    return Object.fromEntries([
      ...keys.map(({ name, compiled }) => [name, first === undefined ? null : compiled.of(first)]),
      ...folds.map(({ name, aggregate, args }) => [
        name,
        aggregate.fold(group.map((row) => args.map((each) => each.of(row)))),
      ]),
    ])
  })
  const columns = [
    ...keys.map(({ name, compiled }) => ({ name, type: compiled.type })),
    ...folds.map(({ name, type }) => ({ name, type })),
  ]
  return { columns, rows }
}

/** Kusto's message. It is why published queries group by tostring(properties.…). */
function keyFor({ expression }: Named, name: string, scope: Scope): Key {
  const compiled = compile(expression, scope)
  if (compiled.type === 'dynamic') {
    throw new QueryProblem(
      'semantic',
      `Summarize group key '${name}' is of a 'dynamic' type. Please use an explicit cast as grouping by a 'dynamic' type is not supported.`,
      { token: name, at: expression.at },
    )
  }
  return { name, compiled }
}

function foldFor({ expression }: Named, name: string, scope: Scope): Fold {
  const call = aggregateCall(expression)
  const { aggregate } = call
  const [least, most] = aggregate.takes
  const args = call.args.map((each) => compile(each, scope))
  const types = args.map(({ type }) => type)
  const type = aggregate.result(types)
  if (args.length < least || args.length > most || type === undefined) {
    throw mismatch(`${call.name}()`, types, expression.at)
  }
  return { name, type, aggregate, args }
}

/** A single call of an aggregation; sums and quotients of several are left out. */
function aggregateCall(expression: Expression): {
  readonly name: string
  readonly aggregate: Aggregate
  readonly args: readonly Expression[]
} {
  if (expression.kind !== 'call') {
    throw new QueryProblem(
      'syntax',
      "ParserFailure: the emulator's subset of KQL summarizes by single aggregations",
      { token: 'operator' in expression ? expression.operator : 'summarize', at: expression.at },
    )
  }
  const { name, args, at } = expression
  const aggregate = Object.hasOwn(aggregates, name) ? aggregates[name] : undefined
  if (aggregate === undefined) {
    throw new QueryProblem('function', `Unknown function: '${name}'.`, { token: name, at })
  }
  return { name, aggregate, args }
}

function defaultName({ expression }: Named): string {
  const { aggregate, args } = aggregateCall(expression)
  const [first] = args
  return aggregate.columnName(first === undefined ? '' : nameOf({ name: undefined, expression: first }, 0))
}
