import type { Emulation } from '../answer.ts'
import { formatTicks } from '../clock.ts'
import type { FaultEffect, FaultMatch } from '../faults.ts'
import { bodyObject, json, text, type Outcome, type Request, type Response } from '../protocol/message.ts'
import { switchProblem } from '../switch-values.ts'

const prefix = '/_emulator/'

/** The emulator itself, for other processes on this machine. Not part of any registry. */
export function isControlPath(path: string): boolean {
  return path.startsWith(prefix)
}

/** Control requests are neither logged nor delayed, and no fault meets them. */
export function answerControl(
  emulation: Emulation,
  request: Request,
): Promise<{ outcome: Outcome; end: () => void }> {
  return Promise.resolve({ outcome: respond(emulation, request), end: () => {} })
}

type Body = Readonly<Record<string, unknown>>
type Operation = (emulation: Emulation, body: Body, item: string) => Response

function respond(emulation: Emulation, request: Request): Response {
  const [name = '', item = ''] = request.path.slice(prefix.length).split('/')
  const operation = operations[`${request.method} ${name}`]
  if (operation === undefined) {
    return json(404, {
      error: `There is no ${request.method} ${prefix}${name}.`,
      try: Object.keys(operations),
    })
  }
  const body = request.body.length === 0 ? {} : bodyObject(request)
  if (body === undefined) return failed('The body is not a JSON object.')
  try {
    return operation(emulation, body, item)
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}

const operations: Readonly<Record<string, Operation>> = {
  'GET ': (emulation) =>
    json(200, {
      clock: clockShape(emulation),
      counts: emulation.log.counts(),
      switches: emulation.context.switches,
    }),
  'GET counts': ({ log }) => json(200, log.counts()),
  'GET log': ({ log }) => json(200, { requests: log.requests() }),
  'POST reset': ({ log, throttle, faults }, { faults: alsoFaults }) => {
    log.reset()
    throttle.reset()
    if (alsoFaults === true) faults.clear()
    return json(200, log.counts())
  },
  'GET clock': (emulation) => json(200, clockShape(emulation)),
  'POST clock': setClock,
  'GET switches': ({ context }) => json(200, context.switches),
  'PATCH switches': setSwitches,
  'GET faults': ({ faults }) => json(200, { faults: faults.list().map(faultShape) }),
  'POST faults': addFault,
  'DELETE faults': ({ faults }, _body, item) => {
    if (item === '') faults.clear()
    else if (!faults.remove(Number(item))) return failed(`There is no fault ${item}.`)
    return json(200, { faults: faults.list().map(faultShape) })
  },
  'POST revoke-tokens': ({ context }) => {
    context.tokens.revokeAll()
    return json(200, {})
  },
  'GET repositories': ({ registry }) =>
    json(200, {
      repositories: registry.repositories().map((name) => ({
        name,
        manifests: registry.repo(name).size,
        tags: registry.repo(name).tags(),
      })),
    }),
}

function setClock(emulation: Emulation, body: Body): Response {
  const { clock } = emulation.context
  const { reset, set, advance, goBack, freeze } = body
  if (reset === true) clock.reset()
  if (isInstant(set)) clock.set(set)
  if (isInstant(advance)) clock.advance(advance)
  if (isInstant(goBack)) clock.goBack(goBack)
  if (freeze === true) clock.freeze()
  if (freeze === false) clock.run()
  return json(200, clockShape(emulation))
}

function setSwitches({ context }: Emulation, body: Body): Response {
  const problems = Object.entries(body).flatMap(([name, value]) => switchProblem(name, value) ?? [])
  if (problems.length > 0) return failed(problems.join(' '))
  Object.assign(context.switches, body)
  return json(200, context.switches)
}

function addFault({ faults }: Emulation, body: Body): Response {
  const { match = {}, effect } = body as { match?: FaultMatch & { pattern?: string }; effect?: FaultEffect }
  if (!isEffect(effect)) {
    return failed(
      'A fault needs an effect: { status, … }, { drop: "before" | "after" }, { hang: true } or { delayMs }.',
    )
  }
  const { pattern, ...rest } = match
  const path = pattern === undefined ? {} : { path: new RegExp(pattern) }
  return json(201, faultShape(faults.add({ ...rest, ...path }, effect)))
}

function isEffect(effect: unknown): effect is FaultEffect {
  if (typeof effect !== 'object' || effect === null) return false
  return 'status' in effect || 'drop' in effect || 'hang' in effect || 'delayMs' in effect
}

function faultShape({ id, match, effect, hits }: ReturnType<Emulation['faults']['list']>[number]): object {
  const path = match.path instanceof RegExp ? { path: String(match.path) } : {}
  return { id, match: { ...match, ...path }, effect: 'do' in effect ? { do: 'a function' } : effect, hits }
}

function clockShape({ context: { clock } }: Emulation): object {
  return {
    now: formatTicks(clock.now()),
    frozen: clock.frozen,
    offsetMilliseconds: clock.offsetMilliseconds(),
  }
}

function isInstant(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function failed(message: string): Response {
  return text(400, `${JSON.stringify({ error: message })}\n`, 'application/json; charset=utf-8')
}
