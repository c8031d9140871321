import type { Position } from './problem.ts'
import type { Type, Value } from './values.ts'

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value; readonly type: Type; readonly at: Position }
  | { readonly kind: 'name'; readonly name: string; readonly at: Position }
  | {
      readonly kind: 'member'
      readonly of: Expression
      /** A name, or an index of an array. */
      readonly key: string | number
      readonly at: Position
    }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly args: readonly Expression[]
      readonly at: Position
    }
  | { readonly kind: 'negative'; readonly of: Expression; readonly at: Position }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly at: Position
    }
  | {
      readonly kind: 'membership'
      readonly operator: string
      readonly left: Expression
      readonly among: readonly Expression[]
      readonly at: Position
    }

/** `name = expression`, or an expression that gives its own name. */
export interface Named {
  readonly name: string | undefined
  readonly expression: Expression
}

export interface SortKey {
  readonly expression: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export type Operator =
  | { readonly kind: 'where'; readonly predicate: Expression }
  | { readonly kind: 'extend' | 'project' | 'distinct'; readonly columns: readonly Named[] }
  | { readonly kind: 'project-away'; readonly names: readonly { name: string; at: Position }[] }
  | { readonly kind: 'summarize'; readonly aggregates: readonly Named[]; readonly by: readonly Named[] }
  | { readonly kind: 'mv-expand'; readonly item: Named; readonly limit: number | undefined }
  | { readonly kind: 'order'; readonly keys: readonly SortKey[] }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'top'; readonly count: number; readonly key: SortKey }
  | { readonly kind: 'count' }

export interface Query {
  /** Without one it is about `Resources`. */
  readonly table: { readonly name: string; readonly at: Position } | undefined
  readonly operators: readonly Operator[]
}
