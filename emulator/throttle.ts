import type { RequestClass } from './protocol/routes.ts'
import type { Switches } from './switches.ts'

export type Sku = 'Basic' | 'Standard' | 'Premium'

interface Limit {
  readonly registry: number
  readonly identity?: number
}

export interface Admission {
  /** Seconds to the end of the period, when there is no room left in this one. */
  readonly retryAfter: number | undefined
  /** What is left for this class in the period, divided by its seconds, as the service's header states it. */
  readonly remainingPerSecond: number
}

/**
 * The documented limits, in requests per minute (product documentation, container-registry-skus; recording throttle-limits-2026).
 * Retry-After is documented to count down to the end of the period, so a period has a beginning: its first request. It is
 * measured on the machine's clock, because clients wait on theirs.
 */
export class Throttle {
  readonly #switches: Switches
  readonly #limits: Readonly<Record<RequestClass, Limit>>
  readonly #windows = new Map<string, { begun: number; used: number }>()

  constructor(sku: Sku, switches: Switches) {
    this.#switches = switches
    this.#limits = sku === 'Premium' ? premium : basicAndStandard
  }

  /** All anonymous callers are one identity, and so are all that use the admin user. */
  admit(requestClass: RequestClass, identity: string): Admission {
    const now = performance.now()
    // Listing referrers also counts as a read.
    const classes: RequestClass[] = requestClass === 'referrers' ? ['referrers', 'read'] : [requestClass]
    const windows = classes.flatMap((each) => this.#windowsOf(each, identity, now))
    const full = this.#switches.throttle ? windows.filter(({ left }) => left <= 0) : []
    if (full.length === 0) for (const { window } of windows) window.used += 1
    const ends = full.map(({ window }) => window.begun + this.#period() - now)
    const left = Math.max(0, Math.min(...windows.map((each) => each.left)) - 1)
    return {
      retryAfter: ends.length === 0 ? undefined : Math.max(1, Math.ceil(Math.max(...ends) / 1000)),
      remainingPerSecond: left / this.#switches.throttlePeriodSeconds,
    }
  }

  reset(): void {
    this.#windows.clear()
  }

  #windowsOf(requestClass: RequestClass, identity: string, now: number) {
    const { registry, identity: perIdentity } = this.#limits[requestClass]
    const buckets = [
      { key: requestClass, limit: registry },
      ...(perIdentity === undefined ? [] : [{ key: `${requestClass} ${identity}`, limit: perIdentity }]),
    ]
    return buckets.map(({ key, limit }) => {
      const window = this.#window(key, now)
      return { window, left: Math.max(1, Math.floor(limit * this.#switches.throttleScale)) - window.used }
    })
  }

  #window(key: string, now: number): { begun: number; used: number } {
    const present = this.#windows.get(key)
    if (present !== undefined && now < present.begun + this.#period()) return present
    const window = { begun: now, used: 0 }
    this.#windows.set(key, window)
    return window
  }

  #period(): number {
    return this.#switches.throttlePeriodSeconds * 1000
  }
}

/** Not the registry's: the limits of a storage account are far from what any test sends. */
const storage: Limit = { registry: Infinity }

const basicAndStandard: Readonly<Record<RequestClass, Limit>> = {
  read: { registry: 10_000, identity: 5000 },
  write: { registry: 2000, identity: 1000 },
  delete: { registry: 1000, identity: 500 },
  referrers: { registry: 500, identity: 250 },
  oauth: { registry: 10_000 },
  storage,
}

const premium: Readonly<Record<RequestClass, Limit>> = {
  read: { registry: 20_000, identity: 10_000 },
  write: { registry: 4000, identity: 2000 },
  delete: { registry: 4000, identity: 2000 },
  referrers: { registry: 2000, identity: 1000 },
  oauth: { registry: 20_000 },
  storage,
}
