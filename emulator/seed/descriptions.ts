import type { Duration, Instant } from '../clock.ts'
import type { Child } from '../state/manifest.ts'

/** When something was pushed: so long ago, or at an instant. Neither: now. */
export interface When {
  readonly age?: Duration
  readonly pushedAt?: Instant
}

/** Which of the two flags that guard against deleting are off. */
export type Lock = 'delete' | 'write' | 'all'

/** What every manifest can be described by. */
export interface ManifestDescription extends When {
  readonly tag?: string | readonly string[]
  /** The same name and description make the same bytes, in any repository. Without one each manifest is unlike all others. */
  readonly name?: string
  readonly subject?: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Of the manifest. For tags: `lock(tag)`. */
  readonly lock?: Lock
  readonly listEnabled?: boolean
  readonly readEnabled?: boolean
  /** In the place of what the registry would make of the bytes. */
  readonly imageSize?: number
}

/** A number of bytes, a number of bytes that several images share, or bytes. */
export type LayerDescription =
  | number
  | { readonly size: number; readonly share: string }
  | { readonly content: string | Uint8Array }

export type Format = 'oci' | 'docker'

export interface ImageDescription extends ManifestDescription {
  /** `linux/amd64`, `linux/arm64/v8`; null for an image whose config names none. */
  readonly platform?: string | null
  readonly format?: Format
  readonly layers?: readonly LayerDescription[]
  /** Of its configuration, as `LABEL` in a Dockerfile writes them. */
  readonly labels?: Readonly<Record<string, string>>
}

export interface IndexDescription extends ManifestDescription {
  readonly format?: Format
}

export interface MultiPlatformDescription extends IndexDescription {
  readonly platforms?: readonly string[]
  /** Also a provenance attestation for each platform, as buildx pushes them. */
  readonly attestations?: boolean
  readonly layers?: readonly LayerDescription[]
  readonly labels?: Readonly<Record<string, string>>
}

export interface MultiPlatform {
  readonly index: string
  readonly images: readonly string[]
  readonly attestations: readonly string[]
  /** All of them, children first. */
  readonly all: readonly string[]
}

/** A child of an index, where its digest does not say enough or the index should say something else of it. */
export interface ChildDescription {
  readonly digest: string
  readonly mediaType?: string
  readonly size?: number
  readonly platform?: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

type ReferrerKind = 'image' | 'index' | 'oras' | 'oci-artifact'

export interface ReferrerDescription extends Omit<ManifestDescription, 'subject'> {
  /** Of which kind of manifest; an image manifest without a word. */
  readonly kind?: ReferrerKind
  /** Of a referrer that is an index. */
  readonly children?: readonly (string | ChildDescription)[]
}

/** What cosign puts behind the digest; nothing for the fallback tag of clients without the referrers API. */
export type DigestTagSuffix = 'sig' | 'att' | 'sbom' | ''

/** A manifest of which only the metadata is known, as in a recorded list. */
export interface RecordDescription {
  readonly digest: string
  readonly mediaType: string
  readonly imageSize?: number
  readonly createdTime?: Instant
  readonly lastUpdateTime?: Instant
  readonly architecture?: string
  readonly os?: string
  readonly configMediaType?: string
  readonly tags?: readonly string[]
  readonly children?: readonly Child[]
  readonly subject?: string
  /** The bytes, if they are known; they need not hash to the digest. */
  readonly content?: string
  readonly changeableAttributes?: Readonly<Record<string, boolean | string>>
}

/** What holds for every manifest of a repository that does not say otherwise. */
export interface RepositoryDefaults extends When {
  readonly format?: Format
  readonly platform?: string
}
