export type Value = null | boolean | number | string | readonly Value[] | Bag

export interface Bag {
  readonly [name: string]: Value
}

/** The types of columns. Dates and time spans are not in this subset. */
export type Type = 'string' | 'long' | 'real' | 'bool' | 'dynamic'

export interface Column {
  readonly name: string
  readonly type: Type
}

export type Row = Readonly<Record<string, Value>>

export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

export function isBag(value: Value): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isNumeric(type: Type): boolean {
  return type === 'long' || type === 'real'
}

/** As tostring() has it: of nothing the empty text, of arrays and bags their JSON. */
export function textOf(value: Value): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A value and what type it has, so that two that print alike are told apart. */
export function keyOf(value: Value): string {
  return JSON.stringify(value)
}
