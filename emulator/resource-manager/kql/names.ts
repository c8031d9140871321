import type { Expression, Named } from './syntax.ts'

const conversions = new Set(['tostring', 'toint', 'tolong', 'todouble', 'toreal', 'tobool'])

/**
 * What a column is called. A path gives its own name, under a conversion too: tostring(properties.a.b) is `properties_a_b`
 * (learn.microsoft.com, resource-graph/concepts/query-language); anything else is numbered.
 */
export function nameOf({ name, expression }: Named, at: number): string {
  return name ?? pathOf(expression) ?? `Column${at + 1}`
}

/** Names that came before get a number behind them, as those of a join do. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let number = 1; seen.has(unique); number += 1) unique = `${name}${number}`
    seen.add(unique)
    return unique
  })
}

function pathOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name
  if (expression.kind === 'member') {
    const before = pathOf(expression.of)
    return before === undefined ? undefined : `${before}_${String(expression.key)}`
  }
  const [first] = expression.kind === 'call' && conversions.has(expression.name) ? expression.args : []
  return first === undefined ? undefined : pathOf(first)
}
