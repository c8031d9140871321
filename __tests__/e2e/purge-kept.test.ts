import { describe, expect, test } from 'vitest'
import type { RepositorySeed } from '../../emulator/index.ts'
import { CASCADES, deletions, purge, type Picture } from './survivors.ts'

/** Old enough for any rule. */
const OLD = { age: '60d' }

/** Something that is due, so that a purge that does nothing is found out. */
function orphan(app: RepositorySeed): string {
  return app.image({ age: '90d' })
}

type Case = readonly [string, (app: RepositorySeed) => void]

const IN_USE: readonly Case[] = [
  ['a tagged image', (app) => void app.image({ tag: 'v1', ...OLD })],
  ['children of a tagged index', (app) => void app.multiPlatform({ tag: 'v1', attestations: true, ...OLD })],
  [
    'children of a tagged Docker manifest list',
    (app) => void app.multiPlatform({ tag: 'v1', format: 'docker', ...OLD }),
  ],
  [
    'children at depth 4',
    (app) => {
      let inner = app.image(OLD)
      for (let depth = 0; depth < 3; depth += 1) inner = app.index([inner], OLD)
      app.index([inner], { tag: 'v1', ...OLD })
    },
  ],
  [
    'children that their index calls images, layers or nonsense',
    (app) => {
      const claimed = ['application/vnd.oci.image.layer.v1.tar+gzip', 'text/plain', ''].map((mediaType) => ({
        digest: app.index([app.image(OLD)], OLD),
        mediaType,
      }))
      app.index(claimed, { tag: 'v1', ...OLD })
    },
  ],
  [
    'a child of an unknown type, and what that lists',
    (app) => {
      const mediaType = 'application/vnd.example.list.v1+json'
      const manifests = [{ mediaType: 'application/x', digest: app.image(OLD), size: 1 }]
      app.index([app.push({ schemaVersion: 2, mediaType, manifests }, OLD)], { tag: 'v1', ...OLD })
    },
  ],
  [
    'a child of an index that carries a tag of an unknown type',
    (app) => {
      const manifests = [{ mediaType: 'application/x', digest: app.image(OLD), size: 1 }]
      app.push({ mediaType: 'application/vnd.example.list.v1+json', manifests }, { tag: 'v1', ...OLD })
    },
  ],
  [
    'referrers of a tagged image, their referrers, and a young one',
    (app) => {
      const image = app.image({ tag: 'v1', ...OLD })
      app.referrer(app.referrer(app.referrer(image, OLD), { kind: 'oras', ...OLD }), OLD)
      app.referrer(image, { age: '9d' })
    },
  ],
  [
    'a referrer that is an index, with its children and their referrers',
    (app) => {
      const image = app.image({ tag: 'v1', ...OLD })
      const child = app.image(OLD)
      app.referrer(image, { kind: 'index', children: [child], ...OLD })
      app.referrer(child, OLD)
    },
  ],
  [
    'referrers of a child of a tagged index',
    (app) => {
      const { images } = app.multiPlatform({ tag: 'v1', ...OLD })
      for (const image of images) app.digestTag(image, 'att', OLD)
      for (const image of images) app.referrer(app.referrer(image, OLD), OLD)
    },
  ],
  [
    'signatures by tag, their signatures, and what a fallback index lists',
    (app) => {
      const image = app.image({ tag: 'v1', ...OLD })
      app.digestTag(app.digestTag(image, 'sig', OLD), 'sig', OLD)
      app.fallbackIndex(image, [app.image(OLD)], OLD)
    },
  ],
]

describe.concurrent('in use, so never deleted', () => {
  for (const [how, switches] of CASCADES) {
    test(`tagged, a child or a referrer at any depth; a registry that deletes a manifest ${how}`, async () => {
      const { gone, outputs, emulator } = await purge(
        (app) => {
          for (const [name, paint] of IN_USE) paint(withTags(app, name))
          return { orphan: orphan(app) }
        },
        { switches },
      )
      expect(gone).toEqual(['orphan'])
      expect(deletions({ emulator })).toHaveLength(1)
      expect(outputs).toMatchObject({ orphans: '0', 'purged-manifests': '1', 'purge-complete': 'true' })
    })
  }
})

/** All cases in one repository, each with tags of its own. */
function withTags(app: RepositorySeed, name: string): RepositorySeed {
  const prefix = name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)
  return new Proxy(app, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown =>
        value.apply(
          target,
          args.map((arg) =>
            typeof arg === 'object' && arg !== null && 'tag' in arg ? { ...arg, tag: prefix } : arg,
          ),
        ) as unknown
    },
  })
}

