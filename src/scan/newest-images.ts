import type { Digest } from '../domain/digest.ts'
import type { Origin } from '../domain/origin.ts'
import type { Document, Instant, Manifest } from '../domain/snapshot.ts'
import { Newest } from './newest.ts'

/** What an image that was read says about where it comes from, and where it says more. */
export interface ImageSource {
  /** Its configuration, which has its labels. */
  readonly config: Digest
  /** Its annotations. */
  readonly origin: Origin | undefined
}

interface Image extends ImageSource {
  readonly digest: Digest
  readonly pushedAt: Instant
}

/** Enough for the images of the orphans whose labels are read. */
const MOST = 64

/** Of the images that were read, those that were pushed last: what reads their labels need not read them again. */
export class NewestImages {
  readonly #images = new Newest<Image>(MOST, (a, b) => a.pushedAt > b.pushedAt)

  add({ digest, pushedAt }: Manifest, { config, origin }: Document): void {
    if (config !== undefined) this.#images.add({ digest, config, origin, pushedAt })
  }

  get all(): ReadonlyMap<Digest, ImageSource> {
    return new Map(this.#images.all.map((image) => [image.digest, image]))
  }
}
