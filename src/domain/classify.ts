import { subjectOfDigestTag, type Digest } from './digest.ts'
import type { Milliseconds } from './duration.ts'
import { closure, type Graph, type Reach } from './graph.ts'
import { TAGS_SHOWN, type Instant, type Manifest } from './snapshot.ts'
import type { Group, GroupKind, LiveCause, ProtectingCause, Step, Verdict } from './verdict.ts'

/** What the verdicts depend on besides the registry itself. */
export interface Rules {
  readonly now: Instant
  /** An untagged manifest younger than this may be half of a push. */
  readonly inFlight: Milliseconds
  /** Who says that a manifest of this repository is in use; undefined for most. */
  readonly pinnedBy: (digest: Digest) => string | undefined
  /** When an earlier run last saw an ordinary tag on a manifest; undefined when none did. */
  readonly taggedAt: (digest: Digest) => Instant | undefined
  /** Manifests of a repository without any tag count like others. */
  readonly allowEmptyRepository: boolean
}

export interface Classification {
  readonly verdicts: ReadonlyMap<Digest, Verdict>
  readonly groups: readonly Group[]
}

/**
 * Gives each manifest of a repository its verdict.
 *
 * Whatever is tagged is live; whatever is locked, unreadable or unknown is protected; whatever was just pushed is in
 * flight; each takes its children and referrers along, at any depth. What is left falls into groups, each around a root
 * that no index lists and that refers to nothing in the repository.
 */
export function classify(manifests: Manifests, graph: Graph, rules: Rules): Classification {
  const { now, inFlight, allowEmptyRepository } = rules
  const settled = new Settlement(manifests, graph)
  const protect = (byRule: (manifest: Manifest) => ProtectingCause | undefined): void =>
    settled.keep(
      (manifest) => withCause(byRule(manifest), (because) => ({ kind: 'protected', because })),
      (because) => ({ kind: 'protected', because }),
    )
  settled.keep(
    (manifest) => withCause(liveCause(manifest), (because) => ({ kind: 'live', because })),
    (because) => ({ kind: 'live', because }),
  )
  const digestOnly = settled.verdicts.size === 0 && !allowEmptyRepository
  const pinned = pinnedManifests(manifests, graph, rules)
  protect((manifest) => protectingCause(manifest, graph, pinned))
  const complete = completePushes(manifests, graph, rules)
  settled.keep(
    ({ digest, pushedAt }) =>
      now - pushedAt < inFlight && !complete.has(digest)
        ? { kind: 'in-flight', because: { rule: 'just-pushed' } }
        : undefined,
    (because) => ({ kind: 'in-flight', because }),
  )
  const roots = [...manifests.values()].filter(
    (manifest) => settled.isFree(manifest) && isRoot(manifest, graph),
  )
  const rooted = reachable(graph, roots, settled.isFree)
  protect(({ digest }) => (rooted.has(digest) ? undefined : { rule: 'circle' }))

  const claims = roots.map((root) => ({
    root,
    ...claimOf(root, { graph, verdicts: settled.verdicts, digestOnly }),
  }))
  const groups = inClaimOrder(claims).map((claim) => settled.group(claim))
  return { verdicts: settled.verdicts, groups }
}

type Manifests = ReadonlyMap<Digest, Manifest>

/** A root and the group that it will form with whatever is still free. */
type Claim = Pick<Group, 'root' | 'kind' | 'because'>

/** The verdicts so far; the first one that reaches a manifest stands. */
class Settlement {
  readonly #manifests: Manifests
  readonly #graph: Graph
  readonly #verdicts = new Map<Digest, Verdict>()

  constructor(manifests: Manifests, graph: Graph) {
    this.#manifests = manifests
    this.#graph = graph
  }

  get verdicts(): ReadonlyMap<Digest, Verdict> {
    return this.#verdicts
  }

  readonly isFree = ({ digest }: { readonly digest: Digest }): boolean => !this.#verdicts.has(digest)

