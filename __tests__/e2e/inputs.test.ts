import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { gate } from './gate.ts'

test('everything that is wrong is said in one go, before the first request', async () => {
  await using emulator = await startEmulator()
  const step = await gate(emulator, {
    'max-orphans': '-1',
    'warn-orphans': '1.5',
    'max-orphan-size': '5 giga',
    'max-orphan-age': 'sevend',
    'warn-orphan-age': '999999d',
    'broken-indexes': 'error',
    'threshold-scope': 'registry',
    'in-flight': '5m',
    'warn-only': 'yes',
    summary: 'False',
    concurrency: '65',
    'time-limit': '1h30',
    repositories: 'Team/API',
    images: 'not an image',
    'dry-run': 'true',
    'max-orphan': '3',
  })
  expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '' } })
  // GitHub shows ten annotations of a step, so the others are plain lines of the log.
  expect(step.annotations).toHaveLength(10)
  const named = [...step.log.matchAll(/^(?:::error::)?Input (\S+): /gm)].map(([, name]) => name ?? '')
  expect(named.toSorted()).toEqual(
    [
      'broken-indexes',
      'concurrency',
      'dry-run',
      'images',
      'in-flight',
      'max-orphan',
      'max-orphan-age',
      'max-orphan-size',
      'max-orphans',
      'repositories',
      'summary',
      'threshold-scope',
      'time-limit',
      'warn-only',
      'warn-orphan-age',
      'warn-orphans',
    ].toSorted(),
  )
  const all = step.log
  expect(all).toContain('Nothing is ever deleted without purge: true')
  expect(all).toContain('Did you mean max-orphans?')
  expect(all).toContain('got "sevend", accepted: a duration such as 90m')
  expect(emulator.log.counts().total).toBe(0)
})

test('an input that is passed on empty counts as not given', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => void registry.repo('app').images(2, () => ({ tag: 'latest', age: '9d' })),
  })
  const step = await gate(emulator, {
    'max-orphans': '',
    repositories: ' \n ',
    'in-flight': '',
    'warn-only': '',
  })
  expect(step).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '1' } })
})

test('summary: false writes no summary, of a verdict or of a failure', async () => {
  await using emulator = await startEmulator()
  expect((await gate(emulator, { summary: 'false' })).summary).toBe('')
  expect((await gate(emulator, { summary: 'false', password: 'wrong' })).summary).toBe('')
  expect((await gate(emulator, { password: 'wrong' })).summary).toContain('## ❌ ACR Hygiene Gate: failed')
})

test('without a place for the summary the step says so and goes on', async () => {
  await using emulator = await startEmulator()
  const step = await gate(emulator, {}, { environment: { GITHUB_STEP_SUMMARY: '' } })
  expect(step.status).toBe(0)
  expect(step.log).toContain('The job summary could not be written')
})
