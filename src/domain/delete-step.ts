import type { Bytes } from './bytes.ts'
import type { Digest } from './digest.ts'
import { closure, dependants, type Graph } from './graph.ts'
import type { Manifest, Snapshot } from './snapshot.ts'
import type { Finding } from './survey.ts'
import type { RootCause, Step, Verdict } from './verdict.ts'

/** One manifest to delete, with all that has to be true of it right before. */
export interface DeleteStep {
  readonly repository: string
  readonly digest: Digest
  /** Root of the group that it belongs to. */
  readonly root: Digest
  /** Why it is to go: the rule for the root, or the manifest that takes it along. */
  readonly because: RootCause | Step | undefined
  /** 0 for an index; undefined when the service gave no size. */
  readonly size: Bytes | undefined
  /** As the scan saw it. */
  readonly expected: Manifest
  /** Everything that refers to it, at any depth: the registry deletes that along with it. */
  readonly referrers: readonly Digest[]
  /** Every index that lists it. */
  readonly listedBy: readonly Digest[]
  /** What it lists and leaves behind, because others need it. */
  readonly leaves: readonly Digest[]
}

interface Known {
  readonly snapshot: Snapshot
  readonly graph: Graph
  readonly verdicts: ReadonlyMap<Digest, Verdict>
}

/**
 * The steps of one group: an index before its children, so that no index is ever without them, and a subject before its
 * referrers, so that it is never without them either.
 */
export function stepsOf(known: Known, finding: Finding, going: ReadonlySet<Digest>): readonly DeleteStep[] {
  const { snapshot, graph, verdicts } = known
  return ordered(graph, going).flatMap((digest): readonly DeleteStep[] => {
    const expected = snapshot.manifests.get(digest)
    if (expected === undefined) return []
    const verdict = verdicts.get(digest)
    return [
      {
        repository: finding.repository,
        digest,
        root: finding.root.digest,
        because: verdict !== undefined && 'root' in verdict ? verdict.because : undefined,
        size: expected.kind === 'index' ? 0 : expected.size,
        expected,
        referrers: referrersOf(graph, digest),
        listedBy: [...(graph.parents.get(digest) ?? [])].sort(),
        leaves: (graph.children.get(digest) ?? []).filter((child) => !going.has(child)),
      },
    ]
  })
}

/** Whoever takes others along comes before them; among equals by digest, so that no listing order matters. */
function ordered(graph: Graph, going: ReadonlySet<Digest>): readonly Digest[] {
  const waitsFor = new Map<Digest, number>([...going].map((digest) => [digest, 0]))
  const leads = (digest: Digest): readonly Digest[] =>
    [...dependants(graph, digest)].map((reach) => reach.digest).filter((to) => going.has(to) && to !== digest)
  for (const digest of going) for (const to of leads(digest)) waitsFor.set(to, (waitsFor.get(to) ?? 0) + 1)
  const order: Digest[] = []
  const left = new Set([...going].sort())
  while (left.size > 0) {
    const ready = [...left].filter((digest) => waitsFor.get(digest) === 0)
    for (const digest of ready.length > 0 ? ready : foremost(graph, left)) {
      left.delete(digest)
      order.push(digest)
      for (const to of leads(digest)) waitsFor.set(to, (waitsFor.get(to) ?? 0) - 1)
    }
  }
  return order
}

/**
 * Where digest tags lead in a circle, everybody in it waits for somebody. Then the first is one that nothing left lists, and
 * that leads to most: whatever is outside of the circle and behind it leads to less.
 */
function foremost(graph: Graph, left: ReadonlySet<Digest>): readonly Digest[] {
  const isListed = (digest: Digest): boolean =>
    graph.parents.get(digest)?.some((index) => left.has(index)) === true
  const reach = (from: Digest): number => {
    const seen = new Set([from])
    const enter = (to: { readonly digest: Digest }): boolean => left.has(to.digest) && !seen.has(to.digest)
    for (const { digest } of closure(graph, [from], enter)) seen.add(digest)
    return seen.size
  }
  const unlisted = [...left].filter((digest) => !isListed(digest))
  const [first] = (unlisted.length > 0 ? unlisted : [...left])
    .map((digest) => ({ digest, reach: reach(digest) }))
    .toSorted((a, b) => b.reach - a.reach)
  return first === undefined ? [] : [first.digest]
}

function referrersOf(graph: Graph, digest: Digest): readonly Digest[] {
  const found = new Set<Digest>(graph.referrers.get(digest))
  for (const referrer of found) for (const next of graph.referrers.get(referrer) ?? []) found.add(next)
  found.delete(digest)
  return [...found].sort()
}
