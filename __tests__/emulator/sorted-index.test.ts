import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedIndex } from '../../emulator/state/sorted-index.ts'

const byNumber = (a: number, b: number) => a - b

test('it lists like a sorted array, from any place, forwards and backwards, through adding and deleting', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.array(fc.nat()), fc.integer(), (items, deletions, from) => {
      const index = new SortedIndex(byNumber)
      for (const item of items) index.add(item)
      const left = new Set(items)
      for (const at of deletions) {
        const item = items[at % Math.max(1, items.length)]
        if (item === undefined) continue
        expect(index.delete(item)).toBe(left.delete(item))
      }
      const sorted = [...left].sort(byNumber)
      expect(index.size).toBe(sorted.length)
      expect([...index.from((item) => item >= from)]).toEqual(sorted.filter((item) => item >= from))
      expect([...index.backFrom((item) => item >= from)]).toEqual(
        sorted.filter((item) => item < from).toReversed(),
      )
    }),
  )
})

test('it stays in order over many chunks', () => {
  const index = new SortedIndex(byNumber)
  const count = 20_000
  for (let number = 0; number < count; number += 1) index.add((number * 7919) % count)
  for (let number = 0; number < count; number += 2) expect(index.delete(number)).toBe(true)
  expect(index.delete(0)).toBe(false)
  expect([...index.from(() => true)]).toEqual(Array.from({ length: count / 2 }, (_, at) => at * 2 + 1))
  expect([...index.backFrom(() => false)].slice(0, 2)).toEqual([count - 1, count - 3])
})
