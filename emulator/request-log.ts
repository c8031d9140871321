import { formatTicks, type Clock } from './clock.ts'
import type { RequestClass, RouteName } from './protocol/routes.ts'

/** The words a service has for its requests: where they go, what they count as, how they are authorized. */
export interface Words {
  readonly route: string
  readonly class: string
  readonly authorization: string
}

export interface RegistryWords {
  readonly route: RouteName
  readonly class: RequestClass
  /** Never with what. */
  readonly authorization: 'none' | 'basic' | 'bearer' | 'bearer-expired' | 'bearer-invalid'
}

export interface Received<W extends Words = RegistryWords> {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  /** The parameters that are no secrets. */
  readonly query: Readonly<Record<string, string>>
  readonly route: W['route']
  readonly class: W['class']
  readonly identity: string | undefined
  readonly authorization: W['authorization']
}

export interface LoggedRequest<W extends Words = RegistryWords> extends Omit<Received<W>, 'identity'> {
  /** At the token endpoints: of the token that was issued. */
  identity: string | undefined
  readonly number: number
  /** The registry's time. */
  readonly time: string
  /** Undefined while it is being answered, and for one that never is. */
  status?: number
  milliseconds?: number
  /** What a fault did to it. */
  fault?: string
  /** Why it was refused, where the service says so with a code. */
  error?: string
}

export interface Counts<W extends Words = RegistryWords> {
  readonly total: number
  readonly byClass: Readonly<Partial<Record<W['class'], number>>>
  readonly byRoute: Readonly<Partial<Record<W['route'], number>>>
  /** `dropped` for those that got no answer. */
  readonly byStatus: Readonly<Record<string, number>>
  readonly inFlight: number
  readonly peakInFlight: number
}

/** Every request since the last reset. Old entries are forgotten beyond the limit, the counts stay exact. */
export class RequestLog<W extends Words = RegistryWords> {
  readonly #clock: Clock
  readonly #limit: number
  #entries: LoggedRequest<W>[] = []
  #total = 0
  #byClass = new Map<string, number>()
  #byRoute = new Map<string, number>()
  #byStatus = new Map<string, number>()
  #inFlight = 0
  #peakInFlight = 0

  constructor(clock: Clock, limit = 100_000) {
    this.#clock = clock
    this.#limit = limit
  }

  /** Logs a request; the function returned is to be called when it is over. */
  begin(received: Received<W>): { entry: LoggedRequest<W>; end: (status: number | undefined) => void } {
    const started = performance.now()
    this.#total += 1
    const entry: LoggedRequest<W> = {
      number: this.#total,
      time: formatTicks(this.#clock.now()),
      ...received,
    }
    this.#keep(entry)
    count(this.#byClass, entry.class)
    count(this.#byRoute, entry.route)
    this.#inFlight += 1
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#inFlight)
    let over = false
    const end = (status: number | undefined) => {
      if (over) return
      over = true
      this.#inFlight -= 1
      entry.milliseconds = Math.round(performance.now() - started)
      if (status !== undefined) entry.status = status
      count(this.#byStatus, String(status ?? 'dropped'))
    }
    return { entry, end }
  }

  /** In the order of arrival; those that match every field given. A path may be a pattern. */
  requests(
    filter: Partial<Omit<LoggedRequest<W>, 'path' | 'query'>> & { path?: string | RegExp } = {},
  ): LoggedRequest<W>[] {
    const { path, ...fields } = filter
    return this.#entries.filter((entry) => {
      if (path instanceof RegExp ? !path.test(entry.path) : path !== undefined && path !== entry.path)
        return false
      return Object.entries(fields).every(([key, value]) => entry[key as keyof LoggedRequest<W>] === value)
    })
  }

  counts(): Counts<W> {
    return {
      total: this.#total,
      byClass: Object.fromEntries(this.#byClass) as Counts<W>['byClass'],
      byRoute: Object.fromEntries(this.#byRoute) as Counts<W>['byRoute'],
      byStatus: Object.fromEntries(this.#byStatus),
      inFlight: this.#inFlight,
      peakInFlight: this.#peakInFlight,
    }
  }

  /** Requests that are being answered right now stay counted as in flight. */
  reset(): void {
    this.#entries = []
    this.#total = 0
    this.#byClass = new Map()
    this.#byRoute = new Map()
    this.#byStatus = new Map()
    this.#peakInFlight = this.#inFlight
  }

  #keep(entry: LoggedRequest<W>): void {
    this.#entries.push(entry)
    // Cut seldom, so that a request costs no more for being the hundred thousandth.
    if (this.#entries.length > this.#limit * 2) this.#entries = this.#entries.slice(-this.#limit)
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
