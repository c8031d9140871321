import pLimit, { type LimitFunction } from 'p-limit'
import type { Milliseconds } from '../domain/duration.ts'
import type { Sleep } from '../ports.ts'

/** The registry counts and refuses requests by class (Microsoft Learn, "Azure Container Registry SKU features and limits"). */
export type RequestClass = 'read' | 'delete' | 'oauth'

/**
 * One limit for all requests of the run: so many at a time, and none of a class while the registry asks for a pause. A
 * pause that only the refused request kept would leave the others to run into the same refusal.
 */
export class Throttle {
  readonly #limit: LimitFunction
  readonly #sleep: Sleep
  readonly #pauses = new Map<RequestClass, Promise<void>>()

  constructor(concurrency: number, sleep: Sleep) {
    this.#limit = pLimit(concurrency)
    this.#sleep = sleep
  }

  /** Runs a request as soon as there is room and no pause. */
  run<Result>(requestClass: RequestClass, request: () => Promise<Result>): Promise<Result> {
    return this.#limit(async () => {
      await this.endOfPause(requestClass)
      return request()
    })
  }

  /** Keeps room for so many requests that do not wait for their turn; at least one other can always run. */
  reserve(count: number): void {
    this.#limit.concurrency = Math.max(1, this.#limit.concurrency - count)
  }

  isPaused(requestClass: RequestClass): boolean {
    return this.#pauses.has(requestClass)
  }

  async endOfPause(requestClass: RequestClass): Promise<void> {
    for (;;) {
      const pause = this.#pauses.get(requestClass)
      if (pause === undefined) return
      await pause
    }
  }

  /** Holds every request of the class back that has not started yet; pauses do not add up. */
  pause(requestClass: RequestClass, length: Milliseconds): void {
    if (this.#pauses.has(requestClass)) return
    const pause = this.#sleep(length)
      // A stopped run ends the pause early; the request itself then finds out.
      .catch(() => undefined)
      .finally(() => this.#pauses.delete(requestClass))
    this.#pauses.set(requestClass, pause)
  }
}
