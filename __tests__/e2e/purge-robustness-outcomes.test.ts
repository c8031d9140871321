import { describe, expect, test } from 'vitest'
import {
  startEmulator,
  type Emulator,
  type EmulatorOptions,
  type RepositorySeed,
} from '../../emulator/index.ts'
import { at, auditedPurge, instant } from './purge-robustness.ts'

interface World extends AsyncDisposable {
  readonly emulator: Emulator
  readonly app: RepositorySeed
  /** An index with two children, 30 days old. */
  readonly index: string
  readonly children: readonly string[]
  /** An image by itself, 20 days old. */
  readonly image: string
}

/** One orphan of three manifests, one of one, and something in use, in the repository `app`. */
async function world(options: EmulatorOptions = {}): Promise<World> {
  const emulator = await startEmulator(options)
  const app = emulator.registry.repo('app')
  const { index, images } = app.multiPlatform({ age: '30d1h' })
  const image = app.image({ age: '20d1h' })
  app.multiPlatform({ tag: 'latest', age: '2d' })
  return { emulator, app, index, children: images, image, [Symbol.asyncDispose]: () => emulator.close() }
}

const DONE = { status: 0, outputs: { result: 'pass', 'purge-complete': 'true', complete: 'true' } }

function pathOf(digest: string): { readonly method: string; readonly path: string } {
  return { method: 'DELETE', path: `/v2/app/manifests/${digest}` }
}

describe.concurrent('what was deleted', () => {
  test('202: deleted, each said with what it was and why', async () => {
    await using it = await world()
    const { step, tally, outcomes } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 4 })
    expect(step).toMatchObject(DONE)
    const { index, image, children } = it
    const order = outcomes.map(({ manifest }) => manifest)
    expect([...order].sort()).toEqual([...at('app', index, image, ...children)].sort())
    for (const child of at('app', ...children))
      expect(order.indexOf(child)).toBeGreaterThan(order.indexOf(`app@${index}`))
    expect(step.log).toMatch(
      new RegExp(`^app@${index} \\(index, pushed 30 days ago, no tag, .*\\): Deleted\\.$`, 'm'),
    )
    for (const child of children)
      expect(step.log).toMatch(
        new RegExp(`^app@${child} \\(linux/(?:amd|arm)64, .*child of ${index.slice(0, 19)}`, 'm'),
      )
  })

  test('404 to a DELETE: somebody else was first, which is no deletion of this run and no failure', async () => {
    await using it = await world()
    it.emulator.faults.before(pathOf(it.image), () => it.app.vanish(it.image))
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, gone: 1 })
    expect(step).toMatchObject({ ...DONE, outputs: { ...DONE.outputs, 'purged-manifests': '3' } })
    expect(it.emulator.log.requests(pathOf(it.image)).map(({ status }) => status)).toEqual([404])
  })

  test('gone before its turn: no DELETE for it, and the rest of its image goes all the same', async () => {
    await using it = await world()
    const [child = ''] = it.children
    it.emulator.faults.before(pathOf(it.index), () => it.app.vanish(child))
    const { step, tally } = await auditedPurge(it.emulator)
    expect(step).toMatchObject(DONE)
    expect(it.emulator.log.requests(pathOf(child))).toEqual([])
    // A child that is missing once its index was deleted by this run counts as gone along with it.
    expect(tally).toEqual({ deleted: 3, along: 1 })
  })

  test.for([
    { drop: 'after' },
    { status: 503, afterEffect: true },
    { status: 500, afterEffect: true },
    { status: 408, afterEffect: true },
  ] as const)('%o: found out by reading again, and not asked for twice', async (effect) => {
    await using it = await world()
    it.emulator.faults.add({ ...pathOf(it.index), nth: 1 }, effect)
    it.emulator.faults.add({ ...pathOf(it.image), nth: 1 }, effect)
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 2, 'found gone': 2 })
    expect(step).toMatchObject({ ...DONE, outputs: { ...DONE.outputs, 'purged-manifests': '4' } })
    for (const digest of [it.index, it.image]) {
      expect(it.emulator.log.requests(pathOf(digest))).toHaveLength(1)
      expect(step.log).toMatch(
        new RegExp(`app@${digest} .*: Deleted \\(the answer was lost; it is gone\\)\\.`),
      )
    }
  })

  test.for([{ drop: 'before' }, { status: 500 }, { status: 502 }, { status: 408 }] as const)(
    '%o: looked at again, then deleted',
    async (effect) => {
      await using it = await world()
      it.emulator.faults.add({ ...pathOf(it.image), nth: [1, 2] }, effect)
      const { step, tally } = await auditedPurge(it.emulator)
      expect(tally).toEqual({ deleted: 4 })
      expect(step).toMatchObject(DONE)
      const looks = it.emulator.log.requests({ path: `/acr/v1/app/_manifests/${it.image}` }).map(instant)
      const tries = it.emulator.log.requests(pathOf(it.image)).map(instant)
      expect([looks.length, tries.length]).toEqual([3, 3])
      for (const [number, time] of tries.entries()) expect(looks[number]).toBeLessThanOrEqual(time)
    },
  )

  test('the last attempt that got no answer is looked into as well', async () => {
    await using it = await world()
    it.emulator.faults.add({ ...pathOf(it.image), nth: [1, 2, 3, 4] }, { status: 503, retryAfter: 1 })
    it.emulator.faults.add({ ...pathOf(it.image), nth: 5 }, { drop: 'after' })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, 'found gone': 1 })
    expect(step).toMatchObject(DONE)
  })
})

