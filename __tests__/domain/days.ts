import fc from 'fast-check'
import { classify } from '../../src/domain/classify.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { DAY, HOUR, MINUTE } from '../../src/domain/duration.ts'
import { buildGraph } from '../../src/domain/graph.ts'
import type { PurgePolicy } from '../../src/domain/lot.ts'
import type { Memory } from '../../src/domain/memory.ts'
import { Past } from '../../src/domain/past.ts'
import { planOf } from '../../src/domain/plan.ts'
import { remember } from '../../src/domain/remember.ts'
import { PLAIN, type Document, type Manifest, type Snapshot } from '../../src/domain/snapshot.ts'
import { surveyOf, type Judgement, type Survey } from '../../src/domain/survey.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import { digestOf, NOW, OCI_IMAGE, OCI_INDEX, POLICY, RULES } from './picture.ts'

export const REPOSITORY = 'app'
export const OLDER_THAN = 3 * DAY
/** Longer than anybody would want, so that runs often meet what was just pushed. */
export const IN_FLIGHT = 5 * HOUR

const PURGE: PurgePolicy = { ...POLICY, olderThan: OLDER_THAN, purgeOrphanedReferrers: true }

/** The service shows no more tags of one manifest. */
export const TAGS_SHOWN = 10

const at = fc.nat({ max: 11 })
const tag = fc.constantFrom('latest', 'main', 'v1', 'v2')

/** What happens to a repository. Numbers stand for manifests that it holds, counted anew when there are fewer. */
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('push' as const),
      tag: fc.option(tag, { nil: undefined }),
      fresh: fc.nat({ max: 2 }),
      listed: fc.array(at, { maxLength: 2 }),
      subject: fc.option(at, { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('tag' as const), tag, on: at }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('untag' as const), tag }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('delete' as const), on: at }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('push-again' as const), on: at }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lock' as const), on: at }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('tag-often' as const), on: at }) },
)

export type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never

const events = fc.array(event, { maxLength: 4 })

const wait = fc.constantFrom(10 * MINUTE, 2 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY)

/** What happens until a run looks, and what the run begins with and does. */
const day = fc.record({
  events,
  wait,
  /** Jumps of the registry's clock, back only. */
  back: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(HOUR, 5 * DAY) },
  ),
  /** The state of how many runs ago; a large number: none. */
  from: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(1, 2, Infinity) },
  ),
  /** How many of the steps of its plan a purge gets done; 0: a run that deletes nothing. */
  purges: fc.constantFrom(0, 0, 1, Infinity),
  /** A second run that begins with the same state, and what happens until it looks. */
  other: fc.option(fc.record({ events, wait }), { nil: undefined, freq: 8 }),
  /** Whether the state is written and read. */
  stored: fc.boolean(),
})

export type Day = typeof day extends fc.Arbitrary<infer Value> ? Value : never

export const days = fc.array(day, { minLength: 2, maxLength: 14, size: 'max' })

interface Held {
  readonly name: string
  readonly children: readonly string[]
  readonly subject: string | undefined
  readonly tags: Set<string>
  pushedAt: number
  locked: boolean
}

/** What one look at the repository saw. */
export interface Sight {
  readonly now: number
  readonly snapshot: Snapshot
  readonly survey: Survey
  readonly verdicts: ReadonlyMap<Digest, Verdict>
}

/** What a run saw, and what it passes on. */
export interface Look {
  /** Time that really went by, whatever the clock says. */
  readonly real: number
  readonly found: Sight
  /** After its purge; the same without one. */
  readonly left: Sight
  readonly memory: Memory
}

/** A repository that lives through days. */
export class Repository {
  #now = NOW
  #real = 0
  readonly #held = new Map<string, Held>()
  readonly #ever: Held[] = []

  pass(time: number, back = 0): void {
    this.#real += time
    this.#now += time - back
  }

  happens(event: Event): void {
    this.pass(MINUTE)
    if (event.does === 'push') return this.#push(event)
    if (event.does === 'untag') return this.#untag(event.tag)
    if (event.does === 'push-again') return this.#pushAgain(event.on)
    const held = this.#at(event.on)
    if (held === undefined) return
    if (event.does === 'tag') this.#tag(event.tag, held)
    else if (event.does === 'delete') this.#delete(held.name)
    else if (event.does === 'lock') held.locked = !held.locked
    else for (let number = 0; number < 12; number += 1) this.#tag(`n${number}`, held)
  }

