import type { Milliseconds } from '../domain/duration.ts'
import type { Sleep, Stopwatch } from '../ports.ts'

/** Hands out turns at a steady rate: nobody gets one earlier because others did not take theirs. */
export class Pace {
  readonly #interval: Milliseconds
  readonly #elapsed: Stopwatch
  readonly #sleep: Sleep
  #next: Milliseconds = 0

  constructor(perSecond: number, { elapsed, sleep }: { readonly elapsed: Stopwatch; readonly sleep: Sleep }) {
    this.#interval = 1000 / perSecond
    this.#elapsed = elapsed
    this.#sleep = sleep
  }

  async turn(): Promise<void> {
    const now = this.#elapsed()
    const at = Math.max(now, this.#next)
    this.#next = at + this.#interval
    if (at > now) await this.#sleep(at - now)
  }
}
