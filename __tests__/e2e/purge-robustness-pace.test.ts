import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator, type LoggedRequest, type Registry } from '../../emulator/index.ts'
import { auditedPurge, byAge, instant, orphans, purge } from './purge-robustness.ts'

/** Deletions a second. */
const PACE = 8

/** So many more may arrive in one second on a busy machine, where timers and connections are late. */
const LATE = 2

describe.concurrent('pace', () => {
  test('R8: 120 deletions, the documented limits scaled down to a tenth of a minute: no 429', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['api', 'jobs', 'web']) {
          registry.repo(name).image({ tag: 'latest', age: '2d' })
          registry.repo(name).images(40, (number) => ({ age: `${90 - number}d` }))
        }
      },
      // 50 deletions in six seconds, instead of 500 in sixty.
      switches: { throttle: true, throttlePeriodSeconds: 6, throttleScale: 0.1, latencyMs: 30 },
    })
    const { tally, step } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 120 })
    expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true', orphans: '0' } })
    const { byStatus, peakInFlight } = emulator.log.counts()
    expect(byStatus['429']).toBeUndefined()
    expect(peakInFlight).toBeLessThanOrEqual(16)
    const times = emulator.log.requests({ class: 'delete' }).map(instant)
    for (const [at, time] of times.entries()) {
      const inOneSecond = times.slice(at).filter((other) => other < time + 1000)
      expect(inOneSecond.length).toBeLessThanOrEqual(PACE + LATE)
    }
    // As fast as it may be, and not slower: what is looked up before each costs no time.
    const seconds = (Math.max(...times) - Math.min(...times)) / 1000
    expect(seconds).toBeGreaterThan(119 / PACE - 0.1)
    expect(seconds).toBeLessThan(119 / PACE + 3)
  })

  test('the same limits do refuse whoever keeps no pace', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => void registry.repo('api').images(6, () => ({ age: '9d' })),
      switches: { throttle: true, throttlePeriodSeconds: 2, throttleScale: 0.005 },
    })
    emulator.registry.repo('api').image({ tag: 'latest', age: '1d' })
    // Two deletions in two seconds are less than the pace: refused, waited for, done all the same.
    const { tally, step } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 6 })
    expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true' } })
    expect(emulator.log.counts().byStatus['429']).toBeGreaterThan(0)
  })

  test.for(['1', '2', '3', '16'])(
    'never more requests in flight than concurrency: %s',
    async (concurrency) => {
      await using emulator = await startEmulator({
        seed: (registry) => {
          for (const name of ['api', 'web']) {
            registry.repo(name).image({ tag: 'latest', age: '2d' })
            registry.repo(name).multiPlatform({ age: '9d' })
            registry.repo(name).images(3, () => ({ age: '9d' }))
          }
        },
        switches: { latencyMs: 40 },
      })
      const { tally } = await auditedPurge(emulator, { concurrency })
      expect(tally).toEqual({ deleted: 12 })
      expect(emulator.log.counts().peakInFlight).toBeLessThanOrEqual(Number(concurrency))
    },
  )

  test('with a slow registry deletions are side by side, so that the pace is kept', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        registry.repo('api').image({ tag: 'latest', age: '2d' })
        registry.repo('api').images(24, () => ({ age: '9d' }))
      },
      switches: { latencyMs: 300 },
    })
    const { tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 24 })
    const times = emulator.log.requests({ class: 'delete' }).map(instant)
    // One after the other would take a look and a deletion each: 24 times 0.6 seconds.
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(5000)
  })
})

