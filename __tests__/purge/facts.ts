import type { Manifest } from '../../emulator/state/manifest.ts'
import type { Repository } from '../../emulator/state/repository.ts'
import { isLocked } from '../../emulator/state/attributes.ts'
import { kindOf } from '../../src/domain/media-type.ts'
import type { Thing } from '../domain/needed.ts'

/** Counts what happens in a world; time stands still in between. */
type Version = number

/** The answers of one look: when each was taken. */
export interface Look {
  /** What was true before the first answer can be known to the whole look. */
  begin: Version
  readonly metadata: Map<string, Version>
  readonly tags: Map<string, Version>
  /** Of the first page of the newest. */
  newest: Version
}

export function newLook(): Look {
  return { begin: 0, metadata: new Map(), tags: new Map(), newest: 0 }
}

/** Since when each thing that can be asked about a repository has been true without interruption. */
export class Facts {
  #since = new Map<string, Version>()

  /** To be called after everything that happens. */
  observe(repository: Repository | undefined, version: Version): void {
    const now = new Map<string, Version>()
    for (const fact of factsOf(repository)) now.set(fact, this.#since.get(fact) ?? version)
    this.#since = now
  }

  isSince(fact: string, version: Version): boolean {
    return (this.#since.get(fact) ?? Infinity) <= version
  }
}

function* factsOf(repository: Repository | undefined): Generator<string> {
  for (const manifest of repository?.manifests.values() ?? []) {
    const { digest, attributes, tags } = manifest
    yield pushed(manifest)
    if (isLocked(attributes)) yield locked(digest)
    else if (tags === undefined) yield bare(digest)
    yield listed(digest, repository)
    if (!attributes.readEnabled) yield unreadable(digest)
    for (const name of tags ?? []) {
      yield tagged(digest, name)
      const tag = repository?.tags.get(name)
      if (tag !== undefined && isLocked(tag.attributes)) yield lockedTag(digest, name)
    }
  }
}

const bare = (digest: string): string => `${digest} bare`
const listed = (digest: string, repository: Repository | undefined): string =>
  `${digest} listed by ${(repository?.parentsOf(digest) ?? []).map((index) => index.digest).join()}`
const pushed = ({ digest, updatedAt }: Manifest): string => `${digest} pushed ${updatedAt}`
const locked = (digest: string): string => `${digest} locked`
const unreadable = (digest: string): string => `${digest} unreadable`
const tagged = (digest: string, name: string): string => `${digest} tagged ${name}`
const lockedTag = (digest: string, name: string): string => `${digest} tagged locked ${name}`

export interface Moment {
  readonly repository: Repository
  /** What is about to be deleted, with what refers to it. */
  readonly doomed: ReadonlySet<string>
  readonly facts: Facts
  /** The last one before this moment. */
  readonly look: Look
  readonly pins: ReadonlySet<string>
  /** When the run began. */
  readonly start: Version
  /** The same in milliseconds since 1970, and what is too old to be in flight. */
  readonly began: number
  readonly inFlightSince: number
}

/**
 * What is there, as far as a look could know it: what was true before its first answer, and what an answer that concerns it
 * has shown. What came later came into the window that cannot be closed.
 */
export function knowable(moment: Moment): readonly Thing[] {
  const { repository, facts, look, began } = moment
  const things = [...repository.manifests.values()].flatMap((manifest): readonly Thing[] => {
    const { digest } = manifest
    const seen = Math.max(look.begin, look.metadata.get(digest) ?? 0)
    const isNews = millisecondsOf(manifest) >= began && facts.isSince(pushed(manifest), look.newest)
    const listed = isNews ? look.newest : 0
    // One that is pushed again while the newest are listed moves between the pages.
    if (!facts.isSince(pushed(manifest), Math.max(seen, listed))) return []
    const shownTags = look.tags.get(digest) ?? look.metadata.get(digest) ?? 0
    const seenTags = Math.max(look.begin, shownTags)
    // Nobody finds a digest tag that came to an old manifest, but who is about to delete this one and looks at it.
    const seenEdges = Math.max(moment.start, moment.doomed.has(digest) ? shownTags : listed)
    const tags = [...(manifest.tags ?? [])].filter((name) =>
      facts.isSince(tagged(digest, name), name.startsWith('sha256-') ? seenEdges : seenTags),
    )
    const hasLockedTag = tags.some((name) => facts.isSince(lockedTag(digest, name), seenTags))
    return [
      {
        digest,
        tags,
        children: (manifest.children ?? []).map((child) => child.digest),
        subject: manifest.subject,
        locked: facts.isSince(locked(digest), seen) || hasLockedTag,
        stays: staysAnyway(manifest, moment, seen),
        pinned: moment.pins.has(digest),
      },
    ]
  })
  const known = new Set(things.map(({ digest }) => digest))
  return things.map((thing) => ({ ...thing, children: thing.children.filter((child) => known.has(child)) }))
}

/** Whether a look could have known that nothing but indexes holds a manifest, and which. */
export function isKnownLoose(digest: string, { repository, facts, look }: Moment): boolean {
  const seen = Math.max(look.begin, look.metadata.get(digest) ?? 0)
  return facts.isSince(bare(digest), seen) && facts.isSince(listed(digest, repository), look.begin)
}

function staysAnyway(manifest: Manifest, { facts, inFlightSince }: Moment, seen: Version): boolean {
  const inFlight = millisecondsOf(manifest) > inFlightSince && facts.isSince(pushed(manifest), seen)
  const closed = facts.isSince(unreadable(manifest.digest), seen)
  return inFlight || closed || kindOf(manifest.mediaType) === 'unknown'
}

export function millisecondsOf({ createdAt, updatedAt }: Manifest): number {
  return Number((createdAt > updatedAt ? createdAt : updatedAt) / 10_000n)
}
