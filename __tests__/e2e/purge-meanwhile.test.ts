import { describe, expect, test } from 'vitest'
import type { RepositorySeed } from '../../emulator/index.ts'
import { purge, type Picture, type PurgeSetting } from './survivors.ts'

const OLD = { age: '60d' }

/** One lot after the other, so that what happens before the first DELETE is seen before the second. */
const INPUTS = { concurrency: '2' }

/** `first` goes before all others, so that its DELETE is the moment at which others come in between. */
function first(app: RepositorySeed): string {
  app.image({ tag: 'latest', age: '1d' })
  return app.image({ age: '90d' })
}

/** An orphan with all that can belong to one. */
const doomed: Picture = (app) => {
  const { index, images } = app.multiPlatform(OLD)
  const [image = ''] = images
  const sbom = app.referrer(image, OLD)
  return { first: first(app), index, image, sbom, signature: app.digestTag(sbom, 'sig', OLD) }
}

type Change = (app: RepositorySeed, named: Readonly<Record<string, string>>) => void

function beforeFirstDelete(change: Change): NonNullable<PurgeSetting['meanwhile']> {
  return ({ faults }, named) => {
    faults.before({ method: 'DELETE', nth: 1 }, (registry) => change(registry.repo('app'), named))
  }
}

/** A multi-platform push of somebody else in which an image of ours is a child. */
function pushIndex(app: RepositorySeed, child = '', tag?: string): void {
  app.index([child, app.image()], tag === undefined ? {} : { tag })
}

describe.concurrent('anything that is no longer as it was at the scan stays, with the whole orphan', () => {
  const changes: readonly (readonly [string, Change, RegExp])[] = [
    ['the index is tagged', (app, { index = '' }) => app.tag('v1', index), /tagged meanwhile: v1/],
    ['a platform is tagged', (app, { image = '' }) => app.tag('v1', image), /tagged meanwhile: v1/],
    ['a referrer is tagged', (app, { sbom = '' }) => app.tag('sbom', sbom), /tagged meanwhile: sbom/],
    [
      'a signature gets an ordinary tag',
      (app, { signature = '' }) => app.tag('v1', signature),
      /tagged meanwhile/,
    ],
    [
      'a signature is made that of another image',
      (app, { signature = '' }) => app.tag(`sha256-${app.tags()['latest']?.slice(7)}.sig`, signature),
      /tagged meanwhile: sha256-/,
    ],
    [
      'a new index lists a platform',
      (app, { image }) => pushIndex(app, image, 'v2'),
      /the index .* lists it/,
    ],
    ['a new index without a tag lists a platform', (app, { image }) => pushIndex(app, image), /lists it/],
    ['a new index lists the index', (app, { index }) => pushIndex(app, index, 'v2'), /lists it/],
    ['a new index lists a referrer', (app, { sbom }) => pushIndex(app, sbom, 'v2'), /lists it/],
    [
      'a new index lists a platform as a layer',
      (app, { image = '' }) => {
        const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'
        app.index([{ digest: image, mediaType }], { tag: 'v2' })
      },
      /lists it/,
    ],
    [
      'a new manifest of an unknown type lists a platform',
      (app, { image }) => {
        const manifests = [{ digest: image }]
        app.push({ mediaType: 'application/vnd.example.list.v1+json', manifests }, { tag: 'v2' })
      },
      /lists it/,
    ],
    [
      'a new untagged image refers to the index',
      (app, { index = '' }) => void app.referrer(index),
      /refers to it/,
    ],
    [
      'a new untagged image refers to a platform',
      (app, { image = '' }) => void app.referrer(image),
      /refers to it/,
    ],
    [
      'a new ORAS artifact refers to a referrer',
      (app, { sbom = '' }) => void app.referrer(sbom, { kind: 'oras' }),
      /refers to it/,
    ],
    [
      'a new index refers to the index',
      (app, { index = '' }) => void app.referrer(index, { kind: 'index' }),
      /refers to it/,
    ],
    ['a new signature by tag', (app, { index = '' }) => void app.digestTag(index, 'sig'), /refers to it/],
    [
      'a new fallback list of referrers',
      (app, { image = '' }) => void app.fallbackIndex(image, [app.image()], {}),
      /refers to it/,
    ],
  ]
  /** The index is as much of an orphan as before, only what it lists is in use now: the next run deletes it. */
  const stillDue = new Set([
    'a platform is tagged',
    'a new index lists a platform',
    'a new index without a tag lists a platform',
    'a new index lists a platform as a layer',
    'a new manifest of an unknown type lists a platform',
  ])
  test.each(changes)('%s', async (name, change, words) => {
    const { gone, step, outputs } = await purge(doomed, {
      inputs: INPUTS,
      meanwhile: beforeFirstDelete(change),
    })
    expect(gone).toEqual(['first'])
    expect(step.status).toBe(0)
    expect(step.log).toMatch(new RegExp(`Left alone: .*${words.source}`))
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': String(!stillDue.has(name)) })
  })

  test('a new tagged image refers to a platform', async () => {
    const { gone, step, outputs } = await purge(doomed, {
      inputs: INPUTS,
      meanwhile: beforeFirstDelete((app, { image = '' }) => void app.referrer(image, { tag: 'sbom' })),
    })
    expect(gone).toEqual(['first'])
    expect(step.log).toMatch(/Left alone: .*refers to it/)
    // It holds its orphan from now on.
    expect(outputs['purge-complete']).toBe('true')
  })

  const locked: readonly (readonly [string, Change])[] = [
    ['the index, against deleting', (app, { index = '' }) => app.lock(index, 'delete')],
    ['the index, against writing', (app, { index = '' }) => app.lock(index, 'write')],
    ['a platform, against deleting', (app, { image = '' }) => app.lock(image, 'delete')],
    [
      'a platform, against reading',
      (app, { image = '' }) => app.setAttributes(image, { readEnabled: false }),
    ],
    ['a referrer, against writing', (app, { sbom = '' }) => app.lock(sbom, 'write')],
    ['the tag of a signature', (app, { sbom = '' }) => app.lock(`sha256-${sbom.slice(7)}.sig`, 'delete')],
  ]
  test.each(locked)('somebody locks %s', async (_, change) => {
    const { gone, step, outputs } = await purge(doomed, {
      inputs: INPUTS,
      meanwhile: beforeFirstDelete(change),
    })
    expect(gone).toEqual(['first'])
    expect(step.status).toBe(0)
    expect(step.log).toMatch(/Left alone: .*locked/)
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'false' })
  })

  test('somebody locks the repository', async () => {
    const { gone, step, outputs } = await purge(doomed, {
      inputs: INPUTS,
      meanwhile: beforeFirstDelete((app) => app.setRepositoryAttributes({ writeEnabled: false })),
    })
    expect(gone).toEqual([])
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ 'purged-manifests': '0', 'purge-complete': 'false' })
  })

  test.each(['index', 'image', 'sbom', 'signature'])('somebody pushes the same %s again', async (name) => {
    const { gone, step } = await purge(doomed, {
      inputs: INPUTS,
      switches: { repushUpdatesTime: true },
      meanwhile: beforeFirstDelete((app, named) => {
        const { bytes = Buffer.of(), mediaType = '' } = app.manifest(named[name] ?? '') ?? {}
        app.push(bytes, { mediaType })
      }),
    })
    expect(gone).toEqual(['first'])
    expect(step.log).toMatch(/Left alone: (?:pushed again meanwhile|.* (?:lists|refers to) it)/)
  })

  test('what somebody pushed cannot be read, so that nobody knows what it needs', async () => {
    const { gone, step } = await purge(doomed, {
      inputs: INPUTS,
      meanwhile: ({ faults }, { image = '' }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          const digest = registry.repo('app').index([image], { tag: 'v2' })
          faults.add({ path: `/v2/app/manifests/${digest}` }, { status: 404 })
        })
      },
    })
    expect(gone).toEqual(['first'])
    expect(step.log).toContain('was pushed meanwhile and cannot be read.')
  })
})

