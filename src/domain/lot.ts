import { restOf, type Age } from './age.ts'
import type { Bytes } from './bytes.ts'
import type { Digest } from './digest.ts'
import type { Milliseconds } from './duration.ts'
import { closure, type Graph } from './graph.ts'
import { stepsOf, type DeleteStep } from './delete-step.ts'
import type { Instant, Manifest, Snapshot } from './snapshot.ts'
import type { Finding } from './survey.ts'
import type { Verdict } from './verdict.ts'

/** What the team wants deleted, apart from the rules that say what is an orphan at all. */
export interface PurgePolicy {
  /** Younger orphans wait. */
  readonly olderThan: Milliseconds
  /** By which age; without a state there is only one. */
  readonly orphanAge: Age['since']
  readonly purgeOrphanedReferrers: boolean
  /** Manifests deleted in one run. */
  readonly maxDeletes: number
  /** Nothing is deleted in a repository that would lose a larger share of its manifests, in percent. */
  readonly maxDeletePercent: number | undefined
}

/** What becomes of a group that was found, and why. */
export type Fate =
  | { readonly kind: 'due' }
  /** `keep-n-untagged` keeps it. */
  | { readonly kind: 'kept' }
  /** The registry would, or might, delete this one along with it, and it stays. */
  | { readonly kind: 'held'; readonly by: Digest }
  /** The service does not show whether it is locked. */
  | { readonly kind: 'locks-unknown' }
  /** Too young by this much. */
  | { readonly kind: 'waiting'; readonly left: Milliseconds }
  /** Nobody asked to purge what it is. */
  | { readonly kind: 'not-asked' }

/** A group that was found with its fate; it goes as a whole or not at all. */
export interface Lot {
  readonly finding: Finding
  readonly fate: Fate
  /** What would be deleted: not what others need. */
  readonly manifests: readonly Digest[]
  readonly size: Bytes
  /** Images in it whose size the service did not give. */
  readonly unsized: number
  /** Roots of other lots that list something in this one, and so have to go first. */
  readonly after: readonly Digest[]
  /** In the order to delete them. */
  readonly steps: () => readonly DeleteStep[]
}

/** A repository with everything that is known of it. */
export interface Judged {
  readonly snapshot: Snapshot
  readonly graph: Graph
  readonly verdicts: ReadonlyMap<Digest, Verdict>
  readonly findings: readonly Finding[]
  /** What is due will be deleted, so that steps are needed. */
  readonly deleting: boolean
}

/** Decides what becomes of each group in a repository. Limits of the whole run are not applied yet. */
export function lotsOf(judged: Judged, policy: PurgePolicy, now: Instant): readonly Lot[] {
  const lone = new Set(judged.findings.filter((finding) => isLone(finding, judged)))
  const connected = { ...judged, findings: judged.findings.filter((finding) => !lone.has(finding)) }
  const decided = new Map(lotsOfConnected(connected, { policy, now }).map((lot) => [lot.finding, lot]))
  return judged.findings.map(
    (finding) =>
      decided.get(finding) ?? loneLot(finding, judged, fateByItself(finding, judged, { policy, now })),
  )
}

/** One manifest that nothing lists or refers to, and that does neither: nearly all of them are such, and decided quickly. */
function isLone({ root, manifests }: Finding, { graph }: Judged): boolean {
  const { digest } = root
  return (
    manifests.length === 1 &&
    !graph.parents.has(digest) &&
    !graph.children.has(digest) &&
    !graph.referrers.has(digest)
  )
}

const NONE: readonly Digest[] = []

function loneLot(finding: Finding, judged: Judged, fate: Fate): Lot {
  const { manifests, size, unsized } = finding
  const due = fate.kind === 'due'
  return {
    finding,
    fate,
    manifests: due ? manifests : NONE,
    size: due ? size : 0,
    unsized: due ? unsized : 0,
    after: NONE,
    steps: judged.deleting ? () => stepsOf(judged, finding, new Set(manifests)) : noSteps,
  }
}

/** A preview keeps nothing of the repositories that it has read. */
function noSteps(): readonly DeleteStep[] {
  throw new Error('a preview has no steps')
}

function lotsOfConnected(judged: Judged, { policy, now }: When): readonly Lot[] {
  const { findings } = judged
  const fates = new Map(findings.map((finding) => [finding, fateByItself(finding, judged, { policy, now })]))
  const isDue = (finding: Finding): boolean => fates.get(finding)?.kind === 'due'
  let needed = neededByOthers(judged, isDue)
  // What is held stays, so that what it needs stays too; that may hold others.
  while (holdBack(judged, fates, needed)) needed = neededByOthers(judged, isDue)
  const rootOf = new Map(
    findings.filter(isDue).flatMap(({ root, manifests }) => manifests.map((digest) => [digest, root.digest])),
  )
  return findings.map((finding) =>
    lotOf(judged, { finding, fate: fates.get(finding) ?? NOT_ASKED, needed, rootOf }),
  )
}

interface When {
  readonly policy: PurgePolicy
  readonly now: Instant
}

