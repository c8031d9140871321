import { ageOf } from '../../src/domain/age.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { emptyMemory, type Memory } from '../../src/domain/memory.ts'
import { merged } from '../../src/domain/merge.ts'
import type { Manifest } from '../../src/domain/snapshot.ts'
import type { Finding } from '../../src/domain/survey.ts'
import { decodeMemory, encodeMemory } from '../../src/memory/codec.ts'
import { Repository, TAGS_SHOWN, type Day, type Look, type Sight } from './days.ts'
import { HOST } from './memories.ts'

/** A state, and beside it what the runs that led to it saw, kept without any code of the action. */
export interface Known {
  readonly memory: Memory
  /** When a run last saw a manifest in use, in time that really went by. */
  readonly liveAt: ReadonlyMap<Digest, number>
  /** When a run first looked at the repository; undefined when none did. */
  readonly since: number | undefined
  /** As the last look left it. */
  readonly last: Sight | undefined
  /** What a gate took for the age of each root then. */
  readonly ages: ReadonlyMap<Digest, number>
  /** Since when each root was seen with the same parts in every run, by the clock. */
  readonly still: ReadonlyMap<Digest, number>
  readonly tags: ReadonlyMap<string, Digest>
  readonly churn: { readonly times: ReadonlyMap<string, number>; readonly bytes: number }
  /** Pushes that a run saw tagged, or listed by something tagged. */
  readonly complete: ReadonlySet<string>
}

const NOTHING: Known = {
  memory: emptyMemory(HOST),
  liveAt: new Map(),
  since: undefined,
  last: undefined,
  ages: new Map(),
  still: new Map(),
  tags: new Map(),
  churn: { times: new Map(), bytes: 0 },
  complete: new Set(),
}

/** What a clock that did not go back leaves of it. */
function believed(known: Known, now: number): Known {
  if (known.last !== undefined && known.last.now <= now) return known
  const { since, last, ages, still, tags } = NOTHING
  return { ...known, since, last, ages, still, tags }
}

function learn(before: Known, { real, found, left, memory }: Look): Known {
  const complete = new Set([...before.complete, ...completeIn(found), ...completeIn(left)])
  const liveAt = new Map(before.liveAt)
  for (const [digest, { kind }] of [...found.verdicts, ...left.verdicts])
    if (kind === 'live') liveAt.set(digest, real)
  if (left.snapshot.manifests.size === 0) return { ...NOTHING, memory, liveAt, complete }
  return {
    memory,
    liveAt,
    since: before.since ?? real,
    last: left,
    ages: new Map(left.survey.findings.map((each) => [each.root.digest, ageOf(each, left.now).length])),
    still: stillIn(left, before),
    tags: tagsIn(left, before.tags),
    churn: churnAfter(before, found),
    complete,
  }
}

/** What two runs that began with one state know together. */
function together(first: Known, second: Known): Known {
  const memory = merged(second.memory, first.memory)
  const liveAt = new Map(second.liveAt)
  for (const [digest, at] of first.liveAt) liveAt.set(digest, Math.max(at, liveAt.get(digest) ?? at))
  const complete = first.complete.union(second.complete)
  const sinces = [first.since, second.since].filter((since) => since !== undefined)
  const since = sinces.length > 0 ? Math.min(...sinces) : undefined
  const common = { memory, liveAt, complete, since }
  if (second.last === undefined) return { ...first, ...common }
  const ages = new Map(second.ages)
  for (const digest of ages.keys()) if (isLive(first.last, digest)) ages.delete(digest)
  // Together they may take a while longer to be sure.
  return { ...second, ages, still: NOTHING.still, ...common }
}

function stored(known: Known): Known {
  return { ...known, memory: decodeMemory(encodeMemory(known.memory), HOST) }
}

export function isOrdinary(tag: string): boolean {
  return !tag.startsWith('sha256-')
}

export function isLive(sight: Sight | undefined, digest: Digest): boolean {
  return sight?.verdicts.get(digest)?.kind === 'live'
}

export function rootIn(sight: Sight | undefined, digest: Digest): Finding | undefined {
  return sight?.survey.findings.find(({ root }) => root.digest === digest)
}

export function stillIn(sight: Sight, { last, still }: Known): Known['still'] {
  return new Map(
    sight.survey.findings.map(({ root: { digest }, kind, manifests }) => {
      const was = rootIn(last, digest)
      const isSame =
        was?.kind === kind && new Set(was.manifests).symmetricDifference(new Set(manifests)).size === 0
      return [digest, (isSame ? still.get(digest) : undefined) ?? sight.now]
    }),
  )
}

export function pushOf({ digest, pushedAt }: Manifest): string {
  return `${digest} ${pushedAt}`
}

function completeIn({ snapshot: { manifests, documents } }: Sight): ReadonlySet<string> {
  const tagged = manifests.values().filter(({ tags }) => tags.some(isOrdinary))
  const reached = new Set(tagged.map(({ digest }) => digest))
  for (const digest of reached)
    for (const entry of documents.get(digest)?.entries ?? []) reached.add(entry.digest)
  return new Set([...manifests.values()].filter(({ digest }) => reached.has(digest)).map(pushOf))
}

/** A tag that is not shown is where it was, when the list there is as long as the service shows lists. */
function tagsIn({ snapshot: { manifests } }: Sight, before: Known['tags']): Known['tags'] {
  const tags = new Map<string, Digest>()
  for (const manifest of manifests.values())
    for (const tag of manifest.tags.filter(isOrdinary)) tags.set(tag, manifest.digest)
  const cut = [...before].filter(([, holder]) => manifests.get(holder)?.tags.length === TAGS_SHOWN)
  return new Map([...cut, ...tags])
}

function churnAfter({ tags, churn }: Known, found: Sight): Known['churn'] {
  const now = tagsIn(found, tags)
  const moved = [...tags].filter(([tag, digest]) => (now.get(tag) ?? digest) !== digest)
  const left = found.survey.findings.filter(
    ({ root, kind }) => kind === 'orphan' && moved.some(([, digest]) => digest === root.digest),
  )
  const times = new Map(churn.times)
  for (const [tag] of moved) times.set(tag, (times.get(tag) ?? 0) + 1)
  return { times, bytes: left.reduce((sum, { size }) => sum + size, churn.bytes) }
}

/** One run: what it saw, what the runs before it knew, and what the next one will. */
interface Moment {
  readonly look: Look
  readonly before: Known
  readonly after: Known
}

/** @returns to how many things the rule applied */
export type Check = (moment: Moment) => number

export function live(lived: readonly Day[], check: Check): number {
  const repository = new Repository()
  const states: Known[] = []
  let checked = 0
  const pass = ({ events, wait }: Pick<Day, 'events' | 'wait'>): void => {
    for (const event of events) repository.happens(event)
    repository.pass(wait)
  }
  const run = (from: Known, purges: number): Known => {
    const look = repository.run(from.memory, purges)
    const before = believed(from, look.found.now)
    const after = learn(before, look)
    checked += check({ look, before, after })
    return after
  }
  for (const day of lived) {
    pass(day)
    repository.pass(0, day.back)
    const from = states.at(-1 - day.from) ?? NOTHING
    let state = run(from, day.purges)
    if (day.other !== undefined) {
      pass(day.other)
      state = together(state, run(from, day.purges))
    }
    states.push(day.stored ? stored(state) : state)
  }
  return checked
}
