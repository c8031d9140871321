import { describe, expect, test } from 'vitest'
import { startEmulator, type Registry } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { auditedPurge, instant, orphans } from './purge-robustness.ts'

const TIMEOUT = { timeout: 120_000 }

function twoRepositories(registry: Registry): void {
  for (const name of ['api', 'web']) orphans(registry, name, 5)
}

describe.concurrent('the time limit', () => {
  test('ends the run with a report of what was read', TIMEOUT, async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['api', 'web']) {
          for (const age of ['9d', '2d']) registry.repo(name).image({ tag: 'latest', age })
        }
      },
    })
    emulator.faults.add({ path: '/acr/v1/web/_manifests' }, { hang: true })
    const step = await gate(emulator, { 'time-limit': '1m' })
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '1', complete: 'false' } })
    expect(step.annotations.join()).toContain(
      'Not read in full: web. The time limit of 1 minute was reached.',
    )
  })

  test('R4: with a list that never comes, nothing is deleted on half a picture', TIMEOUT, async () => {
    await using emulator = await startEmulator({ seed: twoRepositories })
    emulator.faults.add({ path: '/acr/v1/web/_manifests' }, { hang: true })
    const { step, outcomes } = await auditedPurge(emulator, { 'time-limit': '1m' })
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false', 'purge-complete': 'false' } })
    expect(outcomes.every(({ text }) => text === 'Not tried: The time limit of 1 minute was reached.')).toBe(
      true,
    )
    expect(emulator.log.counts().byClass.delete).toBeUndefined()
  })

  test('in the middle of a purge: summary, outputs, and an outcome for everything', TIMEOUT, async () => {
    await using emulator = await startEmulator({ seed: twoRepositories })
    emulator.faults.add({ class: 'delete', nth: 4 }, { status: 429, retryAfter: 100 })
    const { step, tally } = await auditedPurge(emulator, { 'time-limit': '1m' })
    expect(tally).toEqual({ deleted: 3, 'not tried': 7 })
    expect(step).toMatchObject({
      status: 1,
      outputs: { result: 'fail', complete: 'false', 'purged-manifests': '3', 'purge-complete': 'false' },
    })
    expect(step.summary).toContain('**Deleted 3 manifests of 10 that were due')
    expect(step.annotations.join()).toContain('The time limit of 1 minute was reached.')
    const [begun, last] = [emulator.log.requests()[0], emulator.log.requests().at(-1)]
    expect(instant(last ?? { time: '' }) - instant(begun ?? { time: '' })).toBeLessThan(61_000)
  })
})
