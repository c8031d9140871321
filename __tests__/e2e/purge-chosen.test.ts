import { describe, expect, test } from 'vitest'
import { startEmulator, type RepositorySeed } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { CASCADES, deletions, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }
const COMPLETE = { 'purge-complete': 'true', complete: 'true' }

function inUse(app: RepositorySeed): void {
  app.image({ tag: 'latest', age: '1d' })
}

describe.concurrent('keep-n-untagged keeps the newest orphans of each repository, whole', () => {
  const images: Picture = (app) => {
    inUse(app)
    const build = (age: string): string => {
      const { index } = app.multiPlatform({ attestations: true, age })
      app.referrer(index, { age })
      app.digestTag(index, 'sig', { age })
      return index
    }
    return {
      oldest: app.image({ age: '90d' }),
      third: build('40d'),
      second: build('30d'),
      newest: build('20d'),
    }
  }
  test.each([
    ['0', 22],
    ['1', 15],
    ['2', 8],
    ['3', 1],
    ['4', 0],
    ['1000', 0],
  ])('the newest %s', async (keep, deleted) => {
    const { gone, outputs } = await purge(images, { inputs: { 'keep-n-untagged': keep } })
    expect(gone).toHaveLength(deleted)
    const names = ['newest', 'second', 'third', 'oldest'].slice(Number(keep)).sort()
    expect(gone.filter((name) => !name.startsWith('sha256:'))).toEqual(names)
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '0', 'purged-manifests': String(deleted) })
  })

  for (const [how, switches] of CASCADES) {
    test(`what a kept one shares with an older one stays; a registry that deletes a manifest ${how}`, async () => {
      const { gone } = await purge(
        (app) => {
          inUse(app)
          const shared = app.index([app.image(OLD), app.image(OLD)], OLD)
          app.referrer(shared, OLD)
          app.index([shared, app.image(OLD)], { age: '20d' })
          return { older: app.index([shared], { age: '50d' }) }
        },
        { switches, inputs: { 'keep-n-untagged': '1' } },
      )
      expect(gone).toEqual(['older'])
    })
  }

  test('in each repository, not in all together', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['app', 'web']) {
          inUse(registry.repo(name))
          for (const age of ['90d', '80d', '70d']) registry.repo(name).image({ age })
        }
      },
    })
    await gate(emulator, { purge: 'true', repositories: '**', 'keep-n-untagged': '2' })
    expect(['app', 'web'].map((name) => emulator.registry.repo(name).size)).toEqual([3, 3])
  })
})

describe.concurrent('a repository without any tag may be used by digest', () => {
  const byDigest: Picture = (app) => {
    const { index } = app.multiPlatform(OLD)
    app.digestTag(index, 'sig', OLD)
    app.fallbackIndex(index, [app.image(OLD)], OLD)
    app.referrer(app.image(OLD), OLD)
    return { index }
  }

  test('it is not touched', async () => {
    const { gone, outputs, step, emulator } = await purge(byDigest, {
      inputs: { 'older-than': '0d', 'purge-orphaned-referrers': 'true' },
    })
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '0', 'purgeable-manifests': '0' })
  })

  for (const [how, switches] of CASCADES) {
    test(`allow-empty-repository purges it, to the last; a registry that deletes a manifest ${how}`, async () => {
      const { gone, outputs, step, app } = await purge(byDigest, {
        switches,
        inputs: { 'allow-empty-repository': 'true' },
      })
      expect(gone).toHaveLength(8)
      expect(app.size).toBe(0)
      expect(step.status).toBe(0)
      expect(outputs).toMatchObject({ ...COMPLETE, orphans: '0', 'purged-manifests': '8' })
    })
  }

  test('the same where the registry keeps the name of an emptied repository', async () => {
    const { gone, outputs, step } = await purge(byDigest, {
      switches: { emptiedRepositoryRemains: true, emptyLists: 'null' },
      inputs: { 'allow-empty-repository': 'true' },
    })
    expect(gone).toHaveLength(8)
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '0', 'purged-manifests': '8' })
  })

  test('allow-empty-repository does not lift any other protection', async () => {
    const { gone, app, outputs } = await purge(
      (repo) => {
        repo.image({ lock: 'delete', ...OLD })
        repo.image({ age: '20m' })
        repo.image({ age: '2d' })
        return { orphan: repo.image({ age: '90d' }) }
      },
      { inputs: { 'allow-empty-repository': 'true' } },
    )
    expect(gone).toEqual(['orphan'])
    expect(app.size).toBe(3)
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '1', 'in-flight': '1' })
  })
})

