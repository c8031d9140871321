import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DAY,
  formatDuration,
  formatDurationBeside,
  formatDurationExactly,
  formatDurationLimit,
  HOUR,
  MINUTE,
  parseDuration,
} from '../../src/domain/duration.ts'

const SECOND = 1000
const HUNDRED_YEARS = 36_525 * DAY

describe('a duration is read', () => {
  test.each([
    ['90m', 90 * MINUTE],
    ['36h', 36 * HOUR],
    ['7d', 7 * DAY],
    ['2w', 14 * DAY],
    ['1d12h', 36 * HOUR],
    ['30 days', 30 * DAY],
    ['0d', 0],
    ['1 week', 7 * DAY],
    ['2 weeks', 14 * DAY],
    ['1 day 12 hours', 36 * HOUR],
    ['1 hour', HOUR],
    ['15 min', 15 * MINUTE],
    ['1 minute', MINUTE],
    ['1w 2d 3h 4m', 9 * DAY + 3 * HOUR + 4 * MINUTE],
    ['007d', 7 * DAY],
    ['36525d', HUNDRED_YEARS],
  ])('%s', (text, length) => {
    expect(parseDuration(text)).toBe(length)
  })

  test('whatever whole numbers stand before its units', () => {
    const count = fc.nat({ max: 500 })
    fc.assert(
      fc.property(fc.tuple(count, count, count, count), ([weeks, days, hours, minutes]) => {
        expect(parseDuration(`${weeks}w${days}d${hours}h${minutes}m`)).toBe(
          (weeks * 7 + days) * DAY + hours * HOUR + minutes * MINUTE,
        )
      }),
    )
  })
})

describe('no duration is', () => {
  test.each([
    ['negative', '-7d'],
    ['negative in one part', '1d-12h'],
    ['signed', '+7d'],
    ['a unit without a number', 'd'],
    ['a number in words', 'sevend'],
    ['two decimal points', '1.5.2d'],
    ['a fraction', '1.5d'],
    ['a fraction with a comma', '1,5d'],
    ['a number without a unit', '7'],
    ['empty', ''],
    ['only blanks', '  '],
    ['a unit that is not known', '7y'],
    ['seconds', '90s'],
    ['months, which are no fixed length', '1mo'],
    ['the same unit twice', '1d1d'],
    ['a smaller unit before a larger one', '12h1d'],
    ['a second part without a unit', '1h30'],
    ['a number in another base', '0x10d'],
    ['a power of ten', '1e3d'],
    ['a digit of another script', '٧d'],
    ['words around it', 'about 7d'],
    ['two of them', '7d, 8d'],
    ['endless', 'Infinityd'],
  ])('%s: %s', (_, text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('nothing over a hundred years is taken (acr-cli#560: it overflowed and selected every image)', () => {
  test.each([
    '36525d1m',
    '36526d',
    '5219w',
    '999999d',
    '99999999999d',
    '9223372036854775807d',
    '999999999h',
    '18446744073709551617m',
    `${'9'.repeat(400)}d`,
  ])('%s', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('whatever digits are given, the result is a whole number of minutes within the limit, or none', () => {
    const digits = fc.stringMatching(/^\d{1,30}$/)
    fc.assert(
      fc.property(digits, fc.constantFrom('m', 'h', 'd', 'w'), (number, unit) => {
        const length = parseDuration(`${number}${unit}`) ?? 0
        expect(length).toBeGreaterThanOrEqual(0)
        expect(length).toBeLessThanOrEqual(HUNDRED_YEARS)
        expect(length % MINUTE).toBe(0)
      }),
    )
  })
})

describe('a length is said in one unit, rounded down', () => {
  test.each([
    [0, 'less than a minute'],
    [MINUTE - 1, 'less than a minute'],
    [MINUTE, '1 minute'],
    [2 * MINUTE - 1, '1 minute'],
    [HOUR - 1, '59 minutes'],
    [HOUR, '1 hour'],
    [36 * HOUR, '36 hours'],
    [2 * DAY - 1, '47 hours'],
    [2 * DAY, '2 days'],
    [3 * DAY - 1, '2 days'],
    [212 * DAY + 5 * HOUR, '212 days'],
    [HUNDRED_YEARS, '36,525 days'],
  ])('%i ms: %s', (length, text) => {
    expect(formatDuration(length)).toBe(text)
  })
})

describe('a length is said exactly', () => {
  test.each([
    [0, '0 seconds'],
    [999, '0 seconds'],
    [SECOND, '1 second'],
    [7 * DAY + 3 * HOUR + 12 * MINUTE, '7 days 3 hours 12 minutes'],
    [7 * DAY + SECOND, '7 days 1 second'],
    [DAY + HOUR + MINUTE + SECOND, '1 day 1 hour 1 minute 1 second'],
    [59 * MINUTE + 59 * SECOND, '59 minutes 59 seconds'],
  ])('%i ms: %s', (length, text) => {
    expect(formatDurationExactly(length)).toBe(text)
  })

  test('so that two lengths of whole seconds never read alike', () => {
    const seconds = fc.nat({ max: 400 * 24 * 3600 })
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 100_000 }), (one, more) => {
        expect(formatDurationExactly(one * SECOND)).not.toBe(formatDurationExactly((one + more) * SECOND))
      }),
    )
  })
})

test('what is written out exactly in whole minutes is read back as the same length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 52_596_000 }), (minutes) => {
      expect(parseDuration(formatDurationExactly(minutes * MINUTE).replaceAll(',', ''))).toBe(
        minutes * MINUTE,
      )
    }),
  )
})

