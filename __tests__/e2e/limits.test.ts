import { describe, expect, test } from 'vitest'
import { startEmulator, type Registry } from '../../emulator/index.ts'
import { gate, gateOn } from './gate.ts'

/** 3 orphans of 2 KiB each, the oldest pushed 20 days ago. */
function threeOrphans(registry: Registry): void {
  const app = registry.repo('app')
  for (const age of ['20d1h', '10d', '5d', '2d']) app.image({ tag: 'latest', layers: [2048], age })
}

async function judge(inputs: Readonly<Record<string, string>>): ReturnType<typeof gate> {
  await using emulator = await startEmulator({ seed: threeOrphans })
  return await gate(emulator, inputs)
}

describe('a limit is exceeded only by more than it', () => {
  test.each([
    ['max-orphans', '3', 'pass'],
    ['max-orphans', '2', 'fail'],
    ['max-orphans', '0', 'fail'],
    ['warn-orphans', '3', 'pass'],
    ['warn-orphans', '2', 'warn'],
    ['max-orphan-size', '6KiB', 'pass'],
    ['max-orphan-size', '6KB', 'fail'],
    ['warn-orphan-size', '6KiB', 'pass'],
    ['warn-orphan-size', '6KB', 'warn'],
    ['max-orphan-age', '21d', 'pass'],
    ['max-orphan-age', '20d', 'fail'],
    ['warn-orphan-age', '3w', 'pass'],
    ['warn-orphan-age', '2w', 'warn'],
  ])('%s: %s gives %s', async (name, limit, result) => {
    const step = await judge({ [name]: limit })
    expect(step.outputs['result']).toBe(result)
    expect(step.status).toBe(result === 'fail' ? 1 : 0)
    const level = { pass: [], warn: ['warning'], fail: ['error'] }[result]
    expect(step.annotations.map((annotation) => annotation.split(':')[0])).toEqual(level)
  })
})

test('without any limit the step cannot fail on hygiene, and says so', async () => {
  const step = await judge({})
  expect(step).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '3' } })
  expect(step.summary).toContain('No limit is set')
  expect(step.summary).toContain('max-orphans: 3')
})

test('every limit is evaluated: one that is exceeded hides no other', async () => {
  const step = await judge({
    'max-orphans': '1',
    'warn-orphans': '0',
    'max-orphan-size': '1KB',
    'warn-orphan-size': '5GiB',
    'max-orphan-age': '7d',
  })
  const host = /127\.0\.0\.1:\d+/.exec(step.log)?.[0] ?? ''
  expect(step.annotations).toEqual([
    `error: ${host}: 3 orphans, expected at most 1 (up to 6.0 KiB, oldest pushed 20 days ago)`,
    `error: ${host}: orphans of up to 6.1 KB, expected at most 1 KB (3 orphans, oldest pushed 20 days ago)`,
    `error: ${host}: oldest orphan pushed 20 days ago, expected at most 7 days (3 orphans, up to 6.0 KiB)`,
    `warning: ${host}: 3 orphans, expected none (up to 6.0 KiB, oldest pushed 20 days ago)`,
  ])
  // Both limits on the number say the same; the one that fails is enough at the end.
  expect(step.log.trimEnd().split('\n').slice(-3)).toEqual(
    step.annotations.slice(0, 3).map((annotation) => `${annotation.replace(/^\w+: /, '')}.`),
  )
})

test('warn-only turns every failure of the gate into a warning', async () => {
  const step = await judge({ 'max-orphans': '0', 'max-orphan-age': '1d', 'warn-only': 'true' })
  expect(step).toMatchObject({ status: 0, outputs: { result: 'warn' } })
  expect(step.annotations).toHaveLength(2)
  expect(step.annotations.every((annotation) => annotation.startsWith('warning: '))).toBe(true)
})

test.each([
  ['report', 'pass', 0],
  ['warn', 'warn', 0],
  ['fail', 'fail', 1],
])('broken-indexes: %s gives %s', async (choice, result, status) => {
  const step = await gateOn(
    (app) => void app.index([app.image({ age: '9d' }), app.missingChild()], { tag: 'v1', age: '9d' }),
    { 'broken-indexes': choice },
  )
  expect(step).toMatchObject({ status, outputs: { result, 'broken-indexes': '1' } })
})

describe('threshold-scope', () => {
  /** Each repository alone is within a limit of 2, both together are not. */
  async function twoRepositories(inputs: Readonly<Record<string, string>>): ReturnType<typeof gate> {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['api', 'web']) {
          for (const age of ['9d', '8d', '7d']) registry.repo(name).image({ tag: 'latest', age })
        }
        registry.repo('web').image({ tag: 'latest', age: '6d' })
      },
    })
    return await gate(emulator, inputs)
  }

  test('total judges everything together', async () => {
    expect(await twoRepositories({ 'max-orphans': '4' })).toMatchObject({
      status: 1,
      outputs: { orphans: '5' },
    })
  })

  test('repository judges each by itself and names the one that is over its limit', async () => {
    expect(await twoRepositories({ 'max-orphans': '3', 'threshold-scope': 'repository' })).toMatchObject({
      status: 0,
    })
    const step = await twoRepositories({ 'max-orphans': '2', 'threshold-scope': 'repository' })
    expect(step.status).toBe(1)
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toMatch(/^error: 127\.0\.0\.1:\d+\/web: 3 orphans, expected at most 2 \(/)
  })
})

test('at most ten annotations, the last says how many more there are', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      for (let number = 10; number < 30; number += 1) {
        for (const age of ['9d', '8d']) registry.repo(`app-${number}`).image({ tag: 'latest', age })
      }
    },
  })
  const step = await gate(emulator, { 'max-orphans': '0', 'threshold-scope': 'repository' })
  expect(step.annotations).toHaveLength(10)
  expect(step.annotations[9]).toBe('error: And 11 more problems: see the job summary and the log.')
})

test('an empty registry passes every limit', async () => {
  await using emulator = await startEmulator()
  const step = await gate(emulator, { 'max-orphans': '0', 'max-orphan-size': '0', 'max-orphan-age': '0d' })
  expect(step).toMatchObject({
    status: 0,
    outputs: { result: 'pass', orphans: '0', 'oldest-orphan-days': '' },
  })
})