  /** One run: it looks, purges as far as it gets, looks again and remembers. */
  run(memory: Memory, purges: number): Look {
    const past = new Past(memory, REPOSITORY, this.#now)
    const real = this.#real
    const found = this.#look(past)
    const steps = planOf([found.survey], PURGE).lots.flatMap((lot) => lot.steps())
    const done = steps.slice(0, purges)
    const names = new Map([...this.#held.keys()].map((name) => [digestOf(name), name]))
    for (const { digest } of done) this.#delete(names.get(digest) ?? '')
    if (done.length > 0) this.pass(MINUTE)
    const left = done.length > 0 ? this.#look(past) : found
    const after = remember(memory, {
      found: [found.survey],
      left: [left.survey],
      documents: new Map([[REPOSITORY, left.snapshot.documents]]),
      absent: [],
      origins: new Map(),
      totals: undefined,
      now: this.#now,
    })
    return { real, found, left, memory: after }
  }

  #look(past: Past): Sight {
    const now = this.#now
    const snapshot = this.#snapshot()
    const rules: Judgement = {
      ...RULES,
      now,
      inFlight: IN_FLIGHT,
      purge: PURGE,
      past,
      taggedAt: (digest) => past.taggedAt(digest),
    }
    const { verdicts } = classify(snapshot.manifests, buildGraph(snapshot), rules)
    return { now, snapshot, survey: surveyOf(snapshot, rules), verdicts }
  }

  #at(number: number): Held | undefined {
    return [...this.#held.values()][number % Math.max(1, this.#held.size)]
  }

  #push({ tag, fresh, listed, subject }: Extract<Event, { does: 'push' }>): void {
    const old = listed.flatMap((number) => this.#at(number)?.name ?? [])
    const about = subject === undefined ? undefined : this.#at(subject)?.name
    const children = Array.from({ length: fresh }, () => this.#add([], undefined).name)
    const held = this.#add([...new Set([...children, ...old])], about)
    if (tag !== undefined) this.#tag(tag, held)
  }

  #add(children: readonly string[], subject: string | undefined): Held {
    const name = `m${this.#ever.length}`
    const held = { name, children, subject, tags: new Set<string>(), pushedAt: this.#now, locked: false }
    this.#ever.push(held)
    this.#held.set(name, held)
    return held
  }

  /** The same bytes once more, deleted or not; of the newest, the last first. */
  #pushAgain(number: number): void {
    const held = this.#ever.at(-1 - number)
    if (held === undefined) return
    held.pushedAt = this.#now
    this.#held.set(held.name, held)
  }

  #tag(tag: string, held: Held): void {
    this.#untag(tag)
    held.tags.add(tag)
  }

  #untag(tag: string): void {
    for (const { tags } of this.#held.values()) tags.delete(tag)
  }

  /** With its tags, and with whatever refers to it, as the registry does it. */
  #delete(name: string): void {
    const held = this.#held.get(name)
    if (held === undefined) return
    this.#held.delete(name)
    held.tags.clear()
    held.locked = false
    for (const other of this.#held.values()) if (other.subject === name) this.#delete(other.name)
  }

  #snapshot(): Snapshot {
    const manifests = new Map<Digest, Manifest>()
    const documents = new Map<Digest, Document>()
    for (const { name, children, subject, tags, pushedAt, locked } of this.#held.values()) {
      const isIndex = children.length > 0
      const mediaType = isIndex ? OCI_INDEX : OCI_IMAGE
      const digest = digestOf(name)
      manifests.set(digest, {
        digest,
        mediaType,
        kind: isIndex ? 'index' : 'image',
        tags: [...tags].sort().slice(0, TAGS_SHOWN),
        pushedAt,
        size: isIndex ? undefined : 1000 + Number(name.slice(1)),
        platform: undefined,
        locks: { delete: !locked, write: true, read: true },
      })
      const entries = children.map((child) => ({
        digest: digestOf(child),
        mediaType: OCI_IMAGE,
        platform: undefined,
      }))
      documents.set(
        digest,
        isIndex || subject !== undefined
          ? { mediaType, entries, subject: subject === undefined ? undefined : digestOf(subject) }
          : PLAIN,
      )
    }
    return { repository: REPOSITORY, manifests, documents, missing: new Set(), vanished: new Set() }
  }
}
