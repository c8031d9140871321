import { expect, test } from 'vitest'
import { CALM, type Drawn } from './drawing.ts'
import { purging } from './running.ts'
import { World } from './world.ts'

const OLD = { age: '9d' }
const STRANGER = { during: 'scan', whom: 'recent', target: 0, others: [], tag: undefined } as const

/** Each of these was found by a property, and lost something once. */
const FOUND: Readonly<Record<string, Drawn>> = {
  // Its attributes told the children, not the subject, and the second look at the list took that for all it says.
  'an index that could not be read at first refers to an orphan': {
    manifests: [
      { age: '30d', tagged: true },
      { ...OLD, children: [], subject: 1 },
      { ...OLD, subject: 0 },
      { ...OLD, children: [], digestTags: [0], docker: true },
      { ...OLD, children: [1], subject: 0, lock: 'read' },
      OLD,
    ],
    ...CALM,
    rules: { ...CALM.rules, cascadeReferrers: false, cascadeTaggedReferrers: false },
    manner: { seed: 0, pageSize: 1, newestSize: 1, slowness: 1, unclear: 0 },
    interruptions: [
      { ...STRANGER, wait: 0, act: 'push-image' },
      { ...STRANGER, wait: 14, act: 'delete' },
      { ...STRANGER, wait: 2, act: 'push-again', tag: 'v0' },
    ],
  },
}

test.each(Object.entries(FOUND))('%s', async (_, drawn) => {
  const world = new World(drawn)
  await purging(world, drawn.wish)
  expect(world.deletions.flatMap(({ lost }) => lost)).toEqual([])
  expect(world.deletions.length).toBeGreaterThan(0)
})
