import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DeleteStep } from '../../src/domain/delete-step.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { planOf, type Plan } from '../../src/domain/plan.ts'
import type { Snapshot } from '../../src/domain/snapshot.ts'
import { surveyOf, type Judgement } from '../../src/domain/survey.ts'
import { addDependants, keptOf, neededOf, subjectsOf, type Thing } from './needed.ts'
import { runs } from '../property-runs.ts'
import { digestOf, picture, RULES } from './picture.ts'
import { policyOf, type Wish } from './purge-words.ts'
import { anyCase, thingsOf, type Case } from './repositories.ts'

const RUNS = runs(2000)

const NO_LIMITS = { maxDeletes: Infinity, maxDeletePercent: undefined }

interface Planned {
  readonly snapshot: Snapshot
  readonly things: readonly Thing[]
  readonly plan: Plan
  readonly steps: readonly DeleteStep[]
  readonly doomed: ReadonlySet<string>
}

function rulesOf(wish: Wish): Judgement {
  const { pins = [], keep = 0, allowEmptyRepository = false } = wish
  const pinned = new Set(pins.map(digestOf))
  return {
    ...RULES,
    pinnedBy: (digest) => (pinned.has(digest) ? 'pins' : undefined),
    allowEmptyRepository,
    keepNewest: keep,
    purge: policyOf(wish),
  }
}

function planned(snapshot: Snapshot, wish: Wish): Planned {
  const plan = planOf([surveyOf(snapshot, rulesOf(wish))], policyOf(wish))
  const steps = plan.lots.flatMap((lot) => lot.steps())
  const pinned = new Set<string>((wish.pins ?? []).map(digestOf))
  const things = thingsOf(snapshot, { ...RULES, pinned })
  return { snapshot, things, plan, steps, doomed: new Set(steps.map(({ digest }) => digest)) }
}

/** Checks something of any plan; the plans that delete something are counted, so that none is checked for nothing. */
function everyPlan(check: (planned: Planned, wish: Wish) => void, wished: Partial<Wish> = {}): void {
  let deleting = 0
  fc.assert(
    fc.property(anyCase, ({ described, wish }: Case) => {
      const all = { ...wish, ...wished }
      const found = planned(picture(described), all)
      if (found.doomed.size > 0) deleting += 1
      check(found, all)
    }),
    RUNS,
  )
  expect(deleting).toBeGreaterThan(RUNS.numRuns / 4)
}

test('nothing that is in use, locked, pinned, just pushed or unknown is in a plan, nor what it needs', () => {
  everyPlan(({ things, doomed }) => {
    expect(neededOf(things).intersection(doomed)).toEqual(new Set())
  })
})

test('whatever anything that stays lists stays, and whatever refers to it, at any depth', () => {
  everyPlan(({ things, doomed }) => {
    const staying = new Set(things.map(({ digest }) => digest)).difference(doomed)
    addDependants(things, staying)
    expect(staying.intersection(doomed)).toEqual(new Set())
  })
})

test('whatever refers to something in the plan, at any depth, is in the plan', () => {
  everyPlan(({ things, doomed }) => {
    const referrers = things.filter((thing) => subjectsOf(thing).some((subject) => doomed.has(subject)))
    expect(referrers.filter(({ digest }) => !doomed.has(digest))).toEqual([])
  })
})

test('nothing that keep-n-untagged keeps, or that is too young, is in a plan', () => {
  everyPlan(({ plan, doomed, things }, { olderThan = 0 }) => {
    const left = new Set<string>()
    for (const [{ root, kept }, fate] of plan.fates) {
      expect(fate.kind === 'due').toBe(doomed.has(root.digest))
      if (kept || RULES.now - root.pushedAt < olderThan) left.add(root.digest)
    }
    addDependants(things, left)
    expect(left.intersection(doomed)).toEqual(new Set())
  })
})

/** Where digest tags lead in a circle, no order is right for all of them. */
function inCircle(things: readonly Thing[], first: string, second: string): boolean {
  const reached = new Set([second])
  addDependants(things, reached)
  return reached.has(first)
}

test('every index comes before its children, and every subject before its referrers, over all lots', () => {
  everyPlan(({ things, steps }) => {
    const place = new Map<string, number>(steps.map(({ digest }, at) => [digest, at]))
    const isBefore = (first: string, second: string): boolean =>
      (place.get(first) ?? -Infinity) < (place.get(second) ?? Infinity)
    for (const thing of things) {
      const { digest } = thing
      for (const child of thing.children) expect(isBefore(digest, child)).toBe(true)
      for (const subject of subjectsOf(thing))
        expect(isBefore(subject, digest) || inCircle(things, subject, digest)).toBe(true)
    }
  })
})

test('no manifest is planned twice, and the plan counts them right', () => {
  everyPlan(({ steps, doomed, plan }) => {
    expect(doomed.size).toBe(steps.length)
    expect(plan.manifests).toBe(steps.length)
    for (const lot of plan.lots)
      expect(new Set(lot.steps().map(({ digest }) => digest))).toEqual(new Set(lot.manifests))
  })
})

