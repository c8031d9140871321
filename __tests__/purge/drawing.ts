import fc from 'fast-check'
import { ACTS, type Interruption } from './strangers.ts'

/** One manifest as it is drawn. Numbers stand for manifests: so many before this one in bytes, any one for a digest tag. */
export interface DrawnManifest {
  readonly children?: readonly number[] | undefined
  readonly subject?: number | 'absent' | undefined
  readonly digestTags?: readonly number[] | undefined
  readonly tagged?: boolean | undefined
  readonly lock?: 'delete' | 'write' | 'all' | 'read' | undefined
  readonly unknown?: boolean | undefined
  readonly hidden?: boolean | undefined
  readonly docker?: boolean | undefined
  readonly age: string
}

/** What the real service does is not known in these points. */
interface DrawnRules {
  readonly cascadeReferrers: boolean
  readonly cascadeTaggedReferrers: boolean
  readonly cascadeLockedReferrers: boolean
  readonly cascadeChildren: boolean
  readonly repushUpdatesTime: boolean
  readonly untagUpdatesTime: boolean
  readonly lockedTagProtectsManifest: boolean
}

export interface DrawnWish {
  readonly olderThan: number
  readonly purgeOrphanedReferrers: boolean
  readonly maxDeletes: number
  readonly maxDeletePercent: number | undefined
  readonly keepNewest: number
  readonly allowEmptyRepository: boolean
  readonly pins: readonly number[]
  readonly concurrency: number
}

/** How the registry answers: in which order, how much at a time, and how often a DELETE has no clear answer. */
export interface DrawnManner {
  readonly seed: number
  readonly pageSize: number
  readonly newestSize: number
  /** How long a call takes at most, in milliseconds. */
  readonly slowness: number
  /** Percent of all DELETEs. */
  readonly unclear: number
}

export interface Drawn {
  readonly manifests: readonly DrawnManifest[]
  readonly rules: DrawnRules
  readonly wish: DrawnWish
  readonly manner: DrawnManner
  readonly interruptions: readonly Interruption[]
}

/** A world in which nothing is out of the ordinary, for those that are made by hand. */
export const CALM: Omit<Drawn, 'manifests'> = {
  rules: {
    cascadeReferrers: true,
    cascadeTaggedReferrers: true,
    cascadeLockedReferrers: false,
    cascadeChildren: false,
    repushUpdatesTime: false,
    untagUpdatesTime: false,
    lockedTagProtectsManifest: false,
  },
  wish: {
    olderThan: 0,
    purgeOrphanedReferrers: false,
    maxDeletes: 1000,
    maxDeletePercent: undefined,
    keepNewest: 0,
    allowEmptyRepository: false,
    pins: [],
    concurrency: 2,
  },
  manner: { seed: 1, pageSize: 5, newestSize: 5, slowness: 1, unclear: 0 },
  interruptions: [],
}

const MOST = 10
const number = fc.nat({ max: MOST })
/** Neighbours depend on each other, so that they form large groups that share what they need. */
const back = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 2 }) }, { weight: 1, arbitrary: number })

function rarely<Value>(weight: number, value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: weight - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
}

const manifest: fc.Arbitrary<DrawnManifest> = fc.record({
  children: rarely(2, fc.array(back, { maxLength: 3 })),
  subject: rarely(
    3,
    fc.oneof({ weight: 4, arbitrary: back }, { weight: 1, arbitrary: fc.constant('absent' as const) }),
  ),
  digestTags: rarely(6, fc.array(number, { minLength: 1, maxLength: 2 })),
  tagged: rarely(6, fc.constant(true)),
  lock: rarely(14, fc.constantFrom('delete' as const, 'write' as const, 'all' as const, 'read' as const)),
  unknown: rarely(20, fc.constant(true)),
  hidden: rarely(60, fc.constant(true)),
  docker: rarely(4, fc.constant(true)),
  age: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('10m', '2h', '2d') },
    { weight: 6, arbitrary: fc.constantFrom('9d', '20d', '30d', '40d', '50d') },
  ),
})

const rules: fc.Arbitrary<DrawnRules> = fc.record({
  cascadeReferrers: fc.boolean(),
  cascadeTaggedReferrers: fc.boolean(),
  cascadeLockedReferrers: fc.boolean(),
  cascadeChildren: fc.boolean(),
  repushUpdatesTime: fc.boolean(),
  untagUpdatesTime: fc.boolean(),
  lockedTagProtectsManifest: fc.boolean(),
})

const wish: fc.Arbitrary<DrawnWish> = fc.record({
  olderThan: fc.constantFrom(0, 0, 8 * 86_400_000),
  purgeOrphanedReferrers: fc.boolean(),
  maxDeletes: fc.constantFrom(1000, 1000, 1000, 3),
  maxDeletePercent: fc.constantFrom(undefined, undefined, undefined, 60),
  keepNewest: fc.constantFrom(0, 0, 0, 1),
  allowEmptyRepository: fc.boolean(),
  pins: fc.array(number, { maxLength: 1 }),
  // Two go one after the other; with more, lots go side by side.
  concurrency: fc.constantFrom(2, 4, 16),
})

const manner: fc.Arbitrary<DrawnManner> = fc.record({
  seed: fc.nat(),
  pageSize: fc.integer({ min: 1, max: 6 }),
  newestSize: fc.integer({ min: 1, max: 4 }),
  slowness: fc.constantFrom(1, 20, 400),
  unclear: fc.constantFrom(0, 0, 0, 30),
})

const interruption: fc.Arbitrary<Interruption> = fc.record({
  wait: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 15 })),
  during: fc.constantFrom('scan', 'purge', 'purge', 'purge'),
  act: fc.constantFrom(...ACTS),
  whom: fc.constantFrom('recent', 'untagged', 'any'),
  target: fc.nat({ max: 30 }),
  others: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
  tag: fc.option(fc.constantFrom('v0', 'v1', 'v2', 'latest'), { nil: undefined }),
})

/** Nearly every repository has a tag, or nothing in it would be judged. */
const manifests = fc
  .tuple(fc.array(manifest, { minLength: 1, maxLength: MOST }), fc.nat({ max: 9 }))
  .map(([drawn, chance]) => (chance === 0 ? drawn : [{ age: '30d', tagged: true }, ...drawn]))

/** A registry to purge while nobody else is there. */
export const quiet: fc.Arbitrary<Drawn> = fc.record({
  manifests,
  rules,
  wish,
  manner: manner.map((drawn) => ({ ...drawn, unclear: 0, slowness: 1 })),
  interruptions: fc.constant([]),
})

/**
 * Left out of it, because no look can tell, or none does: what is hidden, for which a deletion between a list and the count that
 * it is held against makes room; and what refers to two others, of which one may come into use when the lot is half gone.
 */
const seeable = manifests.map((all) =>
  all.map((drawn): DrawnManifest => ({
    ...drawn,
    hidden: undefined,
    digestTags: drawn.subject === undefined ? drawn.digestTags?.slice(0, 1) : undefined,
  })),
)

/** A registry to purge while others push, tag, lock and delete. */
export const busy: fc.Arbitrary<Drawn> = fc.record({
  manifests: seeable,
  rules,
  wish,
  manner,
  interruptions: fc.array(interruption, { maxLength: 12 }),
})
