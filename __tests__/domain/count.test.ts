import { expect, test } from 'vitest'
import { counted, grouped } from '../../src/domain/count.ts'

test.each([
  [0, '0 orphans'],
  [1, '1 orphan'],
  [2, '2 orphans'],
  [12_431, '12,431 orphans'],
  [1_000_000, '1,000,000 orphans'],
])('%i is written as English writes it: %s', (count, text) => {
  expect(counted(count, 'orphan')).toBe(text)
})

test('a noun with a plural of its own', () => {
  expect(counted(1, 'broken index', 'broken indexes')).toBe('1 broken index')
  expect(counted(2, 'broken index', 'broken indexes')).toBe('2 broken indexes')
})

test('thousands are separated by commas from four digits on', () => {
  expect([999, 1000, 1_234_567].map(grouped)).toEqual(['999', '1,000', '1,234,567'])
})
