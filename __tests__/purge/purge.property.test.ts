import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { runs } from '../property-runs.ts'
import { busy } from './drawing.ts'
import { purging } from './running.ts'
import { World } from './world.ts'

const RUNS = runs(8000)

/** Left out is what only a registry takes that deletes children: what an index leaves behind is not looked at again. */
function losses({ deletions }: World): readonly string[] {
  return deletions.flatMap(({ lost, lostAsChildren }) =>
    lost.filter((each) => !lostAsChildren.includes(each)),
  )
}

/** What was deleted although an index listed it or its subject was there. */
function outOfOrder({ deletions }: World): readonly string[] {
  return deletions.filter(({ leaders }) => leaders.length > 0).map(({ digest }) => digest)
}

/** Roots of what was begun although something in it was needed. */
function split({ deletions }: World, { lots }: Plan): readonly string[] {
  const isSplit = (members: ReadonlySet<string>): boolean => {
    const first = deletions.find(({ digest }) => members.has(digest))
    return first !== undefined && !first.needed.isDisjointFrom(members)
  }
  return lots.filter((lot) => isSplit(new Set(lot.manifests))).map(({ finding }) => finding.root.digest)
}

/**
 * Needed is what has an ordinary tag, is locked, pinned, just pushed or of an unknown type; all that such lists or that refers
 * to it, at any depth; and the subjects of it. What counts is what was there before the answers of the last look were given:
 * the registry has no DELETE with a condition, so what comes between them and the DELETE comes too late.
 */
test('no DELETE takes what is needed, out of order, or of an orphan that is in use again, whatever others do', async () => {
  let deletions = 0
  await fc.assert(
    fc.asyncProperty(busy, async (drawn) => {
      const world = new World(drawn)
      const { plan } = await purging(world, drawn.wish)
      deletions += world.deletions.length
      const found = { lost: losses(world), outOfOrder: outOfOrder(world), split: split(world, plan) }
      expect(found).toEqual({ lost: [], outOfOrder: [], split: [] })
    }),
    RUNS,
  )
  expect(deletions).toBeGreaterThan(RUNS.numRuns / 2)
})
