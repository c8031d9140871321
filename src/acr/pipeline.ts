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
import type { Throttle } from './throttle.ts'

/** An answer that has not begun after this long will not come; also the longest pause within a body. */
const REQUEST_TIMEOUT: Milliseconds = 60_000

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
    // A link or a redirect must not lead a credential to another host.
    if (new URL(request.url).origin !== this.#endpoint) {
      throw new RestError('the registry answered with a link to another host', { code: 'FOREIGN_LINK' })
    }
    request.abortSignal = this.#signal
    return this.#retry.sendRequest(request, (attempt) => this.#throttle.run(() => this.#once(attempt, next)))
  }

  async #once(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    this.#requests += 1
    const attempt = new Attempt(this.#signal)
    request.abortSignal = attempt.signal
    try {
      const response = await next(request)
      this.#now ??= instantOf(response)
      if (response.status === 429) this.#throttle.pause(retryAfter(response) ?? growingDelay(0, Math.random))
      attempt.endWith(response.readableStreamBody)
      return response
    } catch (error) {
      attempt.end()
      throw attempt.timedOut ? new RestError('no answer in time', { code: 'ETIMEDOUT', request }) : error
    } finally {
      request.abortSignal = this.#signal
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
  readonly #stop = (): void => this.#controller.abort()
  #timedOut = false

  constructor(run: AbortSignal) {
    this.#run = run
    run.addEventListener('abort', this.#stop, { once: true })
    if (run.aborted) this.#stop()
    this.#timer = setTimeout(() => {
      this.#timedOut = true
      this.#stop()
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
    this.#run.removeEventListener('abort', this.#stop)
  }
}

function instantOf(response: PipelineResponse): Instant | undefined {
  const date = Date.parse(response.headers.get('Date') ?? '')
  return Number.isNaN(date) ? undefined : date
}
