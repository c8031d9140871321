import type { Origin } from '../../src/domain/origin.ts'
import type { Manifest as Stored, Tag as StoredTag } from '../../emulator/state/manifest.ts'
import type { Attributes } from '../../emulator/state/attributes.ts'
import { parseDigest, type Digest } from '../../src/domain/digest.ts'
import { kindOf } from '../../src/domain/media-type.ts'
import type { Document, Locks, Manifest } from '../../src/domain/snapshot.ts'
import { RegistryError } from '../../src/errors.ts'
import type {
  DeleteAnswer,
  Metadata,
  RegistryDeleter,
  RegistryReader,
  RepositoryReader,
  Tag,
} from '../../src/ports.ts'
import { millisecondsOf } from './facts.ts'
import { REPOSITORY } from './stock.ts'
import type { Beginning, World } from './world.ts'

/** How a run sees a world, and how it deletes in it: ports of one run. */
export class Doors implements RegistryReader, RegistryDeleter {
  readonly #world: World
  #beginning: Beginning | undefined
  #requests = 0

  constructor(world: World) {
    this.#world = world
  }

  async catalog(): Promise<readonly string[]> {
    return this.ask(() => [...this.#world.registry.state.names()])
  }

  expect(): void {}

  repository(name: string): RepositoryReader {
    if (name !== REPOSITORY) throw new Error(`there is no ${name}`)
    return new RepositoryDoor(this.#world, this)
  }

  now(): number {
    return this.#beginning?.began ?? 0
  }

  requests(): number {
    return this.#requests
  }

  reserve(): void {}

  async refusal(): Promise<undefined> {
    await this.ask(() => undefined)
  }

  async turn(): Promise<void> {
    await this.#world.beginLook()
  }

  async delete(_: string, digest: Digest): Promise<DeleteAnswer> {
    const world = this.#world
    const { start, began } = this.#beginning ?? { start: 0, began: 0 }
    const luck = world.chance(100)
    const error = new Error('no answer')
    // Nobody comes in between: the window is between the answers of the look and this.
    if (luck < world.manner.unclear) {
      if (luck % 4 === 0) return { kind: 'not-now' }
      if (luck % 8 === 1) return { kind: 'failed', error }
      if (luck % 4 === 2) world.delete(digest, { start, began })
      return { kind: 'unknown', error, wait: undefined }
    }
    return { kind: world.delete(digest, { start, began }) }
  }

  async ask<Answer>(take: () => Answer): Promise<Answer> {
    this.#requests += 1
    return this.#world.answer(() => {
      this.#beginning ??= { start: this.#world.version, began: this.#world.now }
      return take()
    })
  }
}

class RepositoryDoor implements RepositoryReader {
  readonly #world: World
  readonly #doors: Doors

  constructor(world: World, doors: Doors) {
    this.#world = world
    this.#doors = doors
  }

  async *manifests(): AsyncGenerator<readonly Manifest[]> {
    let after: string | undefined
    for (;;) {
      const page = await this.#doors.ask(() =>
        firstOf(this.#held().manifests.inKeyOrder(after), this.#world.manner.pageSize),
      )
      yield page.map(manifestOf)
      after = page.at(-1)?.digest
      if (page.length < this.#world.manner.pageSize) return
    }
  }

  async labels(): Promise<Origin> {
    return {}
  }

  async *newest(): AsyncGenerator<readonly Manifest[]> {
    let after: { readonly at: bigint; readonly key: string } | undefined
    for (;;) {
      const page = await this.#doors.ask(() => {
        const { look, version, repository } = this.#world
        if (after === undefined && look !== undefined) look.newest = version
        return firstOf(repository?.manifests.newestFirst(after) ?? [], this.#world.manner.newestSize)
      })
      if (page.length === 0) return
      yield page.map(manifestOf)
      const last = page.at(-1)
      if (last === undefined || page.length < this.#world.manner.newestSize) return
      after = { at: last.updatedAt, key: last.digest }
    }
  }

  async document(digest: Digest): Promise<Document | undefined> {
    return this.#doors.ask(() => {
      const stored = this.#held().manifests.get(digest)
      if (stored?.attributes.readEnabled === false) throw refused('server', 'reading is disabled')
      return stored === undefined ? undefined : documentOf(stored)
    })
  }

  async metadata(digest: Digest): Promise<Metadata | undefined> {
    return this.#doors.ask(() => {
      const { look, version, repository } = this.#world
      look?.metadata.set(digest, version)
      this.#world.concern(digest)
      const stored = repository?.manifests.get(digest)
      if (stored === undefined) return undefined
      const references = (stored.children ?? []).map((child) => known(child.digest))
      return { manifest: manifestOf(stored), references }
    })
  }

  async attributes(): Promise<{ manifestCount: number; locks: Locks } | undefined> {
    return this.#doors.ask(() => {
      const { repository } = this.#world
      if (repository === undefined) return undefined
      // What is hidden is counted: that it is there can be known in no other way.
      return { manifestCount: repository.manifests.size, locks: locksOf(repository.attributes) }
    })
  }

  async tagsOf(digest: Digest): Promise<readonly Tag[]> {
    return this.#doors.ask(() => {
      const { look, version, repository } = this.#world
      look?.tags.set(digest, version)
      return [...(repository?.manifests.get(digest)?.tags ?? [])].sort().flatMap((name): readonly Tag[] => {
        const tag: StoredTag | undefined = repository?.tags.get(name)
        return tag === undefined ? [] : [{ name, locks: locksOf(tag.attributes) }]
      })
    })
  }

  #held(): NonNullable<World['repository']> {
    const { repository } = this.#world
    if (repository === undefined) throw refused('not-found', 'there is no such repository')
    return repository
  }
}

function refused(kind: 'not-found' | 'server', cause: string): RegistryError {
  return new RegistryError({ kind, operation: 'read', repository: REPOSITORY, cause, cure: '' })
}

function firstOf(manifests: Iterable<Stored>, size: number): readonly Stored[] {
  return [...manifests].filter(({ attributes }) => attributes.listEnabled).slice(0, size)
}

function known(text: string): Digest {
  const digest = parseDigest(text)
  if (digest === undefined) throw new Error(`${text} is no digest`)
  return digest
}

function locksOf({ deleteEnabled, writeEnabled, readEnabled }: Attributes): Locks {
  return { delete: deleteEnabled, write: writeEnabled, read: readEnabled }
}

function manifestOf(stored: Stored): Manifest {
  const { digest, mediaType, tags, imageSize, attributes } = stored
  return {
    digest: known(digest),
    mediaType,
    kind: kindOf(mediaType),
    tags: [...(tags ?? [])].sort(),
    pushedAt: millisecondsOf(stored),
    size: imageSize,
    platform: undefined,
    locks: locksOf(attributes),
  }
}

interface Json {
  readonly manifests?: readonly { readonly digest: string; readonly mediaType: string }[]
  readonly subject?: { readonly digest: string }
}

function documentOf({ mediaType, bytes }: Stored): Document {
  const { manifests = [], subject } = JSON.parse(Buffer.from(bytes).toString()) as Json
  return {
    mediaType,
    entries: manifests.map((entry) => ({
      digest: known(entry.digest),
      mediaType: entry.mediaType,
      platform: undefined,
    })),
    subject: subject === undefined ? undefined : known(subject.digest),
  }
}
