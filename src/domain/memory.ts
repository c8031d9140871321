import type { Bytes } from './bytes.ts'
import type { Digest } from './digest.ts'
import type { Origin } from './origin.ts'
import type { Document, Instant } from './snapshot.ts'
import type { Trends } from './trend.ts'
import type { GroupKind } from './verdict.ts'

/** What earlier runs saw of a registry. Nothing in it says what is there now. */
export interface Memory {
  readonly host: string
  readonly repositories: ReadonlyMap<string, RepositoryMemory>
  readonly trends: Trends
}

/** What earlier runs saw of one repository. */
export interface RepositoryMemory {
  /** When a run first looked at it, by the registry's clock. */
  readonly since: Instant
  /** When a run last looked at it. */
  readonly seenAt: Instant
  /** What manifests say about others. A digest stands for the same bytes for ever, so this cannot change. */
  readonly documents: ReadonlyMap<Digest, Document>
  /** Where each ordinary tag pointed at `seenAt`. */
  readonly tags: ReadonlyMap<string, Digest>
  /** The roots of all groups as of `seenAt`: what was nobody's then. */
  readonly roots: ReadonlyMap<Digest, RootMemory>
  /** Tags that were overwritten since `since`. */
  readonly churn: ReadonlyMap<string, Churn>
  /** What roots say about where they come from, as far as it was read. */
  readonly origins: ReadonlyMap<Digest, Origin>
}

/** What earlier runs saw of a manifest that was nobody's at the last look. */
export interface RootMemory {
  readonly kind: GroupKind
  /** The first run that saw it so. */
  readonly since: Instant
  /** Since when nothing that belongs to it was seen in use; no earlier than `since`. */
  readonly quietSince: Instant
  /** A run saw it in use before. */
  readonly seenLive: boolean
  readonly formerly: FormerTags | undefined
}

/** The tags that a run saw on a manifest before it lost them. */
export interface FormerTags {
  readonly names: readonly string[]
  /** The last run that saw them there. */
  readonly lastSeen: Instant
  /** When what the first of them points at instead was pushed; undefined when the tag was removed, or merely moved. */
  readonly replacedAt: Instant | undefined
}

/** What overwriting one tag came to. */
export interface Churn {
  /** Runs that found it on another manifest than the run before. */
  readonly times: number
  /** Size of the orphans that it left, an upper bound. */
  readonly bytes: Bytes
  readonly last: Instant
}

/**
 * More documents and roots than this are not kept: those of repositories that no run looked at for the longest time go
 * first.
 */
export const MOST_REMEMBERED = 500_000

export function emptyMemory(host: string): Memory {
  return { host, repositories: new Map(), trends: new Map() }
}

/** Keeps the repositories that were looked at last, as many as there is room for. */
export function bounded(
  repositories: ReadonlyMap<string, RepositoryMemory>,
): ReadonlyMap<string, RepositoryMemory> {
  const newest = [...repositories].toSorted(([, a], [, b]) => b.seenAt - a.seenAt)
  let room = MOST_REMEMBERED
  return new Map(newest.filter(([, { documents, roots }]) => (room -= documents.size + roots.size) >= 0))
}
