import pLimit, { type LimitFunction } from 'p-limit'
import type { Milliseconds } from '../domain/duration.ts'

/** Waits, unless the run is stopped first. */
export type Sleep = (length: Milliseconds) => Promise<void>

/**
 * One limit for all requests of the run: so many at a time, and none at all while the registry asks for a pause. A pause
 * that only the refused request kept would leave the others to run into the same refusal.
 */
export class Throttle {
  readonly #limit: LimitFunction
  readonly #sleep: Sleep
  #pause: Promise<void> | undefined

  constructor(concurrency: number, sleep: Sleep) {
    this.#limit = pLimit(concurrency)
    this.#sleep = sleep
  }

  /** Runs a request as soon as there is room and no pause. */
  run<Result>(request: () => Promise<Result>): Promise<Result> {
    return this.#limit(async () => {
      while (this.#pause !== undefined) await this.#pause
      return request()
    })
  }

  /** Holds every request back that has not started yet; pauses do not add up. */
  pause(length: Milliseconds): void {
    this.#pause ??= this.#sleep(length)
      // A stopped run ends the pause early; the request itself then finds out.
      .catch(() => undefined)
      .finally(() => {
        this.#pause = undefined
      })
  }
}
