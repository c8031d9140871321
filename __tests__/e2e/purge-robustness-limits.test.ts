import { describe, expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions, type RepositorySeed as Repo } from '../../emulator/index.ts'
import { at, auditedPurge, heldBy, purge } from './purge-robustness.ts'

type Seed = NonNullable<EmulatorOptions['seed']>

describe.concurrent('max-deletes', () => {
  test('oldest first across repositories, whole images, and none is passed over for a smaller one', async () => {
    await using emulator = await startEmulator()
    const [api, web] = ['api', 'web'].map((name) => emulator.registry.repo(name)) as [Repo, Repo]
    const first = api.multiPlatform({ age: '50d' })
    const second = web.multiPlatform({ age: '45d' })
    const third = api.image({ age: '40d' })
    for (const repo of [api, web]) repo.image({ tag: 'latest', age: '2d' })

    const preview = await purge(emulator, { purge: 'false', 'max-deletes': '5' })
    expect(preview.outputs).toMatchObject({ 'purgeable-manifests': '3', 'purged-manifests': '' })
    const { step, lost } = await auditedPurge(emulator, { 'max-deletes': '5' })
    expect([...lost].sort()).toEqual([...at('api', ...first.all)].sort())
    expect(step).toMatchObject({
      status: 0,
      outputs: { result: 'pass', orphans: '2', 'orphan-manifests': '4', 'purge-complete': 'false' },
    })
    expect(step.summary).toContain('Staying for now: 2 over `max-deletes`: next run.')

    const rest = await auditedPurge(emulator, { 'max-deletes': '4' })
    expect([...rest.lost].sort()).toEqual([...at('web', ...second.all), ...at('api', third)].sort())
    expect(rest.step.outputs).toMatchObject({ orphans: '0', 'purge-complete': 'true' })
  })

  test('an image larger than the limit goes alone, and is named', async () => {
    await using emulator = await startEmulator()
    const app = emulator.registry.repo('app')
    const large = app.multiPlatform({ age: '50d', attestations: true })
    app.image({ age: '40d' })
    app.image({ tag: 'latest', age: '2d' })
    const named = `&#58;${large.index.slice(7, 19)}</code> alone has more manifests than \`max-deletes\` and is purged by itself.`

    expect((await purge(emulator, { purge: 'false', 'max-deletes': '2' })).summary).toContain(named)
    const { step, lost } = await auditedPurge(emulator, { 'max-deletes': '2' })
    expect([...lost].sort()).toEqual([...at('app', ...large.all)].sort())
    expect(step).toMatchObject({ status: 0, outputs: { 'purged-manifests': '5', 'purge-complete': 'false' } })
    expect(step.summary).toContain(named)
  })

  test('a failure uses the limit up all the same: no other image takes its place', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        registry.repo('app').image({ tag: 'latest', age: '2d' })
        registry.repo('app').images(4, (number) => ({ age: `${50 - number}d` }))
      },
    })
    emulator.faults.add({ class: 'delete', nth: 1 }, { status: 403 })
    const { tally } = await auditedPurge(emulator, { 'max-deletes': '2', concurrency: '1' })
    expect(tally).toEqual({ failed: 1, deleted: 1 })
    expect(emulator.log.counts().byClass.delete).toBe(2)
  })
})

