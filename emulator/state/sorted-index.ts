const chunkLimit = 1024

/**
 * Items kept in order, in chunks: adding, removing and finding a place cost the logarithm of the size plus a move inside
 * one chunk, so that a repository of 140,000 manifests can be listed page by page while it is being changed.
 */
export class SortedIndex<T> {
  readonly #compare: (a: T, b: T) => number
  readonly #chunks: T[][] = []
  #size = 0

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    this.#size += 1
    const last = this.#chunks.length - 1
    const at = Math.min(
      this.#chunkFrom((candidate) => this.#compare(candidate, item) >= 0),
      last,
    )
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([item])
      return
    }
    chunk.splice(
      firstWhere(chunk, (candidate) => this.#compare(candidate, item) >= 0),
      0,
      item,
    )
    if (chunk.length > chunkLimit) this.#chunks.splice(at + 1, 0, chunk.splice(chunkLimit / 2))
  }

  delete(item: T): boolean {
    const at = this.#chunkFrom((candidate) => this.#compare(candidate, item) >= 0)
    const chunk = this.#chunks[at]
    if (chunk === undefined) return false
    const position = firstWhere(chunk, (candidate) => this.#compare(candidate, item) >= 0)
    const found = chunk[position]
    if (found === undefined || this.#compare(found, item) !== 0) return false
    chunk.splice(position, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    this.#size -= 1
    return true
  }

  /** In order, from the first item for which `reached` holds; it must hold for all items behind that one too. */
  *from(reached: (item: T) => boolean): Generator<T> {
    const start = this.#chunkFrom(reached)
    for (let at = start; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? []
      const first = at === start ? firstWhere(chunk, reached) : 0
      for (let position = first; position < chunk.length; position += 1) yield chunk[position] as T
    }
  }

  /** In reverse order, from the last item for which `passed` does not hold. */
  *backFrom(passed: (item: T) => boolean): Generator<T> {
    const start = Math.min(this.#chunkFrom(passed), this.#chunks.length - 1)
    for (let at = start; at >= 0; at -= 1) {
      const chunk = this.#chunks[at] ?? []
      const end = at === start ? firstWhere(chunk, passed) : chunk.length
      for (let position = end - 1; position >= 0; position -= 1) yield chunk[position] as T
    }
  }

  /** The first chunk whose last item satisfies the predicate: the chunk in which it starts to hold. */
  #chunkFrom(holds: (item: T) => boolean): number {
    return firstWhere(this.#chunks, (chunk) => {
      const last = chunk.at(-1)
      return last !== undefined && holds(last)
    })
  }
}

/** Position of the first element that satisfies a predicate which, once true, stays true. */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && holds(item)) high = middle
    else low = middle + 1
  }
  return low
}