  /** Settles what a rule keeps by itself, then all that it takes along. */
  keep(byRule: (manifest: Manifest) => Verdict | undefined, along: (because: Step) => Verdict): void {
    const anchors: Digest[] = []
    for (const manifest of this.#manifests.values()) {
      const verdict = this.isFree(manifest) ? byRule(manifest) : undefined
      if (verdict === undefined) continue
      this.#verdicts.set(manifest.digest, verdict)
      anchors.push(manifest.digest)
    }
    for (const reach of this.#reach(anchors)) this.#verdicts.set(reach.digest, along(stepOf(reach)))
  }

  group({ root, kind, because }: Claim): Group {
    this.#verdicts.set(root.digest, { kind, root: root.digest, because })
    const members = [root]
    for (const reach of this.#reach([root.digest])) {
      this.#verdicts.set(reach.digest, { kind, root: root.digest, because: stepOf(reach) })
      const member = this.#manifests.get(reach.digest)
      if (member !== undefined) members.push(member)
    }
    return { kind, root, because, manifests: members }
  }

  /** Each step has to be settled before the next one is asked for: that is how everything is let in once. */
  #reach(start: readonly Digest[]): Iterable<Reach> {
    return closure(this.#graph, start, this.isFree)
  }
}

function stepOf({ edge, from }: Reach): Step {
  return { rule: edge, digest: from }
}

function withCause<Cause>(cause: Cause | undefined, verdict: (cause: Cause) => Verdict): Verdict | undefined {
  return cause === undefined ? undefined : verdict(cause)
}

/** A list of nothing but digest tags may hide an ordinary one when it is as long as lists are shown. */
function liveCause({ tags }: Manifest): LiveCause | undefined {
  const tag = tags.find((name) => subjectOfDigestTag(name) === undefined)
  if (tag !== undefined) return { rule: 'tagged', tag }
  return tags.length >= TAGS_SHOWN ? { rule: 'tags-cut' } : undefined
}

function protectingCause(
  { digest, kind, locks, mediaType }: Manifest,
  graph: Graph,
  pinned: ReadonlyMap<Digest, string>,
): ProtectingCause | undefined {
  const by = pinned.get(digest)
  if (by !== undefined) return { rule: 'pinned', by }
  if (locks?.delete === false) return { rule: 'locked', lock: 'delete' }
  if (locks?.write === false) return { rule: 'locked', lock: 'write' }
  if (locks?.read === false) return { rule: 'reading-disabled' }
  if (kind === 'unknown') return { rule: 'unknown-type', mediaType }
  const tag = graph.absentTagSubject.get(digest)
  return tag === undefined ? undefined : { rule: 'subject-elsewhere', tag }
}

/** What is pinned, and what that refers to, at any depth: the registry deletes referrers along with their subject. */
function pinnedManifests(
  manifests: Manifests,
  graph: Graph,
  { pinnedBy }: Rules,
): ReadonlyMap<Digest, string> {
  const pinned = new Map<Digest, string>()
  for (const digest of manifests.keys()) {
    const by = pinnedBy(digest)
    if (by !== undefined) pinned.set(digest, by)
  }
  for (const [digest, by] of pinned)
    for (const subject of graph.subjects.get(digest) ?? []) if (!pinned.has(subject)) pinned.set(subject, by)
  return pinned
}

/** Young, but no half of a push: an earlier run saw them tagged, or listed by what was tagged, and nobody pushed them since. */
function completePushes(
  manifests: Manifests,
  graph: Graph,
  { now, inFlight, taggedAt }: Rules,
): ReadonlySet<Digest> {
  const complete = new Set<Digest>()
  for (const { digest, pushedAt } of manifests.values()) {
    const at = now - pushedAt < inFlight ? taggedAt(digest) : undefined
    if (at === undefined || pushedAt > at) continue
    complete.add(digest)
    const came = ({ digest: child, edge }: Reach): boolean =>
      edge === 'child-of' && !complete.has(child) && (manifests.get(child)?.pushedAt ?? Infinity) <= at
    for (const reach of closure(graph, [digest], came)) complete.add(reach.digest)
  }
  return complete
}

function isRoot({ digest }: Manifest, graph: Graph): boolean {
  return !graph.parents.has(digest) && !graph.subjects.has(digest)
}

/** Everything that some root takes along; what is left need each other in a circle. */
function reachable(
  graph: Graph,
  roots: readonly Manifest[],
  isFree: (manifest: Reach) => boolean,
): ReadonlySet<Digest> {
  const reached = new Set(roots.map(({ digest }) => digest))
  const enter = (reach: Reach): boolean => isFree(reach) && !reached.has(reach.digest)
  for (const { digest } of closure(graph, [...reached], enter)) reached.add(digest)
  return reached
}

interface Settled {
  readonly graph: Graph
  readonly verdicts: ReadonlyMap<Digest, Verdict>
  /** No manifest of the repository has a tag. */
  readonly digestOnly: boolean
}

/** Shared by the hundred thousand that are the same. */
const ORPHAN: Omit<Claim, 'root'> = { kind: 'orphan', because: { rule: 'unreferenced' } }
const WRAPPER: Omit<Claim, 'root'> = { kind: 'wrapper', because: { rule: 'children-live' } }
const DIGEST_ONLY: Omit<Claim, 'root'> = { kind: 'digest-only', because: { rule: 'no-tag-in-repository' } }

function claimOf({ digest }: Manifest, { graph, verdicts, digestOnly }: Settled): Omit<Claim, 'root'> {
  if (digestOnly) return DIGEST_ONLY
  const subject = graph.absentSubject.get(digest)
  if (subject !== undefined) return { kind: 'orphaned-referrer', because: { rule: 'subject-gone', subject } }
  const children = graph.children.get(digest) ?? []
  const whole = children.length > 0 && !graph.absentChildren.has(digest)
  if (whole && children.every((child) => verdicts.get(child)?.kind === 'live')) {
    return WRAPPER
  }
  return ORPHAN
}

const CLAIM_ORDER: readonly GroupKind[] = ['orphaned-referrer', 'wrapper', 'digest-only', 'orphan']

/**
 * A manifest that several roots need belongs to the one that stays longest: what is purged only on request before
 * orphans, and among these the youngest, because the oldest go first.
 */
function inClaimOrder<Claim extends Pick<Group, 'kind' | 'root'>>(
  claims: readonly Claim[],
): readonly Claim[] {
  return claims.toSorted(
    (a, b) =>
      CLAIM_ORDER.indexOf(a.kind) - CLAIM_ORDER.indexOf(b.kind) ||
      b.root.pushedAt - a.root.pushedAt ||
      (a.root.digest < b.root.digest ? -1 : 1),
  )
}
