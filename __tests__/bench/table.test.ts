import { expect, test } from 'vitest'
import type { Measurement } from '../../bench/measurement.ts'
import { asMarkdown, asText, measurementTable, targetTable } from '../../bench/table.ts'
import { targetsOf, type Limit } from '../../bench/targets.ts'

const measurement: Measurement = {
  scenario: 'a',
  title: 'one repository',
  latencyMs: 30,
  concurrency: 16,
  contents: { repositories: 1, manifests: 1350, listPages: 2, indexes: 150, candidates: 600, orphans: 900 },
  requests: {
    total: 1000,
    byClass: { read: 999, oauth: 1 },
    byRoute: {},
    refused: 0,
    throttled: 2,
    peakInFlight: 16,
  },
  bound: { tokens: 1, reads: 753, deletes: 0, total: 754 },
  wallSeconds: 2.6,
  secondsAtBest: 1.41375,
  firstRequestMs: 100,
  peakBytes: 128 * 2 ** 20,
  cpuSeconds: 0.5,
  registryCpuSeconds: 0.25,
  disturbance: 0.01,
  summaryBytes: 12_345,
  logBytes: 100,
  failure: undefined,
}

function judged(limits: readonly Limit[], more: Partial<Measurement> = {}) {
  const changed = { ...measurement, ...more }
  return { ...changed, targets: targetsOf(limits, changed) }
}

test('a measurement beside its lower bound', () => {
  expect(
    asMarkdown(measurementTable([judged([])]))
      .split('\n')
      .at(-1),
  ).toBe(
    '| a: one repository | 30 ms | 1,000 | 754 | 1 · 999 · 0 | 0 · 2 | 16 | 2.60 s | 1.41 s | 100 ms | 128 MiB | 0.50 s | 12.3 kB |',
  )
})

test('what the system does not tell is left empty, and misses no target', () => {
  const result = judged([{ what: 'memory', most: 1 }], { peakBytes: undefined, cpuSeconds: undefined })
  expect(asMarkdown(measurementTable([result]))).toContain('| 100 ms |  |  | 12.3 kB |')
  expect(result.targets.filter(({ general }) => !general)).toEqual([])
})

test('targets say by how much they are missed', () => {
  const limits: Limit[] = [
    { what: 'requests', most: 765 },
    // 1.3 × 1,000 × 30 ms / 16
    { what: 'wall beyond start-up', timesBusy: 1.3 },
    { what: 'wall', most: 2, at: 100 },
    { what: 'memory', most: 128 },
  ]
  expect(targetTable([judged(limits)]).rows.slice(0, 3)).toEqual([
    ['a: one repository', '30 ms', 'requests ≤ 765', '1,000', 'missed by 235'],
    ['a: one repository', '30 ms', 'wall beyond start-up ≤ 2.44 s', '2.50 s', 'missed by 0.06 s'],
    ['a: one repository', '30 ms', 'memory ≤ 128 MiB', '128 MiB', 'met'],
  ])
})

test('a bound per manifest counts those of the picture', () => {
  const [target] = judged([{ what: 'requests', mostBesidesManifests: 6 }]).targets
  expect(target).toMatchObject({ most: 756, met: false })
})

test('of the targets of every run only the worst is shown', () => {
  const results = [judged([]), judged([], { latencyMs: 100, firstRequestMs: 300 })]
  expect(targetTable(results).rows).toEqual([
    ['all 2 runs, at worst a: one repository', '30 ms', 'in flight ≤ 16', '16', 'met'],
    ['all 2 runs, at worst a: one repository', '30 ms', 'answers 401 ≤ 1', '0', 'met'],
    [
      'all 2 runs, at worst a: one repository',
      '100 ms',
      'first request ≤ 250 ms',
      '300 ms',
      'missed by 50 ms',
    ],
  ])
})

test('columns of text are as wide as their widest cell', () => {
  expect(
    asText({
      head: ['name', 'n'],
      rows: [
        ['a', '1'],
        ['longer', '22'],
      ],
    }).split('\n'),
  ).toEqual(['name    n', '------  --', 'a       1', 'longer  22'])
})
