import { describe, expect, test } from 'vitest'
import type { Identity, RepositorySeed } from '../../emulator/index.ts'
import { deletions, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }

/** Two orphans and what replaced them. */
function orphans(app: RepositorySeed): Readonly<Record<string, string>> {
  app.image({ tag: 'latest', format: 'docker', age: '1d' })
  return { orphan: app.image({ age: '90d' }), index: app.index([app.image(OLD)], OLD) }
}

const NOTHING = { 'purged-manifests': '0', 'purge-complete': 'false' }

describe.concurrent('manifests that lists leave out', () => {
  const needs: readonly (readonly [string, (app: RepositorySeed, orphan: string) => void])[] = [
    [
      'an index in use that lists an orphan',
      (app, orphan) => void app.index([orphan], { tag: 'hidden', listEnabled: false, ...OLD }),
    ],
    [
      'a signature that refers to it',
      (app, orphan) => void app.referrer(orphan, { tag: 'hidden', listEnabled: false, ...OLD }),
    ],
    ['something unrelated', (app) => void app.image({ listEnabled: false, ...OLD })],
  ]
  test.each(needs)('nothing is deleted beside %s', async (_, hide) => {
    const { gone, outputs, step, emulator } = await purge((app) => {
      const painted = orphans(app)
      hide(app, painted['orphan'] ?? '')
      return painted
    })
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(outputs).toMatchObject({ ...NOTHING, orphans: '2', 'purgeable-manifests': '0' })
    expect(step.status).toBe(0)
    expect(step.summary).toContain('lists')
  })

  test('a push while the list is read is not taken for something hidden', async () => {
    const { gone, outputs } = await purge(orphans, {
      meanwhile: ({ faults }) => {
        faults.before({ route: 'repository', nth: 1 }, (registry) => {
          registry.repo('app').image({ tag: 'new', format: 'docker' })
        })
      },
    })
    expect(gone).toEqual(expect.arrayContaining(['orphan', 'index']))
    expect(outputs).toMatchObject({ 'purged-manifests': '3', 'purge-complete': 'true' })
  })

  test('nothing is deleted where the registry counts one manifest more than it lists', async () => {
    const { gone, outputs } = await purge(orphans, { switches: { manifestCountOffset: 1 } })
    expect(gone).toEqual([])
    expect(outputs).toMatchObject(NOTHING)
  })

  test('nothing is deleted where the registry does not say how many manifests there are', async () => {
    const { gone, step } = await purge(orphans, {
      meanwhile: ({ faults }) => {
        const changeableAttributes = { deleteEnabled: true, writeEnabled: true, readEnabled: true }
        faults.add({ route: 'repository' }, { status: 200, body: { imageName: 'app', changeableAttributes } })
      },
    })
    expect(gone).toEqual([])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toContain('does not say how many manifests')
  })
})

describe.concurrent('manifests that are listed and answer 404', () => {
  const races: readonly (readonly [string, boolean])[] = [
    ['its metadata too', true],
    ['only when it is read', false],
  ]
  test.each(races)('one that an index in use lists: nothing is deleted; 404 for %s', async (_, metadata) => {
    let lost = ''
    const { gone, outputs, step, emulator } = await purge(
      (app) => {
        lost = app.index([app.image(OLD)], OLD)
        app.index([lost], { tag: 'v1', ...OLD })
        return orphans(app)
      },
      {
        meanwhile: ({ switches }) => {
          switches.listGetRace = [lost]
          switches.listGetRaceMetadata = metadata
        },
      },
    )
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(outputs).toMatchObject({ result: 'fail', complete: 'false', 'purged-manifests': '0' })
    expect(step.status).toBe(1)
  })

  test('an orphan index whose metadata is there, its content not: nothing is deleted', async () => {
    const { gone, outputs } = await purge(orphans, {
      meanwhile: ({ switches }, { index = '' }) => {
        switches.listGetRace = [index]
        switches.listGetRaceMetadata = false
      },
    })
    expect(gone).toEqual([])
    expect(outputs).toMatchObject({ complete: 'false', 'purged-manifests': '0' })
  })

  test('one that is really gone stops nothing, and what it listed is an orphan like others', async () => {
    const { gone, outputs } = await purge(
      (app) => {
        const child = app.image(OLD)
        app.image({ tag: 'latest', age: '1d' })
        return { child, index: app.index([child], OLD), orphan: app.image({ age: '90d' }) }
      },
      {
        harm: 'expected',
        meanwhile: ({ faults, registry }, { index = '' }) => {
          faults.before({ route: 'manifest', path: `*${index}`, nth: 1 }, () => {
            if (registry.repo('app').has(index)) registry.repo('app').vanish(index)
          })
        },
      },
    )
    expect(gone).toEqual(['child', 'index', 'orphan'])
    expect(outputs).toMatchObject({ complete: 'true', 'purge-complete': 'true', 'purged-manifests': '2' })
  })

  test('an orphan that answers 404 for everything and stays in the list: nothing was deleted, and it is still due', async () => {
    const { outputs, emulator } = await purge(
      (app) => {
        app.image({ tag: 'latest', age: '1d' })
        return { raced: app.image({ format: 'docker', ...OLD }) }
      },
      { meanwhile: ({ switches }, { raced = '' }) => void (switches.listGetRace = [raced]) },
    )
    expect(deletions({ emulator })).toEqual([])
    expect(outputs).toMatchObject(NOTHING)
  })
})

