import type { ResourceManagerSwitches } from './switches.ts'

export interface GraphAdmission {
  readonly admitted: boolean
  readonly remaining: number
  /** Seconds to the end of the window, at least one. */
  readonly resetsAfter: number
}

/** Measured on the machine's clock, because clients wait on theirs. */
export class Quotas {
  readonly #switches: ResourceManagerSwitches
  readonly #windows = new Map<string, { begun: number; used: number }>()
  readonly #buckets = new Map<string, { filled: number; tokens: number }>()

  constructor(switches: ResourceManagerSwitches) {
    this.#switches = switches
  }

  /** Resource Graph counts queries of a user in windows (documented: 15 in 5 seconds, guidance-for-throttled-requests). */
  admitQuery(user: string): GraphAdmission {
    const now = performance.now()
    const length = this.#switches.graphQuotaSeconds * 1000
    const present = this.#windows.get(user)
    const window = present !== undefined && now < present.begun + length ? present : { begun: now, used: 0 }
    this.#windows.set(user, window)
    const admitted = window.used < this.#switches.graphQuota
    if (admitted) window.used += 1
    return {
      admitted,
      remaining: this.#switches.graphQuota - window.used,
      resetsAfter: Math.max(1, Math.ceil((window.begun + length - now) / 1000)),
    }
  }

  /** Resource Manager has a token bucket for each subscription and principal (documented: 250, 25 more each second). */
  admitRead(subscriptionId: string, user: string): { readonly remaining: number; readonly wait: number } {
    const { readBucket, readRefillPerSecond } = this.#switches
    const key = `${subscriptionId} ${user}`
    const now = performance.now()
    const { filled, tokens } = this.#buckets.get(key) ?? { filled: now, tokens: readBucket }
    const present = Math.min(readBucket, tokens + ((now - filled) / 1000) * readRefillPerSecond)
    const wait = present >= 1 ? 0 : Math.max(1, Math.ceil((1 - present) / readRefillPerSecond))
    const left = wait === 0 ? present - 1 : present
    this.#buckets.set(key, { filled: now, tokens: left })
    return { remaining: Math.floor(left), wait }
  }

  /** As when nobody had asked for anything. */
  reset(): void {
    this.#windows.clear()
    this.#buckets.clear()
  }
}

/** `hh:mm:ss`, as the service states it. */
export function timeSpan(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