function fateByItself(finding: Finding, { snapshot }: Judged, { policy, now }: When): Fate {
  const { kind, manifests } = finding
  if (finding.kept) return KEPT
  if (kind === 'digest-only') return NOT_ASKED
  if (kind === 'orphaned-referrer' && !policy.purgeOrphanedReferrers) return NOT_ASKED
  if (finding.heldBy !== undefined) return { kind: 'held', by: finding.heldBy }
  const left = policy.olderThan - restOf(finding, policy.orphanAge, now)
  if (left > 0) return { kind: 'waiting', left }
  const unknown = manifests.some((digest) => snapshot.manifests.get(digest)?.locks === undefined)
  return unknown ? LOCKS_UNKNOWN : DUE
}

const DUE: Fate = { kind: 'due' }
const KEPT: Fate = { kind: 'kept' }
const NOT_ASKED: Fate = { kind: 'not-asked' }
const LOCKS_UNKNOWN: Fate = { kind: 'locks-unknown' }

/** @returns whether a group is held that was not before */
function holdBack(judged: Judged, fates: Map<Finding, Fate>, needed: ReadonlySet<Digest>): boolean {
  const due = judged.findings.filter((finding) => fates.get(finding)?.kind === 'due')
  const goesWith = new Map(
    due.flatMap((finding) =>
      finding.manifests
        .filter((digest) => !needed.has(digest))
        .map((digest): [Digest, Finding] => [digest, finding]),
    ),
  )
  let any = false
  for (const finding of due) {
    const by = holderOf(finding, judged, goesWith)
    if (by === undefined) continue
    fates.set(finding, { kind: 'held', by })
    any = true
  }
  return any
}

/** Everything that groups which stay need, at any depth: their children, and whatever refers to them. */
function neededByOthers(
  { graph, findings }: Judged,
  isDue: (finding: Finding) => boolean,
): ReadonlySet<Digest> {
  const staying = new Set(findings.filter((finding) => !isDue(finding)).flatMap(({ manifests }) => manifests))
  const enter = ({ digest }: { readonly digest: Digest }): boolean => !staying.has(digest)
  for (const { digest } of closure(graph, [...staying], enter)) staying.add(digest)
  return staying
}

/**
 * What would go along with a group though it stays: a referrer of something in it, at any depth, which the registry deletes
 * along with its subject, or a child that nothing but this group keeps for a reason that the registry knows.
 */
function holderOf(
  finding: Finding,
  { graph, snapshot }: Judged,
  goesWith: ReadonlyMap<Digest, Finding>,
): Digest | undefined {
  const goes = (digest: Digest): boolean => goesWith.get(digest) === finding
  for (const digest of finding.manifests.filter(goes)) {
    const referrer = graph.referrers.get(digest)?.find((each) => !goes(each))
    if (referrer !== undefined) return referrer
    const child = graph.children.get(digest)?.find((each) => !goes(each) && !isHeldElsewhere(each))
    if (child !== undefined) return child
  }
  return undefined

  /**
   * Whether the registry deletes children with their index is not known: sources disagree. One that is pinned or in flight
   * has to outlast that, so its index stays too; a tag, a lock or another index is what a registry would look at. The other
   * index must not go before the child does: two that go share no child that stays, unless a third one keeps it.
   */
  function isHeldElsewhere(child: Digest): boolean {
    const manifest = snapshot.manifests.get(child)
    const locked = manifest?.locks !== undefined && !(manifest.locks.delete && manifest.locks.write)
    const outlasts = (index: Digest): boolean => {
      const group = goesWith.get(index)
      return group === undefined || (group !== finding && group === goesWith.get(child))
    }
    return (manifest?.tags.length ?? 0) > 0 || locked || (graph.parents.get(child)?.some(outlasts) ?? false)
  }
}

interface Decided {
  readonly finding: Finding
  readonly fate: Fate
  readonly needed: ReadonlySet<Digest>
  /** Member of a lot that is due → its root. */
  readonly rootOf: ReadonlyMap<Digest, Digest>
}

function lotOf(judged: Judged, { finding, fate, needed, rootOf }: Decided): Lot {
  const { graph, snapshot } = judged
  const going = fate.kind === 'due' ? finding.manifests.filter((digest) => !needed.has(digest)) : []
  const images = going
    .map((digest) => snapshot.manifests.get(digest))
    .filter((manifest): manifest is Manifest => manifest !== undefined && manifest.kind !== 'index')
  const after = new Set(
    going.flatMap((digest) => graph.parents.get(digest) ?? []).map((parent) => rootOf.get(parent)),
  )
  after.delete(undefined)
  after.delete(finding.root.digest)
  return {
    finding,
    fate,
    manifests: going,
    size: images.reduce((sum, { size }) => sum + (size ?? 0), 0),
    unsized: images.filter(({ size }) => size === undefined).length,
    after: [...after].filter((root) => root !== undefined).sort(),
    steps: judged.deleting ? () => stepsOf(judged, finding, new Set(going)) : noSteps,
  }
}
