import { setTimeout as wait } from 'node:timers/promises'
import type { RegistryWords, Words } from './request-log.ts'
import type { Registry } from './seed/registry.ts'

/** Which requests a fault is for. What is not given matches all. */
export interface FaultMatch<W extends Words = RegistryWords> {
  readonly method?: string
  /** The decoded path without the query: exactly, with `*` for any run of characters, or a pattern. */
  readonly path?: string | RegExp
  readonly class?: W['class']
  readonly route?: W['route']
  readonly identity?: string
  /** Only the n-th of the requests that match the rest, counted from 1; or several of them. */
  readonly nth?: number | readonly number[]
  /** Only from the n-th on. */
  readonly from?: number
  /** So many times at most. */
  readonly times?: number
}

/** What happens to a request that matches. */
export type FaultEffect<Scene = Registry> =
  | {
      /** This answer instead of the service's. A body is made up where none is given. */
      readonly status: number
      readonly body?: string | object
      readonly headers?: Readonly<Record<string, string>>
      readonly retryAfter?: number
      /** The service does what was asked all the same; only the answer is another. */
      readonly afterEffect?: boolean
    }
  /** The connection is cut: before anything happened, or after it did, so that the client cannot know. */
  | { readonly drop: 'before' | 'after' }
  /** No answer ever comes, and nothing happens. */
  | { readonly hang: true }
  | { readonly delayMs: number }
  /** In process only: something happens in the service just before the request is handled. */
  | { readonly do: (scene: Scene) => void | Promise<void> }

export interface Fault<W extends Words = RegistryWords, Scene = Registry> {
  readonly id: number
  readonly match: FaultMatch<W>
  readonly effect: FaultEffect<Scene>
  /** How many requests it was applied to. */
  readonly hits: number
  remove(): void
}

/** A request as faults see it. */
export interface Target<W extends Words = RegistryWords> {
  readonly method: string
  readonly path: string
  readonly class: W['class']
  readonly route: W['route']
  readonly identity: string | undefined
}

interface Entry<W extends Words, Scene> {
  readonly id: number
  readonly match: FaultMatch<W>
  readonly effect: FaultEffect<Scene>
  seen: number
  hits: number
}

/** The script of what goes wrong. */
export class Faults<W extends Words = RegistryWords, Scene = Registry> {
  readonly #entries = new Map<number, Entry<W, Scene>>()
  #last = 0

  add(match: FaultMatch<W>, effect: FaultEffect<Scene>): Fault<W, Scene> {
    this.#last += 1
    const entry: Entry<W, Scene> = { id: this.#last, match, effect, seen: 0, hits: 0 }
    this.#entries.set(entry.id, entry)
    return this.#view(entry)
  }

  /** Something happens in the service just before a request is handled: a tag moves onto a digest before the third DELETE. */
  before(match: FaultMatch<W>, action: (scene: Scene) => void | Promise<void>): Fault<W, Scene> {
    return this.add(match, { do: action })
  }

  list(): Fault<W, Scene>[] {
    return [...this.#entries.values()].map((entry) => this.#view(entry))
  }

  remove(id: number): boolean {
    return this.#entries.delete(id)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** The effects on a request, in the order in which the faults were added. Counts the request. */
  effectsOn(target: Target<W>): FaultEffect<Scene>[] {
    return [...this.#entries.values()].flatMap((entry) => {
      if (!concerns(entry.match, target)) return []
      entry.seen += 1
      if (!isDue(entry)) return []
      entry.hits += 1
      return [entry.effect]
    })
  }

  #view(entry: Entry<W, Scene>): Fault<W, Scene> {
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

/** What the log says of it. */
export function describeEffect(effect: FaultEffect<never>): string {
  if ('drop' in effect) return `dropped ${effect.drop} the effect`
  if ('hang' in effect) return 'never answered'
  return 'status' in effect ? `answered ${effect.status}` : 'delayed'
}

/** Waits for as long as the effects say, on top of `least`; false when the service closes meanwhile. */
export async function delayed(
  effects: readonly FaultEffect<never>[],
  least: number,
  closing: AbortSignal,
): Promise<boolean> {
  const delays = effects.flatMap((effect) => ('delayMs' in effect ? effect.delayMs : []))
  const milliseconds = delays.reduce((total, each) => total + each, least)
  if (milliseconds <= 0) return true
  try {
    await wait(milliseconds, undefined, { signal: closing })
    return true
  } catch {
    return false
  }
}

function concerns<W extends Words>(match: FaultMatch<W>, target: Target<W>): boolean {
  const fields = ['method', 'class', 'route', 'identity'] as const
  if (fields.some((field) => match[field] !== undefined && match[field] !== target[field])) return false
  if (match.path === undefined) return true
  return match.path instanceof RegExp
    ? match.path.test(target.path)
    : globToPattern(match.path).test(target.path)
}

function isDue<W extends Words, Scene>({ match, seen, hits }: Entry<W, Scene>): boolean {
  if (match.times !== undefined && hits >= match.times) return false
  if (match.from !== undefined && seen < match.from) return false
  return match.nth === undefined || [match.nth].flat().includes(seen)
}

function globToPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`)
}
