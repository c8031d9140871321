import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { PLAIN, type Document } from '../../src/domain/snapshot.ts'
import { decodeMemory, encodeMemory } from '../../src/memory/codec.ts'
import { counted, workspace, type Counted, type Workspace } from './remembering.ts'
import { CASCADES } from './survivors.ts'

const OLD = { age: '9d' }
const PURGE = { purge: 'true', 'older-than': '0d', repositories: '**', state: 'state' }

type Lies = Readonly<Record<string, Document>>

/** A registry, what of it is in use, and a state that says something else of it. */
class World implements AsyncDisposable {
  readonly emulator: Emulator
  readonly inUse: readonly string[]
  readonly orphans: readonly string[]
  readonly named: ReturnType<typeof paintInUse>

  private constructor(emulator: Emulator, named: ReturnType<typeof paintInUse>, orphans: readonly string[]) {
    this.emulator = emulator
    this.named = named
    this.orphans = orphans
    this.inUse = emulator.registry
      .repo('app')
      .digests()
      .filter((digest) => !orphans.includes(digest))
  }

  static async start(options: EmulatorOptions = {}): Promise<World> {
    const emulator = await startEmulator(options)
    const app = emulator.registry.repo('app')
    const named = paintInUse(emulator)
    return new World(emulator, named, [...app.multiPlatform(OLD).all, ...app.images(2, () => OLD)])
  }

  /** Purges with a state that says this of the manifests of `app`, and, of those that are not named, the truth. */
  async purge(lies: Lies): Promise<Counted> {
    using place = workspace()
    await counted(this.emulator, { state: 'state' }, place.options)
    this.poison(place, lies)
    return await counted(this.emulator, PURGE, place.options)
  }

  /** Changes what an earlier run kept. */
  poison(place: Workspace, lies: Lies): void {
    const { host, repositories, trends } = decodeMemory(readFileSync(place.at('state')), this.emulator.host)
    const app = repositories.get('app')
    if (app === undefined) throw new Error('nothing is remembered of it')
    const told = new Map([...app.documents, ...(Object.entries(lies) as [Digest, Document][])])
    const memory = { host, repositories: new Map([['app', { ...app, documents: told }]]), trends }
    writeFileSync(place.at('state'), encodeMemory(memory))
  }

  /** What is not on the server any more. */
  gone(): readonly string[] {
    const app = this.emulator.registry.repo('app')
    return [...this.inUse, ...this.orphans].filter((digest) => !app.has(digest)).sort()
  }

  /** Whether the last run read it. */
  wasRead(digest: string): boolean {
    return this.emulator.log.requests({ route: 'manifest', path: `/v2/app/manifests/${digest}` }).length > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.close()
  }
}

function paintInUse({ registry }: Emulator) {
  const app = registry.repo('app')
  const live = app.image({ tag: 'live', ...OLD })
  const signature = app.referrer(live, OLD)
  const ofSignature = app.referrer(signature, { kind: 'oci-artifact', ...OLD })
  const inner = app.multiPlatform({ attestations: true, ...OLD })
  const outer = app.index([inner.index], { tag: 'nested', ...OLD })
  const ofIndex = app.referrer(outer, { kind: 'index', children: [app.image(OLD)], ...OLD })
  const list = app.multiPlatform({ tag: 'docker', format: 'docker', ...OLD })
  app.digestTag(live, 'sig', OLD)
  const locked = app.multiPlatform({ lock: 'delete', ...OLD })
  const subject = app.image(OLD)
  const keeper = app.referrer(subject, { tag: 'keeper', ...OLD })
  return {
    live,
    signature,
    ofSignature,
    inner: inner.index,
    outer,
    ofIndex,
    list: list.index,
    locked: locked.index,
    keeper,
    subject,
  }
}

const listing = (...digests: readonly string[]): Document => ({
  ...PLAIN,
  entries: digests.map((digest) => ({ digest: digest as Digest, mediaType: '', platform: undefined })),
})
const referringTo = (subject: string): Document => ({ ...PLAIN, subject: subject as Digest })

