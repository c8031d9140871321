import fc from 'fast-check'
import type { Snapshot } from '../../src/domain/snapshot.ts'
import type { Described } from './picture.ts'
import type { Thing } from './needed.ts'
import type { Wish } from './purge-words.ts'

/** Any repository that content-addressed pushes can lead to, and any wish of a team. */
export interface Case {
  readonly described: Readonly<Record<string, Described>>
  readonly wish: Wish
}

const MOST = 12
const NAMES = Array.from({ length: MOST }, (_, at) => `m${at}`)

const at = fc.nat({ max: MOST - 1 })

/** Numbers stand for manifests: an earlier one for what is in the bytes, any one for a digest tag. */
const manifest = fc.record(
  {
    children: fc.array(at, { maxLength: 4 }),
    subject: fc.oneof({ weight: 3, arbitrary: at }, { weight: 1, arbitrary: fc.constant('absent' as const) }),
    digestTags: fc.array(at, { minLength: 1, maxLength: 2 }),
    tagged: fc.constant(true),
    age: fc.constantFrom('10m', '59m', '2h', '2d', '7d', '9d', '30d', '40d'),
    locks: fc.constantFrom(
      'hidden' as const,
      { delete: false },
      { write: false },
      { read: false },
      { delete: false, write: false },
    ),
    unknown: fc.constant(true),
  },
  { requiredKeys: ['age'] },
)

type Drawn = Partial<typeof manifest extends fc.Arbitrary<infer Value> ? Value : never>

/** Makes the rare things rare: most manifests are plain, untagged and old, so that much is due. */
const sparse = fc
  .tuple(
    manifest,
    fc.record({
      tagged: fc.nat({ max: 5 }),
      digestTags: fc.nat({ max: 3 }),
      locks: fc.nat({ max: 8 }),
      unknown: fc.nat({ max: 9 }),
      subject: fc.nat({ max: 2 }),
    }),
  )
  .map(([drawn, chances]): Drawn => {
    const rare = Object.entries(chances).filter(([, chance]) => chance > 0)
    return Object.fromEntries(Object.entries(drawn).filter(([key]) => !rare.some(([name]) => name === key)))
  })

function describedOf(drawn: readonly Drawn[]): Readonly<Record<string, Described>> {
  const earlier = (number: number, than: number): string | undefined =>
    number < than ? NAMES[number] : undefined
  return Object.fromEntries(
    drawn.map(({ children, subject, digestTags = [], tagged, age, locks, unknown }, number) => {
      const listed = children?.flatMap((child) => earlier(child, number) ?? [])
      const refersTo =
        subject === 'absent' ? subject : subject === undefined ? undefined : earlier(subject, number)
      const tags = [
        ...(tagged === true ? [`v${number}`] : []),
        // Of a subject that the repository does not hold at times.
        ...digestTags.map((target) => `sha256-{${NAMES[target]}}.sig`),
      ]
      const described: Described = {
        tags,
        ...(age === undefined ? {} : { age }),
        ...(locks === undefined ? {} : { locks }),
        ...(unknown === true ? { type: 'application/vnd.example.unknown' } : {}),
        ...(listed === undefined ? {} : { children: listed }),
        ...(refersTo === undefined ? {} : { subject: refersTo }),
      }
      return [NAMES[number] ?? '', described]
    }),
  )
}

const wish: fc.Arbitrary<Wish> = fc.record({
  olderThan: fc.constantFrom(0, 8 * 86_400_000),
  purgeOrphanedReferrers: fc.boolean(),
  maxDeletes: fc.constantFrom(1, 2, 4, 1000),
  maxDeletePercent: fc.constantFrom(undefined, undefined, 30, 60),
  keep: fc.constantFrom(0, 0, 1, 2),
  pins: fc.array(fc.constantFrom(...NAMES), { maxLength: 1 }),
  allowEmptyRepository: fc.boolean(),
})

export const anyCase: fc.Arbitrary<Case> = fc.record({
  described: fc.array(sparse, { minLength: 1, maxLength: MOST }).map(describedOf),
  wish,
})

/** A snapshot as the things that depend on each other. */
export function thingsOf(
  { manifests, documents }: Snapshot,
  { now, inFlight, pinned }: { now: number; inFlight: number; pinned: ReadonlySet<string> },
): readonly Thing[] {
  return [...manifests.values()].map(({ digest, tags, kind, locks, pushedAt }) => {
    const document = documents.get(digest)
    return {
      digest,
      tags,
      children: (document?.entries ?? [])
        .map((entry) => entry.digest)
        .filter((child) => manifests.has(child)),
      subject: document?.subject,
      locked: locks !== undefined && !(locks.delete && locks.write),
      stays: locks?.read === false || kind === 'unknown' || now - pushedAt < inFlight,
      pinned: pinned.has(digest),
    }
  })
}
