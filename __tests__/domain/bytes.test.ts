import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatBytesBeside, formatBytesLimit, parseBytes } from '../../src/domain/bytes.ts'

describe('a size is read', () => {
  test.each([
    ['500MB', 500_000_000],
    ['5GiB', 5 * 1024 ** 3],
    ['5GB', 5_000_000_000],
    ['0', 0],
    ['0MB', 0],
    ['1B', 1],
    ['1KB', 1000],
    ['1KiB', 1024],
    ['1MiB', 1024 ** 2],
    ['2TB', 2e12],
    ['2TiB', 2 * 1024 ** 4],
    ['3PB', 3e15],
    ['3PiB', 3 * 1024 ** 5],
    ['500 MB', 500_000_000],
    ['5gib', 5 * 1024 ** 3],
    ['007KB', 7000],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test('with an i it counts by 1024, without by 1000', () => {
    const exponent = fc.constantFrom(...['K', 'M', 'G', 'T'].entries())
    fc.assert(
      fc.property(fc.nat({ max: 5000 }), exponent, (count, [index, letter]) => {
        expect(parseBytes(`${count}${letter}B`)).toBe(count * 1000 ** (index + 1))
        expect(parseBytes(`${count}${letter}iB`)).toBe(count * 1024 ** (index + 1))
      }),
    )
  })
})

describe('no size is', () => {
  test.each([
    ['negative', '-1MB'],
    ['signed', '+1MB'],
    ['a number without a unit', '500'],
    ['a unit without a number', 'MB'],
    ['a unit without its B', '5G'],
    ['a unit without its B', '5Gi'],
    ['a fraction', '1.5GB'],
    ['a fraction with a comma', '1,5GB'],
    ['grouped digits', '1,000MB'],
    ['a unit that is not known', '5XB'],
    ['half a unit', '5iB'],
    ['half a unit', '1024iB'],
    ['half a unit of nothing', '0iB'],
    ['half a unit behind a blank', '2048 ib'],
    ['bits', '5Gbit'],
    ['in words', 'five GB'],
    ['empty', ''],
    ['two of them', '1GB 500MB'],
    ['a percentage', '5%'],
    ['a power of ten', '1e9B'],
    ['more than a number can hold exactly', '9007199254740992B'],
    ['more than a number can hold exactly', '10PiB'],
    ['more digits than any size has', `${'9'.repeat(400)}B`],
    ['endless', 'InfinityB'],
  ])('%s: %s', (_, text) => {
    expect(parseBytes(text)).toBeUndefined()
  })

  test('not exact: whatever is given, the result is a whole number, or none', () => {
    const digits = fc.stringMatching(/^\d{1,18}$/)
    const unit = fc.constantFrom('B', 'KB', 'KiB', 'MB', 'MiB', 'GB', 'GiB', 'TB', 'TiB', 'PB', 'PiB')
    fc.assert(
      fc.property(digits, unit, (number, name) => {
        expect(Number.isSafeInteger(parseBytes(`${number}${name}`) ?? 0)).toBe(true)
      }),
    )
  })
})

describe('a size is shown by 1024, with one decimal', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1023, '1023.0 KiB'],
    [1024 * 1023.9, '1023.9 KiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [1024 ** 2, '1.0 MiB'],
    [1024 ** 3 - 1, '1.0 GiB'],
    [1024 ** 3, '1.0 GiB'],
    [3.2 * 1024 ** 3, '3.2 GiB'],
    [1024 ** 4 - 1, '1.0 TiB'],
    [1024 ** 5, '1.0 PiB'],
    [5 * 1024 ** 5, '5.0 PiB'],
    [500_000_000, '476.8 MiB'],
  ])('%d bytes: %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  test('never as 1024 of a unit that has a next one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -2000, max: 2000 }), (power, away) => {
        expect(formatBytes(1024 ** power + away)).not.toMatch(/^1024/)
      }),
    )
  })

  test('the larger of two sizes never reads as the smaller one', () => {
    const size = fc.nat({ max: 2 ** 50 })
    const shown = (bytes: number): number => {
      const [value = '', unit = ''] = formatBytes(bytes).split(' ')
      return Number(value) * 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit)
    }
    fc.assert(
      fc.property(size, size, (a, b) => {
        expect(shown(Math.max(a, b))).toBeGreaterThanOrEqual(shown(Math.min(a, b)))
      }),
    )
  })
})

describe('a limit is shown in the largest unit that divides it', () => {
  test.each([
    [0, '0 bytes'],
    [1023, '1,023 bytes'],
    [5 * 1024 ** 3 + 1, '5,368,709,121 bytes'],
    [1024, '1 KiB'],
    [5 * 1024 ** 3, '5 GiB'],
    [2560 * 1024 ** 2, '2,560 MiB'],
    [500_000_000, '500 MB'],
    [1_500_000_000, '1,500 MB'],
    [2e15, '2 PB'],
  ])('%d bytes: %s', (bytes, text) => {
    expect(formatBytesLimit(bytes)).toBe(text)
  })

  test('so that it reads as it may be written: the same size comes back', () => {
    const unit = fc.constantFrom('B', 'KB', 'KiB', 'MB', 'MiB', 'GB', 'GiB', 'TB', 'TiB')
    fc.assert(
      fc.property(fc.nat({ max: 5000 }), unit, (count, name) => {
        const bytes = parseBytes(`${count}${name}`) ?? Number.NaN
        const shown = formatBytesLimit(bytes)
          .replaceAll(',', '')
          .replace(/ bytes$/, 'B')
        expect(parseBytes(shown)).toBe(bytes)
      }),
    )
  })
})

describe('a size beside its limit is shown', () => {
  const GIB = 1024 ** 3

  test.each([
    ['in the kind of unit of its limit: 1000-based', 510e6, 500e6, '510.0 MB'],
    ['in the kind of unit of its limit: 1024-based', 3.2 * GIB, 2 * GIB, '3.2 GiB'],
    ['in a larger unit of that kind', 2.5e9, 500e6, '2.5 GB'],
    [
      'in the unit of its limit where the larger one would round it below',
      3.24 * GIB,
      3297 * 1024 ** 2,
      '3,317.8 MiB',
    ],
    ['in bytes where no unit is exact enough', 5 * GIB + 1, 5 * GIB, '5,368,709,121 bytes'],
    ['in bytes beside a limit that no unit divides', 1000, 999, '1,000 bytes'],
    ['in bytes beside a limit of none', 1000, 0, '1,000 bytes'],
    ['like its limit when it is the same', 5 * GIB, 5 * GIB, '5.0 GiB'],
  ])('%s', (...[, bytes, limit, text]) => {
    expect(formatBytesBeside(bytes, limit)).toBe(text)
  })

  test('as larger than the limit whenever it is larger', () => {
    const unit = fc.constantFrom('B', 'KB', 'KiB', 'MB', 'MiB', 'GB', 'GiB', 'TB', 'TiB')
    const sizeIn = (text: string): number => {
      const [count = '', name = ''] = text.replaceAll(',', '').split(' ')
      return Number(count) * (parseBytes(`1${name.replace('bytes', 'B')}`) ?? Number.NaN)
    }
    fc.assert(
      fc.property(fc.nat({ max: 4000 }), unit, fc.integer({ min: 1, max: 2 ** 42 }), (count, name, more) => {
        const limit = parseBytes(`${count}${name}`) ?? Number.NaN
        expect(sizeIn(formatBytesLimit(limit))).toBe(limit)
        expect(sizeIn(formatBytesBeside(limit + more, limit))).toBeGreaterThan(limit)
      }),
    )
  })
})