test('no plan exceeds max-deletes, but for one lot that is larger by itself', () => {
  everyPlan(({ plan }, { maxDeletes = 1000 }) => {
    if (plan.oversized === undefined) expect(plan.manifests).toBeLessThanOrEqual(maxDeletes)
    else {
      expect(plan.lots).toEqual([plan.oversized])
      expect(plan.manifests).toBeGreaterThan(maxDeletes)
    }
  })
})

test('no plan deletes a larger share than max-delete-percent', () => {
  everyPlan(({ plan, snapshot }, { maxDeletePercent }) => {
    const share = (100 * plan.manifests) / snapshot.manifests.size
    expect(share).toBeLessThanOrEqual(maxDeletePercent ?? 100)
  })
})

/** What a plan comes to, whatever it looks like inside. */
function wordsOf({ plan, steps }: Planned): unknown {
  return {
    steps: steps.map(({ digest, root, listedBy, referrers }) => ({ digest, root, listedBy, referrers })),
    fates: new Map([...plan.fates].map(([{ root }, { kind }]) => [root.digest, kind])),
    oversized: plan.oversized?.finding.root.digest,
    trips: plan.trips,
  }
}

test('a plan is the same in whatever order the registry lists', () => {
  const shuffled = fc.tuple(anyCase, fc.infiniteStream(fc.nat({ max: 1000 })))
  fc.assert(
    fc.property(shuffled, ([{ described, wish }, stream]) => {
      const snapshot = picture(described)
      const shuffle = <Key, Value>(map: ReadonlyMap<Key, Value>): ReadonlyMap<Key, Value> =>
        new Map(
          [...map]
            .map((entry) => ({ entry, rank: stream.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ entry }) => entry),
        )
      const other = {
        ...snapshot,
        manifests: shuffle(snapshot.manifests),
        documents: shuffle(snapshot.documents),
      }
      expect(wordsOf(planned(other, wish))).toEqual(wordsOf(planned(snapshot, wish)))
    }),
    RUNS,
  )
})

/** The snapshot without some of its manifests. */
function without({ manifests, documents, ...rest }: Snapshot, doomed: ReadonlySet<string>): Snapshot {
  const left = <Value>(map: ReadonlyMap<Digest, Value>): ReadonlyMap<Digest, Value> =>
    new Map([...map].filter(([digest]) => !doomed.has(digest)))
  return { ...rest, manifests: left(manifests), documents: left(documents) }
}

/** Roots of what is held by something that is in no use itself: another group has it, and may let it go. */
function heldByGroups({ plan, things }: Planned): ReadonlySet<string> {
  const kept = keptOf(things)
  const held = [...plan.fates].filter(([, fate]) => fate.kind === 'held' && !kept.has(fate.by))
  return new Set(held.map(([{ root }]) => root.digest))
}

test('once a plan without limits is carried out, nothing is due but what only groups in it have held', () => {
  everyPlan((found, wish) => {
    const { plan } = planned(without(found.snapshot, found.doomed), wish)
    const roots = plan.lots.map(({ finding }) => finding.root.digest)
    expect(new Set<string>(roots).difference(heldByGroups(found))).toEqual(new Set())
  }, NO_LIMITS)
})

test('a plan with limits is the beginning of the one without', () => {
  everyPlan(({ snapshot, steps, plan }, wish) => {
    if (plan.trips.length > 0) return
    const all = planned(snapshot, { ...wish, ...NO_LIMITS }).steps.map(({ digest }) => digest)
    expect(all.slice(0, steps.length)).toEqual(steps.map(({ digest }) => digest))
  })
})

/**
 * What a registry deletes along with one manifest when it deletes referrers, tagged ones too, and children that no tag, lock
 * or other index holds.
 */
function takenAlong(things: readonly Thing[], target: string): ReadonlySet<string> {
  const taken = new Set([target])
  const parentsOf = ({ digest }: Thing): readonly Thing[] =>
    things.filter(({ children }) => children.includes(digest))
  const isTaken = (thing: Thing): boolean => {
    if (thing.locked || taken.has(thing.digest)) return false
    if (thing.subject !== undefined && taken.has(thing.subject)) return true
    const parents = parentsOf(thing)
    return thing.tags.length === 0 && parents.length > 0 && parents.every(({ digest }) => taken.has(digest))
  }
  for (let more = things.filter(isTaken); more.length > 0; more = things.filter(isTaken))
    for (const { digest } of more) taken.add(digest)
  return taken
}

test('no registry takes along anything that is not in the plan, nor before its lot', () => {
  everyPlan(({ things, plan }) => {
    let left = things
    for (const lot of plan.lots) {
      const members = new Set<string>(lot.manifests)
      for (const { digest } of lot.steps()) {
        if (!left.some((thing) => thing.digest === digest)) continue
        const taken = takenAlong(left, digest)
        expect(taken.difference(members), 'what goes along belongs to the lot').toEqual(new Set())
        left = left.filter((thing) => !taken.has(thing.digest))
      }
    }
  })
})
