import type { Ticks } from '../clock.ts'
import type { Switches } from '../switches.ts'
import { openAttributes, type Attributes } from './attributes.ts'
import { blobBytes, type Blob } from './blobs.ts'
import { Collection } from './collection.ts'
import {
  digestOf,
  isIndexType,
  readManifest,
  readPlatform,
  withoutUndefined,
  type Manifest,
  type ManifestContent,
  type Tag,
} from './manifest.ts'
import { mediaTypes } from './media-types.ts'

export interface Push {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly at: Ticks
  /** What is known better than from the bytes, for pictures of registries whose bytes nobody has. */
  readonly known?: Partial<Omit<Manifest, 'bytes' | 'mediaType' | 'tags'>>
}

/** One repository: its manifests, tags and blobs, and the relations between manifests. */
export class Repository {
  readonly name: string
  createdAt: Ticks
  updatedAt: Ticks
  attributes: Attributes = openAttributes
  readonly manifests = new Collection<Manifest>((manifest) => manifest.digest)
  readonly tags = new Collection<Tag>((tag) => tag.name)
  readonly blobs = new Map<string, Blob>()
  readonly #referrers = new Map<string, Set<string>>()
  readonly #parents = new Map<string, Set<string>>()

  constructor(name: string, at: Ticks) {
    this.name = name
    this.createdAt = at
    this.updatedAt = at
  }

  /** By digest or by tag. */
  find(reference: string): Manifest | undefined {
    const digest = reference.includes(':') ? reference : this.tags.get(reference)?.digest
    return digest === undefined ? undefined : this.manifests.get(digest)
  }

  /** Stores a manifest. One that is there already stays as it is. */
  put(push: Push, rules: Switches): Manifest {
    const digest = push.known?.digest ?? digestOf(push.bytes)
    const present = this.manifests.get(digest)
    if (present !== undefined) {
      if (rules.repushUpdatesTime) this.manifests.touch(present, push.at)
      return present
    }
    const manifest = this.#manifest(push, digest, rules)
    this.restore(manifest)
    return manifest
  }

  /** Puts a ready-made manifest in its place, with its relations. */
  restore(manifest: Manifest): void {
    this.manifests.add(manifest)
    this.#changed(manifest.createdAt)
    if (manifest.subject !== undefined) addTo(this.#referrers, manifest.subject, manifest.digest)
    for (const child of manifest.children ?? []) addTo(this.#parents, child.digest, manifest.digest)
  }

  /** Points a tag at a manifest, moving it if it points elsewhere. The manifest it leaves stays, its times unchanged. */
  tag(name: string, digest: string, at: Ticks): Tag {
    const present = this.tags.get(name)
    if (present?.digest === digest) return present
    if (present !== undefined) this.#detach(present)
    const tag: Tag = {
      name,
      digest,
      createdAt: present?.createdAt ?? at,
      updatedAt: at,
      attributes: present?.attributes ?? openAttributes,
    }
    this.tags.add(tag)
    const manifest = this.manifests.get(digest)
    if (manifest !== undefined) (manifest.tags ??= new Set()).add(name)
    this.#changed(at)
    return tag
  }

  untag(name: string, at: Ticks, rules: Switches): Tag | undefined {
    const tag = this.tags.remove(name)
    if (tag === undefined) return undefined
    this.#detach(tag)
    const manifest = this.manifests.get(tag.digest)
    if (manifest !== undefined && rules.untagUpdatesTime) this.manifests.touch(manifest, at)
    this.#changed(at)
    return tag
  }

  /** Takes a manifest away with all its tags, which are returned. */
  remove(digest: string, at: Ticks): Tag[] {
    const manifest = this.manifests.remove(digest)
    if (manifest === undefined) return []
    const tags = [...(manifest.tags ?? [])].flatMap((name) => this.tags.remove(name) ?? [])
    if (manifest.subject !== undefined) removeFrom(this.#referrers, manifest.subject, digest)
    for (const child of manifest.children ?? []) removeFrom(this.#parents, child.digest, digest)
    this.#changed(at)
    return tags
  }

  /** Manifests that name this one as their subject. The subject itself need not be there. */
  referrersOf(digest: string): Manifest[] {
    return this.#held(this.#referrers.get(digest))
  }

  /** Indexes that list this manifest. */
  parentsOf(digest: string): Manifest[] {
    return this.#held(this.#parents.get(digest))
  }

  #held(digests: Iterable<string> = []): Manifest[] {
    return [...digests].sort().flatMap((digest) => this.manifests.get(digest) ?? [])
  }

  // Pictures of registries are not always painted in the order of time.
  #changed(at: Ticks): void {
    if (at < this.createdAt) this.createdAt = at
    if (at > this.updatedAt) this.updatedAt = at
  }

  #detach(tag: Tag): void {
    const manifest = this.manifests.get(tag.digest)
    manifest?.tags?.delete(tag.name)
    if (manifest?.tags?.size === 0) delete manifest.tags
  }

  #manifest(push: Push, digest: string, rules: Switches): Manifest {
    const content = readManifest(push.bytes)
    return {
      digest,
      mediaType: push.mediaType,
      bytes: push.bytes,
      imageSize: content === undefined ? 0 : this.#imageSize(push, content, rules),
      createdAt: push.at,
      updatedAt: push.at,
      attributes: openAttributes,
      ...withoutUndefined({
        ...this.#platform(content),
        configMediaType: content?.configMediaType,
        children: content?.children,
        subject: content?.subject,
      }),
      ...push.known,
    }
  }

  #platform(content: ManifestContent | undefined): { architecture?: string; os?: string } {
    if (content?.architecture !== undefined) return { architecture: content.architecture, os: 'linux' }
    const type = content?.configMediaType
    if (type !== mediaTypes.dockerConfig && type !== mediaTypes.ociConfig) return {}
    const config = this.blobs.get(content?.configDigest ?? '')
    const bytes = config === undefined ? undefined : blobBytes(config)
    return bytes === undefined ? {} : readPlatform(bytes)
  }

  // An image counts its layers only (recorded: go-2022-12-get-manifest-properties). What an index counts is not known; since
  // September 2021 it is more than the sum of its descriptors (recorded: js-2021-09-list-manifests, its note).
  #imageSize(push: Push, content: ManifestContent, rules: Switches): number {
    if (!isIndexType(push.mediaType) || content.children === undefined) return content.layerSizes
    if (rules.indexImageSize === 'bytes') return push.bytes.length
    const sizes = content.children.map((child) => {
      const held = rules.indexImageSize === 'aggregate' ? this.manifests.get(child.digest) : undefined
      if (held === undefined) return child.size ?? 0
      return held.imageSize + held.bytes.length + (readManifest(held.bytes)?.configSize ?? 0)
    })
    return sizes.reduce((total, size) => total + size, 0)
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([member]))
  else set.add(member)
}

function removeFrom(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  set?.delete(member)
  if (set?.size === 0) sets.delete(key)
}
