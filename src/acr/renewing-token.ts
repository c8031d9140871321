import type { Milliseconds } from '../domain/duration.ts'
import type { Stopwatch } from '../ports.ts'

interface Token {
  readonly value: string
  /** Time left when it was issued; undefined when it does not say. */
  readonly lifetime: Milliseconds | undefined
}

interface Held<Kind> {
  readonly token: Promise<Kind>
  value?: string
  renewAt: Milliseconds
}

/** Renewed this long before its end, a short-lived token in the last third of its life. */
const RENEW_BEFORE: Milliseconds = 5 * 60_000

/** One token that is always good: shared by all who ask at once, and replaced before it ends. */
export class RenewingToken<Kind extends Token> {
  readonly #obtain: () => Promise<Kind>
  readonly #elapsed: Stopwatch
  #held: Held<Kind> | undefined

  constructor(obtain: () => Promise<Kind>, elapsed: Stopwatch) {
    this.#obtain = obtain
    this.#elapsed = elapsed
  }

  /** One request, however many wait for it; a failed one is not remembered. */
  get(): Promise<Kind> {
    if (this.#held !== undefined && this.#elapsed() < this.#held.renewAt) return this.#held.token
    const held: Held<Kind> = { token: this.#obtain(), renewAt: Infinity }
    this.#held = held
    void this.#settle(held)
    return held.token
  }

  /** Nobody gets this token again. */
  forget(value: string): void {
    if (this.#held?.value === value) this.#held = undefined
  }

  async #settle(held: Held<Kind>): Promise<void> {
    try {
      const { value, lifetime = Infinity } = await held.token
      held.value = value
      held.renewAt = this.#elapsed() + Math.max(lifetime - RENEW_BEFORE, (lifetime * 2) / 3)
    } catch {
      // Whoever asked learns of it; the next one may have more luck.
      if (this.#held === held) this.#held = undefined
    }
  }
}