describe.concurrent('orphaned referrers go only when that is asked for', () => {
  const absent = `sha256:${'0'.repeat(64)}`
  const picture: Picture = (app) => {
    inUse(app)
    const child = app.image(OLD)
    const list = app.referrer(absent, { kind: 'index', children: [child], ...OLD })
    app.referrer(absent, { tag: 'kept-by-hand', ...OLD })
    app.referrer(absent, { lock: 'delete', ...OLD })
    app.referrer(absent, { age: '20m' })
    app.referrer(app.referrer(absent, OLD), { tag: 'signature', ...OLD })
    return {
      artifact: app.referrer(absent, { kind: 'oras', ...OLD }),
      list,
      child,
      'signature of list': app.referrer(list, OLD),
      orphan: app.image({ age: '90d' }),
    }
  }

  for (const [how, switches] of CASCADES) {
    test(`then with their own children and referrers; a registry that deletes a manifest ${how}`, async () => {
      const without = await purge(picture, { switches })
      expect(without.gone).toEqual(['orphan'])
      const { gone, outputs } = await purge(picture, {
        switches,
        inputs: { 'purge-orphaned-referrers': 'true' },
      })
      expect(gone).toEqual(['artifact', 'child', 'list', 'orphan', 'signature of list'])
      expect(outputs).toMatchObject({ ...COMPLETE, 'purged-manifests': '5', 'orphaned-referrers': '1' })
    })
  }

  test('not the younger ones', async () => {
    const { gone } = await purge(
      (app) => {
        inUse(app)
        app.referrer(absent, { age: '6d' })
        return { old: app.referrer(absent, { age: '8d' }) }
      },
      { inputs: { 'purge-orphaned-referrers': 'true' } },
    )
    expect(gone).toEqual(['old'])
  })
})

describe.concurrent('limits leave whole images', () => {
  const images: Picture = (app) => {
    inUse(app)
    const ages = ['90d', '80d', '70d']
    return Object.fromEntries(ages.map((age) => [age, app.multiPlatform({ age }).index]))
  }

  test('max-deletes: the oldest go, and nothing loses a part', async () => {
    for (const [most, deleted] of [
      ['1', 3],
      ['5', 3],
      ['6', 6],
      ['8', 6],
    ] as const) {
      const { gone, app, outputs, step } = await purge(images, { inputs: { 'max-deletes': most } })
      expect(gone).toHaveLength(deleted)
      expect(app.size).toBe(10 - deleted)
      expect(gone.filter((name) => !name.startsWith('sha256:'))).toEqual(['80d', '90d'].slice(-deleted / 3))
      expect(step.status).toBe(0)
      expect(outputs).toMatchObject({ 'purge-complete': 'false', 'purgeable-manifests': '3' })
    }
  })

  test('max-delete-percent: nothing goes where the share is larger, and the step fails', async () => {
    const { gone, emulator, step, outputs } = await purge(images, { inputs: { 'max-delete-percent': '89' } })
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(step.status).toBe(1)
    expect(outputs).toMatchObject({ 'purged-manifests': '0', 'purge-complete': 'false' })
    expect((await purge(images, { inputs: { 'max-delete-percent': '90' } })).gone).toHaveLength(9)
  })
})
