import type { Digest } from './digest.ts'
import { bounded, type Churn, type Memory, type RepositoryMemory, type RootMemory } from './memory.ts'
import type { Origin } from './origin.ts'
import type { Document, Instant } from './snapshot.ts'
import type { Survey } from './survey.ts'
import { isSameTrend, withPoint, type TrendPoint } from './trend.ts'

/** What this run found out. */
export interface Seen {
  /** Everything that was looked at, as it was before anything was deleted, and as it is now. */
  readonly found: readonly Survey[]
  readonly left: readonly Survey[]
  /** By repository, for each that was read in full: what is known of the manifests that it holds. */
  readonly documents: ReadonlyMap<string, ReadonlyMap<Digest, Document>>
  /** Repositories that the registry does not have any more. */
  readonly absent: readonly string[]
  /** What was read about where orphans come from. */
  readonly origins: ReadonlyMap<Digest, Origin>
  /** The totals, when all was read, and of what. */
  readonly totals: (Omit<TrendPoint, 'at'> & { readonly scope: string }) | undefined
  readonly now: Instant
}

/** Takes over what this run saw; what is not held any more is forgotten, and what could not be read stays as it was. */
export function remember(memory: Memory, seen: Seen): Memory {
  const { found, left, documents, absent, totals, now } = seen
  const after = new Map(memory.repositories)
  for (const repository of absent) after.delete(repository)
  const before = new Map(found.map((survey) => [survey.repository, survey]))
  for (const survey of left) {
    const { repository, manifests, gap } = survey
    const known = documents.get(repository)
    if (gap !== undefined || known === undefined) continue
    if (manifests === 0) after.delete(repository)
    else {
      const was = memory.repositories.get(repository)
      const present = { survey, found: before.get(repository) ?? survey, documents: known }
      after.set(repository, repositoryAfter(was, present, seen))
    }
  }
  const trends =
    totals === undefined
      ? memory.trends
      : withPoint(memory.trends, totals.scope, { at: now, orphans: totals.orphans, bytes: totals.bytes })
  return { host: memory.host, repositories: bounded(after), trends }
}

interface Present {
  readonly survey: Survey
  readonly found: Survey
  readonly documents: RepositoryMemory['documents']
}

function repositoryAfter(
  was: RepositoryMemory | undefined,
  { survey, found, documents }: Present,
  { now, origins }: Seen,
): RepositoryMemory {
  const { findings, tags } = survey
  const roots = new Map<Digest, RootMemory>()
  for (const { root, observed } of findings) if (observed !== undefined) roots.set(root.digest, observed)
  const told = [...(was?.origins ?? []), ...origins].filter(([digest]) => roots.has(digest))
  return {
    // A clock that went back: what was first seen in the future is seen for the first time.
    since: Math.min(was?.since ?? now, now),
    seenAt: now,
    documents: whole(documents),
    tags,
    roots,
    churn: churnAfter(was, found, now),
    origins: new Map(told),
  }
}

/** What was known in part is read again. */
function whole(documents: RepositoryMemory['documents']): RepositoryMemory['documents'] {
  const isPartial = ({ partial }: Document): boolean => partial === true
  if (!documents.values().some(isPartial)) return documents
  return new Map([...documents].filter(([, document]) => !isPartial(document)))
}

const MOST_CHURNING_TAGS = 50

/** Counts the tags that are on another manifest than at the last look, with the size of what they left as orphans. */
function churnAfter(
  was: RepositoryMemory | undefined,
  found: Survey,
  now: Instant,
): ReadonlyMap<string, Churn> {
  if (was === undefined || was.seenAt > now) return was?.churn ?? new Map()
  const churn = new Map(was.churn)
  const orphans = new Map(
    found.findings.filter(({ kind }) => kind === 'orphan').map((finding) => [finding.root.digest, finding]),
  )
  for (const [tag, digest] of was.tags) {
    const holder = found.tags.get(tag)
    if (holder === undefined || holder === digest) continue
    const { times = 0, bytes = 0 } = churn.get(tag) ?? {}
    const orphan = orphans.get(digest)
    // Several tags may leave one manifest together: it is the first one that counts it.
    orphans.delete(digest)
    churn.set(tag, { times: times + 1, bytes: bytes + (orphan?.size ?? 0), last: now })
  }
  const most = [...churn].toSorted(([, a], [, b]) => b.times - a.times || b.last - a.last)
  return new Map(most.slice(0, MOST_CHURNING_TAGS))
}

/** Whether two memories differ in anything but the time of the last look. */
export function isChanged(before: Memory, after: Memory): boolean {
  if (before.repositories.size !== after.repositories.size) return true
  if (!isSameTrend(before.trends, after.trends)) return true
  return after.repositories.entries().some(([repository, memory]) => {
    const known = before.repositories.get(repository)
    return known === undefined || (known !== memory && differs(known, memory))
  })
}

function differs(before: RepositoryMemory, after: RepositoryMemory): boolean {
  return (
    hasOtherKeys(before.documents, after.documents) ||
    hasOtherKeys(before.origins, after.origins) ||
    hasOtherKeys(before.tags, after.tags) ||
    after.tags.entries().some(([tag, digest]) => before.tags.get(tag) !== digest) ||
    hasOtherKeys(before.roots, after.roots) ||
    after.roots.entries().some(([digest, record]) => !isSameRecord(before.roots.get(digest), record))
  )
}

function hasOtherKeys(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): boolean {
  return before.size !== after.size || after.keys().some((key) => !before.has(key))
}

function isSameRecord(before: RootMemory | undefined, after: RootMemory): boolean {
  return (
    before?.kind === after.kind &&
    before.since === after.since &&
    before.quietSince === after.quietSince &&
    before.seenLive === after.seenLive &&
    (before.formerly === undefined) === (after.formerly === undefined)
  )
}
