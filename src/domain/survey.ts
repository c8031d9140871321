import type { Bytes } from './bytes.ts'
import { classify, type Classification, type Rules } from './classify.ts'
import type { Digest } from './digest.ts'
import { buildGraph, type Graph } from './graph.ts'
import { findingOf, newestOrphans } from './finding.ts'
import type { Obstacle } from './obstacle.ts'
import { lotsOf, type Lot, type PurgePolicy } from './lot.ts'
import { tagsIn, type Observation, type Past } from './past.ts'
import type { Manifest, Snapshot } from './snapshot.ts'
import { isKept, type GroupKind, type ProtectingCause, type RootCause, type Verdict } from './verdict.ts'

/** One group, ready to be judged and shown. */
export interface Finding {
  readonly kind: GroupKind
  readonly repository: string
  readonly root: Manifest
  readonly because: RootCause
  /** The root and all that belongs to it. */
  readonly manifests: readonly Digest[]
  /** Sum over the distinct images, never over an index and its children; an upper bound, as layers are shared. */
  readonly size: Bytes
  /** Images whose size the service did not give: not in `size`. */
  readonly unsized: number
  /** Platforms of the images, sorted, each once. */
  readonly platforms: readonly string[]
  /** A referrer that is kept: the registry would delete it along with its subject. */
  readonly heldBy: Digest | undefined
  /** `keep-n-untagged` keeps it: shown, not counted, not purged. */
  readonly kept: boolean
  /** What is known of how long it has been nobody's; undefined without a state. */
  readonly observed: Observation | undefined
}

/** A live index with children that the registry no longer has. */
export interface BrokenIndex {
  readonly repository: string
  readonly index: Manifest
  readonly missing: readonly Digest[]
}

/** Why a repository could not be read in full: nothing in it is judged. */
export interface Gap {
  readonly kind: 'permission' | 'stopped' | 'unreadable'
  /** One or more sentences, about this repository. */
  readonly why: string
  /** The same without what is of this repository alone: equal for repositories with the same trouble. */
  readonly reason: string
}

/** What is known of a repository after a scan. */
export interface Survey {
  readonly repository: string
  readonly gap: Gap | undefined
  readonly manifests: number
  /** Where each ordinary tag is. */
  readonly tags: ReadonlyMap<string, Digest>
  readonly findings: readonly Finding[]
  readonly broken: readonly BrokenIndex[]
  /** The same with indexes that were just pushed, whose children may still come. */
  readonly lacking: readonly BrokenIndex[]
  /** Every finding with what a purge would do. */
  readonly lots: readonly Lot[]
  /** Why nothing in here can be deleted safely, though something is due. Looked for only when something is to be deleted. */
  readonly obstacle: Obstacle | undefined
  /** Untagged manifests that are pinned, or that something pinned refers to, with who says so. */
  readonly pinned: readonly (Pick<Manifest, 'digest' | 'mediaType'> & { readonly by: string })[]
  readonly live: number
  readonly inFlight: number
  /** How many manifests each rule protects. */
  readonly protected: ReadonlyMap<ProtectingRule, number>
}

export type ProtectingRule = ProtectingCause['rule']

/** By which rules a repository is judged. */
export interface Judgement extends Rules {
  /** The newest so many orphans of each repository are kept. */
  readonly keepNewest: number
  /** What is due will be deleted. */
  readonly deleting: boolean
  readonly purge: PurgePolicy
  /** What earlier runs saw of the repository; undefined without a state. */
  readonly past: Past | undefined
}

