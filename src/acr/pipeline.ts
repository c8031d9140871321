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
    const timer = AbortSignal.timeout(REQUEST_TIMEOUT)
    request.abortSignal = AbortSignal.any([this.#signal, timer])
    try {
      const response = await next(request)
      this.#now ??= instantOf(response)
      if (response.status === 429) this.#throttle.pause(retryAfter(response) ?? growingDelay(0, Math.random))
      return response
    } catch (error) {
      if (!timer.aborted || this.#signal.aborted) throw error
      throw new RestError('no answer in time', { code: 'ETIMEDOUT', request })
    } finally {
      request.abortSignal = this.#signal
    }
  }
}

function instantOf(response: PipelineResponse): Instant | undefined {
  const date = Date.parse(response.headers.get('Date') ?? '')
  return Number.isNaN(date) ? undefined : date
}
