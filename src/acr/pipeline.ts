import {
  RestError,
  retryPolicy,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  type SendRequest,
} from '@azure/core-rest-pipeline'
import type { Milliseconds } from '../domain/duration.ts'
import type { Instant } from '../domain/snapshot.ts'
import { growingDelay, passingFailures, RETRIES, retryAfter } from './retry.ts'
import type { RequestClass, Throttle } from './throttle.ts'

/** An answer that has not begun after this long will not come; also the longest pause within a body. */
const REQUEST_TIMEOUT: Milliseconds = 60_000

/**
 * A request that changes something and is already on its way is not torn off when the run is stopped: what came of it would
 * not be known. Runners wait 7.5 seconds between the signals that end a step (actions/runner, ProcessInvoker.cs).
 */
const GRACE: Milliseconds = 4_000

/** The run was stopped before the request was sent. */
export const NOT_SENT = 'NOT_SENT'

/** Every request to the registry goes through here: counted, limited, timed, retried, and never sent anywhere else. */
export class RequestLine {
  readonly #endpoint: string
  readonly #throttle: Throttle
  readonly #signal: AbortSignal
  readonly #retry: PipelinePolicy
  #requests = 0
  #now: Instant | undefined

  constructor({ endpoint, throttle, signal }: { endpoint: string; throttle: Throttle; signal: AbortSignal }) {
    this.#endpoint = endpoint
    this.#throttle = throttle
    this.#signal = signal
    this.#retry = retryPolicy([passingFailures(Math.random)], { maxRetries: RETRIES })
  }

  /** HTTP requests sent so far, retries included. */
  get requests(): number {
    return this.#requests
  }

  /** The registry's clock as of its first answer; undefined before. */
  get now(): Instant | undefined {
    return this.#now
  }

  /** Sends a request, again where the failure may pass. */
  send(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    this.#requireOwnHost(request)
    request.abortSignal = this.#signal
    const requestClass = classOf(request)
    return this.#retry.sendRequest(request, (attempt) =>
      this.#throttle.run(requestClass, () => this.#once(attempt, next, new Attempt(this.#signal))),
    )
  }

  /**
   * Sends a request at once and only once: whoever deletes has to look again before each attempt. It takes none of the room
   * that is shared; see `Throttle.reserve`.
   */
  sendNow(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    this.#requireOwnHost(request)
    if (this.#signal.aborted) throw new RestError('stopped', { code: NOT_SENT })
    return this.#once(request, next, new Attempt(this.#signal, GRACE))
  }

  /** A link or a redirect must not lead a credential to another host. */
  #requireOwnHost({ url }: PipelineRequest): void {
    if (new URL(url).origin === this.#endpoint) return
    throw new RestError('the registry answered with a link to another host', { code: 'FOREIGN_LINK' })
  }

  async #once(request: PipelineRequest, next: SendRequest, attempt: Attempt): Promise<PipelineResponse> {
    this.#requests += 1
    const { abortSignal } = request
    request.abortSignal = attempt.signal
    try {
      const response = await next(request)
      this.#now ??= instantOf(response)
      this.#throttle.heed(classOf(request), {
        refused: response.status === 429 ? (retryAfter(response) ?? growingDelay(1, Math.random)) : undefined,
        remaining: remainingCalls(response),
      })
      attempt.endWith(response.readableStreamBody)
      return response
    } catch (error) {
      attempt.end()
      throw attempt.timedOut ? new RestError('no answer in time', { code: 'ETIMEDOUT', request }) : error
    } finally {
      // The SDK's own policies throw an answer away when the signal of its request is aborted.
      if (abortSignal === undefined) delete request.abortSignal
      else request.abortSignal = abortSignal
    }
  }
}

/**
 * The time of one request, up to the end of its body. Timers and listeners are taken back at once: with a hundred thousand
 * requests, what `AbortSignal.timeout` and `AbortSignal.any` keep for a minute is a gigabyte.
 */
class Attempt {
  readonly #controller = new AbortController()
  readonly #run: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #grace: Milliseconds
  readonly #stop = (): void => {
    if (this.#grace === 0) this.#controller.abort()
    else this.#graceTimer = setTimeout(() => this.#controller.abort(), this.#grace)
  }
  #graceTimer: NodeJS.Timeout | undefined
  #timedOut = false

  /** @param grace how long the request may go on after the run was stopped */
  constructor(run: AbortSignal, grace: Milliseconds = 0) {
    this.#run = run
    this.#grace = grace
    run.addEventListener('abort', this.#stop, { once: true })
    if (run.aborted) this.#stop()
    this.#timer = setTimeout(() => {
      this.#timedOut = true
      this.#controller.abort()
    }, REQUEST_TIMEOUT)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get timedOut(): boolean {
    return this.#timedOut
  }

  /** A body that is still to come counts as part of the request. */
  endWith(body: NodeJS.ReadableStream | undefined): void {
    if (body === undefined) this.end()
    else body.once('close', () => this.end())
  }

  end(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#graceTimer)
    this.#run.removeEventListener('abort', this.#stop)
  }
}

function classOf({ method, url }: PipelineRequest): RequestClass {
  if (method === 'DELETE') return 'delete'
  return new URL(url).pathname.startsWith('/oauth2/') ? 'oauth' : 'read'
}

/** In recordings of 2021 some answers have it, later ones none. */
function remainingCalls(response: PipelineResponse): number | undefined {
  const text = response.headers.get('X-Ms-Ratelimit-Remaining-Calls-Per-Second')
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
}

function instantOf(response: PipelineResponse): Instant | undefined {
  const date = Date.parse(response.headers.get('Date') ?? '')
  return Number.isNaN(date) ? undefined : date
}