/** Judges one snapshot by the rules. */
export function surveyOf(snapshot: Snapshot, rules: Judgement): Survey {
  const { repository, manifests } = snapshot
  const graph = buildGraph(snapshot)
  const classification = classify(manifests, graph, rules)
  const gap = neededButVanished(snapshot, graph, classification)
  if (gap !== undefined) return unread(repository, gap)
  const { verdicts, groups } = classification
  const count = (kind: 'live' | 'in-flight'): number =>
    verdicts.values().reduce((sum, verdict) => sum + (verdict.kind === kind ? 1 : 0), 0)
  const kept = newestOrphans(groups, rules.keepNewest)
  const tags = tagsIn(manifests, rules.past?.memory?.tags)
  const findings = groups.map((group) =>
    findingOf(repository, group, {
      graph,
      classification,
      kept: kept.has(group),
      observed: rules.past?.observe(group, { manifests, tags }),
    }),
  )
  const lacking = lackingIndexes(snapshot, graph, classification)
  return {
    repository,
    gap,
    manifests: manifests.size,
    tags,
    findings,
    broken: lacking.filter(({ index }) => rules.now - index.pushedAt >= rules.inFlight),
    lacking,
    lots: lotsOf({ snapshot, graph, verdicts, findings, deleting: rules.deleting }, rules.purge, rules.now),
    obstacle: undefined,
    pinned: pinnedOf(snapshot, classification),
    live: count('live'),
    inFlight: count('in-flight'),
    protected: protectedByRule(classification),
  }
}

/** A repository that could not be read in full: named, never judged. */
export function unread(repository: string, gap: Gap): Survey {
  return {
    repository,
    gap,
    manifests: 0,
    tags: new Map(),
    findings: [],
    broken: [],
    lacking: [],
    lots: [],
    obstacle: undefined,
    pinned: [],
    live: 0,
    inFlight: 0,
    protected: new Map(),
  }
}

/**
 * A manifest that was listed and is gone is no loss, unless something that is kept lists it: then the picture of the
 * repository is contradictory.
 */
function neededButVanished(
  { vanished }: Snapshot,
  graph: Graph,
  { verdicts }: Classification,
): Gap | undefined {
  if (vanished.size === 0) return undefined
  for (const [index, children] of graph.absentChildren) {
    const digest = isKept(verdicts.get(index)) ? children.find((child) => vanished.has(child)) : undefined
    if (digest === undefined) continue
    return {
      kind: 'unreadable',
      why: `${digest} was listed, then not found, and the index ${index} needs it.`,
      reason: 'A manifest was listed, then not found, and an index that is kept needs it.',
    }
  }
  return undefined
}

function lackingIndexes(
  snapshot: Snapshot,
  graph: Graph,
  { verdicts }: Classification,
): readonly BrokenIndex[] {
  const broken: BrokenIndex[] = []
  for (const [digest, absent] of graph.absentChildren) {
    const index = snapshot.manifests.get(digest)
    if (index === undefined) continue
    if (verdicts.get(digest)?.kind !== 'live') continue
    const missing = absent.filter((child) => snapshot.missing.has(child))
    if (missing.length > 0) broken.push({ repository: snapshot.repository, index, missing })
  }
  return broken
}

function pinnedOf({ manifests }: Snapshot, { verdicts }: Classification): Survey['pinned'] {
  return [...verdicts].flatMap(([digest, { because }]) =>
    because.rule === 'pinned'
      ? [{ digest, mediaType: manifests.get(digest)?.mediaType ?? '', by: because.by }]
      : [],
  )
}

/** Children and referrers of a protected manifest count under the rule that protects it. */
function protectedByRule({ verdicts }: Classification): ReadonlyMap<ProtectingRule, number> {
  const counts = new Map<ProtectingRule, number>()
  for (const verdict of verdicts.values()) {
    const rule = protectingRule(verdict, verdicts)
    if (rule !== undefined) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  }
  return counts
}

function protectingRule(verdict: Verdict, verdicts: Classification['verdicts']): ProtectingRule | undefined {
  let anchor: Verdict | undefined = verdict
  while (anchor?.kind === 'protected') {
    if (anchor.because.rule !== 'child-of' && anchor.because.rule !== 'referrer-of')
      return anchor.because.rule
    // Every step leads to a manifest that was settled earlier, so this ends at the one that a rule protects.
    anchor = verdicts.get(anchor.because.digest)
  }
  return undefined
}
