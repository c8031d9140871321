import { identityName } from './access/identities.ts'
import { faultAnswer, tooManyRequests } from './fault-answers.ts'
import { delayed, describeEffect, type FaultEffect, type Faults } from './faults.ts'
import { decodePayload } from './jwt.ts'
import { commonHeaders } from './protocol/common-headers.ts'
import type { Context } from './protocol/context.ts'
import { callerOf, credentialOf } from './protocol/credentials.ts'
import { handle, type Arrival } from './protocol/handle.ts'
import { bodyText, type Outcome, type Request, type Response } from './protocol/message.ts'
import { neededFor } from './protocol/permissions.ts'
import { classOf, decodePath, routeOf, storageRouteOf, type RequestClass } from './protocol/routes.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'
import type { Registry } from './seed/registry.ts'
import type { Admission, Throttle } from './throttle.ts'

export interface Emulation {
  readonly context: Context
  readonly registry: Registry
  readonly faults: Faults
  readonly throttle: Throttle
  readonly log: RequestLog
  /** Aborted when the emulator closes: whoever still waits, stops. */
  readonly closing: AbortSignal
}

/** One request from its arrival to its answer: log, faults, latency, throttling, and then the registry itself. */
export async function answer(
  emulation: Emulation,
  request: Request,
): Promise<{ outcome: Outcome; end: (status: number | undefined) => void }> {
  const { context, faults, log } = emulation
  const atStorage = nameOf(request.host) === context.switches.blobStorageHost
  const route = atStorage ? storageRouteOf(request.path) : routeOf(request.path)
  const credential = credentialOf(context, request)
  const arrival = { request, route, credential }
  const caller = callerOf(credential)
  const target = {
    method: request.method,
    path: decodePath(request.path) ?? request.path,
    route: route.name,
    class: classOf(request.method, route),
    identity: caller === undefined ? undefined : identityName(caller),
  }
  const { entry, end } = log.begin({ ...target, query: safeQuery(request), authorization: credential.kind })
  try {
    const outcome = await outcomeOf(emulation, arrival, { entry, effects: faults.effectsOn(target) })
    return { outcome, end }
  } catch (error) {
    end(undefined)
    throw error
  }
}

async function outcomeOf(
  emulation: Emulation,
  arrival: Arrival,
  { entry, effects }: { readonly entry: LoggedRequest; readonly effects: readonly FaultEffect[] },
): Promise<Outcome> {
  const { context, registry, closing } = emulation
  if (!(await delayed(effects, context.switches.latencyMs, closing))) return 'drop'
  for (const effect of effects) if ('do' in effect) await effect.do(registry)
  const fault = effects.find((effect) => 'status' in effect || 'drop' in effect || 'hang' in effect)
  if (fault === undefined) {
    const response = registryAnswer(emulation, arrival, entry.class)
    if (entry.class === 'oauth') entry.identity = holderOf(response)
    return response
  }
  entry.fault = describeEffect(fault)
  return faultOutcome(emulation, arrival, { fault, requestClass: entry.class })
}

function faultOutcome(
  emulation: Emulation,
  arrival: Arrival,
  { fault, requestClass }: { readonly fault: FaultEffect; readonly requestClass: RequestClass },
): Outcome {
  const { context } = emulation
  if ('hang' in fault) return 'hang'
  if ('drop' in fault) {
    if (fault.drop === 'after') registryAnswer(emulation, arrival, requestClass)
    return 'drop'
  }
  if (!('status' in fault)) return 'drop'
  if (fault.afterEffect === true) registryAnswer(emulation, arrival, requestClass)
  const { request, route } = arrival
  const needed = neededFor(request.method, route)
  return complete(context, arrival, faultAnswer(fault, { request, needed, switches: context.switches }))
}

function registryAnswer(emulation: Emulation, arrival: Arrival, requestClass: RequestClass): Response {
  const { context, throttle } = emulation
  const caller = callerOf(arrival.credential)
  const admission = throttle.admit(requestClass, caller === undefined ? 'anonymous' : identityName(caller))
  if (admission.retryAfter !== undefined) {
    return complete(context, arrival, tooManyRequests(admission.retryAfter, context.switches))
  }
  const response = handle(context, arrival)
  const headers = {
    ...dateHeader(context),
    ...rateHeader(context, { requestClass, status: response.status, admission }),
    ...response.headers,
  }
  return { ...response, headers }
}

function complete(context: Context, { request, route }: Arrival, response: Response): Response {
  const headers = {
    ...dateHeader(context),
    ...commonHeaders(request, route, response.status),
    ...response.headers,
  }
  return { ...response, headers }
}

function dateHeader({ clock }: Context): Record<string, string> {
  return { Date: clock.date().toUTCString() }
}

/** Seen in recordings of 2021 on DELETE and on the token endpoints, each in its own spelling; not in later ones. */
function rateHeader(
  { switches }: Context,
  answered: { readonly requestClass: RequestClass; readonly status: number; readonly admission: Admission },
): Record<string, string> {
  const { requestClass, status } = answered
  if (!switches.rateLimitHeaders || status === 401) return {}
  const remaining = answered.admission.remainingPerSecond
  if (requestClass === 'delete') return { 'X-Ms-Ratelimit-Remaining-Calls-Per-Second': remaining.toFixed(6) }
  if (requestClass !== 'oauth') return {}
  return { 'x-ms-ratelimit-remaining-calls-per-second': String(Number(remaining.toFixed(6))) }
}

/** Of a Host header, without the port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

const loggedParameters = [
  'n',
  'last',
  'orderby',
  'digest',
  'artifactType',
  'mount',
  'from',
  'scope',
  'service',
  'grant_type',
]

function safeQuery(request: Request): Record<string, string> {
  const form = request.path.startsWith('/oauth2/') && request.method === 'POST'
  const parameters = form ? new URLSearchParams(bodyText(request)) : request.query
  return Object.fromEntries(
    loggedParameters.flatMap((name) => {
      const values = parameters.getAll(name)
      return values.length === 0 ? [] : [[name, values.join(' ')]]
    }),
  )
}

/** Whom a token was issued to. */
function holderOf({ status, body }: Response): string | undefined {
  if (status !== 200) return undefined
  const { access_token: access, refresh_token: refresh } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    access_token?: string
    refresh_token?: string
  }
  const subject = decodePayload(access ?? refresh ?? '')?.['sub']
  return typeof subject === 'string' ? subject : undefined
}
