import { subjectOfDigestTag, type Digest } from './digest.ts'
import { isManifestType } from './media-type.ts'
import type { Document, Manifest } from './snapshot.ts'

/** Who needs whom in one repository. Every digest in the four maps is held by the repository. */
export interface Graph {
  /** Index → its children. */
  readonly children: ReadonlyMap<Digest, readonly Digest[]>
  /** Child → the indexes that list it. */
  readonly parents: ReadonlyMap<Digest, readonly Digest[]>
  /** Subject → its referrers, by `subject` or by digest tag. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>
  /** Referrer → its subjects. */
  readonly subjects: ReadonlyMap<Digest, readonly Digest[]>
  /** Index → children that the repository does not hold. */
  readonly absentChildren: ReadonlyMap<Digest, readonly Digest[]>
  /** Referrer → its `subject`, which the repository does not hold. */
  readonly absentSubject: ReadonlyMap<Digest, Digest>
  /** Manifest → the digest tag whose subject the repository does not hold. */
  readonly absentTagSubject: ReadonlyMap<Digest, string>
}

interface Held {
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly documents: ReadonlyMap<Digest, Document>
  /** Listed as manifests, but gone. */
  readonly vanished: ReadonlySet<Digest>
}

/**
 * Builds the edges of a repository. A descriptor is a child when its digest is, or was, held as a manifest, or when its
 * type is a manifest type; old BuildKit caches list layers in an index, and those are neither.
 */
export function buildGraph({ manifests, documents, vanished }: Held): Graph {
  const children = new Map<Digest, Digest[]>()
  const parents = new Map<Digest, Digest[]>()
  const referrers = new Map<Digest, Digest[]>()
  const subjects = new Map<Digest, Digest[]>()
  const absentChildren = new Map<Digest, Digest[]>()
  const absentSubject = new Map<Digest, Digest>()
  const absentTagSubject = new Map<Digest, string>()

  const refer = (from: Digest, to: Digest): void => {
    // A manifest that refers to itself needs nobody, and a digest tag may repeat what `subject` says.
    if (from === to || subjects.get(from)?.includes(to) === true) return
    append(subjects, from, to)
    append(referrers, to, from)
  }

  for (const { digest, tags } of manifests.values()) {
    for (const tag of tags) {
      const subject = subjectOfDigestTag(tag)
      if (subject === undefined) continue
      if (manifests.has(subject)) refer(digest, subject)
      else absentTagSubject.set(digest, tag)
    }
  }
  for (const [from, document] of documents) {
    const seen = new Set([from])
    for (const { digest, mediaType } of document.entries) {
      if (seen.has(digest)) continue
      seen.add(digest)
      if (manifests.has(digest)) {
        append(children, from, digest)
        append(parents, digest, from)
      } else if (isManifestType(mediaType) || vanished.has(digest)) append(absentChildren, from, digest)
    }
    if (document.subject === undefined) continue
    if (manifests.has(document.subject)) refer(from, document.subject)
    else absentSubject.set(from, document.subject)
  }
  return { children, parents, referrers, subjects, absentChildren, absentSubject, absentTagSubject }
}

function append(map: Map<Digest, Digest[]>, key: Digest, value: Digest): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** One step of a closure: who was reached, from whom, and how. */
export interface Reach {
  readonly digest: Digest
  readonly from: Digest
  readonly edge: 'child-of' | 'referrer-of'
}

/** What a manifest takes along: its children and its referrers, one step down. */
export function* dependants(graph: Graph, from: Digest): Generator<Reach> {
  for (const digest of graph.children.get(from) ?? []) yield { digest, from, edge: 'child-of' }
  for (const digest of graph.referrers.get(from) ?? []) yield { digest, from, edge: 'referrer-of' }
}

/**
 * Everything that the starting points take along, at any depth, each once and in the order it is met.
 *
 * @param enter decides whether a manifest that was reached is taken, and so followed further
 */
export function* closure(
  graph: Graph,
  start: Iterable<Digest>,
  enter: (reach: Reach) => boolean,
): Generator<Reach> {
  // An explicit stack: nesting has no limit, and an index may list thousands.
  const waiting = [...start]
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const reach of dependants(graph, from)) {
      if (!enter(reach)) continue
      yield reach
      waiting.push(reach.digest)
    }
  }
}
