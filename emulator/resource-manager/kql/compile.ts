import { compileComparison, compileMembership } from './compare.ts'
import { scalarFunctions } from './functions.ts'
import { QueryProblem, type Position } from './problem.ts'
import type { Expression } from './syntax.ts'
import { isBag, isList, isNumeric, type Column, type Row, type Type, type Value } from './values.ts'

/** An expression that was checked against the columns: what does not fit is refused even where there are no rows. */
export interface Compiled {
  readonly type: Type
  of(row: Row): Value
}

/** What an expression may speak of. */
export interface Scope {
  readonly columns: readonly Column[]
  /** Which operator it belongs to, for messages. */
  readonly operator: string
}

export function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.kind) {
    case 'literal':
      return { type: expression.type, of: () => expression.value }
    case 'name':
      return compileName(expression, scope)
    case 'member':
      return compileMember(expression, scope)
    case 'call':
      return compileCall(expression, scope)
    case 'negative': {
      const inner = compile(expression.of, scope)
      if (!isNumeric(inner.type)) throw mismatch('-', [inner.type], expression.at)
      return { type: inner.type, of: (row) => negative(inner.of(row)) }
    }
    case 'binary':
      return compileBinary(expression, scope)
    case 'membership':
      return compileMembership(
        expression,
        compile(expression.left, scope),
        expression.among.map((each) => compile(each, scope)),
      )
  }
}

/** The messages are Kusto's; under which code Resource Graph gives them is not known. */
export function unresolved(name: string, { operator, at }: { operator: string; at: Position }): QueryProblem {
  return new QueryProblem(
    'semantic',
    `'${operator}' operator: Failed to resolve column or scalar expression named '${name}'`,
    { token: name, at },
  )
}

export function mismatch(operator: string, types: readonly Type[], at: Position): QueryProblem {
  return new QueryProblem(
    'semantic',
    `Cannot apply '${operator}' to values of types ${types.join(' and ')}. Try adding explicit casts`,
    { token: operator, at },
  )
}

function compileName(
  { name, at }: Extract<Expression, { kind: 'name' }>,
  { columns, operator }: Scope,
): Compiled {
  const column = columns.find((each) => each.name === name)
  if (column === undefined) throw unresolved(name, { operator, at })
  return { type: column.type, of: (row) => row[name] ?? null }
}

function compileMember({ of, key, at }: Extract<Expression, { kind: 'member' }>, scope: Scope): Compiled {
  const inner = compile(of, scope)
  if (inner.type !== 'dynamic') throw mismatch('.', [inner.type], at)
  return { type: 'dynamic', of: (row) => memberOf(inner.of(row), key) }
}

/** What is not there is nothing. An index below zero counts from the end. */
function memberOf(value: Value, key: string | number): Value {
  if (typeof key === 'number') return isList(value) ? (value.at(key) ?? null) : null
  return isBag(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null
}

function compileCall({ name, args, at }: Extract<Expression, { kind: 'call' }>, scope: Scope): Compiled {
  const known = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined
  // Recorded for `cout` (Azure Resource Graph as a data source of Grafana, 2022).
  if (known === undefined) {
    throw new QueryProblem('function', `Unknown function: '${name}'.`, { token: name, at })
  }
  const [least, most] = known.takes
  if (args.length < least || args.length > most) {
    throw new QueryProblem('semantic', `${name}(): wrong number of arguments: ${args.length}`, {
      token: name,
      at,
    })
  }
  const compiled = args.map((each) => compile(each, scope))
  const types = compiled.map(({ type }) => type)
  const type = known.result(types)
  if (type === undefined) throw mismatch(`${name}()`, types, at)
  return {
    type,
    of: (row) =>
      known.apply(
        compiled.map((each) => each.of(row)),
        types,
      ),
  }
}

function compileBinary(expression: Extract<Expression, { kind: 'binary' }>, scope: Scope): Compiled {
  const { operator, at } = expression
  const [left, right] = [compile(expression.left, scope), compile(expression.right, scope)]
  if (operator === 'and' || operator === 'or') {
    if (left.type !== 'bool' || right.type !== 'bool') throw mismatch(operator, [left.type, right.type], at)
    const of =
      operator === 'and'
        ? (row: Row) => left.of(row) === true && right.of(row) === true
        : (row: Row) => left.of(row) === true || right.of(row) === true
    return { type: 'bool', of }
  }
  const compute = arithmetic[operator]
  if (compute === undefined) return compileComparison(expression, left, right)
  if (!isNumeric(left.type) || !isNumeric(right.type)) throw mismatch(operator, [left.type, right.type], at)
  const type = left.type === 'long' && right.type === 'long' ? 'long' : 'real'
  return {
    type,
    of: (row) => {
      const [a, b] = [left.of(row), right.of(row)]
      if (typeof a !== 'number' || typeof b !== 'number') return null
      const result = compute(a, b)
      if (!Number.isFinite(result)) return null
      return type === 'long' ? Math.trunc(result) : result
    },
  }
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

function negative(value: Value): Value {
  return typeof value === 'number' ? -value : null
}
