import { describe, expect, test } from 'vitest'
import { deletions, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }
const INPUTS = { concurrency: '2' }

/** Two orphans, and an index in use that has a nested one. */
const picture: Picture = (app) => {
  const inner = app.image(OLD)
  const nested = app.index([inner], OLD)
  const image = app.image(OLD)
  return {
    live: app.index([nested, image], { tag: 'v1', age: '1d' }),
    nested,
    inner,
    image,
    first: app.image({ age: '90d' }),
    second: app.image({ age: '80d' }),
  }
}

describe.concurrent('an index in use that loses something during a purge fails the step, by name', () => {
  test.each([
    ['a platform', 'image', 'live'],
    ['an index in it', 'nested', 'live'],
    ['a platform of an index in it', 'inner', 'nested'],
  ])('%s', async (_, lost, broken) => {
    const { step, named, outputs, gone } = await purge(picture, {
      inputs: { ...INPUTS, 'warn-only': 'true' },
      harm: 'expected',
      meanwhile: ({ faults }, names) => {
        faults.before({ method: 'DELETE', nth: 2 }, (registry) =>
          registry.repo('app').vanish(names[lost] ?? ''),
        )
      },
    })
    expect(gone).toEqual(['first', lost, 'second'].sort())
    expect(step.status).toBe(1)
    expect(outputs).toMatchObject({ result: 'fail', 'broken-indexes': '1', 'purged-manifests': '2' })
    expect(step.annotations[0]).toMatch(/^error: .*DAMAGE: in app the index/)
    for (const name of [broken, lost]) expect(step.annotations[0]).toContain(named[name])
    if (broken === 'live') expect(step.annotations[0]).toContain('v1')
    expect(step.summary).toContain('DAMAGE')
  })

  test('a registry that deletes shared children with their index is stopped at once', async () => {
    const { step, gone, emulator, outputs, named } = await purge(
      (app) => {
        const shared = app.image(OLD)
        app.index([shared, app.image(OLD)], { tag: 'v1', age: '1d' })
        return {
          shared,
          first: app.index([shared, app.missingChild()], { age: '90d' }),
          second: app.image({ age: '80d' }),
          third: app.image({ age: '70d' }),
        }
      },
      {
        inputs: INPUTS,
        harm: 'expected',
        meanwhile: ({ faults }, { shared = '' }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => registry.repo('app').vanish(shared))
        },
      },
    )
    expect(gone).toEqual(['first', 'shared'])
    expect(deletions({ emulator })).toHaveLength(1)
    expect(step.status).toBe(1)
    expect(step.annotations.join('\n')).toMatch(/DAMAGE: in app the index .*v1/)
    expect(step.log).toContain(`The registry deleted ${named['shared']} along with the index`)
    expect(outputs).toMatchObject({ result: 'fail', 'purge-complete': 'false', 'purged-manifests': '1' })
  })

  test('an index that came in the last moment, behind the last look', async () => {
    const { step, named } = await purge(picture, {
      inputs: INPUTS,
      harm: 'expected',
      meanwhile: ({ faults }, { first = '' }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          registry.repo('app').index([first, registry.repo('app').image()], { tag: 'v2' })
        })
      },
    })
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/DAMAGE: in app the index .*v2/)
    expect(step.annotations[0]).toContain(named['first'])
  })

  test('the same, when the registry deletes what it lists along with another', async () => {
    const { step, named, outputs, gone } = await purge(
      (app) => {
        app.image({ tag: 'latest', age: '1d' })
        const image = app.image(OLD)
        return { image, sbom: app.referrer(image, OLD) }
      },
      {
        inputs: INPUTS,
        harm: 'expected',
        meanwhile: ({ faults }, { sbom = '' }) => {
          faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
            registry.repo('app').index([sbom, registry.repo('app').image()], { tag: 'v2' })
          })
        },
      },
    )
    expect(gone).toEqual(['image', 'sbom'])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/DAMAGE: in app the index .*v2/)
    expect(step.annotations[0]).toContain(named['sbom'])
    expect(outputs).toMatchObject({ result: 'fail', 'purged-manifests': '2' })
  })
})

describe.concurrent('no damage', () => {
  test('an index that was broken before', async () => {
    const { step, outputs } = await purge(
      (app) => {
        app.index([app.image(OLD), app.missingChild('linux/arm64')], { tag: 'broken', ...OLD })
        return picture(app)
      },
      { inputs: INPUTS },
    )
    expect(step).toMatchObject({ status: 0, annotations: [] })
    expect(outputs).toMatchObject({ 'broken-indexes': '1', 'purged-manifests': '2' })
    expect(step.summary).toContain('all are as whole as before')
  })

  test('an index that came meanwhile and still waits for its platforms', async () => {
    const { step } = await purge(picture, {
      inputs: INPUTS,
      harm: 'expected',
      meanwhile: ({ faults }) => {
        faults.before({ method: 'DELETE', nth: 2 }, (registry) => {
          const app = registry.repo('app')
          app.index([app.image(), app.missingChild('linux/s390x')], { tag: 'v2' })
        })
      },
    })
    expect(step).toMatchObject({ status: 0, annotations: [] })
  })

  test('an index that somebody deleted meanwhile with all its platforms', async () => {
    const { step } = await purge(picture, {
      inputs: INPUTS,
      harm: 'expected',
      meanwhile: ({ faults }, { live = '', nested = '', inner = '', image = '' }) => {
        faults.before({ method: 'DELETE', nth: 2 }, (registry) => {
          for (const digest of [live, nested, inner, image]) registry.repo('app').vanish(digest)
        })
      },
    })
    expect(step).toMatchObject({ status: 0, annotations: [] })
  })

  test('an orphan index of which something is lost', async () => {
    const { step, outputs } = await purge(
      (app) => {
        const lost = app.image(OLD)
        app.index([lost, app.image(OLD)], { age: '2d' })
        return { ...picture(app), lost }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }, { lost = '' }) => {
          faults.before({ method: 'DELETE', nth: 2 }, (registry) => registry.repo('app').vanish(lost))
        },
      },
    )
    expect(step).toMatchObject({ status: 0, annotations: [] })
    expect(outputs).toMatchObject({ orphans: '1', 'broken-indexes': '0' })
  })
})