describe.concurrent('news are found', () => {
  test.each([1000, 7])('behind 60 others that came after it, in pages of at most %i', async (pageMax) => {
    const { gone } = await purge(doomed, {
      inputs: INPUTS,
      switches: { pageMax },
      meanwhile: beforeFirstDelete((app, { image }) => {
        pushIndex(app, image, 'v2')
        app.images(60, (number) => ({ tag: `v3-${number}`, format: 'docker' }))
      }),
    })
    expect(gone).toEqual(['first'])
  })

  test('by the clock of the registry, not that of the runner', async () => {
    for (const time of ['2019-05-01T12:00:00Z', '2040-05-01T12:00:00Z']) {
      const { gone } = await purge(doomed, {
        inputs: INPUTS,
        time,
        meanwhile: beforeFirstDelete((app, { image }) => pushIndex(app, image, 'v2')),
      })
      expect(gone).toEqual(['first'])
    }
  })

  test.each(['repository', 'manifest'] as const)(
    'when they came while the repository was still read, at its first %s',
    async (route) => {
      const { gone } = await purge(doomed, {
        inputs: INPUTS,
        meanwhile: ({ faults }, { image }) => {
          faults.before({ route, nth: 1 }, (registry) => pushIndex(registry.repo('app'), image, 'v2'))
        },
      })
      expect(gone).toEqual(expect.arrayContaining(['first', 'index']))
      for (const name of ['image', 'sbom', 'signature']) expect(gone).not.toContain(name)
    },
  )

  test('when they came while the repository was still read, though the number of manifests stayed', async () => {
    const { gone } = await purge(
      (app) => {
        const passing = app.image({ name: 'passing', tag: 'passing', ...OLD })
        return { ...doomed(app), passing }
      },
      {
        inputs: INPUTS,
        harm: 'expected',
        meanwhile: ({ faults }, { image = '', passing = '' }) => {
          faults.before({ route: 'repository', nth: 1 }, (registry) => {
            registry.repo('app').index([image], { tag: 'v2' })
            registry.repo('app').vanish(passing)
          })
        },
      },
    )
    expect(gone).toEqual(['first', 'passing'])
  })

  test('when an index that the scan knew, and that this run deleted, is pushed again with a tag', async () => {
    const { gone, app } = await purge(
      (app) => {
        const shared = app.image(OLD)
        const known = app.index([shared], { age: '80d' })
        return {
          first: first(app),
          known,
          second: app.image({ age: '70d' }),
          index: app.index([shared, app.image(OLD)], OLD),
        }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }, { known = '' }) => {
          let bytes: Uint8Array = Buffer.of()
          let mediaType = ''
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            ;({ bytes, mediaType } = registry.repo('app').manifest(known) ?? { bytes, mediaType })
          })
          faults.before({ method: 'DELETE', nth: 3 }, (registry) => {
            registry.repo('app').push(bytes, { mediaType, tag: 'again' })
          })
        },
      },
    )
    expect(gone).toEqual(['first', 'second'])
    expect(app.has('again')).toBe(true)
  })
})
