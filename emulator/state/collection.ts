import type { Ticks } from '../clock.ts'
import { SortedIndex } from './sorted-index.ts'

/** Where a time-ordered page ended. */
export interface TimeCursor {
  readonly at: Ticks
  readonly key: string
}

interface Timed {
  updatedAt: Ticks
}

/** Manifests or tags of a repository: found by key, listed by key or by time of the last update. */
export class Collection<T extends Timed> {
  readonly #keyOf: (item: T) => string
  readonly #items = new Map<string, T>()
  readonly #byKey: SortedIndex<T>
  // Made when somebody first asks for it; most never do.
  #newestFirst: SortedIndex<T> | undefined

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf
    this.#byKey = new SortedIndex((a, b) => compareText(keyOf(a), keyOf(b)))
  }

  get size(): number {
    return this.#items.size
  }

  get(key: string): T | undefined {
    return this.#items.get(key)
  }

  has(key: string): boolean {
    return this.#items.has(key)
  }

  values(): IterableIterator<T> {
    return this.#items.values()
  }

  add(item: T): void {
    this.remove(this.#keyOf(item))
    this.#items.set(this.#keyOf(item), item)
    this.#byKey.add(item)
    this.#newestFirst?.add(item)
  }

  remove(key: string): T | undefined {
    const item = this.#items.get(key)
    if (item === undefined) return undefined
    this.#items.delete(key)
    this.#byKey.delete(item)
    this.#newestFirst?.delete(item)
    return item
  }

  touch(item: T, at: Ticks): void {
    this.#newestFirst?.delete(item)
    // The index finds items by their time, so it must change between the two.
    Object.assign(item, { updatedAt: at })
    this.#newestFirst?.add(item)
  }

  inKeyOrder(after: string | undefined): Iterable<T> {
    return this.#byKey.from((item) => after === undefined || this.#keyOf(item) > after)
  }

  newestFirst(after: TimeCursor | undefined): Iterable<T> {
    return this.#byTime().from(
      (item) => after === undefined || compareNewestFirst(this.#cursor(item), after) > 0,
    )
  }

  oldestFirst(after: TimeCursor | undefined): Iterable<T> {
    return this.#byTime().backFrom(
      (item) => after !== undefined && compareNewestFirst(this.#cursor(item), after) >= 0,
    )
  }

  #byTime(): SortedIndex<T> {
    if (this.#newestFirst !== undefined) return this.#newestFirst
    const compare = (a: T, b: T) => compareNewestFirst(this.#cursor(a), this.#cursor(b))
    const index = new SortedIndex(compare)
    for (const item of [...this.#items.values()].sort(compare)) index.add(item)
    this.#newestFirst = index
    return index
  }

  #cursor(item: T): TimeCursor {
    return { at: item.updatedAt, key: this.#keyOf(item) }
  }
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

// The service's cursor is `<Int64.Max - ticks>&<name>` (Azure/acr-cli#72), which sorts like this: newest first, then by name.
function compareNewestFirst(a: TimeCursor, b: TimeCursor): number {
  if (a.at !== b.at) return a.at > b.at ? -1 : 1
  return compareText(a.key, b.key)
}
