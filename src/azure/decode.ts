/** Answers are taken apart without trust in their shape: what is missing or of another type is undefined, or an empty list. */

export function field(value: unknown, ...names: readonly string[]): unknown {
  let inner = value
  for (const name of names) {
    if (typeof inner !== 'object' || inner === null) return undefined
    inner = (inner as Readonly<Record<string, unknown>>)[name]
  }
  return inner
}

export function list(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const inner = field(value, ...names)
  return Array.isArray(inner) ? (inner as readonly unknown[]) : []
}

export function text(value: unknown, ...names: readonly string[]): string | undefined {
  const inner = field(value, ...names)
  return typeof inner === 'string' && inner !== '' ? inner : undefined
}

export function number(value: unknown, ...names: readonly string[]): number | undefined {
  const inner = field(value, ...names)
  return typeof inner === 'number' && Number.isFinite(inner) ? inner : undefined
}
