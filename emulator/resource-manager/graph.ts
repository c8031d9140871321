import type { Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import type { Caller } from './callers.ts'
import type { ManagementContext } from './context.ts'
import { graphRequestOf } from './graph-request.ts'
import { scopeOf } from './graph-scope.ts'
import { QueryProblem } from './kql/problem.ts'
import { run } from './kql/run.ts'
import { pageOf } from './paging.ts'
import { timeSpan } from './quotas.ts'
import { correlationHeaders, plainJson, refuseQuery, type GraphDetail } from './refusals.ts'
import { tableFor } from './tables.ts'

/** A query to Resource Graph. Every answer says what is left of the quota. */
export function answerQuery(context: ManagementContext, caller: Caller, request: Request): Answered {
  const { clock, quotas, switches } = context
  const { admitted, remaining, resetsAfter } = quotas.admitQuery(`${caller.tenantId} ${caller.objectId}`)
  const answer = admitted
    ? answerAdmitted(context, caller, request)
    : refuseQuery(429, { code: 'RateLimiting', details: [throttled] }, clock)
  const wait = admitted || !switches.graphRetryAfter ? undefined : { 'Retry-After': String(resetsAfter) }
  const headers = {
    'x-ms-ratelimit-remaining-tenant-resource-requests': String(remaining),
    'x-ms-user-quota-remaining': String(remaining),
    'x-ms-user-quota-resets-after': timeSpan(resetsAfter),
    ...wait,
  }
  return { ...answer, response: { ...answer.response, headers: { ...headers, ...answer.response.headers } } }
}

/** Recorded with its headers by a client of 2023. */
const throttled: GraphDetail = {
  code: 'RateLimiting',
  message:
    'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.',
}

const invalidQuery: GraphDetail = {
  code: 'InvalidQuery',
  message:
    'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
}

function answerAdmitted(context: ManagementContext, caller: Caller, request: Request): Answered {
  const { clock, switches } = context
  // "Only application/json is supported; others get 500" (learn.microsoft.com, resource-graph/troubleshoot/general).
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return refuseQuery(500, { code: 'InternalServerError', details: [unsupportedContent] }, clock)
  }
  const asked = graphRequestOf(request)
  if ('code' in asked) return refuseQuery(400, { code: 'BadRequest', details: [asked] }, clock)
  const scope = scopeOf(context, caller, asked)
  if ('problem' in scope) {
    const denied = scope.problem.code === 'AccessDenied'
    const code = denied ? 'AccessDenied' : 'BadRequest'
    return refuseQuery(denied ? 403 : 400, { code, details: [scope.problem] }, clock)
  }
  if (isTooMuch(asked.query, switches.unexpectedErrorAbove)) {
    const status = switches.unexpectedErrorStatus
    const code = status === 500 ? 'InternalServerError' : 'BadRequest'
    return refuseQuery(status, { code, details: [unexpected] }, clock)
  }
  try {
    const outcome = run(asked.query, {
      table: (name) => tableFor(name, context, { caller, scope: scope.subscriptions }),
      limits: {
        unsaid: switches.mvExpandUnsaid,
        most: switches.mvExpandMost,
        overMost: switches.mvExpandOverMost,
        perQuery: switches.mvExpandsPerQuery,
      },
    })
    const paged = pageOf(outcome, asked, switches)
    if ('problem' in paged) {
      return refuseQuery(400, { code: 'BadRequest', details: [paged.problem] }, clock)
    }
    return { response: plainJson(200, paged.page, correlationHeaders()) }
  } catch (error) {
    if (!(error instanceof QueryProblem)) throw error
    return refuseQuery(400, { code: 'BadRequest', details: detailsOf(error) }, clock)
  }
}

const unsupportedContent: GraphDetail = {
  code: 'InternalServerError',
  message: 'The Content-Type of the request is not supported.',
}

/** Published texts: the code by clients that look for it, the message in Azure/azqr#712. */
const unexpected: GraphDetail = {
  code: 'UnexpectedQueryExecutionError',
  message: 'An unexpected query execution error occurred.',
}

/** Digests are what makes a query of this kind large. */
function isTooMuch(query: string, limit: number | null): boolean {
  return limit !== null && (query.match(/sha256:[a-f\d]{64}/g) ?? []).length > limit
}

/**
 * The first detail is always the same. ParserFailure with its position, UnknownFunction and DisallowedLogicalTableName are
 * published; how names and types that do not fit, and limits, are refused is not, so they come as what they say.
 */
function detailsOf({ kind, message, token, at }: QueryProblem): readonly GraphDetail[] {
  const where = at === undefined ? {} : { line: at.line, characterPositionInLine: at.character }
  const what = token === undefined ? {} : { token }
  switch (kind) {
    case 'table':
      return [{ code: 'DisallowedLogicalTableName', message }]
    case 'function':
      return [invalidQuery, { code: 'UnknownFunction', message }]
    case 'syntax':
      return [invalidQuery, { code: 'ParserFailure', message, ...where, ...what }]
    case 'semantic':
      return [invalidQuery, { code: 'SemanticError', message, ...where, ...what }]
    case 'limit':
      return [invalidQuery, { code: 'LimitExceeded', message, ...where, ...what }]
  }
}
