import { mediaTypes } from '../emulator/state/media-types.ts'

/** As much of a manifest as says whether it has to be read. */
export interface HeldManifest {
  readonly digest: string
  readonly mediaType: string
  readonly tagged: boolean
  readonly children: readonly string[]
}

/** What there is to read in a picture, and to find. */
export interface Contents {
  readonly repositories: number
  readonly manifests: number
  readonly listPages: number
  readonly indexes: number
  /** Untagged manifests that may name a subject, and that no tagged index keeps anyway. */
  readonly candidates: number
  /** Untagged manifests that nothing keeps and no other manifest lists. */
  readonly orphans: number
}

/** The service gives no more per page (Azure/acr#749). */
const PAGE_SIZE = 1000

const INDEXES: ReadonlySet<string> = new Set([mediaTypes.ociIndex, mediaTypes.dockerList])
const MAY_HAVE_SUBJECT: ReadonlySet<string> = new Set([
  mediaTypes.ociManifest,
  mediaTypes.ociArtifact,
  mediaTypes.orasArtifact,
])

/** Counts a picture, repository by repository. Told from the picture itself, so that no number here can go stale. */
export function contentsOf(repositories: Iterable<Iterable<HeldManifest>>): Contents {
  let total: Contents = {
    repositories: 0,
    manifests: 0,
    listPages: 0,
    indexes: 0,
    candidates: 0,
    orphans: 0,
  }
  for (const manifests of repositories) total = sum(total, contentsOfOne([...manifests]))
  return total
}

function contentsOfOne(manifests: readonly HeldManifest[]): Contents {
  const kept = keptByTags(manifests)
  const listed = new Set(manifests.flatMap(({ children }) => children))
  const free = manifests.filter(({ digest }) => !kept.has(digest))
  return {
    repositories: 1,
    manifests: manifests.length,
    listPages: pages(manifests.length),
    indexes: manifests.filter(({ mediaType }) => INDEXES.has(mediaType)).length,
    candidates: free.filter(({ mediaType }) => MAY_HAVE_SUBJECT.has(mediaType)).length,
    orphans: free.filter(({ digest }) => !listed.has(digest)).length,
  }
}

/** Tagged manifests and what their indexes list, at any depth. */
function keptByTags(manifests: readonly HeldManifest[]): ReadonlySet<string> {
  const children = new Map(manifests.map((manifest) => [manifest.digest, manifest.children]))
  const waiting = manifests.filter(({ tagged }) => tagged).map(({ digest }) => digest)
  const kept = new Set<string>()
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (kept.has(digest)) continue
    kept.add(digest)
    waiting.push(...(children.get(digest) ?? []))
  }
  return kept
}

function sum(a: Contents, b: Contents): Contents {
  const keys = Object.keys(a) as (keyof Contents)[]
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as Contents
}

/** What a run does besides reading everything once. */
export interface Job {
  /** The repositories are not named, so the catalog has to tell them. */
  readonly discovers: boolean
  /** Remembers the manifests of an earlier run, which never change. */
  readonly remembers: boolean
  readonly deletes: boolean
}

/** Requests without which no client can know what the verdicts depend on. */
export interface LowerBound {
  readonly tokens: number
  readonly reads: number
  readonly deletes: number
  readonly total: number
}

export function lowerBound(contents: Contents, { discovers, remembers, deletes: purges }: Job): LowerBound {
  // One token holds for the catalog, all repositories and an hour, where the registry honours wildcards.
  const tokens = 1
  const catalogPages = discovers ? pages(contents.repositories) : 0
  const documents = remembers ? 0 : contents.indexes + contents.candidates
  const reads = catalogPages + contents.listPages + documents
  const deletes = purges ? contents.orphans : 0
  return { tokens, reads, deletes, total: tokens + reads + deletes }
}

/** An empty list is a page too. */
function pages(entries: number): number {
  return Math.max(1, Math.ceil(entries / PAGE_SIZE))
}

export interface Pace {
  readonly latencyMs: number
  readonly concurrency: number
  /** The documented limits hold. */
  readonly throttled: boolean
}

/** Of one identity in a minute, Basic and Standard (Microsoft Learn, "Azure Container Registry service tiers"). */
const PER_MINUTE = { reads: 5000, deletes: 500 }

/** How long the bound takes when every slot is always busy and nothing costs time but the latency. */
export function secondsAtBest(bound: LowerBound, { latencyMs, concurrency, throttled }: Pace): number {
  const busy = (bound.total * latencyMs) / 1000 / concurrency
  if (!throttled) return busy
  // A minute begins with its first request, and what it has no room for waits until it is over.
  const waited = (count: number, limit: number): number => 60 * Math.floor(Math.max(0, count - 1) / limit)
  return Math.max(busy, waited(bound.reads, PER_MINUTE.reads), waited(bound.deletes, PER_MINUTE.deletes))
}
