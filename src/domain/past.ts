import { subjectOfDigestTag, type Digest } from './digest.ts'
import type { FormerTags, Memory, RepositoryMemory, RootMemory } from './memory.ts'
import { TAGS_SHOWN, type Instant, type Manifest } from './snapshot.ts'
import type { Group, GroupKind } from './verdict.ts'

/** What this run and earlier ones know of how long a group has been nobody's. */
export interface Observation extends RootMemory {
  /** No earlier run saw it so. */
  readonly isNew: boolean
}

const MOST_FORMER_TAGS = 5

/** What earlier runs saw of one repository, ready to be asked about what is there now. */
export class Past {
  readonly #memory: RepositoryMemory | undefined
  readonly #lastLook: Instant
  readonly #now: Instant
  readonly #shared = new Map<string, Observation>()
  #tagged: ReadonlyMap<Digest, readonly string[]> | undefined
  #live: ReadonlySet<Digest> | undefined
  #belonged: ReadonlyMap<Digest, RootMemory> | undefined

  /** @param now the registry's time */
  constructor(memory: Memory, repository: string, now: Instant) {
    const known = memory.repositories.get(repository)
    // Looked at in the future: the clock went back since, and no time in it means anything.
    this.#memory = known !== undefined && known.seenAt <= now ? known : undefined
    this.#lastLook = lastLookOf(memory)
    this.#now = now
  }

  /** Undefined when no earlier run looked at the repository, as far as can be told. */
  get memory(): RepositoryMemory | undefined {
    return this.#memory
  }

  /**
   * When a run last saw an ordinary tag on a manifest: what was tagged is a push that came to its end.
   *
   * @returns undefined when none did
   */
  taggedAt(digest: Digest): Instant | undefined {
    if (this.#memory === undefined) return undefined
    return this.#tagsOf(digest) === undefined
      ? this.#memory.roots.get(digest)?.formerly?.lastSeen
      : this.#memory.seenAt
  }

  /** Since when a group has been nobody's: since this run when no earlier one saw it so. */
  observe({ kind, root, manifests }: Group, now: Present): Observation {
    // What was there before the first look at a repository may have lain there for years.
    if (this.#memory === undefined)
      return this.#shareable({ ...this.#fromNow(kind), isNew: root.pushedAt > this.#lastLook })
    const wasLive = this.#wasLive(root.digest)
    const last = this.#memory.roots.get(root.digest) ?? this.#inherited(root)
    const known = last?.kind === kind && last.quietSince <= this.#now ? last : undefined
    const observation = {
      ...(known ?? { ...this.#fromNow(kind), seenLive: wasLive }),
      isNew: known === undefined,
      formerly: last?.formerly ?? this.#formerTags(root.digest, now),
    }
    // A part that was in use, or part of something younger, is nobody's for no longer than that, whatever its root is.
    const parts = manifests.length > 1 ? manifests.map((part) => this.#quietSince(part)) : []
    return this.#shareable({ ...observation, quietSince: Math.max(observation.quietSince, ...parts) })
  }

  /** What a part alone says; nothing, when no run saw it before. */
  #quietSince({ digest }: Manifest): Instant {
    if (this.#wasLive(digest)) return this.#now
    const record = this.#memory?.roots.get(digest) ?? this.#belongedTo(digest)
    return Math.min(record?.quietSince ?? -Infinity, this.#now)
  }

  /** The record of what a manifest was a part of: not when it was in use besides, nor when it was pushed since. */
  #inherited({ digest, pushedAt }: Manifest): RootMemory | undefined {
    const isOlder = pushedAt <= (this.#memory?.seenAt ?? -Infinity)
    return isOlder && !this.#wasLive(digest) ? this.#belongedTo(digest) : undefined
  }

  #fromNow(kind: GroupKind): Observation {
    return {
      kind,
      since: this.#now,
      quietSince: this.#now,
      seenLive: false,
      isNew: true,
      formerly: undefined,
    }
  }

  /** One object for the hundred thousand that are the same. */
  #shareable(observation: Observation): Observation {
    const { kind, since, quietSince, seenLive, isNew, formerly } = observation
    if (formerly !== undefined) return observation
    const key = `${kind} ${since} ${quietSince} ${seenLive} ${isNew}`
    const known = this.#shared.get(key) ?? observation
    this.#shared.set(key, known)
    return known
  }

  #tagsOf(digest: Digest): readonly string[] | undefined {
    this.#tagged ??= inverted(this.#memory?.tags ?? new Map())
    return this.#tagged.get(digest)
  }

  #formerTags(digest: Digest, { manifests, tags }: Present): FormerTags | undefined {
    const names = this.#tagsOf(digest)?.toSorted()
    const lastSeen = this.#memory?.seenAt
    const [first] = names ?? []
    if (names === undefined || lastSeen === undefined || first === undefined) return undefined
    const holder = tags.get(first)
    const pushedAt = holder === undefined ? undefined : manifests.get(holder)?.pushedAt
    const replacedAt = pushedAt !== undefined && pushedAt > lastSeen ? pushedAt : undefined
    return { names: names.slice(0, MOST_FORMER_TAGS), lastSeen, replacedAt }
  }

  #wasLive(digest: Digest): boolean {
    this.#live ??= this.#memory === undefined ? new Set() : new RememberedEdges(this.#memory).live()
    return this.#live.has(digest)
  }

  /** The record of the group that a manifest was a part of, when its root is gone: of several, the one with the least age. */
  #belongedTo(digest: Digest): RootMemory | undefined {
    this.#belonged ??= this.#memory === undefined ? new Map() : new RememberedEdges(this.#memory).members()
    return this.#belonged.get(digest)
  }
}

