import { describe, expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions } from '../../emulator/index.ts'
import { auditedPurge, type Audit } from './purge-robustness.ts'

type Seed = NonNullable<EmulatorOptions['seed']>

/** Two repositories with so much to delete that a purge takes some seconds. */
const seed: Seed = (registry) => {
  for (const name of ['api', 'web']) {
    const repo = registry.repo(name)
    repo.image({ tag: 'latest', age: '2d' })
    repo.images(10, (number) => ({ age: `${90 - number}d` }))
    repo.multiPlatform({ age: '95d' })
  }
}
const DUE = 26

/** As a runner waits between the first signal and the one that nobody can ignore. */
const PATIENCE_SECONDS = 7.5

const STOPPED = {
  status: 1,
  outputs: { result: 'fail', complete: 'false', 'purge-complete': 'false' },
}

function expectReported({ step, outcomes }: Audit, why: string): void {
  expect(step).toMatchObject(STOPPED)
  expect(outcomes).toHaveLength(DUE)
  expect(step.summary).toContain('### Purge')
  expect(step.summary).toMatch(/\*\*Deleted \d+ manifests? of 26 that were due/)
  expect(step.annotations.join()).toContain(why)
  expect(step.log).not.toContain('This is a bug')
}

describe.concurrent('a job that is cancelled in the middle of a purge', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)(
    '%s: summary, outputs, and an outcome for everything',
    async (cancelWith) => {
      await using emulator = await startEmulator({ seed })
      let cancelled = Infinity
      emulator.faults.before({ class: 'delete', nth: 5 }, () => {
        cancelled = performance.now()
      })
      const audit = await auditedPurge(emulator, {}, { cancelAt: '): Deleted.', cancelWith })
      expect((performance.now() - cancelled) / 1000).not.toBeGreaterThan(PATIENCE_SECONDS)
      expectReported(audit, 'The job was cancelled.')
      const { tally } = audit
      expect(tally.deleted).toBeGreaterThanOrEqual(1)
      expect(tally.deleted).toBeLessThan(10)
      expect((tally.deleted ?? 0) + (tally['not tried'] ?? 0)).toBe(DUE)

      const next = await auditedPurge(emulator)
      expect(next.step).toMatchObject({ status: 0, outputs: { orphans: '0', 'purge-complete': 'true' } })
      expect(next.lost.size + audit.lost.size).toBe(DUE)
    },
  )

  test('deletions that are on their way are waited for: what came of them is known', async () => {
    await using emulator = await startEmulator({ seed, switches: { latencyMs: 700 } })
    const audit = await auditedPurge(emulator, {}, { cancelAt: '): Deleted.' })
    expectReported(audit, 'The job was cancelled.')
    // Several were under way, and every one of them is known to be done.
    const { tally } = audit
    expect(tally.deleted).toBeGreaterThan(2)
    expect(tally.failed).toBeUndefined()
    expect(emulator.log.requests({ class: 'delete' }).every(({ status }) => status === 202)).toBe(true)
  })

  test('a deletion that is never answered is given up in time, and called what it is', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ class: 'delete', nth: 1 }, { hang: true })
    let cancelled = Infinity
    emulator.faults.before({ class: 'delete', nth: 2 }, () => {
      cancelled = performance.now()
    })
    const audit = await auditedPurge(emulator, {}, { cancelAt: '): Deleted.' })
    expect((performance.now() - cancelled) / 1000).not.toBeGreaterThan(PATIENCE_SECONDS)
    expectReported(audit, 'No answer came before the run ended')
    expect(audit.tally.failed).toBe(1)
  })

  test('in a pause that the registry asked for: ended at once', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ class: 'delete', nth: 3 }, { status: 429, retryAfter: 60 })
    const started = performance.now()
    const audit = await auditedPurge(emulator, {}, { cancelAt: '): Deleted.' })
    expectReported(audit, 'The job was cancelled.')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('before the plan is made: nothing is deleted, and the report is written', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ path: '/acr/v1/web/_manifests' }, { hang: true })
    const { step, lost } = await auditedPurge(emulator, {}, { cancelAt: 'Looking at' })
    expect(step).toMatchObject(STOPPED)
    expect(lost.size).toBe(0)
    expect(step.summary).toContain('The job was cancelled&#46;')
    expect(step.summary).toContain('Nothing was due in what could be read, nothing was deleted.')
    expect(emulator.log.counts().byClass.delete).toBeUndefined()
  })

  test('while it looks again: what was deleted is reported, what could not be looked at is said', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => void registry.repo('api').image({ age: '9d' }),
    })
    emulator.registry.repo('api').image({ tag: 'latest', age: '2d' })
    // The first list, then what is new before the DELETE, then the last list.
    emulator.faults.add({ route: 'manifests', from: 3 }, { hang: true })
    const { step, tally } = await auditedPurge(emulator, {}, { cancelAt: '): Deleted.' })
    expect(tally).toEqual({ deleted: 1 })
    expect(step).toMatchObject({
      status: 1,
      outputs: { result: 'fail', complete: 'false', 'purged-manifests': '1', 'purge-complete': 'true' },
    })
    expect(step.summary).toContain('**Deleted 1 manifest of 1 that were due')
  })
})
