/** Of a hundred thousand the few that come first, in their order; what is added later stands behind its equals. */
export class Newest<Item> {
  readonly #most: number
  readonly #isBefore: (a: Item, b: Item) => boolean
  readonly #items: Item[] = []

  constructor(most: number, isBefore: (a: Item, b: Item) => boolean) {
    this.#most = most
    this.#isBefore = isBefore
  }

  add(item: Item): void {
    const last = this.#items.at(-1)
    if (this.#items.length >= this.#most && last !== undefined && !this.#isBefore(item, last)) return
    const place = this.#items.findIndex((other) => this.#isBefore(item, other))
    this.#items.splice(place < 0 ? this.#items.length : place, 0, item)
    this.#items.length = Math.min(this.#items.length, this.#most)
  }

  get all(): readonly Item[] {
    return this.#items
  }
}
