import { describe, expect, test } from 'vitest'
import type { RepositorySeed } from '../../emulator/index.ts'
import { CASCADES, deletions, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }
const COMPLETE = { 'purge-complete': 'true', complete: 'true' }

/** Something that is due, so that a purge that does nothing is found out, and something with a tag. */
function orphan(app: RepositorySeed): string {
  app.image({ tag: 'latest', age: '1d' })
  return app.image({ age: '90d' })
}

/** `sha256-<hex>.sig`, for manifests that have other tags too. */
function signatureTag(digest: string): string {
  return `sha256-${digest.slice('sha256:'.length)}.sig`
}

describe.concurrent('protected, so never deleted', () => {
  const cases: readonly (readonly [string, (app: RepositorySeed) => void])[] = [
    ['an image that is locked against deleting', (app) => void app.image({ lock: 'delete', ...OLD })],
    ['an image that is locked against writing', (app) => void app.image({ lock: 'write', ...OLD })],
    [
      'a locked index, its children, their attestations, and what refers to it',
      (app) => {
        const { index, images } = app.multiPlatform({ lock: 'all', attestations: true, ...OLD })
        app.referrer(app.referrer(index, OLD), OLD)
        for (const image of images) app.digestTag(image, 'sig', OLD)
      },
    ],
    [
      'a manifest of an unknown type, what it lists, and what refers to it',
      (app) => {
        const mediaType = 'application/vnd.example.list.v1+json'
        const manifests = [{ mediaType: 'application/x', digest: app.image(OLD) }]
        const list = app.push({ schemaVersion: 2, mediaType, manifests }, OLD)
        app.referrer(app.referrer(list, OLD), OLD)
      },
    ],
    [
      'a manifest of an unknown type that is not even JSON',
      (app) => void app.push(Buffer.from('\u0000\u0001'), { mediaType: 'application/x', ...OLD }),
    ],
    [
      'an image that nobody may read',
      (app) => {
        const image = app.image({ format: 'docker', readEnabled: false, ...OLD })
        app.referrer(image, OLD)
        app.digestTag(image, 'sig', OLD)
      },
    ],
    [
      'an image in flight, and what refers to it',
      (app) => void app.digestTag(app.image({ age: '50m' }), 'sig', OLD),
    ],
    [
      'an index in flight with older children, which a repeated build reuses',
      (app) => void app.index([app.image(OLD), app.image(OLD)], { age: '50m' }),
    ],
    [
      'the manifest of a digest tag whose image is elsewhere, and its own signature',
      (app) => {
        const signature = app.digestTag(`sha256:${'1'.repeat(64)}`, 'sig', OLD)
        app.referrer(signature, OLD)
        app.fallbackIndex(`sha256:${'2'.repeat(64)}`, [app.image(OLD)], OLD)
      },
    ],
    [
      'two digest tags of one manifest, the image of one of which is elsewhere',
      (app) => {
        const signature = app.digestTag(app.image(OLD), 'sig', OLD)
        app.tag(signatureTag(`sha256:${'3'.repeat(64)}`), signature, OLD)
      },
    ],
  ]
  for (const [how, switches] of CASCADES) {
    test(`locked, of an unknown type, unreadable or in flight; a registry that deletes a manifest ${how}`, async () => {
      const { gone, outputs } = await purge(
        (app) => {
          for (const [, paint] of cases) paint(app)
          return { orphan: orphan(app) }
        },
        { switches },
      )
      expect(gone).toEqual(['orphan'])
      // The signed image of the last picture counts, and is held.
      expect(outputs).toMatchObject({ ...COMPLETE, orphans: '1', 'purged-manifests': '1' })
    })
  }

  test('anything in a locked repository', async () => {
    const { gone, emulator, step, outputs } = await purge((app) => {
      const painted = { orphan: orphan(app) }
      app.setRepositoryAttributes({ writeEnabled: false })
      return painted
    })
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(step.status).toBe(0)
    expect(step.summary).toContain('The repository is locked')
    expect(outputs).toMatchObject({ orphans: '1', 'purged-manifests': '0', 'purge-complete': 'false' })
  })

  test('deleteEnabled on a repository guards the repository, not what is in it', async () => {
    const { gone } = await purge((app) => {
      const painted = { orphan: orphan(app) }
      app.setRepositoryAttributes({ deleteEnabled: false })
      return painted
    })
    expect(gone).toEqual(['orphan'])
  })

  test('younger than older-than: an orphan with all that belongs to it, however old that is', async () => {
    const picture: Picture = (app) => {
      app.image({ tag: 'latest', age: '1d' })
      const children = [app.image(OLD), app.image(OLD)]
      const index = app.index(children, { age: '6d' })
      app.referrer(index, { age: '5d' })
      return { young: app.image({ age: '6d23h' }), old: app.image({ age: '7d1h' }) }
    }
    const { gone, outputs } = await purge(picture)
    expect(gone).toEqual(['old'])
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '2', 'purgeable-manifests': '0' })
    expect((await purge(picture, { inputs: { 'older-than': '5d' } })).gone).toHaveLength(6)
  })
})

