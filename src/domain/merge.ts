import type { Digest } from './digest.ts'
import { bounded, type Memory, type RepositoryMemory, type RootMemory } from './memory.ts'
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
  const tagged = new Set(earlier.tags.values())
  const roots = new Map<Digest, RootMemory>()
  for (const [digest, record] of later.roots) {
    const wasTagged = tagged.has(digest) ? earlier.seenAt : undefined
    roots.set(digest, mergedRecord(record, earlier.roots.get(digest), wasTagged))
  }
  return { ...later, since: Math.min(earlier.since, later.since), roots }
}

/** The earlier look saw it as nobody's for longer, or saw a tag on it when this record says that it had none. */
function mergedRecord(
  record: RootMemory,
  other: RootMemory | undefined,
  taggedAt: Instant | undefined,
): RootMemory {
  if (taggedAt !== undefined && record.since <= taggedAt)
    return { ...record, since: taggedAt, quietSince: Math.max(record.quietSince, taggedAt), seenLive: true }
  if (other?.kind !== record.kind) return record
  const wasInUse = record.seenLive && !other.seenLive
  const since = wasInUse ? record.since : Math.min(record.since, other.since)
  return { ...record, since, quietSince: Math.max(record.quietSince, other.quietSince) }
}
