import type { Scope } from './access/scopes.ts'
import type { FaultEffect } from './faults.ts'
import { challenge, disallowed, firewallDenied, manifestMetadataUnknown, problem } from './protocol/errors.ts'
import { empty, json, text, type Request, type Response } from './protocol/message.ts'
import type { Switches } from './switches.ts'

type StatusEffect = Extract<FaultEffect, { status: number }>

/** The answer a scripted fault gives, made up as far as the script does not say. */
export function faultAnswer(
  effect: StatusEffect,
  {
    request,
    needed,
    switches,
  }: { readonly request: Request; readonly needed: Scope | undefined; readonly switches: Switches },
): Response {
  const answer = bodyOf(effect) ?? usualAnswer(effect.status, { request, needed, switches })
  const retryAfter = effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) }
  return { ...answer, headers: { ...answer.headers, ...retryAfter, ...effect.headers } }
}

/** The real body is not known: status and Retry-After are documented, the code is the distribution specification's. */
export function tooManyRequests(retryAfter: number | undefined, switches: Switches): Response {
  const headers: Record<string, string> =
    retryAfter === undefined || switches['429WithoutRetryAfter'] ? {} : { 'Retry-After': String(retryAfter) }
  if (switches.throttleBody === 'empty') return empty(429, headers)
  const answer =
    switches.throttleBody === 'html'
      ? gatewayPage(429, 'Too Many Requests')
      : problem(429, 'TOOMANYREQUESTS', { message: 'too many requests' })
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function bodyOf({ status, body }: StatusEffect): Response | undefined {
  if (body === undefined) return undefined
  return typeof body === 'string' ? text(status, body) : json(status, body)
}

function usualAnswer(
  status: number,
  {
    request,
    needed,
    switches,
  }: { readonly request: Request; readonly needed: Scope | undefined; readonly switches: Switches },
): Response {
  if (status === 401) return challenge(request.host, needed, undefined)
  if (status === 403) return firewallDenied(request.address)
  if (status === 404) return manifestMetadataUnknown()
  if (status === 405) return disallowed()
  if (status === 429) return tooManyRequests(undefined, switches)
  if (status === 503 && switches.htmlError503) return gatewayPage(503, 'Service Temporarily Unavailable')
  if (status === 503) return problem(503, 'UNAVAILABLE', { message: 'service unavailable' })
  return status < 400 ? empty(status) : problem(status, 'UNKNOWN', { message: 'unknown error' })
}

/** What openresty, which stands before the registry, writes of its own. */
function gatewayPage(status: number, reason: string): Response {
  const title = `${status} ${reason}`
  return text(
    status,
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n`,
    'text/html',
  )
}
