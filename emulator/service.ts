import type { Clock } from './clock.ts'
import { delayed, describeEffect, Faults, type FaultEffect } from './faults.ts'
import { empty, json, text, type Outcome, type Request, type Response } from './protocol/message.ts'
import { RequestLog, type LoggedRequest, type Received, type Words } from './request-log.ts'
import type { Certificate } from './transport/certificate.ts'
import { serve } from './transport/serve.ts'

/** What a small service is: what its log shows of a request, and how it answers. The registry has more (answer.ts). */
export interface ServiceRules<W extends Words> {
  /** What may be logged: no secret, whatever came in. */
  describe(request: Request): Received<W>
  answer(request: Request): Answered
  /** The body of a status that a fault asks for without one. */
  faultBody(status: number): Response
  /** The address of the client is not enough to know it by: headers of every answer, whoever made it. */
  headers(): Response['headers']
}

export interface Answered {
  readonly response: Response
  /** Who the token that was issued is for. */
  readonly identity?: string
  /** The code of a refusal. */
  readonly error?: string
}

export interface Service<W extends Words, Scene> {
  readonly port: number
  readonly log: RequestLog<W>
  readonly faults: Faults<W, Scene>
  close(): Promise<void>
}

/** A server on loopback with a log and a script of faults of its own. */
export async function startService<W extends Words, Scene>(
  rules: ServiceRules<W>,
  {
    scene,
    clock,
    certificate,
    port = 0,
  }: {
    /** What faults of the kind `do` get to see. */
    readonly scene: Scene
    readonly clock: Clock
    /** Without one it serves in the clear. */
    readonly certificate?: Certificate
    readonly port?: number
  },
): Promise<Service<W, Scene>> {
  const log = new RequestLog<W>(clock)
  const faults = new Faults<W, Scene>()
  const closing = new AbortController()
  const serving = await serve({
    certificate,
    port,
    answerer: async (request) => {
      const received = rules.describe(request)
      const { entry, end } = log.begin(received)
      const effects = faults.effectsOn(received)
      if (!(await delayed(effects, 0, closing.signal))) return { outcome: 'drop', end }
      for (const effect of effects) if ('do' in effect) await effect.do(scene)
      return { outcome: outcomeOf(rules, request, { entry, effects }), end }
    },
  })
  return {
    port: serving.port,
    log,
    faults,
    close: async () => {
      closing.abort()
      await serving.close()
    },
  }
}

function outcomeOf<W extends Words, Scene>(
  rules: ServiceRules<W>,
  request: Request,
  { entry, effects }: { readonly entry: LoggedRequest<W>; readonly effects: readonly FaultEffect<Scene>[] },
): Outcome {
  const fault = effects.find((effect) => 'status' in effect || 'drop' in effect || 'hang' in effect)
  const happens =
    fault === undefined ||
    ('drop' in fault && fault.drop === 'after') ||
    ('status' in fault && fault.afterEffect === true)
  const answered = happens ? rules.answer(request) : undefined
  if (answered?.identity !== undefined) entry.identity = answered.identity
  if (answered?.error !== undefined) entry.error = answered.error
  if (fault !== undefined) entry.fault = describeEffect(fault)
  if (fault !== undefined && 'hang' in fault) return 'hang'
  if (fault !== undefined && 'drop' in fault) return 'drop'
  const response =
    fault !== undefined && 'status' in fault ? scripted(rules, fault) : (answered?.response ?? empty(500))
  return { ...response, headers: { ...rules.headers(), ...response.headers } }
}

function scripted<W extends Words>(
  rules: ServiceRules<W>,
  { status, body, headers, retryAfter }: Extract<FaultEffect<never>, { status: number }>,
): Response {
  const answer =
    body === undefined
      ? rules.faultBody(status)
      : typeof body === 'string'
        ? text(status, body)
        : json(status, body)
  const wait = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  return { ...answer, headers: { ...answer.headers, ...wait, ...headers } }
}

/** The `Date` of an answer, by the service's own clock. */
export function dateHeader(clock: Clock): Readonly<Record<string, string>> {
  return { Date: clock.date().toUTCString() }
}
