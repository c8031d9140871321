import { describe, expect, test } from 'vitest'
import { startEmulator, type Registry } from '../../emulator/index.ts'
import { auditedPurge, byAge, heldBy, latest, orphans } from './purge-robustness.ts'

describe.concurrent('weaknesses of others in the face of failures, each by its name', () => {
  test.for([403, 409])(
    'R1: one %i of 13 stops nothing, and the counts are those of the server',
    async (status) => {
      await using emulator = await startEmulator({
        seed: (registry) => {
          orphans(registry, 'api', 12)
          orphans(registry, 'web', 1)
        },
      })
      emulator.faults.add({ class: 'delete', nth: 5 }, { status })
      const { step, tally, outcomes } = await auditedPurge(emulator, { concurrency: '2' })
      expect(tally).toEqual({ deleted: 12, failed: 1 })
      expect(outcomes.find(({ word }) => word === 'failed')?.text).toContain(`(${status}`)
      expect(step.outputs).toMatchObject({ 'purged-manifests': '12', orphans: '1', complete: 'true' })
      expect(step.annotations.join()).toMatch(/^error: .*1 manifest that was due could not be deleted\./)
      expect(heldBy(emulator).size).toBe(2 + 1)
    },
  )

  test('R2: one 401 on one manifest is overcome by another token', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        orphans(registry, 'api', 3)
        registry.repo('api').multiPlatform({ tag: 'multi', age: '3d' })
        orphans(registry, 'web', 2)
      },
    })
    emulator.faults.add({ route: 'manifest', method: 'GET', nth: 3 }, { status: 401 })
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 5 })
    expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true', complete: 'true' } })
  })

  test.for([
    ['an orphan', 'Not read in full: b.', { orphans: '0', complete: 'false' }],
    ['what is in use', 'Nothing can be deleted safely in b.', { orphans: '2', complete: 'true' }],
  ] as const)(
    'R2: 401 to every GET of %s costs its repository, not the others',
    async ([which, why, outputs]) => {
      await using emulator = await startEmulator({
        seed: (registry) => {
          for (const name of ['a', 'b', 'c']) orphans(registry, name, 2)
        },
      })
      const digest = which === 'an orphan' ? byAge(emulator, 'b')[0] : latest(emulator, 'b')
      emulator.faults.add({ path: `/v2/b/manifests/${digest}` }, { status: 401 })
      const { step, tally, lost } = await auditedPurge(emulator)
      expect(tally).toEqual({ deleted: 4 })
      expect([...lost].filter((manifest) => manifest.startsWith('b@'))).toEqual([])
      expect(step).toMatchObject({ status: 1, outputs: { 'purge-complete': 'false', ...outputs } })
      expect(step.annotations.join()).toContain(why)
    },
  )

  test('R2: a repository that answers 401 to everything costs itself, not the others', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['a', 'b', 'c']) orphans(registry, name, 2)
      },
    })
    emulator.faults.add({ path: /^\/(?:acr\/v1|v2)\/b(?:\/|$)/ }, { status: 401 })
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 4 })
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false' } })
    expect(step.annotations.join()).toContain('Not read in full: b.')
    expect(emulator.registry.repo('b').digests()).toHaveLength(3)
  })

  test('R3: an index that lists an index which does not exist is broken, and hinders nothing', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        const api = registry.repo('api')
        const nested = { ...api.missingChild(), mediaType: 'application/vnd.oci.image.index.v1+json' }
        api.index([nested, api.image({ age: '9d' })], { tag: 'nested', age: '9d' })
        api.image({ age: '9d' })
        orphans(registry, 'web', 1)
      },
    })
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 2 })
    expect(step).toMatchObject({
      status: 0,
      outputs: { 'broken-indexes': '1', 'purge-complete': 'true', complete: 'true' },
    })
    expect(emulator.registry.repo('api').digests()).toHaveLength(2)
    expect(step.summary).toContain('### Broken indexes')
    expect(step.log).not.toContain('DAMAGE')
  })
})

describe.concurrent('in portions, at any date', () => {
  test('R9: max-deletes takes the oldest first, and each run goes on where the last one ended', async () => {
    const ages: string[] = []
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (let number = 0; number < 8; number += 1) {
          const name = number % 2 === 0 ? 'api' : 'web'
          const digest = registry.repo(name).image({ age: `${80 - number}d` })
          ages.push(`${name}@${digest}`)
        }
        for (const name of ['api', 'web']) registry.repo(name).image({ tag: 'latest', age: '2d' })
      },
    })
    const portion = (): ReturnType<typeof auditedPurge> => auditedPurge(emulator, { 'max-deletes': '3' })
    for (const [from, to, left] of [
      [0, 3, '5'],
      [3, 6, '2'],
      [6, 8, '0'],
    ] as const) {
      const { step, lost } = await portion()
      expect([...lost].sort()).toEqual(ages.slice(from, to).sort())
      expect(step).toMatchObject({
        status: 0,
        outputs: { orphans: left, 'purge-complete': String(left === '0') },
      })
      const next = /(\d+) over `max-deletes`: next run/.exec(step.summary)?.[1]
      expect(next ?? '0').toBe(left)
    }
    emulator.log.reset()
    const { step } = await portion()
    expect(step).toMatchObject({ status: 0, outputs: { 'purged-manifests': '0', 'purge-complete': 'true' } })
    expect(emulator.log.counts().byClass.delete).toBeUndefined()
  })

  test('R10: what a purge does and says does not depend on the date', async () => {
    const story = async (time: string): Promise<string> => {
      await using emulator = await startEmulator({ time, seed: picture })
      const { step, outcomes } = await auditedPurge(emulator, { 'older-than': '7d', 'keep-n-untagged': '1' })
      const lines = outcomes.map(({ manifest }) => manifest).sort()
      const facts = [...step.log.matchAll(/\((.*pushed.*)\): Deleted/g)].map(([, text = '']) => text).sort()
      return JSON.stringify([lines, facts, step.status, step.outputs])
    }
    const today = new Date().toISOString()
    const [first, ...others] = await Promise.all(
      ['2019-03-01T00:00:10Z', '2024-02-29T23:59:50Z', '2037-12-31T12:00:00Z', today].map(story),
    )
    expect(first).toContain('"purged-manifests":"5"')
    for (const other of others) expect(other).toBe(first)
  })
})

function picture(registry: Registry): void {
  const api = registry.repo('api')
  for (const age of ['40d1h', '30d1h', '20d1h', '6d1h'] as const) api.image({ tag: 'latest', age })
  for (const age of ['30d1h', '1d1h'] as const) api.multiPlatform({ tag: 'multi', age })
}
