import type { Classification } from './classify.ts'
import type { Digest } from './digest.ts'
import type { Graph } from './graph.ts'
import type { Manifest } from './snapshot.ts'
import type { Finding } from './survey.ts'
import { isKept, type Group } from './verdict.ts'

interface Context {
  readonly graph: Graph
  readonly classification: Classification
}

/** The newest so many, by the time of the push; which of two was pushed first does not change with the order of a list. */
export function newestOrphans(groups: readonly Group[], count: number): ReadonlySet<Group> {
  const orphans = groups.filter(({ kind }) => kind === 'orphan')
  if (count === 0) return new Set()
  const newest = orphans.toSorted(
    ({ root: a }, { root: b }) => b.pushedAt - a.pushedAt || (a.digest < b.digest ? -1 : 1),
  )
  return new Set(newest.slice(0, count))
}

/** A group with what is to be said about it. */
export function findingOf(
  repository: string,
  group: Group,
  { graph, classification, kept, observed }: Context & Pick<Finding, 'kept' | 'observed'>,
): Finding {
  const { kind, root, because, manifests } = group
  const images = root.kind !== 'index' && manifests.length === 1 ? manifests : manifests.filter(isImage)
  return {
    kind,
    repository,
    root,
    because,
    manifests: manifests.map(({ digest }) => digest),
    size: images.reduce((sum, { size }) => sum + (size ?? 0), 0),
    unsized: images.filter(({ size }) => size === undefined).length,
    platforms: platformsOf(images),
    heldBy: holder(group, { graph, classification }),
    kept,
    observed,
  }
}

function isImage({ kind }: Manifest): boolean {
  return kind !== 'index'
}

const alone = new Map<string, readonly string[]>()

/** Sorted, each once. Images of one platform share one list: there are few platforms and many images. */
function platformsOf(images: readonly Manifest[]): readonly string[] {
  const [first] = images
  if (images.length !== 1 || first?.platform === undefined)
    return [...new Set(images.flatMap(({ platform }) => platform ?? []))].sort()
  const known = alone.get(first.platform) ?? [first.platform]
  if (alone.size < 100) alone.set(first.platform, known)
  return known
}

/**
 * A referrer that something keeps, at any depth: the registry deletes referrers along with their subject, those that
 * belong to another group included.
 */
function holder({ manifests }: Group, { graph, classification }: Context): Digest | undefined {
  const waiting = manifests.map(({ digest }) => digest)
  const seen = new Set(waiting)
  for (let subject = waiting.pop(); subject !== undefined; subject = waiting.pop()) {
    for (const referrer of graph.referrers.get(subject) ?? []) {
      if (isKept(classification.verdicts.get(referrer))) return referrer
      if (seen.has(referrer)) continue
      seen.add(referrer)
      waiting.push(referrer)
    }
  }
  return undefined
}
