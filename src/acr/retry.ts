import type { PipelineResponse, RestError, RetryInformation, RetryStrategy } from '@azure/core-rest-pipeline'
import { isRestError } from '@azure/core-rest-pipeline'
import type { Milliseconds } from '../domain/duration.ts'

/** Attempts after the first. */
export const RETRIES = 4

const FIRST_DELAY: Milliseconds = 500
const LONGEST_DELAY: Milliseconds = 30_000

/** The documented window of the registry's limits is a minute; a longer wait is a mistake of something in between. */
const LONGEST_RETRY_AFTER: Milliseconds = 120_000

/** A closed connection or a name that could not be looked up just now; an unknown name or a refused certificate is final. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
])

/**
 * Retries what may pass: 429, 408, 5xx and network errors, with growing, jittered pauses or as long as the registry asks
 * for. The SDK's own policy gives up at once on a 429 without `Retry-After`, and so is switched off.
 *
 * @param random a number from 0 to 1, so that parallel requests do not come back in step
 */
export function passingFailures(random: () => number): RetryStrategy {
  return {
    name: 'passingFailures',
    retry: ({ retryCount, response, responseError }: RetryInformation) => {
      if (!isPassing(response, responseError)) return { skipStrategy: true }
      return { retryAfterInMs: retryAfter(response) ?? growingDelay(retryCount, random) }
    },
  }
}

/** How long the registry asks to wait; undefined when it does not say. A date is not used: clocks differ. */
export function retryAfter(response: PipelineResponse | undefined): Milliseconds | undefined {
  const text = response?.headers.get('Retry-After')
  if (text === undefined || !/^\d{1,6}$/.test(text)) return undefined
  return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER)
}

/** Half of an exponentially growing pause for certain, the other half by chance. */
export function growingDelay(retryCount: number, random: () => number): Milliseconds {
  const full = Math.min(FIRST_DELAY * 2 ** retryCount, LONGEST_DELAY)
  return full / 2 + (full / 2) * random()
}

/** Whether another attempt may succeed. */
export function isPassing(response: PipelineResponse | undefined, error: RestError | undefined): boolean {
  if (response !== undefined) {
    const { status } = response
    return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)
  }
  return isRestError(error) && error.code !== undefined && PASSING.has(error.code)
}
