import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outcomesOf, type StepOutcome } from '../../src/domain/outcome.ts'
import type { Report } from '../../src/report/report.ts'
import { runs } from '../property-runs.ts'
import { busy, quiet } from './drawing.ts'
import { purging } from './running.ts'
import { World } from './world.ts'

const RUNS = runs(3000)
const FEWER_RUNS = runs(1500)

/** Whether an outcome is what happened to its manifest. */
function isTrue(world: World, { step, outcome }: StepOutcome, rootOf: ReadonlyMap<string, string>): boolean {
  const { digest, root } = step
  const ours = world.deletions.filter(({ removed }) => removed.includes(digest))
  const taken = ours.some((deletion) => deletion.digest !== digest)
  const byOthers = world.strangers.deleted.has(digest)
  const isThere = world.repository?.manifests.has(digest) === true
  // Something came into the window, went along, and took along what it lists.
  const byWayOfOthers = ours.some(({ removed }) => removed.some((each) => world.strangers.pushed.has(each)))
  switch (outcome.kind) {
    case 'deleted':
      return ours.some((deletion) => deletion.digest === digest) || (!outcome.answered && byOthers)
    case 'cascaded':
      return taken || byOthers
    case 'gone':
      // Others deleted the index of its lot, so that it went along with one of another lot.
      return byOthers || byWayOfOthers || ours.some((deletion) => rootOf.get(deletion.digest) !== root)
    case 'skipped':
    case 'failed':
      return isThere || byOthers || byWayOfOthers
    case 'not-tried':
      // A run that ends asks for nothing more, also not whether the registry has taken something along.
      return isThere || byOthers || taken
  }
}

/** Planned manifests that have no outcome, or more than one, or another one than what happened to them. */
function falseOutcomes(world: World, { plan, purge }: Report): readonly string[] {
  if (purge === undefined) throw new Error('a purge was asked for')
  const outcomes = outcomesOf(purge.receipt)
  const planned = plan.lots.flatMap((lot) => lot.steps())
  const rootOf = new Map<string, string>(planned.map(({ digest, root }) => [digest, root]))
  const wrong = planned.flatMap(({ digest }) => {
    const [first, ...more] = outcomes.filter(({ step }) => step.digest === digest)
    const isRight = first !== undefined && more.length === 0 && isTrue(world, first, rootOf)
    return isRight ? [] : [`${digest} is not ${first?.outcome.kind ?? 'spoken of'}`]
  })
  return outcomes.length === planned.length ? wrong : ['more outcomes than manifests', ...wrong]
}

test('every planned manifest has one outcome, and it is true', async () => {
  await fc.assert(
    fc.asyncProperty(busy, async (drawn) => {
      const world = new World(drawn)
      expect(falseOutcomes(world, await purging(world, drawn.wish))).toEqual([])
    }),
    RUNS,
  )
})

test('what goes along although it was not planned came after the look', async () => {
  await fc.assert(
    fc.asyncProperty(busy, async (drawn) => {
      // A registry that deletes children takes those that lost their tag meanwhile, too.
      const world = new World({ ...drawn, rules: { ...drawn.rules, cascadeChildren: false } })
      const { plan } = await purging(world, drawn.wish)
      const planned = new Set<string>(plan.lots.flatMap(({ manifests }) => manifests))
      const removed = new Set(world.deletions.flatMap((deletion) => deletion.removed))
      expect(removed.difference(planned).difference(world.strangers.pushed)).toEqual(new Set())
    }),
    RUNS,
  )
})

test('where nobody else is, all that is planned is deleted and nothing else, and nothing is damaged', async () => {
  let deletions = 0
  await fc.assert(
    fc.asyncProperty(quiet, async (drawn) => {
      const world = new World(drawn)
      const before = world.digestsHeld
      const report = await purging(world, drawn.wish)
      expect(falseOutcomes(world, report)).toEqual([])
      const planned = new Set<string>(report.plan.lots.flatMap(({ manifests }) => manifests))
      expect(new Set(world.digestsHeld)).toEqual(new Set(before).difference(planned))
      expect(report.purge).toMatchObject({ damage: [], receipt: { halted: undefined } })
      expect(world.deletions.flatMap(({ lost }) => lost)).toEqual([])
      deletions += planned.size
    }),
    RUNS,
  )
  expect(deletions).toBeGreaterThan(RUNS.numRuns / 3)
})

/** What is held by something that is in no use itself: its group may be gone after the next run. */
function isHeldByGroup({ plan }: Report): boolean {
  const members = new Set([...plan.fates.keys()].flatMap(({ manifests }) => manifests))
  return plan.fates.values().some((fate) => fate.kind === 'held' && members.has(fate.by))
}

test('another run deletes nothing, whatever the first one met', async () => {
  await fc.assert(
    fc.asyncProperty(busy, async (drawn) => {
      const world = new World(drawn)
      const wish = { ...drawn.wish, olderThan: 0, maxDeletes: 1000, maxDeletePercent: undefined }
      await purging(world, wish)
      world.calmDown()
      const second = await purging(world, wish)
      fc.pre(!isHeldByGroup(second))
      const { length } = world.deletions
      await purging(world, wish)
      expect(world.deletions.slice(length)).toEqual([])
    }),
    FEWER_RUNS,
  )
})

test('what survives is the same whatever the registry deletes along', async () => {
  await fc.assert(
    fc.asyncProperty(quiet, async (drawn) => {
      const survivors = async (cascade: boolean): Promise<readonly string[]> => {
        const cascades = {
          cascadeReferrers: cascade,
          cascadeTaggedReferrers: cascade,
          cascadeLockedReferrers: cascade,
          cascadeChildren: cascade,
        }
        const world = new World({ ...drawn, rules: { ...drawn.rules, ...cascades } })
        await purging(world, drawn.wish)
        return world.digestsHeld.toSorted()
      }
      expect(await survivors(true)).toEqual(await survivors(false))
    }),
    FEWER_RUNS,
  )
})
