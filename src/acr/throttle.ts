import pLimit, { type LimitFunction } from 'p-limit'
import type { Milliseconds } from '../domain/duration.ts'
import type { Sleep } from '../ports.ts'

/** The registry counts and refuses requests by class (Microsoft Learn, "Azure Container Registry SKU features and limits"). */
export type RequestClass = 'read' | 'delete' | 'oauth'

/** What one answer says about how many more the registry takes. */
interface Pressure {
  /** How long to wait, when the request was refused as one too many. */
  readonly refused: Milliseconds | undefined
  /** Calls left in the registry's period, per second of it; most answers do not say. */
  readonly remaining: number | undefined
}

/** With less than this left (15 in a minute) a burst would be refused. */
const FEW_LEFT = 0.25
const BREATH: Milliseconds = 1000
const CALM_ANSWERS = 50

/**
 * One limit for all requests of the run: so many at a time, and none of a class while the registry asks for a pause. A
 * pause that only the refused request kept would leave the others to run into the same refusal.
 */
export class Throttle {
  readonly #limit: LimitFunction
  readonly #sleep: Sleep
  /** As many at a time as the author allows, without what is reserved. */
  #most: number
  /** Answers since the registry last refused one as too many. */
  #calm = 0
  readonly #pauses = new Map<RequestClass, Promise<void>>()

  constructor(concurrency: number, sleep: Sleep) {
    this.#limit = pLimit(concurrency)
    this.#most = concurrency
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
    this.#most = Math.max(1, this.#most - count)
    this.#limit.concurrency = Math.min(this.#limit.concurrency, this.#most)
  }

  /** What an answer says about the pace: a refusal halves the number of requests at a time, calm brings it back by and by. */
  heed(requestClass: RequestClass, { refused, remaining }: Pressure): void {
    if (refused !== undefined) {
      // All requests of one burst are refused together: that is one reason to go slower, not sixteen.
      if (!this.isPaused(requestClass))
        this.#limit.concurrency = Math.max(1, Math.floor(this.#limit.concurrency / 2))
      this.#calm = 0
      this.pause(requestClass, refused)
      return
    }
    if (remaining !== undefined && remaining < FEW_LEFT) this.pause(requestClass, BREATH)
    this.#calm += 1
    if (this.#calm % CALM_ANSWERS === 0 && this.#limit.concurrency < this.#most) this.#limit.concurrency += 1
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
