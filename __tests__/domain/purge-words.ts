import type { Digest } from '../../src/domain/digest.ts'
import { formatDuration } from '../../src/domain/duration.ts'
import type { PurgePolicy } from '../../src/domain/lot.ts'
import { planOf, type Plan, type PlannedFate } from '../../src/domain/plan.ts'
import type { Judgement, Survey } from '../../src/domain/survey.ts'
import { digestOf, POLICY, survey, type Described } from './picture.ts'

/** What a team asks for besides what it gets anyway. */
export interface Wish extends Partial<PurgePolicy>, Partial<Pick<Judgement, 'allowEmptyRepository'>> {
  readonly keep?: number
  /** Names of pinned manifests. */
  readonly pins?: readonly string[]
  readonly repository?: string
}

type Picture = Readonly<Record<string, Described>>

/** A repository judged as a purge judges it. */
export function judged(described: Picture, wish: Wish = {}): Survey {
  const { keep = 0, pins = [], repository = 'app', allowEmptyRepository = false } = wish
  const pinned = new Set(pins.map(digestOf))
  return survey(
    described,
    { repository },
    {
      pinnedBy: (digest) => (pinned.has(digest) ? 'pins' : undefined),
      keepNewest: keep,
      allowEmptyRepository,
      purge: policyOf(wish),
    },
  )
}

export function policyOf({
  olderThan = POLICY.olderThan,
  orphanAge = POLICY.orphanAge,
  purgeOrphanedReferrers = POLICY.purgeOrphanedReferrers,
  maxDeletes = POLICY.maxDeletes,
  maxDeletePercent = POLICY.maxDeletePercent,
}: Wish): PurgePolicy {
  return { olderThan, orphanAge, purgeOrphanedReferrers, maxDeletes, maxDeletePercent }
}

/** Says digests by the names they stand for. */
export function namer(...pictures: readonly Picture[]): (digest: Digest) => string {
  const names = new Map(pictures.flatMap((each) => Object.keys(each).map((name) => [digestOf(name), name])))
  return (digest) => names.get(digest) ?? digest
}

export function planned(described: Picture, wish: Wish = {}): Plan {
  return planOf([judged(described, wish)], policyOf(wish))
}

/** What becomes of each group, by its root: `due: amd64 index`, `held by signature`, `waiting 5 days`. */
export function fates(described: Picture, wish: Wish = {}): Readonly<Record<string, string>> {
  const nameOf = namer(described)
  const plan = planned(described, wish)
  return Object.fromEntries(
    [...plan.fates].map(([finding, fate]) => {
      const lot = plan.lots.find((each) => each.finding === finding)
      const names = lot?.steps().map(({ digest }) => nameOf(digest)) ?? []
      return [nameOf(finding.root.digest), fateWords(fate, names.sort(), nameOf)]
    }),
  )
}

function fateWords(fate: PlannedFate, names: readonly string[], nameOf: (digest: Digest) => string): string {
  switch (fate.kind) {
    case 'due':
      return ['due:', ...names].join(' ')
    case 'held':
      return `held by ${nameOf(fate.by)}`
    case 'waiting':
      return `waiting ${formatDuration(fate.left)}`
    case 'kept':
    case 'locks-unknown':
    case 'not-asked':
    case 'over-limit':
    case 'breaker':
    case 'obstacle':
      return fate.kind
  }
}

/** Everything a plan deletes, in its order. */
export function order(described: Picture, wish: Wish = {}): readonly string[] {
  const nameOf = namer(described)
  return planned(described, wish).lots.flatMap((lot) => lot.steps().map(({ digest }) => nameOf(digest)))
}
