import type { Bytes } from './bytes.ts'
import type { Digest } from './digest.ts'
import type { Kind } from './media-type.ts'
import type { Origin } from './origin.ts'

/** Milliseconds since 1970, by the registry's clock. */
export type Instant = number

/** How many tags the service shows of one manifest before it cuts the list (Azure/azure-cli#7438, Azure/acr#529). */
export const TAGS_SHOWN = 10

/** One entry of a repository's manifest list. */
export interface Manifest {
  readonly digest: Digest
  /** Empty when the list gave none. */
  readonly mediaType: string
  readonly kind: Kind
  /** All tags, digest tags included. The service may cut the list of a manifest with many tags, but never to nothing. */
  readonly tags: readonly string[]
  /** The later of creation and last update: losing a tag changes neither. */
  readonly pushedAt: Instant
  /** Sum of the layers for an image; undefined when the service gave none. */
  readonly size: Bytes | undefined
  /** `os/architecture` of an image; undefined for indexes and artifacts. */
  readonly platform: string | undefined
  /** Undefined when the service does not show them to this identity. */
  readonly locks: Locks | undefined
}

/** `true` where the service allows the operation. */
export interface Locks {
  readonly delete: boolean
  readonly write: boolean
  readonly read: boolean
}

/** What one manifest says about others; read only where an edge can start. */
export interface Document {
  readonly mediaType: string
  /** Every descriptor of `manifests[]`, whatever type it claims. */
  readonly entries: readonly Descriptor[]
  readonly subject: Digest | undefined
  /** Reading it was disabled: the service told its children, and whether it refers to something is not known. */
  readonly partial?: true
  /** Of an image that was just read: where its labels are. Nobody keeps it. */
  readonly config?: Digest
  /** What it says about where it comes from, if it says anything. */
  readonly origin?: Origin
}

/** A document that names no other manifest, shared by the hundred thousand that do not. */
export const PLAIN: Document = { mediaType: '', entries: [], subject: undefined }

export function isPlain({ entries, subject }: Document): boolean {
  return entries.length === 0 && subject === undefined
}

export interface Descriptor {
  readonly digest: Digest
  /** What the index claims; nothing is decided by it but whether an absent manifest was meant to be one. */
  readonly mediaType: string
  /** `os/architecture[/variant]`, when the index says so. */
  readonly platform: string | undefined
}

/** What one scan saw of a repository. */
export interface Snapshot {
  readonly repository: string
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly documents: ReadonlyMap<Digest, Document>
  /** Listed, but gone when read: manifest and metadata both answered 404. */
  readonly vanished: ReadonlySet<Digest>
  /** Named by an index, never listed, and answered 404 at the end of the scan. */
  readonly missing: ReadonlySet<Digest>
}