/** Manifests that the state calls plain, so that what depends on them would be an orphan. */
const DENIED = ['signature', 'ofSignature', 'inner', 'outer', 'ofIndex', 'list', 'locked', 'keeper'] as const

describe.concurrent('nothing is deleted on what the state says', () => {
  for (const [how, switches] of CASCADES) {
    test(`it denies every edge; a registry that deletes a manifest ${how}`, async () => {
      await using world = await World.start({ switches })
      const lies = Object.fromEntries([...world.inUse, ...world.orphans].map((digest) => [digest, PLAIN]))
      const { step } = await world.purge(lies)
      expect(world.gone(), step.log).toEqual([...world.orphans].sort())
      expect(step).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '1', complete: 'true' } })
      for (const name of DENIED) expect([name, world.wasRead(world.named[name])]).toEqual([name, true])
    })
  }

  test.each(DENIED)(
    'it denies the edges of one manifest, and is right about all others: %s',
    async (name) => {
      await using world = await World.start()
      const { step } = await world.purge({ [world.named[name]]: PLAIN })
      expect(world.gone(), step.log).toEqual([...world.orphans].sort())
      expect(world.wasRead(world.named[name])).toBe(true)
    },
  )

  test('it denies every edge where nothing is due: no DELETE is sent', async () => {
    await using world = await World.start()
    for (const digest of world.orphans) world.emulator.registry.repo('app').vanish(digest)
    const { step } = await world.purge(Object.fromEntries(world.inUse.map((digest) => [digest, PLAIN])))
    expect(world.emulator.log.counts().byClass.delete).toBeUndefined()
    expect(world.gone()).toEqual([...world.orphans].sort())
    expect(step).toMatchObject({ status: 0, outputs: { 'purged-manifests': '0', complete: 'true' } })
  })

  test('it makes orphans of what is in use, and the other way round', async () => {
    await using world = await World.start()
    const { live, outer, signature, list } = world.named
    const [orphan = ''] = world.orphans
    const { step } = await world.purge({
      [signature]: referringTo(orphan),
      [outer]: listing(orphan),
      [list]: listing(live),
      [orphan]: referringTo(live),
    })
    // Less may be deleted than is due; the next run finds it.
    expect(
      world.gone().filter((digest) => world.inUse.includes(digest)),
      step.log,
    ).toEqual([])
  })

  test('it names a cycle, a manifest that is its own child, and one that is not there', async () => {
    await using world = await World.start()
    const { inner, outer, signature } = world.named
    const { step } = await world.purge({
      [inner]: listing(outer, inner, `sha256:${'9'.repeat(64)}`),
      [outer]: listing(inner),
      [signature]: referringTo(signature),
    })
    expect(world.gone(), step.log).toEqual([...world.orphans].sort())
  })

  test('what was read again and is as it was is not written again', async () => {
    await using world = await World.start()
    world.emulator.faults.add({ class: 'delete' }, { status: 405, body: { errors: [] } })
    using place = workspace()
    await counted(world.emulator, PURGE, place.options)
    const kept = readFileSync(place.at('state'))
    const { documents } = await counted(world.emulator, PURGE, place.options)
    expect(documents).toBeGreaterThan(8)
    expect(readFileSync(place.at('state')).equals(kept)).toBe(true)
  })

  test('what was read again takes the place of what was claimed', async () => {
    await using world = await World.start()
    for (const digest of world.orphans) world.emulator.registry.repo('app').vanish(digest)
    const lies = Object.fromEntries(DENIED.map((name) => [world.named[name], PLAIN]))
    using place = workspace()
    // Twice: the second time it reads nothing that was not known before, only something else.
    for (let time = 0; time < 2; time += 1) {
      await counted(world.emulator, { state: 'state' }, place.options)
      world.poison(place, lies)
      await counted(world.emulator, PURGE, place.options)
    }
    const { step, documents } = await counted(world.emulator, { state: 'state' }, place.options)
    expect(documents).toBe(0)
    expect(step.outputs).toMatchObject({ orphans: '1', 'purgeable-manifests': '0' })
  })
})
