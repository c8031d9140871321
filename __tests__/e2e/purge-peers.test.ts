import { describe, expect, test } from 'vitest'
import { startEmulator, type RepositorySeed } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { deletions, purge, type Picture } from './survivors.ts'

/** An image that an overwritten tag left behind, and the one that has the tag now. */
function overwritten(app: RepositorySeed): string {
  const orphan = app.image({ tag: 'latest', age: '60d' })
  app.image({ tag: 'latest', age: '1d' })
  return orphan
}

const DUE = { 'older-than': '0d', concurrency: '2' }

describe.concurrent('what cost users of other tools their images, each by the rule that protects them', () => {
  test.each(['write', 'delete'] as const)(
    'W1: a %s lock on a tagged index protects its children',
    async (lock) => {
      const { gone, outputs } = await purge((app) => {
        app.multiPlatform({ tag: 'v1', lock, attestations: true, age: '60d' })
        return { orphan: overwritten(app) }
      })
      expect(gone).toEqual(['orphan'])
      expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'true', orphans: '0' })
    },
  )

  test('W1: a locked untagged index protects its children', async () => {
    for (const lock of ['write', 'delete'] as const) {
      const { gone } = await purge((app) => {
        app.multiPlatform({ lock, attestations: true, age: '60d' })
        return { orphan: overwritten(app) }
      })
      expect(gone).toEqual(['orphan'])
    }
  })

  test('W2: a subject counts for every kind of manifest: a referrer that is an index stays, with its child', async () => {
    const { gone } = await purge((app) => {
      const image = app.image({ tag: 'v1', age: '60d' })
      app.referrer(image, { kind: 'index', children: [app.image({ age: '60d' })], age: '60d' })
      return { orphan: overwritten(app) }
    })
    expect(gone).toEqual(['orphan'])
  })

  test('W3: signatures in the artifact formats of ORAS and OCI stay with their image, unknown types in any case', async () => {
    const { gone } = await purge((app) => {
      const image = app.image({ tag: 'v1', age: '60d' })
      app.referrer(image, { kind: 'oras', age: '60d' })
      app.referrer(image, { kind: 'oci-artifact', age: '60d' })
      app.unknownType({ age: '60d' })
      return { orphan: overwritten(app) }
    })
    expect(gone).toEqual(['orphan'])
  })

  test('W4: where a tagged index answers 404 nothing in its repository is purged, and the others are', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['app', 'web']) {
          registry.repo(name).multiPlatform({ tag: 'v1', age: '60d' })
          overwritten(registry.repo(name))
        }
      },
    })
    const [app, web] = ['app', 'web'].map((name) => emulator.registry.repo(name))
    emulator.faults.add({ method: 'GET', path: `/v2/app/manifests/${app?.tags()['v1']}` }, { status: 404 })
    const step = await gate(emulator, { purge: 'true', repositories: '**' })
    expect([app?.size, web?.size]).toEqual([5, 4])
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false', 'purged-manifests': '1' } })
  })

  test('W5: keep-n-untagged keeps the newest image with all that belongs to it', async () => {
    const { gone, outputs } = await purge(
      (app) => {
        const children = ['amd64', 'arm64'].map((arch) =>
          app.image({ platform: `linux/${arch}`, age: '9d2h' }),
        )
        app.index(children, { tag: 'latest', age: '9d' })
        return { orphan: overwritten(app) }
      },
      { inputs: { 'keep-n-untagged': '1', 'older-than': '1d' } },
    )
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject({ orphans: '0', 'purge-complete': 'true' })
  })

  test('W6: a tag that moves onto a doomed image saves it', async () => {
    const picture: Picture = (app) => {
      app.image({ tag: 'v9', age: '1d' })
      return Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => [name, app.image({ age: `${60 - at}d` })]),
      )
    }
    const { gone, app, step, outputs } = await purge(picture, {
      inputs: DUE,
      meanwhile: ({ faults }, named) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          for (const name of ['b', 'c', 'd', 'e', 'f'])
            registry.repo('app').tag(`rollback-${name}`, named[name] ?? '')
        })
      },
    })
    expect(gone).toEqual(['a'])
    expect(Object.keys(app.tags())).toHaveLength(6)
    expect(step).toMatchObject({ status: 0 })
    expect(step.log).toContain('Left alone: tagged meanwhile: rollback-f.')
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'true', orphans: '0' })
  })

  test('W7: a new index that lists doomed images saves them', async () => {
    const { gone, app, outputs } = await purge(
      (app) => {
        app.image({ tag: 'v9', age: '1d' })
        return Object.fromEntries(
          ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => [name, app.image({ age: `${60 - at}d` })]),
        )
      },
      {
        inputs: DUE,
        meanwhile: ({ faults }, named) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            registry.repo('app').index([named['c'] ?? '', named['e'] ?? ''], { tag: 'v2' })
          })
        },
      },
    )
    expect(gone).toEqual(['a', 'b', 'd', 'f'])
    expect(app.has('v2')).toBe(true)
    expect(outputs).toMatchObject({ 'purged-manifests': '4', 'purge-complete': 'true', orphans: '0' })
  })

  test('W8: half of a push is in flight, whatever older-than says', async () => {
    const { gone, outputs } = await purge(
      (app) => {
        app.image({ platform: 'linux/amd64', age: '2s' })
        app.image({ platform: 'linux/arm64', age: '1s' })
        return { orphan: overwritten(app) }
      },
      { inputs: { 'older-than': '0d', 'in-flight': '15m' } },
    )
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject({ 'in-flight': '2', 'purge-complete': 'true' })
  })

  test('W9: a repository whose name only contains the one given is not touched', async () => {
    const names = ['dev', 'test', 'developer-prod', 'my-test', 'prod', 'dev/prod', 'prod/dev']
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of names) overwritten(registry.repo(name))
      },
    })
    await gate(emulator, { purge: 'true', repositories: 'dev, test' })
    expect(names.filter((name) => emulator.registry.repo(name).size < 2)).toEqual(['dev', 'test'])
    const step = await gate(emulator, { purge: 'true', repositories: '*prod' })
    expect(step.status).toBe(0)
    expect(names.filter((name) => emulator.registry.repo(name).size < 2)).toEqual([
      'dev',
      'test',
      'developer-prod',
      'prod',
    ])
  })

  test.each(['-7d', 'd', 'sevend', '1.5.2d', '7', '101y', '-', '7d -1d'])(
    'W9: older-than: "%s" deletes nothing',
    async (age) => {
      const { gone, step, emulator } = await purge((app) => ({ orphan: overwritten(app) }), {
        inputs: { 'older-than': age },
      })
      expect(gone).toEqual([])
      expect(step.status).toBe(1)
      expect(step.annotations[0]).toMatch(/^error: .*older-than/)
      expect(emulator.log.counts().total).toBe(0)
    },
  )

  test('W10: a purge of 24 images side by side gets by with one token', async () => {
    const { gone, emulator } = await purge(
      (app) => {
        app.image({ tag: 'latest', age: '1d' })
        app.images(24, () => ({ age: '60d', format: 'docker' }))
        return {}
      },
      { switches: { accessTokenSeconds: 200 } },
    )
    expect(gone).toHaveLength(24)
    expect(emulator.log.counts().byClass.oauth).toBe(1)
  })

  test('W11: what a manifest is decides, not what its index calls it', async () => {
    const types = [
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/octet-stream',
    ]
    for (const mediaType of types) {
      const { gone } = await purge((app) => {
        const inner = app.index([app.image({ age: '60d' })], { age: '60d' })
        app.index([{ digest: inner, mediaType }], { tag: 'v2', age: '60d' })
        return { orphan: overwritten(app) }
      })
      expect(gone).toEqual(['orphan'])
    }
  })

  test('W12: orphaned referrers are purged when that is asked for, and never otherwise', async () => {
    const picture: Picture = (app) => {
      const absent = `sha256:${'0'.repeat(64)}`
      const [a, b] = ['9d', '8d'].map((age) => app.referrer(absent, { age }))
      const young = app.referrer(absent, { age: '2d' })
      return { a: a ?? '', b: b ?? '', young, orphan: overwritten(app) }
    }
    const without = await purge(picture)
    expect(without.gone).toEqual(['orphan'])
    expect(without.outputs).toMatchObject({ 'orphaned-referrers': '3', 'purge-complete': 'true' })
    const asked = await purge(picture, { inputs: { 'purge-orphaned-referrers': 'true' } })
    expect(asked.gone).toEqual(['a', 'b', 'orphan'])
    expect(asked.outputs).toMatchObject({ 'orphaned-referrers': '1', 'purged-manifests': '3' })
  })

  test('W13: a cosign signature is no image: it neither uses up keep-n-untagged nor outlives its image', async () => {
    const picture: Picture = (app) => {
      const live = app.image({ tag: 'v1', age: '40d' })
      app.digestTag(live, 'sig', { age: '39d' })
      const kept = app.image({ age: '50d' })
      app.digestTag(kept, 'sig', { age: '49d' })
      const orphan = app.image({ age: '60d' })
      return {
        orphan,
        signature: app.digestTag(orphan, 'sig', { age: '20d' }),
        sbom: app.digestTag(orphan, 'sbom', { age: '20d' }),
        list: app.fallbackIndex(orphan, [], { age: '20d' }),
      }
    }
    const { gone, outputs } = await purge(picture, {
      inputs: { 'keep-n-untagged': '1', 'older-than': '30d' },
    })
    expect(gone).toEqual(['list', 'orphan', 'sbom', 'signature'])
    expect(outputs).toMatchObject({ orphans: '0', 'purge-complete': 'true' })
  })

  test('W14: an image without a tag that something in use refers to, or that a deployment pins, stays', async () => {
    const { gone, outputs } = await purge(
      (app) => {
        app.referrer(app.image({ age: '60d' }), { tag: 'signature-of-production', age: '60d' })
        return { pinned: app.multiPlatform({ age: '60d' }).index, orphan: overwritten(app) }
      },
      { inputs: ({ pinned = '' }) => ({ 'protect-digests': pinned }) },
    )
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject({ orphans: '1', 'purge-complete': 'true' })
  })

  test('W15: nothing is ever unlocked, neither what is locked from the start nor what is locked meanwhile', async () => {
    const { gone, app, named, emulator, outputs, step } = await purge(
      (app) => ({
        locked: app.image({ lock: 'all', age: '60d' }),
        meanwhile: app.image({ age: '59d' }),
        'at the last moment': app.image({ age: '58d' }),
        orphan: overwritten(app),
      }),
      {
        meanwhile: ({ faults }, { meanwhile = '', 'at the last moment': last = '' }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => registry.repo('app').lock(meanwhile))
          faults.before({ method: 'DELETE', path: `*${last}` }, (registry) => registry.repo('app').lock(last))
        },
        inputs: { concurrency: '2' },
      },
    )
    expect(gone).toEqual(['orphan'])
    for (const name of ['locked', 'meanwhile', 'at the last moment'])
      expect(app.manifest(named[name] ?? '')?.attributes).toMatchObject({
        deleteEnabled: false,
        writeEnabled: false,
      })
    expect(emulator.log.requests({ method: 'PATCH' })).toEqual([])
    expect(deletions({ emulator })).toHaveLength(2)
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'false' })
  })
})
