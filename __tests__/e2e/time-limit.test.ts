import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { gate } from './gate.ts'

test('the time limit ends the run with a report of what was read', { timeout: 120_000 }, async () => {
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
  expect(step.annotations.join()).toContain('Not read in full: web. The time limit of 1 minute was reached.')
})
