import { describe, expect, test } from 'vitest'
import type { RepositorySeed } from '../../emulator/index.ts'
import { CASCADES, deletions, purge, type Picture, type PurgeSetting } from './survivors.ts'

const OLD = { age: '60d' }
const INPUTS = { concurrency: '2' }

function inUse(app: RepositorySeed): void {
  app.image({ tag: 'latest', age: '1d' })
}

/** An index with one platform, and what refers to that. */
const nested: Picture = (app) => {
  inUse(app)
  const image = app.image(OLD)
  return { index: app.index([image], OLD), image, sbom: app.referrer(image, OLD) }
}

type Change = (app: RepositorySeed, named: Readonly<Record<string, string>>) => void

/** Right after the index was deleted and before its platform is: a registry that deletes nothing by itself. */
function midway(change: Change): PurgeSetting {
  return {
    inputs: INPUTS,
    switches: { cascadeReferrers: true, cascadeChildren: false },
    meanwhile: ({ faults }, named) => {
      faults.before({ method: 'DELETE', path: `*${named['index']}` }, (registry) => {
        // What is read next is the last look at what follows.
        faults.before({ class: 'read', times: 1 }, () => change(registry.repo('app'), named))
      })
    },
  }
}

describe.concurrent('between two manifests of one orphan', () => {
  const changes: readonly (readonly [string, Change])[] = [
    ['a platform is tagged', (app, { image = '' }) => app.tag('v1', image)],
    ['what refers to it is tagged', (app, { sbom = '' }) => app.tag('sbom', sbom)],
    ['a platform is locked', (app, { image = '' }) => app.lock(image)],
    ['what refers to it is locked', (app, { sbom = '' }) => app.lock(sbom)],
    [
      'a new index lists the platform',
      (app, { image = '' }) => void app.index([image, app.image()], { tag: 'v2' }),
    ],
    ['a new index lists what refers to it', (app, { sbom = '' }) => void app.index([sbom], { tag: 'v2' })],
    [
      'something new refers to the platform',
      (app, { image = '' }) => void app.referrer(image, { tag: 'v2' }),
    ],
    [
      'something new refers to what refers to it',
      (app, { sbom = '' }) => void app.referrer(sbom, { tag: 'v2' }),
    ],
  ]
  test.each(changes)('%s: the rest stays', async (_, change) => {
    const { gone, step, outputs } = await purge(nested, midway(change))
    expect(gone).toEqual(['index'])
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ 'purged-manifests': '1' })
  })

  test('the same index is pushed again with a tag: the rest stays, and the tag can be pulled', async () => {
    let bytes: Uint8Array = Buffer.of()
    const setting = midway((app) => void app.push(bytes, { tag: 'again', mediaType: INDEX }))
    const { gone, app } = await purge((app) => {
      const named = nested(app)
      bytes = app.manifest(named['index'] ?? '')?.bytes ?? bytes
      return named
    }, setting)
    expect(gone).toEqual([])
    expect(app.has('again')).toBe(true)
  })
})

describe.concurrent('between an image and what refers to it, where the registry deletes nothing along', () => {
  const pictures: readonly (readonly [string, (app: RepositorySeed, image: string) => string])[] = [
    ['a referrer', (app, image) => app.referrer(image, OLD)],
    ['a signature by tag', (app, image) => app.digestTag(image, 'sig', OLD)],
  ]
  test.each(pictures)('the image is pushed again with a tag: %s stays', async (_, refer) => {
    const { gone, app, step } = await purge(
      (app) => {
        inUse(app)
        const image = app.image({ name: 'again', ...OLD })
        return { image, referrer: refer(app, image) }
      },
      {
        inputs: INPUTS,
        switches: { cascadeReferrers: false },
        meanwhile: ({ faults, registry }, { image }) => {
          faults.before({ method: 'DELETE', path: `*${image}` }, () => {
            faults.before({ class: 'read', times: 1 }, () => {
              registry.repo('app').image({ name: 'again', tag: 'again' })
            })
          })
        },
      },
    )
    expect(gone).toEqual([])
    expect(app.has('again')).toBe(true)
    expect(step.status).toBe(0)
  })
})

const INDEX = 'application/vnd.oci.image.index.v1+json'

