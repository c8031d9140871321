import type { Manifest } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import { parsePlatform, type Descriptor, type Platform } from './content.ts'
import type { ChildDescription } from './descriptions.ts'

interface Remembered {
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
}

/** What an index says of its children: what the repository knows of them, unless the description says otherwise. */
export class Descriptors {
  readonly #find: (digest: string) => Manifest | undefined
  readonly #remembered = new Map<string, Remembered>()

  constructor(find: (digest: string) => Manifest | undefined) {
    this.#find = find
  }

  /** Something that a manifest does not say of itself. */
  remember(digest: string, what: Remembered): void {
    this.#remembered.set(digest, what)
  }

  /** A subject is named by type, digest and size only. */
  ofSubject(digest: string): Descriptor {
    const { mediaType, size } = this.of(digest)
    return { mediaType, digest, size }
  }

  of(child: string | ChildDescription): Descriptor {
    const described: ChildDescription = typeof child === 'string' ? { digest: child } : child
    const held = this.#find(described.digest)
    const remembered = this.#remembered.get(described.digest)
    const platform =
      described.platform === undefined
        ? (remembered?.platform ?? platformOf(held))
        : parsePlatform(described.platform)
    const annotations = described.annotations ?? remembered?.annotations
    return {
      mediaType: described.mediaType ?? held?.mediaType ?? mediaTypes.ociManifest,
      digest: described.digest,
      size: described.size ?? held?.bytes.length ?? 525,
      ...(described.artifactType === undefined ? {} : { artifactType: described.artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(platform === undefined ? {} : { platform }),
    }
  }
}

function platformOf(manifest: Manifest | undefined): Platform | undefined {
  if (manifest?.architecture === undefined || manifest.os === undefined) return undefined
  return { architecture: manifest.architecture, os: manifest.os }
}