describe.concurrent('a manifest with digest tags, whose tags are read in full', () => {
  /** An orphan with a signature that has further tags. */
  const signed =
    (tags: readonly string[]): Picture =>
    (app) => {
      app.image({ tag: 'latest', age: '1d' })
      const image = app.image(OLD)
      const signature = app.digestTag(image, 'sig', OLD)
      for (const tag of tags) app.tag(tag, signature, OLD)
      return { image, signature, orphan: app.image({ age: '90d' }) }
    }
  test('goes with its image when it has no other', async () => {
    expect((await purge(signed([]))).gone).toEqual(['image', 'orphan', 'signature'])
  })

  test('stays, with its image, when one of its tags is an ordinary one', async () => {
    expect((await purge(signed(['v1']))).gone).toEqual(['orphan'])
  })

  test('stays when its ordinary tag is beyond the ten that lists show', async () => {
    const { gone, step } = await purge(
      (app) => {
        app.image({ tag: 'latest', age: '1d' })
        // Of images that are here and go together, so that nothing else protects it.
        const children = app.images(10, () => OLD)
        app.index(children, OLD)
        const signature = app.digestTag(children[0] ?? '', 'sig', OLD)
        for (const child of children) app.tag(signatureTag(child), signature, OLD)
        app.tag('v1', signature, OLD)
        return { orphan: app.image({ age: '90d' }) }
      },
      { switches: { tagsTruncateAt: 10 } },
    )
    expect(gone).toEqual(['orphan'])
    expect(step.log).toContain('Deleting 1 manifest of')
  })

  test('stays when lists show fewer tags than anybody knows of', async () => {
    const { gone, step } = await purge(signed(['v1']), { switches: { tagsTruncateAt: 1 } })
    expect(gone).toEqual(['orphan'])
    expect(step.log).toContain('Left alone: tagged meanwhile: v1.')
  })

  test.each(['delete', 'write'] as const)('stays when one of its tags has a %s lock', async (lock) => {
    const { gone, step, outputs } = await purge((app) => {
      const painted = signed([])(app)
      app.lock(signatureTag(painted['image'] ?? ''), lock)
      return painted
    })
    expect(gone).toEqual(['orphan'])
    expect(step.log).toMatch(/Left alone: its tag sha256-[0-9a-f]{64}\.sig is locked\./)
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'false' })
  })
})

describe.concurrent('a lock that no list shows', () => {
  test('is on a tag that lists leave out (listEnabled is false): its manifest stays, with its image', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const image = app.image(OLD)
      app.digestTag(image, 'sig', OLD)
      app.setAttributes(signatureTag(image), { listEnabled: false, deleteEnabled: false })
      return { orphan: app.image({ age: '90d' }) }
    })
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject({ 'purge-complete': 'false' })
  })
})

describe.concurrent('an orphan index goes, and what others need of it stays', () => {
  for (const [how, switches] of CASCADES) {
    test(`children shared with an index in use; a registry that deletes a manifest ${how}`, async () => {
      const { gone, outputs, app, named } = await purge(
        (app) => {
          const shared = app.image({ platform: 'linux/amd64', ...OLD })
          const nested = app.index([app.image(OLD)], OLD)
          const own = app.image({ platform: 'linux/arm64', ...OLD })
          app.index([shared, nested, app.image({ age: '1d' })], { tag: 'latest', age: '1d' })
          return { index: app.index([shared, nested, own], OLD), own, shared, nested }
        },
        { switches },
      )
      expect(gone).toEqual(['index', 'own'])
      expect(app.has(named['shared'] ?? '') && app.has(named['nested'] ?? '')).toBe(true)
      expect(outputs).toMatchObject({ ...COMPLETE, orphans: '0', 'purged-manifests': '2' })
    })

    test(`a wrapper goes, its tagged platforms stay; a registry that deletes a manifest ${how}`, async () => {
      const { gone, outputs } = await purge(
        (app) => {
          const children = ['amd64', 'arm64'].map((arch) =>
            app.image({ tag: arch, platform: `linux/${arch}`, ...OLD }),
          )
          return { wrapper: app.index(children, OLD) }
        },
        { switches },
      )
      expect(gone).toEqual(['wrapper'])
      expect(outputs).toMatchObject({ ...COMPLETE, wrappers: '0', 'purged-manifests': '1' })
    })

    test(`a locked child stays; a registry that deletes a manifest ${how}`, async () => {
      const { gone } = await purge(
        (app) => {
          app.image({ tag: 'latest', age: '1d' })
          const locked = app.index([app.image(OLD)], { lock: 'delete', ...OLD })
          const own = app.image(OLD)
          return { index: app.index([locked, own], OLD), own }
        },
        { switches },
      )
      expect(gone).toEqual(['index', 'own'])
    })
  }

  test('one that another orphan needs which is too young, kept or held stays with that one', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const shared = app.index([app.image(OLD)], OLD)
      app.index([shared, app.image(OLD)], { age: '2d' })
      const signed = app.index([shared, app.image(OLD)], { age: '50d' })
      app.referrer(signed, { tag: 'sbom', age: '50d' })
      return { index: app.index([shared], { age: '70d' }) }
    })
    expect(gone).toEqual(['index'])
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '2' })
  })

  test('one that an older orphan needs which is held stays, and the younger goes without it', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const shared = app.index([app.image(OLD)], OLD)
      const signed = app.index([shared, app.image(OLD)], { age: '80d' })
      app.referrer(signed, { tag: 'sbom', ...OLD })
      return { younger: app.index([shared], OLD) }
    })
    expect(gone).toEqual(['younger'])
    expect(outputs).toMatchObject({ ...COMPLETE, orphans: '1', 'purged-manifests': '1' })
  })

  test('what a registry would delete with its index is held: a child that only its subject keeps', async () => {
    for (const cascadeChildren of [false, true]) {
      const { gone, outputs } = await purge(
        (app) => {
          const image = app.image({ tag: 'v1', ...OLD })
          app.index([app.referrer(image, OLD), app.image(OLD)], OLD)
          return { orphan: orphan(app) }
        },
        { switches: { cascadeChildren } },
      )
      expect(gone).toEqual(['orphan'])
      expect(outputs).toMatchObject({ ...COMPLETE, orphans: '1' })
    }
  })
})
