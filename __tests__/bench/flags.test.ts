import { expect, test } from 'vitest'
import { readFlags } from '../../bench/flags.ts'

function keys(...args: string[]): readonly string[] | string {
  const invocation = readFlags(args)
  return invocation === 'help' ? 'help' : invocation.scenarios.map(({ key }) => key)
}

test('a letter means a scenario with its variants', () => {
  expect(keys('--only', 'b, c')).toEqual(['b', 'c', 'c-throttled'])
  expect(keys('--only', 'c-throttled')).toEqual(['c-throttled'])
  expect(keys().length).toBeGreaterThan(8)
  expect(keys('--help')).toBe('help')
})

test('latencies take the place of those of each scenario', () => {
  const invocation = readFlags(['--only', 'a,d', '--latency', '0,30'])
  if (invocation === 'help') throw new Error('help')
  expect(new Set(invocation.scenarios.map(({ latencies }) => latencies.join()))).toEqual(new Set(['0,30']))
})

test.each([
  [['--only', 'z'], /no scenario "z"\. There are a, /],
  [['--latency', '30ms'], /--latency takes milliseconds such as 0,30,100, not "30ms"/],
  [['--markdown', '--only', 'a'], /--markdown writes all of the tables/],
  [['--fast'], /Unknown option '--fast'/],
])('%j is answered with a sentence', (args, sentence) => {
  expect(() => readFlags(args)).toThrow(sentence)
})