describe.concurrent('others delete meanwhile', () => {
  const orphan: Picture = (app) => {
    const first = app.image({ age: '90d' })
    return { first, ...nested(app), other: app.image({ age: '50d' }) }
  }
  const foreign: readonly (readonly [string, Change])[] = [
    ['the index', (app, { index = '' }) => app.vanish(index)],
    ['a platform', (app, { image = '' }) => app.vanish(image)],
    ['what refers to it', (app, { sbom = '' }) => app.vanish(sbom)],
    ['another orphan', (app, { other = '' }) => void app.delete(other)],
  ]
  test.each(foreign)('%s: the rest goes', async (_, change) => {
    const { gone, step, outputs } = await purge(orphan, {
      inputs: INPUTS,
      meanwhile: ({ faults }, named) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => change(registry.repo('app'), named))
      },
    })
    expect(gone).toEqual(['first', 'image', 'index', 'other', 'sbom'])
    expect(step.status).toBe(0)
    expect(outputs).toMatchObject({ 'purge-complete': 'true', orphans: '0' })
  })

  test('another orphan: it is not counted as deleted by this run', async () => {
    const { step, outputs } = await purge(orphan, {
      inputs: INPUTS,
      meanwhile: ({ faults }, { other = '' }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => registry.repo('app').vanish(other))
      },
    })
    expect(step.log).toContain('Was already gone.')
    expect(outputs).toMatchObject({ 'purged-manifests': '4' })
  })

  test('the whole repository: nothing is left to delete', async () => {
    const { step, emulator, outputs } = await purge(orphan, {
      inputs: INPUTS,
      harm: 'expected',
      meanwhile: ({ faults }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          const app = registry.repo('app')
          for (const digest of app.digests()) app.vanish(digest)
        })
      },
    })
    expect(step.status).toBe(0)
    expect(deletions({ emulator })).toHaveLength(1)
    expect(outputs).toMatchObject({ 'purged-manifests': '0', 'purge-complete': 'true' })
  })
})

describe.concurrent('what is not an orphan like others changes meanwhile', () => {
  const absent: Picture = (app) => {
    inUse(app)
    const image = app.image({ name: 'comes back', ...OLD })
    const referrer = app.referrer(image, OLD)
    app.vanish(image)
    return { first: app.image({ age: '90d' }), referrer, signature: app.referrer(referrer, OLD) }
  }

  test('the image of an orphaned referrer is pushed again, or restored: what refers to it stays', async () => {
    for (const age of [undefined, '60d']) {
      const { gone, step } = await purge(absent, {
        inputs: { ...INPUTS, 'purge-orphaned-referrers': 'true' },
        meanwhile: ({ faults }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            const when = age === undefined ? {} : { age }
            registry.repo('app').image({ name: 'comes back', tag: 'v1', ...when })
          })
        },
      })
      expect(gone).toEqual(['first'])
      expect(step.status).toBe(0)
    }
  })

  test('the same of a referrer that is a child of an orphan index', async () => {
    const { gone } = await purge(
      (app) => {
        inUse(app)
        const image = app.image({ name: 'comes back', ...OLD })
        const sbom = app.referrer(image, OLD)
        app.vanish(image)
        return { first: app.image({ age: '90d' }), index: app.index([sbom], OLD), sbom }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            registry.repo('app').image({ name: 'comes back', tag: 'v1', ...OLD })
          })
        },
      },
    )
    expect(gone).toEqual(['first'])
  })

  test('without that it goes, with what refers to it', async () => {
    const { gone } = await purge(absent, { inputs: { ...INPUTS, 'purge-orphaned-referrers': 'true' } })
    expect(gone).toEqual(['first', 'referrer', 'signature'])
  })

  test('a wrapper is listed by a new index: it stays', async () => {
    const { gone } = await purge(
      (app) => {
        inUse(app)
        const wrapper = app.index(
          [app.image({ tag: 'amd64', ...OLD }), app.image({ tag: 'arm64', ...OLD })],
          OLD,
        )
        return { first: app.image({ age: '90d' }), wrapper }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }, { wrapper = '' }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            registry.repo('app').index([wrapper], { tag: 'v2' })
          })
        },
      },
    )
    expect(gone).toEqual(['first'])
  })

  test('the tag of the index that shares children moves away: they stay, as long as that index is there', async () => {
    const { gone } = await purge(
      (app) => {
        const shared = app.image(OLD)
        app.index([shared], { tag: 'v1', age: '50d' })
        return { first: app.image({ age: '90d' }), index: app.index([shared, app.image(OLD)], OLD), shared }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            registry.repo('app').image({ tag: 'v1' })
          })
        },
      },
    )
    expect(gone).toHaveLength(3)
    expect(gone).not.toContain('shared')
  })

  for (const [how, switches] of CASCADES) {
    test(`a repository used by digest gets its first tag; a registry that deletes a manifest ${how}`, async () => {
      const { gone, app, named } = await purge(
        (app) => {
          const { index, images } = app.multiPlatform(OLD)
          return { first: app.image({ age: '90d' }), index, image: images[0] ?? '' }
        },
        {
          switches,
          inputs: { ...INPUTS, 'allow-empty-repository': 'true' },
          meanwhile: ({ faults }, { image = '' }) => {
            faults.before({ method: 'DELETE', nth: 1 }, (registry) => registry.repo('app').tag('v1', image))
          },
        },
      )
      expect(gone).toEqual(['first'])
      expect(app.tags()).toEqual({ v1: named['image'] })
    })
  }
})
