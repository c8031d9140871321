/** Where something stands in a query: lines from 1, characters from 0, as the service counts them (recorded in its error bodies). */
export interface Position {
  readonly line: number
  readonly character: number
}

/**
 * `syntax`: no KQL, or KQL beyond this subset. `function`: a function that is not known. `table`: a table that is not there.
 * `semantic`: a name, type or cast that does not fit. `limit`: more of something than the service allows.
 */
export type ProblemKind = 'syntax' | 'function' | 'table' | 'semantic' | 'limit'

/** Why a query is refused. It always names what it is about. */
export class QueryProblem extends Error {
  readonly kind: ProblemKind
  readonly token: string | undefined
  readonly at: Position | undefined

  constructor(
    kind: ProblemKind,
    message: string,
    { token, at }: { readonly token?: string; readonly at?: Position } = {},
  ) {
    super(message)
    this.kind = kind
    this.token = token
    this.at = at
  }
}