/** A repository as it is now. */
interface Present {
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly tags: ReadonlyMap<string, Digest>
}

/** Where each ordinary tag is; those that may have been cut from a long list are taken to be where they were. */
export function tagsIn(
  manifests: ReadonlyMap<Digest, Manifest>,
  before: ReadonlyMap<string, Digest> = new Map(),
): ReadonlyMap<string, Digest> {
  const tags = new Map<string, Digest>()
  for (const { digest, tags: names } of manifests.values())
    for (const name of names) if (subjectOfDigestTag(name) === undefined) tags.set(name, digest)
  for (const [name, digest] of before) {
    const mayBeCut = (manifests.get(digest)?.tags.length ?? 0) >= TAGS_SHOWN
    if (mayBeCut && !tags.has(name)) tags.set(name, digest)
  }
  return tags
}

/** When any repository was last looked at; never, for a state that knows none. */
function lastLookOf({ repositories }: Memory): Instant {
  return repositories.values().reduce((last, { seenAt }) => Math.max(last, seenAt), -Infinity)
}

function inverted(tags: ReadonlyMap<string, Digest>): ReadonlyMap<Digest, readonly string[]> {
  const names = new Map<Digest, string[]>()
  for (const [name, digest] of tags) {
    const known = names.get(digest)
    if (known === undefined) names.set(digest, [name])
    else known.push(name)
  }
  return names
}

/** Who takes whom along, by what earlier runs read. */
export class RememberedEdges {
  readonly #memory: RepositoryMemory
  readonly #referrers = new Map<Digest, Digest[]>()

  constructor(memory: RepositoryMemory) {
    this.#memory = memory
    for (const [digest, { subject }] of memory.documents) {
      if (subject === undefined) continue
      const list = this.#referrers.get(subject)
      if (list === undefined) this.#referrers.set(subject, [digest])
      else list.push(digest)
    }
  }

  /** Tagged, or needed by something tagged, at any depth. What was a root was not, whatever a manifest that is gone listed. */
  live(): ReadonlySet<Digest> {
    const { roots, tags } = this.#memory
    const live = new Set(tags.values())
    const enter = (digest: Digest): boolean =>
      !live.has(digest) && !roots.has(digest) && live.add(digest) === live
    this.#follow([...live], enter)
    return live
  }

  /** Everything that a root takes along, itself included. */
  partsOf(root: Digest): ReadonlySet<Digest> {
    const parts = new Set([root])
    this.#follow([root], (digest) => !parts.has(digest) && parts.add(digest) === parts)
    return parts
  }

  /** What belonged to each root, with its record; of several, the one of the least age. */
  members(): ReadonlyMap<Digest, RootMemory> {
    const members = new Map<Digest, RootMemory>()
    for (const [root, record] of this.#memory.roots) {
      this.#follow([root], (digest) => {
        const age = members.get(digest)?.quietSince ?? -Infinity
        if (age >= record.quietSince) return false
        members.set(digest, record)
        return true
      })
    }
    return members
  }

  /** Follows the edges from the starting points through all that `enter` lets in; it must let in nothing twice for ever. */
  #follow(start: Digest[], enter: (digest: Digest) => boolean): void {
    for (let from = start.pop(); from !== undefined; from = start.pop()) {
      for (const { digest } of this.#memory.documents.get(from)?.entries ?? [])
        if (enter(digest)) start.push(digest)
      for (const digest of this.#referrers.get(from) ?? []) if (enter(digest)) start.push(digest)
    }
  }
}