describe.concurrent('what the registry deleted along with it', () => {
  test('referrers, at any depth, each named with what took it along', async () => {
    await using it = await world()
    const signature = it.app.referrer(it.image, { age: '20d1h' })
    const ofSignature = it.app.referrer(signature, { age: '20d1h' })
    const { step, tally, outcomes } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 4, along: 2 })
    expect(step).toMatchObject({ ...DONE, outputs: { ...DONE.outputs, 'purged-manifests': '6' } })
    const along = outcomes.filter(({ word }) => word === 'along')
    expect(along.map(({ manifest }) => manifest).sort()).toEqual(
      [...at('app', signature, ofSignature)].sort(),
    )
    for (const { text } of along) expect(text).toContain(`along with ${it.image.slice(0, 19)}`)
    expect(step.summary).toContain('| repository | due | deleted | along with another |')
    expect(step.summary).toContain('| <code>app</code> | 6 | 4 | 2 |')
  })

  test.for([true, false])(
    'children with their index, where the registry does that: %s',
    async (cascadeChildren) => {
      await using it = await world({ switches: { cascadeChildren } })
      const { step, tally, outcomes } = await auditedPurge(it.emulator)
      expect(tally).toEqual(cascadeChildren ? { deleted: 2, along: 2 } : { deleted: 4 })
      expect(step).toMatchObject({ ...DONE, outputs: { ...DONE.outputs, 'purged-manifests': '4' } })
      for (const { manifest, word, text } of outcomes) {
        if (word !== 'along') continue
        expect(at('app', ...it.children)).toContain(manifest)
        expect(text).toContain(`along with ${it.index.slice(0, 19)}`)
      }
    },
  )

  test('referrers that the registry leaves are deleted one by one', async () => {
    await using it = await world({ switches: { cascadeReferrers: false } })
    it.app.referrer(it.image, { age: '20d1h' })
    const { tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 5 })
  })

  test('the answer to the DELETE of the subject was lost: its referrer still counts as gone along with it', async () => {
    await using it = await world()
    it.app.referrer(it.image, { age: '20d1h' })
    it.emulator.faults.add({ ...pathOf(it.image), nth: 1 }, { drop: 'after' })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, 'found gone': 1, along: 1 })
    expect(step.outputs['purged-manifests']).toBe('5')
  })
})

describe.concurrent('what became of a manifest is found out in spite of answers that do not help', () => {
  function metadataOf(digest: string): string {
    return `/acr/v1/app/_manifests/${digest}`
  }

  test('an answer was lost, and the next look is refused', async () => {
    await using it = await world()
    it.emulator.faults.add({ ...pathOf(it.image), nth: 1 }, { drop: 'after' })
    it.emulator.faults.add({ path: metadataOf(it.image), nth: [2, 3] }, { status: 403 })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, 'found gone': 1 })
    expect(step).toMatchObject(DONE)
  })

  test('the look at what went along is refused', async () => {
    await using it = await world()
    const referrer = it.app.referrer(it.image, { age: '20d' })
    // Before the first DELETE everything is looked at, then the referrer by itself.
    it.emulator.faults.add({ path: metadataOf(referrer), nth: [2, 3] }, { status: 403 })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 4, along: 1 })
    expect(step).toMatchObject(DONE)
  })

  test('the rest of an image stays, but not what went along before', async () => {
    await using it = await world()
    for (const name of ['one', 'two', 'three', 'four']) it.app.referrer(it.index, { age: '30d', name })
    const order = [...it.children].sort()
    it.emulator.faults.add(pathOf(order[0] ?? ''), { status: 403 })
    const { tally, outcomes } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 2, along: 4, failed: 1, 'left alone': 1 })
    // Some of them have their turn after the failure.
    const words = outcomes.map(({ word }) => word)
    expect(words.lastIndexOf('along')).toBeGreaterThan(words.indexOf('failed'))
  })

  test('an index is deleted, and whether its shared child survived is asked until there is an answer', async () => {
    await using it = await world()
    const shared = it.app.image({ age: '40d' })
    it.app.index([shared], { age: '2d', tag: 'sharing' })
    it.app.index([shared, it.app.image({ age: '40d' })], { age: '40d' })
    it.emulator.faults.add({ path: metadataOf(shared), times: 2 }, { status: 403 })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 6 })
    expect(step).toMatchObject(DONE)
  })

  test('without such an answer nothing more is deleted, and what was deleted is reported', async () => {
    await using it = await world()
    const shared = it.app.image({ age: '40d' })
    it.app.index([shared], { age: '2d', tag: 'sharing' })
    const index = it.app.index([shared, it.app.image({ age: '40d' })], { age: '40d' })
    it.emulator.faults.add({ path: metadataOf(shared) }, { status: 403 })
    const { step, tally, lost } = await auditedPurge(it.emulator, { concurrency: '1' })
    expect(tally).toEqual({ deleted: 1, 'not tried': 5 })
    expect([...lost]).toEqual(at('app', index))
    expect(step.log).toContain(
      `Not tried: Whether the registry deleted ${shared} along with the index ${index} is not known`,
    )
  })
})

