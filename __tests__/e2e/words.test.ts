import { describe, expect, test } from 'vitest'
import { gateOn } from './gate.ts'

describe('orphans', () => {
  test('5 pushes of an image over one tag leave 4 orphans', async () => {
    const { outputs } = await gateOn((app) => {
      for (const age of ['9d1h', '8d', '7d', '6d', '5d']) app.image({ tag: 'latest', age })
    })
    expect(outputs).toMatchObject({ orphans: '4', 'orphan-manifests': '4', 'oldest-orphan-days': '9' })
  })

  test('2 pushes of a 2-platform index over one tag are 1 orphan with 3 manifests', async () => {
    const { outputs } = await gateOn((app) => {
      app.multiPlatform({ tag: 'latest', age: '9d' })
      app.multiPlatform({ tag: 'latest', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '3' })
  })

  test('attestations of buildx, OCI referrers and cosign signatures belong to the overwritten image', async () => {
    const { outputs } = await gateOn((app) => {
      const old = app.multiPlatform({ tag: 'latest', attestations: true, age: '9d' })
      app.referrer(old.index, { age: '8d' })
      app.digestTag(old.index, 'sig', { age: '8d' })
      app.multiPlatform({ tag: 'latest', attestations: true, age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '7', 'orphaned-referrers': '0' })
  })

  test('Docker manifest lists count as OCI indexes do', async () => {
    const { outputs } = await gateOn((app) => {
      app.multiPlatform({ tag: 'latest', format: 'docker', age: '9d' })
      app.multiPlatform({ tag: 'latest', format: 'docker', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '3' })
  })

  test('nested indexes are one orphan', async () => {
    const { outputs } = await gateOn((app) => {
      const inner = app.index([app.image({ age: '9d' })], { age: '9d' })
      app.index([inner], { tag: 'latest', age: '9d' })
      app.image({ tag: 'latest', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '3' })
  })

  test('an image of schema 1 and a layer cache of old BuildKit are orphans without children', async () => {
    const { outputs } = await gateOn((app) => {
      app.schema1({ tag: 'old', age: '900d' })
      app.image({ tag: 'old', age: '30d' })
      app.buildCache({ tag: 'cache', age: '20d' })
      app.buildCache({ tag: 'cache', age: '10d' })
    })
    expect(outputs).toMatchObject({ orphans: '2', 'orphan-manifests': '2', 'broken-indexes': '0' })
  })

  test('a child that an orphan shares with a live index is not part of the orphan', async () => {
    const { outputs } = await gateOn((app) => {
      const shared = app.image({ age: '9d' })
      app.index([shared, app.image({ age: '9d' })], { tag: 'latest', age: '9d' })
      app.index([shared], { tag: 'latest', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '2' })
  })

  test('a size is that of the distinct images, never of an index and its children together', async () => {
    const { outputs } = await gateOn((app) => {
      app.multiPlatform({ tag: 'latest', layers: [1000, 500], age: '9d' })
      app.image({ tag: 'latest', age: '2d' })
    })
    expect(outputs['orphan-bytes']).toBe('3000')
  })
})

describe('live, so never an orphan', () => {
  const cases: readonly (readonly [string, Parameters<typeof gateOn>[0]])[] = [
    [
      'children of a tagged index',
      (app) => void app.multiPlatform({ tag: 'v1', attestations: true, age: '9d' }),
    ],
    [
      'children of a locked tagged index',
      (app) => void app.multiPlatform({ tag: 'v1', lock: 'all', age: '9d' }),
    ],
    [
      'children of a nested index',
      (app) =>
        void app.index([app.index([app.image({ age: '9d' })], { age: '9d' })], { tag: 'v1', age: '9d' }),
    ],
    [
      'children of an index that the outer index calls an image',
      (app) => {
        const inner = app.index([app.image({ age: '9d' })], { age: '9d' })
        const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
        app.index([{ digest: inner, mediaType }], { tag: 'v1', age: '9d' })
      },
    ],
    [
      'referrers of a tagged image, and their referrers',
      (app) => {
        const sbom = app.referrer(app.image({ tag: 'v1', age: '9d' }), { age: '8d' })
        app.referrer(sbom, { age: '8d' })
      },
    ],
    [
      'a referrer of a platform image',
      (app) => {
        const { images } = app.multiPlatform({ tag: 'v1', age: '9d' })
        for (const image of images) app.referrer(image, { age: '8d' })
      },
    ],
    [
      'a referrer that is an index, with its children',
      (app) => {
        const image = app.image({ tag: 'v1', age: '9d' })
        app.referrer(image, { kind: 'index', children: [app.image({ age: '8d' })], age: '8d' })
      },
    ],
    [
      'referrers in the artifact formats of ORAS and OCI',
      (app) => {
        const image = app.image({ tag: 'v1', age: '9d' })
        app.referrer(image, { kind: 'oras', age: '8d' })
        app.referrer(image, { kind: 'oci-artifact', age: '8d' })
      },
    ],
    [
      'cosign signatures and the fallback index of referrers, with what it lists',
      (app) => {
        const image = app.image({ tag: 'v1', age: '9d' })
        app.digestTag(image, 'sig', { age: '8d' })
        app.digestTag(image, 'att', { age: '8d' })
        app.fallbackIndex(image, [app.image({ age: '8d' })], { age: '8d' })
      },
    ],
    [
      'children of a tagged index that lists leave out',
      (app) => {
        const hidden = app.index([app.image({ age: '9d' })], { age: '9d', listEnabled: false })
        app.index([hidden], { tag: 'v1', age: '9d' })
      },
    ],
    [
      'children of a tagged index that may not be read',
      (app) => void app.multiPlatform({ tag: 'v1', readEnabled: false, age: '9d' }),
    ],
  ]
  test.each(cases)('%s', async (_, seed) => {
    const { outputs, status } = await gateOn(
      (app) => {
        app.image({ tag: 'other', age: '30d' })
        seed(app)
      },
      { 'max-orphans': '0', 'broken-indexes': 'fail' },
    )
    expect(outputs).toMatchObject({ result: 'pass', orphans: '0', complete: 'true', 'broken-indexes': '0' })
    expect(status).toBe(0)
  })
})

describe('neither live nor counted', () => {
  test('a locked orphan, with its children and referrers', async () => {
    const { outputs, summary } = await gateOn((app) => {
      for (const lock of ['delete', 'write'] as const) {
        const { index } = app.multiPlatform({ lock, age: '9d' })
        app.referrer(index, { age: '8d' })
      }
      app.image({ tag: 'v1', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '0' })
    expect(summary).toContain('| 8 | locked')
  })

  test('manifests of a media type that is not known, and such that may not be read', async () => {
    const { outputs, summary } = await gateOn((app) => {
      app.unknownType({ age: '9d' })
      app.image({ readEnabled: false, age: '9d' })
      app.image({ tag: 'v1', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '0', complete: 'true' })
    expect(summary).toContain('| 1 | of a media type that is not known')
    expect(summary).toContain('| 1 | reading is disabled')
  })

  test('what was just pushed is in flight, until the input in-flight says otherwise', async () => {
    const seed: Parameters<typeof gateOn>[0] = (app) => {
      app.image({ tag: 'latest', age: '50m' })
      app.image({ tag: 'latest', age: '40m' })
      app.image({ age: '10m' })
    }
    expect((await gateOn(seed)).outputs).toMatchObject({ orphans: '0', 'in-flight': '2' })
    expect((await gateOn(seed, { 'in-flight': '30m' })).outputs).toMatchObject({
      orphans: '1',
      'in-flight': '1',
    })
    const { summary } = await gateOn(seed)
    expect(summary).toContain('| 2 | in flight')
  })

  test("the time is the registry's, whatever the runner's clock says", async () => {
    const time = '2019-05-01T12:00:00Z'
    const { outputs } = await gateOn(
      (app) => {
        app.image({ tag: 'latest', age: '9d1h' })
        app.image({ tag: 'latest', age: '20m' })
      },
      {},
      { time },
    )
    expect(outputs).toMatchObject({ orphans: '1', 'oldest-orphan-days': '9' })
  })

  test('a wrapper: an untagged index of images that are tagged themselves', async () => {
    const { outputs } = await gateOn((app) => {
      const children = ['amd64', 'arm64'].map((arch) =>
        app.image({ tag: arch, platform: `linux/${arch}`, age: '9d' }),
      )
      app.index(children, { age: '9d' })
    })
    expect(outputs).toMatchObject({ orphans: '0', wrappers: '1' })
  })

  test('orphaned referrers, whose image is gone', async () => {
    const { outputs } = await gateOn((app) => {
      const gone = `sha256:${'0'.repeat(64)}`
      for (let number = 0; number < 5; number += 1) app.referrer(gone, { age: '9d' })
      app.image({ tag: 'v1', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '0', 'orphaned-referrers': '5' })
  })

  test('a signature by tag whose image is in another repository', async () => {
    const { outputs, summary } = await gateOn((app) => {
      app.digestTag(`sha256:${'1'.repeat(64)}`, 'sig', { age: '9d' })
      app.image({ tag: 'v1', age: '2d' })
    })
    expect(outputs).toMatchObject({ orphans: '0', 'orphaned-referrers': '0' })
    expect(summary).toContain('| 1 | signatures or attestations by tag whose image is not in this repository')
  })

  test('a repository without any tag, which may be used by digest', async () => {
    const { outputs, summary } = await gateOn(
      (app) => {
        const image = app.image({ age: '9d' })
        app.digestTag(image, 'sig', { age: '9d' })
      },
      { 'max-orphans': '0' },
    )
    expect(outputs).toMatchObject({ result: 'pass', orphans: '0' })
    expect(summary).toContain('1 repository without any tag')
  })
})

describe('broken indexes', () => {
  test('a tagged index that lists a platform which does not exist', async () => {
    const { outputs, summary } = await gateOn((app) => {
      app.index([app.image({ age: '9d' }), app.missingChild('linux/arm64')], { tag: 'v1', age: '9d' })
    })
    expect(outputs).toMatchObject({ 'broken-indexes': '1', result: 'pass' })
    expect(summary).toContain('Broken indexes')
  })

  test('not while the index is younger than in-flight, and not an orphan index', async () => {
    const { outputs } = await gateOn((app) => {
      app.index([app.missingChild()], { tag: 'v1', age: '30m' })
      app.index([app.missingChild('linux/arm64')], { age: '9d' })
    })
    expect(outputs).toMatchObject({ 'broken-indexes': '0', orphans: '1' })
  })
})
