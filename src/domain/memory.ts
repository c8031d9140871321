import type { Digest } from './digest.ts'
import type { Document, Instant } from './snapshot.ts'

/** What earlier runs saw of a registry. Nothing in it says what is there now. */
export interface Memory {
  readonly host: string
  readonly repositories: ReadonlyMap<string, RepositoryMemory>
}

/** What earlier runs saw of one repository. */
export interface RepositoryMemory {
  /** When a run last looked at it, by the registry's clock. */
  readonly seenAt: Instant
  /** What manifests say about others. A digest stands for the same bytes for ever, so this cannot change. */
  readonly documents: ReadonlyMap<Digest, Document>
}

/** What this run found out. */
export interface Seen {
  /** By repository, for each that was read in full: what is known of the manifests that it holds. */
  readonly seen: ReadonlyMap<string, ReadonlyMap<Digest, Document>>
  /** Repositories that the registry does not have any more. */
  readonly absent: readonly string[]
  readonly now: Instant
}

/** More documents than this are not kept: those of repositories that no run looked at for the longest time go first. */
export const MOST_DOCUMENTS = 500_000

export function emptyMemory(host: string): Memory {
  return { host, repositories: new Map() }
}

/** Takes over what this run saw; what is not held any more is forgotten. */
export function remember({ host, repositories }: Memory, { seen, absent, now }: Seen): Memory {
  const after = new Map(repositories)
  for (const repository of absent) after.delete(repository)
  for (const [repository, documents] of seen) {
    if (documents.size === 0) after.delete(repository)
    else after.set(repository, { seenAt: now, documents })
  }
  return { host, repositories: bounded(after) }
}

/** Whether two memories differ in anything but the time of the last look. */
export function isChanged(before: Memory, after: Memory): boolean {
  if (before.repositories.size !== after.repositories.size) return true
  return after.repositories.entries().some(([repository, { documents }]) => {
    const known = before.repositories.get(repository)?.documents
    return known?.size !== documents.size || documents.keys().some((digest) => !known.has(digest))
  })
}

function bounded(repositories: ReadonlyMap<string, RepositoryMemory>): ReadonlyMap<string, RepositoryMemory> {
  const newest = [...repositories].toSorted(([, a], [, b]) => b.seenAt - a.seenAt)
  let room = MOST_DOCUMENTS
  return new Map(newest.filter(([, { documents }]) => (room -= documents.size) >= 0))
}
