import type { Digest } from './digest.ts'
import { bounded, type Memory, type RepositoryMemory, type RootMemory } from './memory.ts'
import { RememberedEdges } from './past.ts'
import type { Instant } from './snapshot.ts'

/**
 * Two runs at once each know something that the other does not. Of each repository stands what the later look saw; no record
 * may say more than both of them support.
 *
 * @param other undefined when nobody else kept anything
 */
export function merged(ours: Memory, other: Memory | undefined): Memory {
  if (other === undefined) return ours
  const repositories = new Map(ours.repositories)
  for (const [name, theirs] of other.repositories) {
    const own = repositories.get(name)
    repositories.set(name, own === undefined ? theirs : mergedRepository(own, theirs))
  }
  const trends = new Map([...other.trends, ...ours.trends])
  return { host: ours.host, repositories: bounded(repositories), trends }
}

function mergedRepository(ours: RepositoryMemory, theirs: RepositoryMemory): RepositoryMemory {
  const [earlier, later] = ours.seenAt < theirs.seenAt ? [ours, theirs] : [theirs, ours]
  const live = new RememberedEdges(earlier).live()
  const edges = new RememberedEdges(later)
  const roots = new Map<Digest, RootMemory>()
  for (const [digest, record] of later.roots) {
    const liveAt = live.has(digest) ? earlier.seenAt : undefined
    const own = mergedRecord(record, earlier.roots.get(digest), liveAt)
    const isUsed = live.size > 0 && edges.partsOf(digest).intersection(live).size > 0
    roots.set(digest, isUsed ? { ...own, quietSince: Math.max(own.quietSince, earlier.seenAt) } : own)
  }
  return { ...later, since: Math.min(earlier.since, later.since), roots }
}

/** The earlier look saw it as nobody's for longer, or in use when this record says that it was nobody's. */
function mergedRecord(
  record: RootMemory,
  other: RootMemory | undefined,
  liveAt: Instant | undefined,
): RootMemory {
  if (liveAt !== undefined && record.since <= liveAt)
    return { ...record, since: liveAt, quietSince: Math.max(record.quietSince, liveAt), seenLive: true }
  if (other?.kind !== record.kind) return record
  const wasInUse = record.seenLive && !other.seenLive
  const since = wasInUse ? record.since : Math.min(record.since, other.since)
  return { ...record, since, quietSince: Math.max(record.quietSince, other.quietSince) }
}
