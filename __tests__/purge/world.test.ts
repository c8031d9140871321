import { describe, expect, test } from 'vitest'
import { CALM, type Drawn, type DrawnManifest } from './drawing.ts'
import { purging } from './running.ts'
import type { Interruption } from './strangers.ts'
import { World } from './world.ts'

const OLD = { age: '30d' }

const BEGINNING = { start: 1, began: 0 }

function worldOf(manifests: readonly DrawnManifest[], more: Partial<Drawn> = {}): World {
  return new World({ ...CALM, ...more, manifests })
}

/** What is lost when the first manifest is deleted without any look. */
function lossOf(manifests: readonly DrawnManifest[], more: Partial<Drawn> = {}): number {
  const world = worldOf(manifests, more)
  expect(world.delete(world.digests[0] ?? '', BEGINNING)).toBe('deleted')
  return world.deletions[0]?.lost.length ?? 0
}

function tagging(during: Interruption['during']): Partial<Drawn> {
  const act = { act: 'tag', whom: 'any', target: 0, others: [], tag: 'v1' } as const
  return { interruptions: [{ ...act, during, wait: during === 'scan' ? 1 : 2 }] }
}

/** The checks of the properties have to be able to fail. */
describe('a DELETE loses', () => {
  test.each<[string, readonly DrawnManifest[], number]>([
    ['nothing that nobody needs', [OLD, { ...OLD, tagged: true }], 0],
    ['what is tagged', [{ ...OLD, tagged: true }], 1],
    ['a child of what is tagged', [OLD, { ...OLD, children: [0], tagged: true }], 1],
    ['a child of a child', [OLD, { ...OLD, children: [0] }, { ...OLD, children: [0], tagged: true }], 1],
    ['a child of what is locked', [OLD, { ...OLD, children: [0], lock: 'delete' }], 1],
    ['a child of what was just pushed', [OLD, { age: '10m', children: [0] }], 1],
    ['a child of an unknown type', [OLD, { ...OLD, children: [0], unknown: true }], 1],
    ['a subject with its tagged referrer', [OLD, { ...OLD, subject: 0, tagged: true }], 2],
  ])('%s', (_, manifests, lost) => {
    expect(lossOf(manifests)).toBe(lost)
  })

  test('what is pinned, and what refers to it', () => {
    const wish = { ...CALM.wish, pins: [0] }
    expect(lossOf([OLD, { ...OLD, subject: 0 }], { wish })).toBe(2)
  })

  test('what goes along with it where a registry deletes children', () => {
    const world = worldOf([{ age: '10m' }, { ...OLD, children: [0] }], {
      rules: { ...CALM.rules, cascadeChildren: true },
    })
    world.delete(world.digests[1] ?? '', BEGINNING)
    expect(world.deletions[0]?.lost).toEqual([world.digests[0]])
  })

  test('nothing that others came to need after the look', async () => {
    const world = worldOf([OLD], tagging('purge'))
    await world.beginLook()
    await world.answer(() => undefined)
    expect(world.repository?.tags.size).toBe(1)
    world.delete(world.digests[0] ?? '', BEGINNING)
    expect(world.deletions[0]?.lost).toEqual([])
  })

  test('what others came to need before the look', async () => {
    const world = worldOf([OLD], tagging('scan'))
    await world.answer(() => undefined)
    await world.beginLook()
    world.delete(world.digests[0] ?? '', BEGINNING)
    expect(world.deletions[0]?.lost).toEqual([world.digests[0]])
  })
})

test('a run deletes what is due in a world', async () => {
  const world = worldOf([OLD, { ...OLD, children: [0] }, { ...OLD, tagged: true }])
  const report = await purging(world, CALM.wish)
  expect(report.plan.manifests).toBe(2)
  expect(world.digestsHeld).toEqual([world.digests[2]])
})
