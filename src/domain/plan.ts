import type { Digest } from './digest.ts'
import type { Fate, Lot, PurgePolicy } from './lot.ts'
import type { Finding, Survey } from './survey.ts'

/** What becomes of a group in this run: its own fate, or a limit of the run. */
export type PlannedFate =
  | Fate
  /** `max-deletes` is used up by older ones. */
  | { readonly kind: 'over-limit' }
  /** `max-delete-percent` forbids deleting anything in its repository. */
  | { readonly kind: 'breaker' }
  /** Nothing in its repository can be deleted safely. */
  | { readonly kind: 'obstacle' }

/** A repository that would lose more of its manifests than `max-delete-percent` allows. */
interface BreakerTrip {
  readonly repository: string
  readonly planned: number
  readonly manifests: number
}

/** What a purge does, in its order; a preview and a purge have the same. */
export interface Plan {
  readonly lots: readonly Lot[]
  /** Number of manifests in all lots. */
  readonly manifests: number
  /** What becomes of everything that was found. */
  readonly fates: ReadonlyMap<Finding, PlannedFate>
  readonly trips: readonly BreakerTrip[]
  /** The only lot of the plan, when it is larger than `max-deletes` by itself. */
  readonly oversized: Lot | undefined
}

/** Applies the limits of the run: the oldest first, whole lots only. */
export function planOf(surveys: readonly Survey[], policy: PurgePolicy): Plan {
  const blocked = new Set(
    surveys.filter(({ obstacle }) => obstacle !== undefined).map(({ repository }) => repository),
  )
  const due = inOrder(surveys.flatMap(({ lots }) => lots.filter(({ fate }) => fate.kind === 'due')))
  const trips: BreakerTrip[] = []
  for (;;) {
    const free = due.filter(({ finding }) => !blocked.has(finding.repository))
    const { lots, oversized } = within(free, policy.maxDeletes)
    const tripped = tripsOf(surveys, lots, policy)
    if (tripped.length === 0) {
      return { lots, manifests: count(lots), oversized, trips, fates: fatesOf(surveys, { lots, trips }) }
    }
    // What these repositories would have used of the limit is free for others.
    for (const trip of tripped) blocked.add(trip.repository)
    trips.push(...tripped)
  }
}

function within(
  lots: readonly Lot[],
  most: number,
): { readonly lots: readonly Lot[]; readonly oversized: Lot | undefined } {
  const [first] = lots
  // It would never fit, and nothing behind it would ever be reached.
  if (first !== undefined && first.manifests.length > most) return { lots: [first], oversized: first }
  let left = most
  const end = lots.findIndex(({ manifests }) => (left -= manifests.length) < 0)
  return { lots: end < 0 ? lots : lots.slice(0, end), oversized: undefined }
}

function tripsOf(
  surveys: readonly Survey[],
  lots: readonly Lot[],
  { maxDeletePercent }: PurgePolicy,
): readonly BreakerTrip[] {
  if (maxDeletePercent === undefined) return []
  const planned = Map.groupBy(lots, ({ finding }) => finding.repository)
  return surveys
    .map(({ repository, manifests }) => ({
      repository,
      planned: count(planned.get(repository) ?? []),
      manifests,
    }))
    .filter((trip) => trip.planned * 100 > maxDeletePercent * trip.manifests)
}

function count(lots: readonly Lot[]): number {
  return lots.reduce((sum, { manifests }) => sum + manifests.length, 0)
}

/** Oldest first; a lot that another one has to precede comes behind it, whatever their ages. */
function inOrder(lots: readonly Lot[]): readonly Lot[] {
  const key = (repository: string, root: Digest): string => `${repository}@${root}`
  const oldestFirst = lots.toSorted(byAge)
  if (lots.every(({ after }) => after.length === 0)) return oldestFirst
  const byRoot = new Map(lots.map((lot) => [key(lot.finding.repository, lot.finding.root.digest), lot]))
  const order = new Set<Lot>()
  const entered = new Set<Lot>()
  const place = (lot: Lot): void => {
    if (entered.has(lot)) return
    entered.add(lot)
    for (const root of lot.after) {
      const first = byRoot.get(key(lot.finding.repository, root))
      if (first !== undefined) place(first)
    }
    order.add(lot)
  }
  for (const lot of oldestFirst) place(lot)
  return [...order]
}

function byAge({ finding: a }: Lot, { finding: b }: Lot): number {
  if (a.root.pushedAt !== b.root.pushedAt) return a.root.pushedAt - b.root.pushedAt
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1
  return a.root.digest < b.root.digest ? -1 : 1
}

function fatesOf(
  surveys: readonly Survey[],
  { lots, trips }: Pick<Plan, 'lots' | 'trips'>,
): ReadonlyMap<Finding, PlannedFate> {
  const planned = new Set(lots)
  const tripped = new Set(trips.map(({ repository }) => repository))
  const fates = new Map<Finding, PlannedFate>()
  for (const { repository, obstacle, lots: all } of surveys) {
    for (const lot of all) {
      const stays: PlannedFate =
        obstacle === undefined
          ? { kind: tripped.has(repository) ? 'breaker' : 'over-limit' }
          : { kind: 'obstacle' }
      fates.set(lot.finding, lot.fate.kind === 'due' && !planned.has(lot) ? stays : lot.fate)
    }
  }
  return fates
}
