import type { Ticks } from '../clock.ts'
import { compareText } from './collection.ts'
import type { Manifest, Tag } from './manifest.ts'

const ticksPerDay = 864_000_000_000n

export interface DeletedManifest {
  readonly manifest: Manifest
  readonly deletedAt: Ticks
}

export interface DeletedTag {
  readonly tag: Tag
  readonly deletedAt: Ticks
}

interface DeletedRepository {
  readonly createdAt: Ticks
  deletedAt: Ticks
  readonly manifests: Map<string, DeletedManifest>
  readonly tags: Map<string, DeletedTag>
}

/** What was deleted under a soft-delete policy and is not yet purged. */
export class SoftDeleted {
  readonly #repositories = new Map<string, DeletedRepository>()

  keepManifest(repository: string, manifest: Manifest, at: Ticks): void {
    this.#of(repository, at).manifests.set(manifest.digest, { manifest, deletedAt: at })
  }

  keepTag(repository: string, tag: Tag, at: Ticks): void {
    this.#of(repository, at).tags.set(`${tag.name}@${tag.digest}`, { tag, deletedAt: at })
  }

  take(repository: string, digest: string): Manifest | undefined {
    const deleted = this.#repositories.get(repository)
    const manifest = deleted?.manifests.get(digest)?.manifest
    deleted?.manifests.delete(digest)
    return manifest
  }

  has(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.manifests.has(digest) ?? false
  }

  repositories(): { name: string; createdAt: Ticks; deletedAt: Ticks }[] {
    return [...this.#repositories]
      .filter(([, deleted]) => deleted.manifests.size > 0 || deleted.tags.size > 0)
      .map(([name, { createdAt, deletedAt }]) => ({ name, createdAt, deletedAt }))
      .sort((a, b) => compareText(a.name, b.name))
  }

  manifests(repository: string): DeletedManifest[] {
    return [...(this.#repositories.get(repository)?.manifests.values() ?? [])].sort((a, b) =>
      compareText(a.manifest.digest, b.manifest.digest),
    )
  }

  tags(repository: string): DeletedTag[] {
    return [...(this.#repositories.get(repository)?.tags.values() ?? [])].sort((a, b) =>
      compareText(a.tag.name, b.tag.name),
    )
  }

  /** What was deleted longer ago than the policy keeps it is gone for good. */
  purge(now: Ticks, days: number): void {
    const before = now - BigInt(days) * ticksPerDay
    for (const { manifests, tags } of this.#repositories.values()) {
      for (const [key, { deletedAt }] of manifests) if (deletedAt < before) manifests.delete(key)
      for (const [key, { deletedAt }] of tags) if (deletedAt < before) tags.delete(key)
    }
  }

  #of(repository: string, at: Ticks): DeletedRepository {
    const present = this.#repositories.get(repository)
    if (present !== undefined) {
      present.deletedAt = at
      return present
    }
    const deleted = { createdAt: at, deletedAt: at, manifests: new Map(), tags: new Map() }
    this.#repositories.set(repository, deleted)
    return deleted
  }
}
