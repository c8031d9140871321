import { ticksIn, ticksOf, type Ticks } from '../clock.ts'
import { openAttributes, type Attributes } from '../state/attributes.ts'
import type { Blob } from '../state/blobs.ts'
import { deleteManifest } from '../state/deletion.ts'
import { digestOf, type Manifest, type Tag } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import type { Repository } from '../state/repository.ts'
import type { Lock, ManifestDescription, RepositoryDefaults, When } from './descriptions.ts'
import type { Registry } from './registry.ts'

export interface PushDescription extends ManifestDescription {
  readonly blobs?: readonly Blob[]
  readonly mediaType?: string
}

/** What can happen to a repository, and what can be asked of it. A reference is a digest or a tag. */
export class RepositoryEvents {
  readonly name: string
  readonly registry: Registry
  protected readonly defaults: RepositoryDefaults

  constructor(registry: Registry, name: string, defaults: RepositoryDefaults = {}) {
    this.registry = registry
    this.name = name
    this.defaults = defaults
  }

  /** Any manifest, as an object or as its bytes. */
  push(manifest: object | Uint8Array, description: PushDescription = {}): string {
    const bytes = manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest))
    const stated = manifest instanceof Uint8Array ? undefined : (manifest as { mediaType?: string }).mediaType
    const mediaType = description.mediaType ?? stated ?? mediaTypes.ociManifest
    const at = this.at(description)
    const repository = this.stored(at)
    for (const blob of description.blobs ?? []) repository.blobs.set(blob.digest, blob)
    const known = description.imageSize === undefined ? {} : { imageSize: description.imageSize }
    const manifestStored = repository.put({ bytes, mediaType, at, known }, this.registry.switches)
    manifestStored.attributes = attributesOf(description, manifestStored.attributes)
    for (const tag of [description.tag ?? []].flat()) repository.tag(tag, manifestStored.digest, at)
    this.registry.state.refresh(repository, this.registry.switches)
    return manifestStored.digest
  }

  /** Bytes that are no manifest. */
  blob(content: string | Uint8Array): string {
    const blob = {
      digest: digestOf(content),
      size: Buffer.byteLength(content),
      content: Buffer.from(content),
    }
    this.stored().blobs.set(blob.digest, blob)
    return blob.digest
  }

  /** Puts a tag on a manifest, taking it from another if it is there already. */
  tag(name: string, reference: string, when: When = {}): void {
    this.stored().tag(name, this.#found(reference).digest, this.at(when))
  }

  untag(name: string, when: When = {}): void {
    this.stored().untag(name, this.at(when), this.registry.switches)
  }

  /** Locks a manifest (by digest) or a tag (by name). The two know nothing of each other. */
  lock(reference: string, lock: Lock = 'all'): void {
    this.setAttributes(reference, lockAttributes(lock))
  }

  unlock(reference: string): void {
    this.setAttributes(reference, { deleteEnabled: true, writeEnabled: true })
  }

  lockRepository(lock: Lock = 'all'): void {
    this.setRepositoryAttributes(lockAttributes(lock))
  }

  setAttributes(reference: string, attributes: Partial<Attributes>): void {
    const target = reference.includes(':') ? this.#found(reference) : this.stored().tags.get(reference)
    if (target === undefined) throw new Error(`${this.name} has no tag ${reference}`)
    target.attributes = { ...target.attributes, ...attributes }
  }

  setRepositoryAttributes(attributes: Partial<Attributes>): void {
    const repository = this.stored()
    repository.attributes = { ...repository.attributes, ...attributes }
  }

  /** What DELETE does, with everything that goes along. Returns what is gone. */
  delete(reference: string): readonly string[] {
    const { state, clock, switches } = this.registry
    const target = { repository: this.stored(), digest: this.#found(reference).digest }
    const deletion = deleteManifest(state, target, { at: clock.now(), rules: switches })
    if (deletion.kind !== 'deleted') throw new Error(`${this.name}@${target.digest} is ${deletion.kind}`)
    return deletion.manifests
  }

  /** This manifest alone is gone, locked or not, and nothing along with it: a retention policy, a lost blob. */
  vanish(reference: string): void {
    const repository = this.stored()
    repository.remove(this.#found(reference).digest, this.registry.clock.now())
    this.registry.state.refresh(repository, this.registry.switches)
  }

  /** All digests, in order. */
  digests(): string[] {
    return [...this.stored().manifests.inKeyOrder(undefined)].map((manifest) => manifest.digest)
  }

  /** Tag names, in order, with what they point at. */
  tags(): Record<string, string> {
    return Object.fromEntries(
      [...this.stored().tags.inKeyOrder(undefined)].map((tag) => [tag.name, tag.digest]),
    )
  }

  has(reference: string): boolean {
    return this.stored().find(reference) !== undefined
  }

  manifest(reference: string): Manifest | undefined {
    return this.stored().find(reference)
  }

  tagNamed(name: string): Tag | undefined {
    return this.stored().tags.get(name)
  }

  get size(): number {
    return this.stored().manifests.size
  }

  protected stored(at = this.registry.clock.now()): Repository {
    return this.registry.state.repositoryForPush(this.name, at)
  }

  protected at(when: When): Ticks {
    const { age, pushedAt } = 'age' in when || 'pushedAt' in when ? when : this.defaults
    if (pushedAt !== undefined) return ticksOf(pushedAt)
    return this.registry.clock.now() - (age === undefined ? 0n : ticksIn(age))
  }

  #found(reference: string): Manifest {
    const manifest = this.stored().find(reference)
    if (manifest === undefined) throw new Error(`${this.name} has no manifest ${reference}`)
    return manifest
  }
}

function attributesOf(description: ManifestDescription, present: Attributes): Attributes {
  const { lock, listEnabled, readEnabled } = description
  if (lock === undefined && listEnabled === undefined && readEnabled === undefined) return present
  return {
    ...openAttributes,
    ...present,
    ...(lock === undefined ? {} : lockAttributes(lock)),
    ...(listEnabled === undefined ? {} : { listEnabled }),
    ...(readEnabled === undefined ? {} : { readEnabled }),
  }
}

function lockAttributes(lock: Lock): Partial<Attributes> {
  return { deleteEnabled: lock === 'write', writeEnabled: lock === 'delete' }
}
