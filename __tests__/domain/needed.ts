/** A manifest as far as others depend on it, without any code of the action: what must survive is decided here anew. */
export interface Thing {
  readonly digest: string
  readonly tags: readonly string[]
  readonly children: readonly string[]
  readonly subject: string | undefined
  readonly locked: boolean
  /** Stays by itself, for another reason than its tags or locks: just pushed, of an unknown type. */
  readonly stays: boolean
  /** Then its subjects stay as well, and all that depends on them. */
  readonly pinned: boolean
}

const DIGEST_TAG = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/** What a manifest refers to, by `subject` and by its digest tags; never itself. */
export function subjectsOf({ digest, tags, subject }: Thing): readonly string[] {
  const tagged = tags.flatMap(
    (tag) =>
      DIGEST_TAG.exec(tag)
        ?.slice(1, 2)
        .map((hex) => `sha256:${hex}`) ?? [],
  )
  return [...tagged, ...(subject === undefined ? [] : [subject])].filter((each) => each !== digest)
}

function isTagged({ tags }: Thing): boolean {
  return tags.some((tag) => !DIGEST_TAG.test(tag))
}

/** Everything that is in use, with its children and referrers at any depth. */
export function keptOf(things: readonly Thing[]): ReadonlySet<string> {
  const pinned = new Set(things.filter((thing) => thing.pinned).map(({ digest }) => digest))
  const held = new Map(things.map((thing) => [thing.digest, thing]))
  for (const digest of pinned) {
    const thing = held.get(digest)
    for (const subject of thing === undefined ? [] : subjectsOf(thing))
      if (held.has(subject)) pinned.add(subject)
  }
  const kept = new Set(
    things
      .filter((thing) => isTagged(thing) || thing.locked || thing.stays || pinned.has(thing.digest))
      .map(({ digest }) => digest),
  )
  addDependants(things, kept)
  return kept
}

/** The same with the subjects of whatever is kept, at any depth: what refers to them would be lost along with them. */
export function neededOf(things: readonly Thing[]): ReadonlySet<string> {
  const needed = new Set(keptOf(things))
  const held = new Map(things.map((thing) => [thing.digest, thing]))
  for (let size = -1; size !== needed.size;) {
    size = needed.size
    for (const digest of needed) {
      const thing = held.get(digest)
      for (const subject of thing === undefined ? [] : subjectsOf(thing))
        if (held.has(subject)) needed.add(subject)
    }
    addDependants(things, needed)
  }
  return needed
}

/** Children and referrers, at any depth. */
export function addDependants(things: readonly Thing[], set: Set<string>): void {
  for (let size = -1; size !== set.size;) {
    size = set.size
    for (const thing of things) {
      if (set.has(thing.digest)) for (const child of thing.children) set.add(child)
      if (subjectsOf(thing).some((subject) => set.has(subject))) set.add(thing.digest)
    }
  }
}