describe.concurrent('what was left', () => {
  const LEFT = { status: 0, outputs: { result: 'pass', 'purge-complete': 'false', complete: 'true' } }

  test('405, locked meanwhile: left alone and said, no failure, and not complete', async () => {
    await using it = await world()
    it.emulator.faults.before(pathOf(it.image), () => it.app.lock(it.image, 'delete'))
    const { step, tally, outcomes } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, 'left alone': 1 })
    expect(outcomes.find(({ word }) => word === 'left alone')?.text).toBe('Left alone: locked meanwhile.')
    expect(step).toMatchObject(LEFT)
    expect(it.emulator.log.requests(pathOf(it.image)).map(({ status }) => status)).toEqual([405])
    expect(step.summary).toContain('1 manifest not deleted, and why')
  })

  test('locked between the scan and its turn: no DELETE at all, and the image stays whole', async () => {
    await using it = await world()
    const [, child = ''] = it.children
    it.emulator.faults.before({ route: 'repository' }, () => it.app.lock(child))
    const { step, tally, lost } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 1, 'left alone': 3 })
    expect([...lost]).toEqual(at('app', it.image))
    expect(step).toMatchObject(LEFT)
    for (const digest of [it.index, ...it.children])
      expect(it.emulator.log.requests(pathOf(digest))).toEqual([])
  })

  test('the repository locked meanwhile: everything is left alone', async () => {
    await using it = await world()
    it.emulator.faults.before({ class: 'delete', nth: 1 }, () => it.app.lockRepository('write'))
    const { step, tally } = await auditedPurge(it.emulator, { concurrency: '1' })
    expect(tally).toEqual({ 'left alone': 4 })
    expect(step).toMatchObject(LEFT)
  })

  test('405 that is no lock is a failure', async () => {
    await using it = await world()
    const body = { errors: [{ code: 'UNSUPPORTED', message: 'The operation is unsupported.' }] }
    it.emulator.faults.add(pathOf(it.image), { status: 405, body })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, failed: 1 })
    expect(step.annotations.join()).toContain('(405 UNSUPPORTED)')
  })

  test('a failure in the middle of an image leaves its rest, and every other image goes', async () => {
    await using it = await world()
    const other = it.app.multiPlatform({ age: '10d' })
    it.emulator.faults.add(pathOf(it.index), { status: 403 })
    const { tally, outcomes, lost } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 4, failed: 1, 'left alone': 2 })
    expect([...lost].sort()).toEqual([...at('app', it.image, ...other.all)].sort())
    for (const { text, word } of outcomes)
      if (word === 'left alone')
        expect(text).toContain(`goes only together with ${it.index.slice(0, 19)}, which stays`)
  })

  test('a failure after the index is gone: its child is an orphan of its own, and the next run takes it', async () => {
    await using it = await world()
    const [first = ''] = [...it.children].sort()
    const fault = it.emulator.faults.add(pathOf(first), { status: 403 })
    const { step, tally } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 2, failed: 1, 'left alone': 1 })
    expect(step.outputs).toMatchObject({ orphans: '2', 'purgeable-manifests': '2' })
    fault.remove()
    const again = await auditedPurge(it.emulator)
    expect(again.tally).toEqual({ deleted: 2 })
    expect(again.step).toMatchObject(DONE)
  })

  test('a metadata answer that fails for good fails one image before its DELETE, and no other', async () => {
    await using it = await world()
    it.emulator.faults.add({ path: `/acr/v1/app/_manifests/${it.image}` }, { status: 403 })
    const { tally, lost } = await auditedPurge(it.emulator)
    expect(tally).toEqual({ deleted: 3, failed: 1 })
    expect([...lost].sort()).toEqual([...at('app', it.index, ...it.children)].sort())
    expect(it.emulator.log.requests(pathOf(it.image))).toEqual([])
  })

  test('a 404 that is not true is not believed: what is still there is neither gone nor deleted', async () => {
    await using it = await world()
    const [child = ''] = [...it.children].sort()
    // Once to the look at a child whose index this run has just deleted, once to a DELETE.
    it.emulator.faults.add({ path: `/acr/v1/app/_manifests/${child}`, nth: 2 }, { status: 404 })
    it.emulator.faults.add({ ...pathOf(it.image), nth: 1 }, { status: 404 })
    const { step } = await auditedPurge(it.emulator)
    expect(step).toMatchObject(DONE)
  })
})
