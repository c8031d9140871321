import type { Cursor } from './cursor.ts'
import type { Expression, Named } from './syntax.ts'
import type { Value } from './values.ts'

const wordComparisons = ['has', 'contains', 'startswith', 'endswith'].flatMap((word) => [
  word,
  `!${word}`,
  `${word}_cs`,
  `!${word}_cs`,
])
const comparisons = new Set(['==', '!=', '=~', '!~', '<', '<=', '>', '>=', ...wordComparisons])
const memberships = new Set(['in', '!in', 'in~', '!in~'])

/** `or` binds weakest, then `and`, then what compares, then sums, then products. */
export function readExpression(cursor: Cursor): Expression {
  return readLeftToRight(cursor, ['or'], () => readLeftToRight(cursor, ['and'], () => readComparison(cursor)))
}

/** `name = expression` or an expression. */
export function readNamed(cursor: Cursor): Named {
  const [first, second] = [cursor.here, cursor.ahead(1)]
  if (first.kind !== 'name' || second.kind !== 'symbol' || second.text !== '=') {
    return { name: undefined, expression: readExpression(cursor) }
  }
  cursor.next()
  cursor.next()
  return { name: first.text, expression: readExpression(cursor) }
}

function readLeftToRight(
  cursor: Cursor,
  operators: readonly string[],
  readOperand: () => Expression,
): Expression {
  let left = readOperand()
  while (cursor.here.kind !== 'string' && operators.includes(cursor.here.text)) {
    const { text: operator, at } = cursor.next()
    left = { kind: 'binary', operator, left, right: readOperand(), at }
  }
  return left
}

function readComparison(cursor: Cursor): Expression {
  const left = readSum(cursor)
  const { kind, text: operator, at } = cursor.here
  if (kind === 'string') return left
  if (memberships.has(operator)) {
    cursor.next()
    cursor.expect('(')
    const among = cursor.listOf(() => readExpression(cursor))
    cursor.expect(')')
    return { kind: 'membership', operator, left, among, at }
  }
  if (!comparisons.has(operator)) return left
  cursor.next()
  return { kind: 'binary', operator, left, right: readSum(cursor), at }
}

function readSum(cursor: Cursor): Expression {
  const readProduct = () => readLeftToRight(cursor, ['*', '/', '%'], () => readOperand(cursor))
  return readLeftToRight(cursor, ['+', '-'], readProduct)
}

function readOperand(cursor: Cursor): Expression {
  const { at } = cursor.here
  if (cursor.takes('-')) return { kind: 'negative', of: readOperand(cursor), at }
  let expression = readPrimary(cursor)
  for (;;) {
    if (cursor.takes('.')) {
      // properties.['a.b'] is the documented way to a name with a dot.
      const key = cursor.isAt('[') ? readKey(cursor) : cursor.expectName().text
      expression = { kind: 'member', of: expression, key, at }
    } else if (cursor.isAt('[')) {
      expression = { kind: 'member', of: expression, key: readKey(cursor), at }
    } else {
      return expression
    }
  }
}

/** A name or a place; places below zero are counted from the end. */
function readKey(cursor: Cursor): string | number {
  cursor.expect('[')
  const sign = cursor.takes('-') ? -1 : 1
  const { kind, text } = cursor.here
  if (kind !== 'number' && (kind !== 'string' || sign === -1)) return cursor.fail()
  cursor.next()
  cursor.expect(']')
  return kind === 'number' ? sign * Number(text) : text
}

function readPrimary(cursor: Cursor): Expression {
  const { kind, text, at } = cursor.here
  if (cursor.takes('(')) {
    const inner = readExpression(cursor)
    cursor.expect(')')
    return inner
  }
  if (kind === 'string') {
    cursor.next()
    return { kind: 'literal', value: text, type: 'string', at }
  }
  if (kind === 'number') return readNumber(cursor)
  if (kind !== 'name') return cursor.fail()
  cursor.next()
  if (text === 'true' || text === 'false')
    return { kind: 'literal', value: text === 'true', type: 'bool', at }
  if (!cursor.takes('(')) return { kind: 'name', name: text, at }
  if (text === 'dynamic') {
    const value = readJson(cursor)
    cursor.expect(')')
    return { kind: 'literal', value, type: 'dynamic', at }
  }
  const args = cursor.isAt(')') ? [] : cursor.listOf(() => readExpression(cursor))
  cursor.expect(')')
  return { kind: 'call', name: text, args, at }
}

function readNumber(cursor: Cursor): Expression {
  const { text, at } = cursor.next()
  // 30d and the like: a time span.
  const { kind, at: behind } = cursor.here
  if (kind === 'name' && behind.line === at.line && behind.character === at.character + text.length) {
    return cursor.fail()
  }
  return { kind: 'literal', value: Number(text), type: /^\d+$/.test(text) ? 'long' : 'real', at }
}

/** What stands in dynamic(…). */
function readJson(cursor: Cursor): Value {
  if (cursor.takes('[')) {
    const items = cursor.isAt(']') ? [] : cursor.listOf(() => readJson(cursor))
    cursor.expect(']')
    return items
  }
  if (cursor.takes('{')) {
    const entries = cursor.isAt('}')
      ? []
      : cursor.listOf(() => {
          const name = cursor.here.kind === 'string' ? cursor.next().text : cursor.fail()
          cursor.expect(':')
          return [name, readJson(cursor)] as const
        })
    cursor.expect('}')
    return Object.fromEntries(entries)
  }
  if (cursor.takes('null')) return null
  const literal = readOperand(cursor)
  if (literal.kind === 'negative' && literal.of.kind === 'literal') return -Number(literal.of.value)
  return literal.kind === 'literal' ? literal.value : cursor.fail()
}
