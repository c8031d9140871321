import { describe, expect, test } from 'vitest'
import { deletions, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }
const INPUTS = { concurrency: '2' }

/** An orphan index, then a younger one that shares a platform with it. */
const sharing: Picture = (app) => {
  app.image({ tag: 'latest', age: '1d' })
  const shared = app.image(OLD)
  return {
    first: app.image({ age: '90d' }),
    older: app.index([shared], { age: '80d' }),
    younger: app.index([shared, app.image(OLD)], OLD),
    shared,
  }
}

describe.concurrent('answers that contradict each other delete nothing', () => {
  test('metadata of an index that is in use again answers 404: what it lists stays', async () => {
    const { gone, app } = await purge(sharing, {
      inputs: INPUTS,
      meanwhile: ({ faults }, { older = '' }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          registry.repo('app').tag('v1', older)
          faults.add({ route: 'manifest-metadata', path: `*${older}` }, { status: 404 })
        })
      },
    })
    expect(gone).toEqual(['first'])
    expect(app.has('v1')).toBe(true)
  })

  test('an index that could not be deleted keeps what it lists, whoever else lists that', async () => {
    const { gone, step, outputs } = await purge(sharing, {
      inputs: INPUTS,
      meanwhile: ({ faults }, { older = '' }) => {
        faults.before({ method: 'DELETE', path: `*${older}` }, (registry) => registry.repo('app').lock(older))
      },
    })
    expect(gone).toEqual(['first'])
    expect(step.status).toBe(0)
    expect(step.log).toMatch(/Left alone: the index sha256:[0-9a-f]{12} lists it/)
    expect(outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'false' })
  })

  test('the list of what is new answers 404 though something is there', async () => {
    const { gone, step, outputs, emulator } = await purge(sharing, {
      inputs: INPUTS,
      meanwhile: ({ faults }, { older = '' }) => {
        faults.before({ method: 'DELETE', nth: 1 }, (registry) => {
          registry.repo('app').index([older], { tag: 'v2' })
          faults.add({ route: 'manifests', times: 3 }, { status: 404, body: UNKNOWN })
        })
      },
    })
    expect(gone).toEqual(['first'])
    expect(deletions({ emulator })).toHaveLength(1)
    expect(step.status).toBe(1)
    expect(step.log).toContain('Failed: Could not list the newest manifests: the registry lists nothing')
    expect(outputs).toMatchObject({ result: 'fail', 'purge-complete': 'false' })
  })

  test('the tags of a signature answer 404 though it has some: whether they are locked is not known', async () => {
    const { gone } = await purge(
      (app) => {
        app.image({ tag: 'latest', age: '1d' })
        const image = app.image(OLD)
        app.digestTag(image, 'sig', OLD)
        app.lock(`sha256-${image.slice('sha256:'.length)}.sig`)
        return { first: app.image({ age: '90d' }) }
      },
      {
        inputs: INPUTS,
        meanwhile: ({ faults }) => void faults.add({ route: 'tags' }, { status: 404, body: UNKNOWN }),
      },
    )
    expect(gone).toEqual(['first'])
  })
})

const UNKNOWN = { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }] }