describe.concurrent('a referrer of something that goes', () => {
  test('goes along, however young it is, as scanners attach fresh ones all the time', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const image = orphan(app)
      const scan = app.referrer(image, { age: '2h' })
      return {
        image,
        scan,
        signature: app.referrer(scan, { age: '2h' }),
        tag: app.digestTag(image, 'sig', { age: '2h' }),
      }
    })
    expect(gone).toEqual(['image', 'scan', 'signature', 'tag'])
    expect(outputs).toMatchObject({ orphans: '0', 'purged-manifests': '4', 'purge-complete': 'true' })
  })

  test('is listed as deleted along with its subject where the registry does that', async () => {
    const { gone, outputs, emulator, step } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const image = orphan(app)
      return { image, signature: app.referrer(image, OLD) }
    })
    expect(gone).toEqual(['image', 'signature'])
    expect(outputs).toMatchObject({ 'purged-manifests': '2', 'purge-complete': 'true' })
    expect(emulator.log.requests({ method: 'DELETE', status: 202 })).toHaveLength(1)
    expect(step.log).toContain('Deleted by the registry along with')
  })
})

type Holder = readonly [string, (app: RepositorySeed, subject: string) => void]

const HOLDERS: readonly Holder[] = [
  ['tagged', (app, subject) => void app.referrer(subject, { tag: 'sbom', ...OLD })],
  [
    'tagged, of the ORAS type',
    (app, subject) => void app.referrer(subject, { kind: 'oras', tag: 'sbom', ...OLD }),
  ],
  [
    'tagged, of the OCI artifact type',
    (app, subject) => void app.referrer(subject, { kind: 'oci-artifact', tag: 'sbom', ...OLD }),
  ],
  ['a tagged index', (app, subject) => void app.referrer(subject, { kind: 'index', tag: 'sbom', ...OLD })],
  [
    'a tagged Docker manifest list',
    (app, subject) =>
      void app.index([app.image({ format: 'docker', ...OLD })], {
        format: 'docker',
        subject,
        tag: 'sbom',
        ...OLD,
      }),
  ],
  [
    'of an unknown type',
    (app, subject) => {
      const mediaType = 'application/vnd.example.signature.v1+json'
      app.push({ schemaVersion: 2, mediaType, subject: { digest: subject } }, OLD)
    },
  ],
  ['locked against deleting', (app, subject) => void app.referrer(subject, { lock: 'delete', ...OLD })],
  ['locked against writing', (app, subject) => void app.referrer(subject, { lock: 'write', ...OLD })],
  ['in flight', (app, subject) => void app.referrer(subject, { age: '20m' })],
  [
    'tagged, of a referrer',
    (app, subject) => {
      app.referrer(app.referrer(app.referrer(subject, OLD), OLD), { tag: 'sbom', ...OLD })
    },
  ],
  [
    'a child of a tagged index',
    (app, subject) => void app.index([app.referrer(subject, OLD)], { tag: 'sboms', ...OLD }),
  ],
  [
    'a child of a locked index',
    (app, subject) => void app.index([app.referrer(subject, OLD)], { lock: 'all', ...OLD }),
  ],
  [
    'a referrer of another image, too, by tag',
    (app, subject) => {
      const other = app.image({ tag: 'other', ...OLD })
      app.tag(`sha256-${other.slice('sha256:'.length)}.sig`, app.referrer(subject, OLD), OLD)
    },
  ],
  ['tagged as an image of its own', (app, subject) => void app.image({ subject, tag: 'v1', ...OLD })],
]

describe.concurrent('an orphan whose referrer stays is held, since the registry would delete both', () => {
  const expected = {
    orphans: '1',
    'purged-manifests': '1',
    'purgeable-manifests': '0',
    'purge-complete': 'true',
    complete: 'true',
  }
  test.each(HOLDERS)('the referrer is %s', async (_, refer) => {
    const picture: Picture = (app) => {
      app.image({ tag: 'latest', age: '1d' })
      refer(app, app.image(OLD))
      return { orphan: orphan(app) }
    }
    for (const cascadeChildren of [false, true]) {
      const { gone, outputs } = await purge(picture, {
        switches: { cascadeChildren, cascadeLockedReferrers: true },
      })
      expect(gone).toEqual(['orphan'])
      expect(outputs).toMatchObject(expected)
    }
  })

  test('the referrer is a child of an orphan that is too young, and goes with that', async () => {
    const picture: Picture = (app) => {
      app.image({ tag: 'latest', age: '1d' })
      const subject = app.image(OLD)
      return { young: app.index([app.referrer(subject, OLD)], { age: '2d' }), subject, orphan: orphan(app) }
    }
    expect((await purge(picture)).gone).toEqual(['orphan'])
    expect((await purge(picture, { inputs: { 'keep-n-untagged': '1', 'older-than': '0d' } })).gone).toEqual([
      'orphan',
    ])
  })

  test('the referrer is tagged and refers to a child of the orphan: index and siblings stay too', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ tag: 'latest', age: '1d' })
      const { images } = app.multiPlatform({ attestations: true, ...OLD })
      app.referrer(images[1] ?? '', { tag: 'sbom', ...OLD })
      return { orphan: orphan(app) }
    })
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject(expected)
  })
})