describe.concurrent('max-delete-percent', () => {
  /** Three of four manifests of `api` are due, one of five of `web`. */
  const seed: Seed = (registry) => {
    registry.repo('api').image({ tag: 'latest', age: '2d' })
    registry.repo('api').images(3, () => ({ age: '40d' }))
    registry.repo('web').images(4, (number) => ({ tag: `v${number}`, age: '2d' }))
    registry.repo('web').image({ age: '30d' })
  }

  test('nothing in that repository, the run fails, the others go on', async () => {
    await using emulator = await startEmulator({ seed })
    const { step, tally, lost } = await auditedPurge(emulator, { 'max-delete-percent': '50' })
    expect(tally).toEqual({ deleted: 1 })
    expect([...lost][0]).toMatch(/^web@/)
    expect(step).toMatchObject({
      status: 1,
      outputs: { result: 'fail', orphans: '3', 'purge-complete': 'false', complete: 'true' },
    })
    expect(step.annotations).toEqual([
      expect.stringContaining(
        'Nothing was deleted in api: 3 of its 4 manifests are due, more than max-delete-percent: 50 allows.',
      ),
    ])
    expect(step.summary).toContain('3 stopped by `max-delete-percent`')
    expect(emulator.log.requests({ method: 'DELETE', path: /^\/v2\/api\// })).toEqual([])
  })

  test('a preview says so and does not fail', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await purge(emulator, { purge: 'false', 'max-delete-percent': '50' })
    expect(step).toMatchObject({ status: 0, outputs: { result: 'pass', 'purgeable-manifests': '1' } })
    expect(step.summary).toContain(
      '<code>api</code>: `max-delete-percent: 50` would stop the purge, 3 of its 4 manifests are due.',
    )
  })

  test('as much as the limit is allowed', async () => {
    await using emulator = await startEmulator({ seed })
    const { step, tally } = await auditedPurge(emulator, { 'max-delete-percent': '75%' })
    expect(tally).toEqual({ deleted: 4 })
    expect(step.status).toBe(0)
  })

  test('what a stopped repository would have used of max-deletes is free for others', async () => {
    await using emulator = await startEmulator({ seed })
    const { lost } = await auditedPurge(emulator, { 'max-delete-percent': '50', 'max-deletes': '3' })
    expect([...lost].map((manifest) => manifest.split('@')[0])).toEqual(['web'])
  })

  test('after portions of max-deletes the rest of them is not held against the share', async () => {
    await using emulator = await startEmulator({ seed })
    const { step, tally } = await auditedPurge(emulator, { 'max-delete-percent': '50', 'max-deletes': '2' })
    expect(tally).toEqual({ deleted: 2 })
    expect(step.status).toBe(0)
    expect(step.summary).toContain('Staying for now: 2 over `max-deletes`: next run.')
  })
})

describe.concurrent('allow-empty-repository', () => {
  const seed: Seed = (registry) => {
    registry.repo('old').multiPlatform({ age: '90d' })
    registry.repo('old').image({ age: '80d' })
    registry.repo('web').image({ tag: 'latest', age: '2d' })
    registry.repo('web').image({ age: '30d' })
  }

  test.for([false, true])(
    'the last manifest takes its repository along (it stays in the catalog: %s), and the report is right',
    async (emptiedRepositoryRemains) => {
      await using emulator = await startEmulator({ seed, switches: { emptiedRepositoryRemains } })
      const { step, tally } = await auditedPurge(emulator, { 'allow-empty-repository': 'true' })
      expect(tally).toEqual({ deleted: 5 })
      expect(step).toMatchObject({
        status: 0,
        outputs: { result: 'pass', orphans: '0', 'purge-complete': 'true', complete: 'true' },
      })
      expect([...heldBy(emulator)]).toHaveLength(1)
      expect(step.summary).toContain('| <code>old</code> | 4 | 4 |')
      expect(step.summary).toContain('Now: No orphans.')
      const again = await auditedPurge(emulator, { 'allow-empty-repository': 'true' })
      expect(again.step).toMatchObject({ status: 0, outputs: { 'purged-manifests': '0', complete: 'true' } })
    },
  )

  test('without it such a repository is left alone', async () => {
    await using emulator = await startEmulator({ seed })
    const { tally, lost } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 1 })
    expect([...lost][0]).toMatch(/^web@/)
  })

  test('somebody deletes the whole repository meanwhile: what was left of it is gone, no failure', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.before({ method: 'DELETE', path: /^\/v2\/old\//, nth: 2 }, (registry) => {
      for (const digest of registry.repo('old').digests()) registry.repo('old').vanish(digest)
    })
    const { step, tally } = await auditedPurge(emulator, {
      'allow-empty-repository': 'true',
      concurrency: '1',
    })
    expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true', complete: 'true' } })
    expect((tally.gone ?? 0) + (tally.along ?? 0)).toBe(3)
    expect(tally.deleted).toBe(2)
  })
})

describe.concurrent('the gate judges after the purge', () => {
  const seed: Seed = (registry) => {
    const app = registry.repo('app')
    for (const age of ['90d', '60d', '30d', '5d', '2d'] as const) app.image({ tag: 'latest', age })
  }

  test('a limit exceeded before and kept after: passed, with before and now in the summary', async () => {
    await using emulator = await startEmulator({ seed })
    expect(await purge(emulator, { purge: 'false', 'max-orphans': '1' })).toMatchObject({ status: 1 })
    const { step, tally } = await auditedPurge(emulator, { 'max-orphans': '1', 'older-than': '7d' })
    expect(tally).toEqual({ deleted: 3 })
    expect(step).toMatchObject({
      status: 0,
      outputs: { result: 'pass', orphans: '1', 'orphan-manifests': '1', 'purgeable-manifests': '0' },
    })
    expect(step.outputs['purge-complete']).toBe('true')
    expect(step.annotations).toEqual([])
    expect(step.summary).toMatch(
      /Before: 4 orphans \(.*oldest pushed (?:90|89) days ago\)\. Now: 1 orphan \(/,
    )
    expect(step.summary).toContain('All limits are kept.')
  })

  test('still exceeded: failed, though everything that was due is gone', async () => {
    await using emulator = await startEmulator({ seed })
    const { step } = await auditedPurge(emulator, { 'max-orphans': '0', 'older-than': '7d' })
    expect(step).toMatchObject({
      status: 1,
      outputs: { result: 'fail', orphans: '1', 'purge-complete': 'true' },
    })
    expect(step.annotations.join()).toContain('1 orphan, expected none')
  })

  test('a second run deletes nothing and sends no DELETE', async () => {
    await using emulator = await startEmulator({ seed })
    expect((await auditedPurge(emulator)).tally).toEqual({ deleted: 4 })
    emulator.log.reset()
    const { step, outcomes } = await auditedPurge(emulator)
    expect(outcomes).toEqual([])
    expect(step).toMatchObject({
      status: 0,
      outputs: { 'purged-manifests': '0', 'purged-bytes': '0', 'purge-complete': 'true' },
    })
    expect(step.log).toContain('Nothing is due: nothing is deleted.')
    expect(step.summary).toContain('Nothing was due, nothing was deleted.')
    expect(emulator.log.requests().every(({ method, route }) => method === 'GET' || route === 'token')).toBe(
      true,
    )
  })

  test('a preview sends no DELETE and asks for no right to delete', async () => {
    await using emulator = await startEmulator({ seed })
    await purge(emulator, { purge: 'false' })
    expect(emulator.log.counts().byClass.delete).toBeUndefined()
    for (const { query } of emulator.log.requests({ route: 'token' }))
      expect(query['scope']).not.toContain('delete')
  })
})
