import type { Audit } from '../domain/audit.ts'
import {
  cachedRepositories,
  withoutSparse,
  type CachedRepository,
  type CacheRule,
} from '../domain/cache-rule.ts'
import { pinsOf, whyUnsafe, type Deployed } from '../domain/deployment.ts'
import type { Digest } from '../domain/digest.ts'
import { Pins } from '../domain/pin.ts'
import type { Survey } from '../domain/survey.ts'
import type { Neighbourhood } from '../ports.ts'

/** Surveys as they count, and what does not because a cache rule explains it. */
interface Spared {
  readonly surveys: readonly Survey[]
  readonly cached: readonly CachedRepository[]
}

/** What Azure is asked while the registry is being read: the questions are put at once, the answers awaited when needed. */
export class Surroundings {
  readonly #neighbourhood: Neighbourhood
  readonly #given: Pins
  readonly #deployed: Promise<Deployed>
  readonly #audit: Promise<Audit | undefined>
  #running = new Pins([])
  #rules: Promise<readonly CacheRule[]> | undefined
  /** Settled when it is known what is pinned: nothing may be judged before. */
  readonly ready: Promise<unknown>

  constructor(neighbourhood: Neighbourhood, given: Pins) {
    this.#neighbourhood = neighbourhood
    this.#given = given
    this.#deployed = neighbourhood.deployed()
    this.#audit = neighbourhood.audit()
    this.ready = this.#deployed.then((deployed) => (this.#running = new Pins(pinsOf(deployed))))
    // A run may end before it asks for the answers.
    for (const answer of [this.ready, this.#audit]) answer.catch(() => undefined)
  }

  /** Who says that a manifest is in use; what the inputs say comes first. */
  pinnedBy(repository: string, digest: Digest): string | undefined {
    return this.#given.sourceOf(repository, digest) ?? this.#running.sourceOf(repository, digest)
  }

  /** The rules are asked for only when something would be called broken. */
  async spare(surveys: readonly Survey[]): Promise<Spared> {
    if (surveys.every(({ broken }) => broken.length === 0)) return { surveys, cached: [] }
    const rules = await (this.#rules ??= this.#neighbourhood.cacheRules())
    return { surveys: withoutSparse(surveys, rules), cached: cachedRepositories(surveys, rules) }
  }

  /**
   * Where something is due though nobody knows what Azure runs, it stays: with nothing pinned, what runs by digest looks like
   * any orphan.
   */
  async safe(surveys: readonly Survey[]): Promise<readonly Survey[]> {
    const why = whyUnsafe(await this.#deployed)
    if (why === undefined) return surveys
    return surveys.map((survey) =>
      survey.obstacle === undefined && survey.lots.some(({ fate }) => fate.kind === 'due')
        ? { ...survey, obstacle: { kind: 'unknown', why } }
        : survey,
    )
  }

  /** For the report. */
  async told(): Promise<{ pins: number; deployed: Deployed; audit: Audit | undefined }> {
    const [deployed, audit] = await Promise.all([this.#deployed, this.#audit])
    return { pins: this.#given.size + this.#running.size, deployed, audit }
  }
}