describe.concurrent('pauses', () => {
  test('R4: a DELETE that always answers 503 ends after five attempts in one failure', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void orphans(registry, 'api', 4) })
    const [victim] = byAge(emulator)
    const path = `/v2/api/manifests/${victim}`
    emulator.faults.add({ method: 'DELETE', path }, { status: 503, retryAfter: 1 })
    const started = performance.now()
    const { step, tally, outcomes } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 3, failed: 1 })
    expect(outcomes.find(({ word }) => word === 'failed')).toMatchObject({
      manifest: `api@${victim}`,
      text: expect.stringContaining('(503 UNAVAILABLE): the registry failed several times.'),
    })
    expect(step.outputs).toMatchObject({ orphans: '1', 'purgeable-manifests': '1' })
    const attempts = emulator.log.requests({ method: 'DELETE', path })
    expect(attempts).toHaveLength(5)
    // As long as the registry asked for, and a look at the manifest before each.
    for (const gap of gapsOf(attempts)) expect(gap).toBeGreaterThan(990)
    const looks = emulator.log.requests({ path: `/acr/v1/api/_manifests/${victim}` })
    expect(looks.length).toBeGreaterThanOrEqual(5)
    expect(performance.now() - started).toBeLessThan(15_000)
  })

  test('R4: without Retry-After the pauses grow and are not in step, and others go on meanwhile', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void orphans(registry, 'api', 6) })
    const [oldest, next] = byAge(emulator)
    for (const digest of [oldest, next])
      emulator.faults.add({ method: 'DELETE', path: `/v2/api/manifests/${digest}` }, { status: 503 })
    const { tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 4, failed: 2 })
    const [first = [], second = []] = [oldest, next].map((digest) =>
      gapsOf(emulator.log.requests({ method: 'DELETE', path: `/v2/api/manifests/${digest}` })),
    )
    for (const gaps of [first, second]) {
      expect(gaps).toHaveLength(4)
      gaps.forEach((gap, at) => {
        expect(gap).toBeGreaterThan(490 * 2 ** at)
        // A turn and a look come on top of the pause.
        expect(gap).toBeLessThan(1000 * 2 ** at + 1500)
      })
    }
    expect(first.some((gap, at) => Math.abs(gap - (second[at] ?? gap)) > 5)).toBe(true)
    const others = emulator.log.requests({ method: 'DELETE', status: 202 })
    const lastAttempt = emulator.log.requests({ method: 'DELETE', status: 503 }).at(-1)
    expect(Math.max(...others.map(instant))).toBeLessThan(instant(lastAttempt ?? { time: '' }) - 3000)
  })

  test('R7: a 429 on one DELETE holds all of them back until Retry-After has passed', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        orphans(registry, 'api', 8)
        orphans(registry, 'web', 8)
      },
      switches: { latencyMs: 200 },
    })
    emulator.faults.add({ class: 'delete', nth: 6 }, { status: 429, retryAfter: 3 })
    const { tally, step } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 16 })
    expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true' } })
    const { answered, end } = pauseAfter(emulator, 3000)
    const deletions = emulator.log.requests({ class: 'delete' }).map(instant)
    expect(deletions.filter((time) => time > answered && time < end)).toEqual([])
    expect(deletions.filter((time) => time >= end).length).toBeGreaterThanOrEqual(8)
    // They do not come back all at once.
    expect(Math.max(...perSecond(deletions))).toBeLessThanOrEqual(9)
  })

  test('R7: a 429 without Retry-After holds them back too, for a moment', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void orphans(registry, 'api', 12) })
    emulator.faults.add({ class: 'delete', nth: [4, 5] }, { status: 429 })
    const { tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 12 })
    const times = emulator.log.requests({ class: 'delete' }).map(instant)
    for (const refused of emulator.log.requests({ status: 429 }).map(instant))
      expect(times.filter((time) => time > refused + 60 && time < refused + 450)).toEqual([])
  })

  test('R7: a 429 on a read holds all reads back, and no deletion follows from a look that grew old', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void orphans(registry, 'api', 12) })
    const [, , , , , , victim] = byAge(emulator)
    const path = `/acr/v1/api/_manifests/${victim}`
    emulator.faults.add({ path, nth: 1 }, { status: 429, retryAfter: 6 })
    const { tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 12 })
    const { answered, end } = pauseAfter(emulator, 6000)
    const reads = emulator.log.requests({ class: 'read' }).map(instant)
    expect(reads.filter((time) => time > answered && time < end)).toEqual([])
    // Refused, answered too late to act on it, and then once more right before.
    const looks = emulator.log.requests({ path })
    expect(looks.map(({ status }) => status)).toEqual([429, 200, 200])
    const [deletion] = emulator.log.requests({ method: 'DELETE', path: `/v2/api/manifests/${victim}` })
    expect(instant(deletion ?? { time: '' }) - instant(looks[2] ?? { time: '' })).toBeLessThan(1000)
  })
})

