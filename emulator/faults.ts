import type { RequestClass, RouteName } from './protocol/routes.ts'
import type { Registry } from './seed/registry.ts'

/** Which requests a fault is for. What is not given matches all. */
export interface FaultMatch {
  readonly method?: string
  /** The decoded path without the query: exactly, with `*` for any run of characters, or a pattern. */
  readonly path?: string | RegExp
  readonly class?: RequestClass
  readonly route?: RouteName
  readonly identity?: string
  /** Only the n-th of the requests that match the rest, counted from 1; or several of them. */
  readonly nth?: number | readonly number[]
  /** Only from the n-th on. */
  readonly from?: number
  /** So many times at most. */
  readonly times?: number
}

/** What happens to a request that matches. */
export type FaultEffect =
  | {
      /** This answer instead of the registry's. A body is made up where none is given. */
      readonly status: number
      readonly body?: string | object
      readonly headers?: Readonly<Record<string, string>>
      readonly retryAfter?: number
      /** The registry does what was asked all the same; only the answer is another. */
      readonly afterEffect?: boolean
    }
  /** The connection is cut: before anything happened, or after it did, so that the client cannot know. */
  | { readonly drop: 'before' | 'after' }
  /** No answer ever comes, and nothing happens. */
  | { readonly hang: true }
  | { readonly delayMs: number }
  /** In process only: something happens in the registry just before the request is handled. */
  | { readonly do: (registry: Registry) => void | Promise<void> }

export interface Fault {
  readonly id: number
  readonly match: FaultMatch
  readonly effect: FaultEffect
  /** How many requests it was applied to. */
  readonly hits: number
  remove(): void
}

/** A request as faults see it. */
export interface Target {
  readonly method: string
  readonly path: string
  readonly class: RequestClass
  readonly route: RouteName
  readonly identity: string | undefined
}

interface Entry {
  readonly id: number
  readonly match: FaultMatch
  readonly effect: FaultEffect
  seen: number
  hits: number
}

/** The script of what goes wrong. */
export class Faults {
  readonly #entries = new Map<number, Entry>()
  #last = 0

  add(match: FaultMatch, effect: FaultEffect): Fault {
    this.#last += 1
    const entry: Entry = { id: this.#last, match, effect, seen: 0, hits: 0 }
    this.#entries.set(entry.id, entry)
    return this.#view(entry)
  }

  /** Something happens in the registry just before a request is handled: a tag moves onto a digest before the third DELETE. */
  before(match: FaultMatch, action: (registry: Registry) => void | Promise<void>): Fault {
    return this.add(match, { do: action })
  }

  list(): Fault[] {
    return [...this.#entries.values()].map((entry) => this.#view(entry))
  }

  remove(id: number): boolean {
    return this.#entries.delete(id)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** The effects on a request, in the order in which the faults were added. Counts the request. */
  effectsOn(target: Target): FaultEffect[] {
    return [...this.#entries.values()].flatMap((entry) => {
      if (!concerns(entry.match, target)) return []
      entry.seen += 1
      if (!isDue(entry)) return []
      entry.hits += 1
      return [entry.effect]
    })
  }

  #view(entry: Entry): Fault {
    return {
      id: entry.id,
      match: entry.match,
      effect: entry.effect,
      get hits() {
        return entry.hits
      },
      remove: () => {
        this.#entries.delete(entry.id)
      },
    }
  }
}

function concerns(match: FaultMatch, target: Target): boolean {
  const fields = ['method', 'class', 'route', 'identity'] as const
  if (fields.some((field) => match[field] !== undefined && match[field] !== target[field])) return false
  if (match.path === undefined) return true
  return match.path instanceof RegExp
    ? match.path.test(target.path)
    : globToPattern(match.path).test(target.path)
}

function isDue({ match, seen, hits }: Entry): boolean {
  if (match.times !== undefined && hits >= match.times) return false
  if (match.from !== undefined && seen < match.from) return false
  return match.nth === undefined || [match.nth].flat().includes(seen)
}

function globToPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`)
}
