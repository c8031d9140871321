/** What a token allows with the entries of one ref. */
export interface CacheScope {
  readonly ref: string
  readonly permission: 'read' | 'write'
}

/** Where an entry belongs; no two have all three in common. */
export interface CacheAddress {
  readonly ref: string
  readonly key: string
  /** A hash of paths and compression, made by the client. */
  readonly version: string
}

/** An entry that can be found. */
export interface CacheEntry extends CacheAddress {
  readonly id: number
  readonly content: Buffer
}

interface Slot extends CacheAddress {
  readonly id: number
  readonly blocks: Map<string, Buffer>
  content: Buffer | undefined
  /** When it was finished, in the order of all; undefined as long as nobody can find it. */
  finished: number | undefined
}

/** What the cache of one repository holds. An entry is reserved, uploaded, finished, and then never changed. */
export class CacheEntries {
  #slots: Slot[] = []
  #lastId = 0
  #finishes = 0

  /** @returns its id; undefined when there is one already, finished or not */
  reserve(address: CacheAddress): number | undefined {
    if (this.#at(address) !== undefined) return undefined
    this.#lastId += 1
    this.#slots.push({
      ...address,
      id: this.#lastId,
      blocks: new Map(),
      content: undefined,
      finished: undefined,
    })
    return this.#lastId
  }

  /** @returns its id; undefined when nothing of this size was uploaded there */
  finish(address: CacheAddress, size: number): number | undefined {
    const slot = this.#at(address)
    if (slot?.content?.length !== size || slot.finished !== undefined) return undefined
    this.#finishes += 1
    slot.finished = this.#finishes
    return slot.id
  }

  /**
   * Ref by ref. In each of them first the key, then what begins with it, then the same with each restore key; of several that
   * begin so, the newest (GitHub Docs, "Dependency caching reference": cache key matching).
   */
  find(refs: readonly string[], keys: readonly string[], version: string): CacheEntry | undefined {
    const newest = this.list().reverse()
    for (const ref of refs) {
      const there = newest.filter((entry) => entry.ref === ref && entry.version === version)
      for (const wanted of keys) {
        const found =
          there.find(({ key }) => key === wanted) ?? there.find(({ key }) => key.startsWith(wanted))
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** Those that can be found, the oldest first. */
  list(): CacheEntry[] {
    return this.#slots
      .filter(({ finished }) => finished !== undefined)
      .toSorted((a, b) => (a.finished ?? 0) - (b.finished ?? 0))
      .map(({ id, ref, key, version, content }) => ({
        id,
        ref,
        key,
        version,
        content: content ?? Buffer.alloc(0),
      }))
  }

  /** Everything is evicted, reservations too. */
  clear(): void {
    this.#slots = []
  }

  /** What was uploaded, finished or not. */
  contentOf(id: number): Buffer | undefined {
    return this.#slot(id)?.content
  }

  /** @returns false when there is no such reservation, or it is finished */
  upload(id: number, content: Buffer): boolean {
    const slot = this.#slot(id)
    if (slot === undefined || slot.finished !== undefined) return false
    slot.content = content
    return true
  }

  uploadBlock(id: number, { block, content }: { block: string; content: Buffer }): boolean {
    const slot = this.#slot(id)
    if (slot === undefined || slot.finished !== undefined) return false
    slot.blocks.set(block, content)
    return true
  }

  /** @returns false also when one of the blocks was never uploaded */
  joinBlocks(id: number, blocks: readonly string[]): boolean {
    const parts = blocks.flatMap((block) => this.#slot(id)?.blocks.get(block) ?? [])
    return parts.length === blocks.length && this.upload(id, Buffer.concat(parts))
  }

  #at({ ref, key, version }: CacheAddress): Slot | undefined {
    return this.#slots.find((slot) => slot.ref === ref && slot.key === key && slot.version === version)
  }

  #slot(id: number): Slot | undefined {
    return this.#slots.find((slot) => slot.id === id)
  }
}