describe.concurrent('manifests that nobody may read (readEnabled is false)', () => {
  const unknown = 'reading it is disabled (readEnabled is false), and what it refers to is not known'

  const closed: readonly (readonly [string, (app: RepositorySeed, orphan: string) => void])[] = [
    [
      'an index with a tag, which refers to the orphan',
      (app, orphan) => {
        const children = [app.image(OLD)]
        app.referrer(orphan, { kind: 'index', children, tag: 'sbom', readEnabled: false, ...OLD })
      },
    ],
    [
      'a signature without a tag, which refers to it',
      (app, orphan) => void app.referrer(orphan, { readEnabled: false, ...OLD }),
    ],
    [
      'a signature with a tag, which refers to it',
      (app, orphan) => void app.referrer(orphan, { tag: 'sbom', readEnabled: false, ...OLD }),
    ],
  ]
  test.each(closed)('may need any other: nothing is deleted beside %s', async (_, paint) => {
    const { gone, step, outputs } = await purge((app) => {
      const painted = orphans(app)
      paint(app, painted['orphan'] ?? '')
      return painted
    })
    expect(gone).toEqual([])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toContain(unknown)
    expect(outputs).toMatchObject({ ...NOTHING, orphans: '2' })
  })

  test('stay, and so does what their index lists; Docker images refer to nothing and hinder nobody', async () => {
    const { gone, outputs } = await purge((app) => {
      app.image({ format: 'docker', readEnabled: false, ...OLD })
      app.image({ format: 'docker', readEnabled: false, tag: 'v1', ...OLD })
      app.image({ tag: 'latest', age: '1d' })
      return { orphan: app.image({ age: '90d' }) }
    })
    expect(gone).toEqual(['orphan'])
    expect(outputs).toMatchObject({ orphans: '0', 'purge-complete': 'true' })
  })

  test('an index whose children the service does not tell: nothing is deleted', async () => {
    const { gone, outputs } = await purge((app) => {
      app.index([], { tag: 'v1', readEnabled: false, ...OLD })
      return orphans(app)
    })
    expect(gone).toEqual([])
    expect(outputs).toMatchObject({ complete: 'false', 'purged-manifests': '0' })
  })

  test('a repository that nobody may read', async () => {
    const { gone, step } = await purge((app) => {
      const painted = orphans(app)
      app.setRepositoryAttributes({ readEnabled: false })
      return painted
    })
    expect(gone).toEqual([])
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false' } })
  })
})

describe.concurrent('locks that this identity cannot see', () => {
  const READER = {
    kind: 'entra',
    name: 'cleaner',
    appId: '11111111-2222-3333-4444-555555555555',
    clientSecret: 'client-secret',
    roles: ['AcrPull', 'AcrDelete'],
  } satisfies Identity
  const picture: Picture = (app) => {
    app.image({ lock: 'all', ...OLD })
    app.lock(app.digestTag(app.image({ ...OLD, tag: 'v1' }), 'sig', OLD))
    return orphans(app)
  }
  const inputs = { username: READER.appId, password: READER.clientSecret }

  test('count as unknown: nothing is deleted, and the role that is missing is named', async () => {
    const { gone, step, outputs, emulator } = await purge(picture, {
      inputs,
      identities: [READER],
      switches: { hideLocksFromReaders: true },
    })
    expect(gone).toEqual([])
    expect(deletions({ emulator })).toEqual([])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/whether something is locked.*AcrPush besides AcrDelete/)
    expect(outputs).toMatchObject({ ...NOTHING, orphans: '3' })
  })

  test('are no obstacle to one who sees them: only what is locked stays', async () => {
    const { gone, outputs } = await purge(picture, {
      inputs,
      identities: [{ ...READER, roles: ['AcrPull', 'AcrPush', 'AcrDelete'] }],
    })
    expect(gone).toEqual(expect.arrayContaining(['index', 'orphan']))
    expect(outputs).toMatchObject({ 'purged-manifests': '3', 'purge-complete': 'true' })
  })
})
