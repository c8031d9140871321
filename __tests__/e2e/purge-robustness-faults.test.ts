import { describe, expect, test } from 'vitest'
import {
  startEmulator,
  type Emulator,
  type FaultEffect,
  type FaultMatch,
  type Registry,
} from '../../emulator/index.ts'
import { at, auditedPurge, heldBy } from './purge-robustness.ts'

/** What may pass: the run is to get over it. */
const PASSING: readonly FaultEffect[] = [
  { status: 429, retryAfter: 1 },
  { status: 429 },
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { status: 503, retryAfter: 1 },
  { status: 408 },
  { drop: 'before' },
  { drop: 'after' },
]

/** What is an answer, though not the one that was hoped for. */
const FINAL: readonly FaultEffect[] = [{ status: 403 }, { status: 404 }, { status: 405 }, { status: 409 }]

/** No 404: what both sides of a registry call gone at the same time is gone. */
const CONTENT: readonly FaultEffect[] = [{ status: 403 }, { status: 405 }, { status: 409 }]

/** Done, though the answer says otherwise. */
const LYING: readonly FaultEffect[] = [
  { status: 500, afterEffect: true },
  { status: 503, afterEffect: true },
]

type Call = Pick<FaultMatch, 'route' | 'class'>

const SCAN: readonly Call[] = [
  { route: 'token' },
  { route: 'catalog' },
  { route: 'manifests' },
  { route: 'manifest' },
  { route: 'repository' },
]

const PURGE: readonly Call[] = [
  { class: 'delete' },
  { class: 'delete' },
  { class: 'delete' },
  { route: 'manifest-metadata' },
  { route: 'manifest-metadata' },
  { route: 'manifests' },
  { route: 'tags' },
  { route: 'manifest' },
  { route: 'token' },
]

interface Script {
  /** From the beginning, so that only what passes: otherwise nothing would be planned. */
  readonly scan: readonly (readonly [FaultMatch, FaultEffect])[]
  /** From the first look before a DELETE on, up to the end of the run. */
  readonly purge: readonly (readonly [FaultMatch, FaultEffect])[]
}

/** Mulberry32: the same numbers from 0 to 1 for the same seed, everywhere. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function scriptOf(seed: number): Script {
  const random = randomOf(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const nth = (most: number): number => 1 + Math.floor(random() * most)
  return {
    scan: Array.from({ length: 4 }, () => [{ ...pick(SCAN), nth: nth(3) }, pick(PASSING)] as const),
    purge: Array.from({ length: 14 }, () => {
      const call = pick(PURGE)
      const effects = random() < 0.6 ? PASSING : call.route === 'manifest' ? CONTENT : [...FINAL, ...LYING]
      return [{ ...call, nth: nth(12) }, pick(effects)] as const
    }),
  }
}

/** Manifests of the orphans. */
const DUE = 24

/**
 * Two repositories with twelve orphans of every shape, and beside each of them something in use.
 *
 * @returns what is in use
 */
function picture(registry: Registry): readonly string[] {
  return ['team/api', 'web'].flatMap((name) => {
    const repo = registry.repo(name)
    repo.image({ age: '60d' })
    repo.image({ age: '50d', format: 'docker' })
    const signed = repo.image({ age: '40d' })
    repo.referrer(signed, { age: '39d' })
    repo.digestTag(signed, 'sig', { age: '39d' })
    repo.multiPlatform({ age: '30d', attestations: name === 'web' })
    const shared = repo.image({ age: '20d' })
    repo.index([shared, repo.image({ age: '20d' })], { age: '20d' })
    repo.image({ age: '9d' })
    const sharing = repo.index([shared], { age: '10d', tag: 'shared' })
    const latest = repo.image({ age: '15d', tag: 'latest' })
    const multi = repo.multiPlatform({ age: '5d', tag: 'multi' })
    const referrer = repo.referrer(multi.index, { age: '4d' })
    return at(name, shared, sharing, latest, ...multi.all, referrer)
  })
}

function arm(emulator: Emulator, { scan, purge }: Script): void {
  for (const [match, effect] of scan) emulator.faults.add(match, effect)
  emulator.faults.before({ route: 'manifest-metadata', nth: 1 }, () => {
    for (const [match, effect] of purge) emulator.faults.add(match, effect)
  })
}

const SEEDS = process.env['FAULT_SEEDS']?.split(',').map(Number) ?? [1, 2, 3, 4, 5, 6, 7, 8]

describe.concurrent('whatever goes wrong, what is said is what was done', () => {
  test.for(SEEDS)('random faults, seed %i', async (seed) => {
    const script = scriptOf(seed)
    try {
      await using emulator = await startEmulator()
      const live = picture(emulator.registry)
      arm(emulator, script)
      const { step, outcomes, lost } = await auditedPurge(emulator)
      expect(outcomes).toHaveLength(DUE)
      expect(step.log).not.toContain('This is a bug')
      expect(step.summary).toContain('### Purge')
      const after = heldBy(emulator)
      expect(live.filter((manifest) => !after.has(manifest))).toEqual([])
      const { result, complete, 'purge-complete': purgeComplete } = step.outputs
      expect(result === 'fail').toBe(step.status === 1)
      if (complete === 'false') expect(step.status).toBe(1)
      const left = outcomes.filter(({ manifest }) => after.has(manifest))
      if (purgeComplete === 'true') expect(left).toEqual([])
      if (left.length === 0 && complete === 'true') expect(step.status).toBe(0)

      // Without faults the next run takes what is left, and then there is nothing but what was in use.
      emulator.faults.clear()
      const next = await auditedPurge(emulator)
      expect(next.step).toMatchObject({ status: 0, outputs: { orphans: '0', 'purge-complete': 'true' } })
      const stranded = signaturesWithoutImage(emulator)
      for (const signature of stranded) expect(left.map(({ manifest }) => manifest)).toContain(signature)
      expect(next.lost.size + lost.size).toBe(DUE - stranded.length)
      expect([...heldBy(emulator)].sort()).toEqual([...live, ...stranded].sort())
    } catch (error) {
      const faults = [...script.scan, 'then', ...script.purge].map((fault) => JSON.stringify(fault))
      throw new Error(`seed ${seed}: ${faults.join('\n')}`, { cause: error })
    }
  })
})

/** Under a digest tag whose image was deleted while they could not be: they stay, as the image might be elsewhere. */
function signaturesWithoutImage({ registry }: Emulator): readonly string[] {
  return registry.repositories().flatMap((name) => {
    const repo = registry.repo(name)
    return Object.entries(repo.tags()).flatMap(([tag, digest]) => {
      const subject = /^sha256-([0-9a-f]{64})/.exec(tag)?.[1]
      return subject === undefined || repo.has(`sha256:${subject}`) ? [] : [`${name}@${digest}`]
    })
  })
}
