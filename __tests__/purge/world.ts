import { AsyncLocalStorage } from 'node:async_hooks'
import type { Registry } from '../../emulator/seed/registry.ts'
import { deleteManifest } from '../../emulator/state/deletion.ts'
import type { Repository } from '../../emulator/state/repository.ts'
import { neededOf, subjectsOf, type Thing } from '../domain/needed.ts'
import type { Drawn, DrawnManner } from './drawing.ts'
import { Facts, isKnownLoose, knowable, newLook, type Look } from './facts.ts'
import { REPOSITORY, stocked } from './stock.ts'
import { Strangers, type Interruption } from './strangers.ts'

export const IN_FLIGHT = 3_600_000

/** When a run had its first answer. */
export interface Beginning {
  readonly start: number
  /** Milliseconds since 1970. */
  readonly began: number
}

/** A DELETE of ours that the registry carried out. */
export interface Deletion {
  readonly digest: string
  /** With all that went along. */
  readonly removed: readonly string[]
  /** Everything that was needed, as far as a look could have known it. */
  readonly needed: ReadonlySet<string>
  /** What was removed of it. */
  readonly lost: readonly string[]
  /** Of these, what went along only because the registry deletes children. */
  readonly lostAsChildren: readonly string[]
  /** Indexes that listed it and subjects that it had: whatever takes it along goes before it, and it stays where that stays. */
  readonly leaders: readonly string[]
}

/**
 * A registry in memory with others who work with it while the action does. Between any two answers somebody may do something,
 * also between those to questions that were asked at once.
 */
export class World {
  readonly registry: Registry
  readonly digests: readonly string[]
  readonly strangers: Strangers
  readonly pins: ReadonlySet<string>
  readonly deletions: Deletion[] = []
  manner: DrawnManner
  readonly #interruptions: Readonly<Record<Interruption['during'], Interruption[]>>
  readonly #facts = new Facts()
  readonly #looks = new AsyncLocalStorage<Look>()
  readonly #recent: string[] = []
  #version = 1
  #calls = 0
  #isPurging = false
  #chance: number

  constructor(drawn: Drawn) {
    const { registry, digests } = stocked(drawn)
    this.registry = registry
    this.digests = digests
    this.strangers = new Strangers(registry)
    this.pins = new Set(drawn.wish.pins.flatMap((pin) => digests[pin] ?? []))
    this.manner = drawn.manner
    const { scan = [], purge = [] } = Object.groupBy(drawn.interruptions, ({ during }) => during)
    this.#interruptions = { scan, purge }
    this.#chance = drawn.manner.seed
    this.#observe()
  }

  get repository(): Repository | undefined {
    return this.registry.state.repository(REPOSITORY)
  }

  get digestsHeld(): readonly string[] {
    return [...(this.repository?.manifests.values() ?? [])].map(({ digest }) => digest)
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.registry.clock.date().getTime()
  }

  get look(): Look | undefined {
    return this.#looks.getStore()
  }

  get version(): number {
    return this.#version
  }

  /** Nobody else comes any more, and everything is answered at once. */
  calmDown(): void {
    this.#interruptions.scan.length = 0
    this.#interruptions.purge.length = 0
    this.manner = { ...this.manner, unclear: 0, slowness: 1 }
  }

  /** Those that were concerned last are where others do most harm. */
  concern(digest: string): void {
    this.#recent.unshift(digest)
    this.#recent.length = Math.min(this.#recent.length, 4)
  }

  /** A number below the limit, the same in the same world. */
  chance(limit: number): number {
    this.#chance = (Math.imul(this.#chance, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((this.#chance / 2 ** 32) * limit)
  }

  /** Answers after a while, in which others come first. What is taken is what is there at one moment. */
  async answer<Answer>(take: () => Answer): Promise<Answer> {
    await this.#pause()
    this.registry.clock.advance(this.chance(this.manner.slowness + 1))
    this.#calls += 1
    const interruptions = this.#interruptions[this.#isPurging ? 'purge' : 'scan']
    for (let [next] = interruptions; next !== undefined && next.wait <= this.#calls; [next] = interruptions) {
      interruptions.shift()
      this.#calls = 0
      this.strangers.act(next, this.#recent)
      this.#observe()
    }
    const taken = take()
    await this.#pause()
    return taken
  }

  /** From here on whoever called is looking at something that is to be deleted. */
  async beginLook(): Promise<void> {
    const look = newLook()
    this.#looks.enterWith(look)
    if (!this.#isPurging) this.#calls = 0
    this.#isPurging = true
    await this.answer(() => (look.begin = this.#version))
  }

  /** What a DELETE does, and whether anything is lost by it. */
  delete(digest: string, { start, began }: Beginning): 'deleted' | 'locked' | 'absent' {
    const { repository } = this
    if (repository === undefined) return 'absent'
    // Without any look everything could have been known.
    const look = this.look ?? { ...newLook(), begin: this.#version }
    const inFlightSince = this.now - IN_FLIGHT
    const { pins } = this
    const direct = this.#withReferrers(repository, digest)
    const known = { repository, doomed: direct, facts: this.#facts, look, pins }
    const moment = { ...known, start, began, inFlightSince }
    const things = knowable(moment)
    const needed = neededOf(things)
    const loose = new Set(this.digestsHeld.filter((each) => isKnownLoose(each, moment)))
    const { state, clock, switches } = this.registry
    const deletion = deleteManifest(state, { repository, digest }, { at: clock.now(), rules: switches })
    this.#observe()
    if (deletion.kind !== 'deleted') return deletion.kind
    const removed = deletion.manifests
    for (const each of removed.toReversed()) this.concern(each)
    const children = removed.filter((each) => !direct.has(each))
    // What held one of them may have let it go after the look.
    const isKnown = children.every((each) => loose.has(each))
    const lost = removed.filter((each) => needed.has(each) && (isKnown || direct.has(each)))
    const lostAsChildren = lost.filter((each) => !direct.has(each))
    this.deletions.push({ digest, removed, needed, lost, lostAsChildren, leaders: leadersOf(digest, things) })
    return 'deleted'
  }

  #withReferrers(repository: Repository, digest: string): ReadonlySet<string> {
    const found = new Set([digest])
    for (const subject of found)
      for (const referrer of repository.referrersOf(subject)) found.add(referrer.digest)
    return found
  }

  #observe(): void {
    this.#version += 1
    this.#facts.observe(this.repository, this.#version)
  }

  async #pause(): Promise<void> {
    for (let left = this.chance(4); left > 0; left -= 1) await Promise.resolve()
  }
}

function leadersOf(digest: string, things: readonly Thing[]): readonly string[] {
  const subjects = new Set(things.filter((thing) => thing.digest === digest).flatMap(subjectsOf))
  return things
    .filter((thing) => thing.children.includes(digest) || subjects.has(thing.digest))
    .map((thing) => thing.digest)
}
