import { createHash } from 'node:crypto'
import type { GraphRequest } from './graph-request.ts'
import type { Outcome } from './kql/run.ts'
import type { Row, Type } from './kql/values.ts'
import type { GraphDetail } from './refusals.ts'
import type { ResourceManagerSwitches } from './switches.ts'

interface Mark {
  /** Which query it belongs to. */
  readonly of: string
  readonly offset: number
  readonly size: number
}

/** One page of what a query found, as the service puts it, or why there is none. */
export function pageOf(
  outcome: Outcome,
  request: GraphRequest,
  switches: ResourceManagerSwitches,
): { readonly page: object } | { readonly problem: GraphDetail } {
  const { pageMost, topOverMost } = switches
  if (
    request.top !== undefined &&
    (request.top < 1 || (request.top > pageMost && topOverMost === 'refuse'))
  ) {
    return refused('InvalidRequestOptions', `$top must be between 1 and ${pageMost}.`)
  }
  const mark = request.skipToken === undefined ? undefined : markIn(request.skipToken)
  if (request.skipToken !== undefined && mark?.of !== fingerprint(request.query)) {
    return refused('InvalidSkipToken', 'The $skipToken is not one of this query.')
  }
  // "$top and $skip override what the token says" (azure-rest-api-specs); a query that limits itself ignores $skip (work-with-data).
  const size = Math.min(request.top ?? mark?.size ?? pageMost, pageMost)
  const offset = outcome.limited ? 0 : (request.skip ?? mark?.offset ?? 0)
  const rows = outcome.rows.slice(offset, offset + size)
  const next = offset + rows.length
  const more = next < outcome.rows.length
  const continues = more && canContinue(outcome, switches)
  const truncated = more && (!continues || switches.pagesSayTruncated)
  const page = {
    totalRecords: outcome.rows.length,
    count: rows.length,
    data: shaped(rows, outcome, request.resultFormat ?? switches.resultFormat),
    facets: [],
    // A text. While there is a token it is "false", even on a page of a thousand of twelve hundred (measured in August 2026).
    resultTruncated: String(truncated),
    ...(continues ? { $skipToken: tokenFor({ of: fingerprint(request.query), offset: next, size }) } : {}),
  }
  return { page }
}

/** Which codes these have is not known. */
function refused(code: string, message: string): { readonly problem: GraphDetail } {
  return { problem: { code, message } }
}

/**
 * No token for a query with limit or take, for one whose columns are all dynamic, or for one in no stable order: neither the id
 * nor an order by (learn.microsoft.com, paging-results and work-with-data, whose older form demands the id).
 */
function canContinue(
  { columns, limited, ordered }: Outcome,
  { pagesNeedId }: ResourceManagerSwitches,
): boolean {
  const hasId = columns.some(({ name }) => name === 'id')
  const isStable = hasId || (ordered && !pagesNeedId)
  return !limited && isStable && columns.some(({ type }) => type !== 'dynamic')
}

function shaped(rows: readonly Row[], { columns }: Outcome, format: 'objectArray' | 'table'): unknown {
  const valuesOf = (row: Row) => columns.map(({ name }) => row[name] ?? null)
  if (format === 'table') {
    return {
      columns: columns.map(({ name, type }) => ({ name, type: columnTypes[type] })),
      rows: rows.map(valuesOf),
    }
  }
  return rows.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))
}

/** ColumnDataType of azure-rest-api-specs. */
const columnTypes: Readonly<Record<Type, string>> = {
  string: 'string',
  long: 'integer',
  real: 'number',
  bool: 'boolean',
  dynamic: 'object',
}

function fingerprint(query: string): string {
  return createHash('sha256').update(query).digest('hex').slice(0, 16)
}

function tokenFor(mark: Mark): string {
  return Buffer.from(JSON.stringify(mark)).toString('base64url')
}

function markIn(token: string): Mark | undefined {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Mark
  } catch {
    return undefined
  }
}