describe('a limit is said in the largest unit that divides it', () => {
  test.each([
    [90 * DAY, '90 days'],
    [36 * HOUR, '36 hours'],
    [48 * HOUR, '2 days'],
    [DAY, '1 day'],
    [90 * MINUTE, '90 minutes'],
    [DAY + MINUTE, '1,441 minutes'],
    [HUNDRED_YEARS, '36,525 days'],
  ])('%i ms: %s', (length, text) => {
    expect(formatDurationLimit(length)).toBe(text)
  })

  test('so that it reads as it may be written: the same length comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 52_596_000 }), (minutes) => {
        const shown = formatDurationLimit(minutes * MINUTE).replaceAll(',', '')
        expect(parseDuration(shown)).toBe(minutes * MINUTE)
      }),
    )
  })
})

describe('a length beside its limit is said', () => {
  test.each([
    ['in one unit', 212 * DAY + 5 * HOUR, 30 * DAY, '212 days'],
    ['in one unit though the limit has a smaller one', 3 * DAY + HOUR, 36 * HOUR, '3 days'],
    ['in all its units where one would read like the limit', 7 * DAY + 3 * HOUR, 7 * DAY, '7 days 3 hours'],
    ['as more than the limit where no unit is small enough', 7 * DAY + 500, 7 * DAY, 'more than 7 days'],
    ['like its limit when it is the same', 7 * DAY, 7 * DAY, '7 days'],
    ['in one unit when it is shorter', 7 * DAY - 1, 7 * DAY, '6 days'],
  ])('%s', (...[, length, limit, text]) => {
    expect(formatDurationBeside(length, limit)).toBe(text)
  })

  test('as longer than the limit whenever it is longer', () => {
    const lengthIn = (text: string): number =>
      [...text.replaceAll(',', '').matchAll(/(\d+) (day|hour|minute|second)s?/g)].reduce(
        (sum, [, count, unit]) =>
          sum + Number(count) * (unit === 'second' ? SECOND : (parseDuration(`1 ${unit}`) ?? Number.NaN)),
        0,
      )
    const limits = fc.integer({ min: 1, max: 50_000 }).map((minutes) => minutes * MINUTE)
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 5 * DAY }), (limit, more) => {
        const text = formatDurationBeside(limit + more, limit)
        if (!text.startsWith('more than ')) expect(lengthIn(text)).toBeGreaterThan(limit)
        else expect(lengthIn(text)).toBe(limit)
      }),
    )
  })
})
