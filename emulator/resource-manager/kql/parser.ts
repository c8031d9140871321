import { Cursor } from './cursor.ts'
import { tokensOf } from './lexer.ts'
import { readExpression, readNamed } from './parse-expression.ts'
import type { Operator, Query, SortKey } from './syntax.ts'

/** A query as a table and what is done to it, one operator after the other. */
export function parseQuery(text: string): Query {
  const cursor = new Cursor(tokensOf(text))
  // "Resources is the default table" (learn.microsoft.com, resource-graph/concepts/query-language).
  const table = cursor.here.kind === 'name' && !isOperator(cursor) ? cursor.next() : undefined
  const operators: Operator[] = []
  if (table === undefined) operators.push(readOperator(cursor))
  while (cursor.takes('|')) operators.push(readOperator(cursor))
  if (cursor.here.kind !== 'end') cursor.fail()
  return { table: table && { name: table.text, at: table.at }, operators }
}

const readers: Readonly<Record<string, (cursor: Cursor) => Operator>> = {
  where: readWhere,
  filter: readWhere,
  extend: (cursor) => ({ kind: 'extend', columns: readColumns(cursor) }),
  project: (cursor) => ({ kind: 'project', columns: readColumns(cursor) }),
  distinct: (cursor) => ({ kind: 'distinct', columns: readColumns(cursor) }),
  'project-away': (cursor) => ({
    kind: 'project-away',
    names: cursor.listOf(() => {
      const { text, at } = cursor.expectName()
      return { name: text, at }
    }),
  }),
  summarize: readSummarize,
  'mv-expand': readExpand,
  mvexpand: readExpand,
  order: readOrder,
  sort: readOrder,
  take: (cursor) => ({ kind: 'take', count: cursor.expectCount() }),
  limit: (cursor) => ({ kind: 'take', count: cursor.expectCount() }),
  top: (cursor) => {
    const count = cursor.expectCount()
    cursor.expect('by')
    return { kind: 'top', count, key: readSortKey(cursor) }
  },
  count: () => ({ kind: 'count' }),
}

/** Operators of KQL that this subset leaves out; the service knows some of them (join, union), others not (parse, mv-apply). */
const leftOut = new Set(
  (
    'as datatable evaluate externaldata facet find fork getschema invoke join let lookup make-series materialize mv-apply ' +
    'parse print project-keep project-rename project-reorder range render sample search serialize union'
  ).split(' '),
)

function isOperator(cursor: Cursor): boolean {
  const { text } = cursor.here
  // `count` and the like may be tables of somebody, but nobody's here.
  return Object.hasOwn(readers, text) || leftOut.has(text)
}

function readOperator(cursor: Cursor): Operator {
  const { kind, text } = cursor.here
  const read = kind === 'name' && Object.hasOwn(readers, text) ? readers[text] : undefined
  if (read === undefined) {
    return leftOut.has(text)
      ? cursor.fail(`ParserFailure: the emulator's subset of KQL has no '${text}'`)
      : cursor.fail()
  }
  cursor.next()
  return read(cursor)
}

function readWhere(cursor: Cursor): Operator {
  return { kind: 'where', predicate: readExpression(cursor) }
}

function readColumns(cursor: Cursor) {
  return cursor.listOf(() => readNamed(cursor))
}

function readSummarize(cursor: Cursor): Operator {
  const aggregates = cursor.isAt('by') ? [] : readColumns(cursor)
  const by = cursor.takes('by') ? readColumns(cursor) : []
  return { kind: 'summarize', aggregates, by }
}

/** One column at a time; several, `kind`, `with_itemindex` and `to typeof()` are left out. */
function readExpand(cursor: Cursor): Operator {
  if (cursor.isAt('kind') || cursor.isAt('bagexpansion') || cursor.isAt('with_itemindex')) cursor.fail()
  const item = readNamed(cursor)
  const limit = cursor.takes('limit') ? cursor.expectCount() : undefined
  return { kind: 'mv-expand', item, limit }
}

function readOrder(cursor: Cursor): Operator {
  cursor.expect('by')
  return { kind: 'order', keys: cursor.listOf(() => readSortKey(cursor)) }
}

/** Descending unless said otherwise; nothing comes first when ascending and last when descending (Kusto, sort operator). */
function readSortKey(cursor: Cursor): SortKey {
  const expression = readExpression(cursor)
  const ascending = cursor.takes('asc')
  if (!ascending) cursor.takes('desc')
  if (!cursor.takes('nulls')) return { expression, descending: !ascending, nullsFirst: ascending }
  const nullsFirst = cursor.takes('first')
  if (!nullsFirst) cursor.expect('last')
  return { expression, descending: !ascending, nullsFirst }
}