describe.concurrent('requests', () => {
  test('R5: 40 small repositories side by side, one list each, and no page asked for in vain', async () => {
    const count = 40
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (let number = 0; number < count; number += 1) {
          const repo = registry.repo(`team/app-${number}`)
          repo.index([repo.image({ age: '3d' })], { tag: 'latest', age: '3d' })
          repo.image({ age: '9d' })
        }
      },
      switches: { latencyMs: 30 },
    })
    const { tally } = await auditedPurge(emulator, { concurrency: '8' })
    expect(tally).toEqual({ deleted: count })
    const { byRoute, total } = emulator.log.counts()
    const deletions = emulator.log.requests({ class: 'delete' })
    // Before: the list, the index, the orphan, the child (might it refer to the orphan?), the repository itself. Then per
    // deletion the manifest and what is new, and the DELETE. Afterwards the list once more.
    expect(byRoute).toEqual({
      token: 1,
      catalog: 1,
      manifests: 3 * count,
      manifest: 4 * count,
      repository: count,
      'manifest-metadata': count,
      // The labels of four orphans.
      blob: 4,
    })
    expect(total).toBe(2 + 9 * count + 4)
    const [begun] = emulator.log.requests()
    const [first] = deletions
    // 200 requests of 30 ms, eight at a time, are 0.8 seconds.
    expect(instant(first ?? { time: '' }) - instant(begun ?? { time: '' })).toBeLessThan(3000)
  })

  test('R6: nothing is read twice, whatever the concurrency, and a preview reads less', async () => {
    const requests = async (inputs: Readonly<Record<string, string>>): Promise<Counts> => {
      await using emulator = await startEmulator({ seed: mixed })
      await purge(emulator, inputs)
      const documents = emulator.log.requests({ route: 'manifest', method: 'GET' }).map(({ path }) => path)
      expect(documents.length, 'each document once').toBe(new Set(documents).size)
      return { documents: documents.length, total: emulator.log.counts().total }
    }
    const [one, many, preview] = await Promise.all([
      requests({ concurrency: '2' }),
      requests({ concurrency: '32' }),
      requests({ purge: 'false' }),
    ])
    // Indexes, images of the OCI format that are orphans or children; those of Docker's format refer to nothing.
    expect(one.documents).toBe(15 + 30 + 12)
    expect(many).toEqual(one)
    expect(preview).toEqual({ documents: 15 + 12, total: 1 + 1 + 1 + 15 + 12 + 4 })
  })
})

interface Counts {
  readonly documents: number
  readonly total: number
}

/** Indexes in use with their children, and dangling images of both formats. */
function mixed(registry: Registry): void {
  const app = registry.repo('app')
  for (let number = 0; number < 15; number += 1) app.multiPlatform({ tag: `v${number}`, age: '9d' })
  app.images(12, () => ({ age: '9d' }))
  app.images(6, () => ({ age: '10d', format: 'docker' }))
}

function gapsOf(requests: readonly LoggedRequest[]): readonly number[] {
  const times = requests.map(instant)
  return times.slice(1).map((time, at) => time - (times[at] ?? time))
}

/** When the only 429 was answered, with a moment for it to arrive, and when its pause was over. */
function pauseAfter(emulator: Emulator, length: number): { readonly answered: number; readonly end: number } {
  const [refused, ...more] = emulator.log.requests({ status: 429 })
  expect(more).toEqual([])
  const answered = instant(refused ?? { time: '' }) + (refused?.milliseconds ?? 0)
  return { answered: answered + 60, end: answered + length - 30 }
}

/** How many of these instants lie in the second that begins with each. */
function perSecond(times: readonly number[]): readonly number[] {
  return times.map((begin) => times.filter((time) => time >= begin && time < begin + 1000).length)
}
