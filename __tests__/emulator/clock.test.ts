import { expect, test } from 'vitest'
import { Clock, formatTicks, millisecondsIn, ticksIn, ticksOf } from '../../emulator/clock.ts'

test.each([
  ['2026-10-02T14:14:24.0417305Z', '2026-10-02T14:14:24.0417305Z'],
  ['2021-07-12T19:20:00.913255Z', '2021-07-12T19:20:00.913255Z'],
  ['2021-07-12T19:20:00.1000000Z', '2021-07-12T19:20:00.1Z'],
  ['2021-07-12T19:20:00.0000000Z', '2021-07-12T19:20:00Z'],
  ['2021-07-12T19:20:00.0000001Z', '2021-07-12T19:20:00.0000001Z'],
  ['1969-12-31', '1969-12-31T00:00:00Z'],
])('%s is printed as %s', (text, printed) => {
  expect(formatTicks(ticksOf(text))).toBe(printed)
})

test.each(['', 'yesterday', '2026-13-01T00:00:00.1Z'])('%j is no instant', (text) => {
  expect(() => ticksOf(text)).toThrow('not an instant')
})

test('durations add up', () => {
  expect(['250ms', '30s', '90m', '1d12h', '2w', '0.5h', 7].map(millisecondsIn)).toEqual([
    250, 30_000, 5_400_000, 129_600_000, 1_209_600_000, 1_800_000, 7,
  ])
  expect(ticksIn('1s')).toBe(10_000_000n)
})

test.each(['', '3', '-1d', '1y', 'd', '1d 2h'])('%j is no duration', (text) => {
  expect(() => millisecondsIn(text)).toThrow('not a duration')
})

test('a frozen clock stands, moves when told to, and runs on from where it is', async () => {
  const clock = new Clock()
  clock.freeze('2026-01-01T00:00:00Z')
  const frozen = clock.now()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(clock.now()).toBe(frozen)
  clock.advance('1d')
  expect(clock.date().toISOString()).toBe('2026-01-02T00:00:00.000Z')
  clock.goBack('2d')
  clock.run()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(clock.now()).toBeGreaterThan(ticksOf('2025-12-31T00:00:00.001Z'))
  expect(clock.date().toISOString()).toMatch(/^2025-12-31T00:00/)
})

test('a running clock can be set and keeps running; reset is the time of the machine', () => {
  const clock = new Clock()
  clock.set('2020-01-01T00:00:00Z')
  expect(clock.date().getUTCFullYear()).toBe(2020)
  expect(clock.offsetMilliseconds()).toBeLessThan(-86_400_000)
  expect(clock.frozen).toBe(false)
  clock.reset()
  expect(Math.abs(clock.date().getTime() - Date.now())).toBeLessThan(1000)
})
