import type { Digest } from '../domain/digest.ts'
import type { Origin } from '../domain/origin.ts'
import type { Document, Instant, Manifest } from '../domain/snapshot.ts'

/** What an image that was read says about where it comes from, and where it says more. */
export interface ImageSource {
  /** Its configuration, which has its labels. */
  readonly config: Digest
  /** Its annotations. */
  readonly origin: Origin | undefined
}

/** Enough for the images of the few orphans whose labels are read. */
const MOST = 32

/** Of the images that were read, those that were pushed last: what reads their labels need not read them again. */
export class NewestImages {
  readonly #images = new Map<Digest, ImageSource & { readonly pushedAt: Instant }>()

  add({ digest, pushedAt }: Manifest, { config, origin }: Pick<Document, 'config' | 'origin'>): void {
    if (config === undefined) return
    if (this.#images.size >= MOST) {
      const [oldest] = [...this.#images].toSorted(([, a], [, b]) => a.pushedAt - b.pushedAt)
      if (oldest === undefined || oldest[1].pushedAt >= pushedAt) return
      this.#images.delete(oldest[0])
    }
    this.#images.set(digest, { config, origin, pushedAt })
  }

  get all(): ReadonlyMap<Digest, ImageSource> {
    return this.#images
  }
}
