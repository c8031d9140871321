import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/domain/duration.ts'
import { pointBefore, withPoint, type Trends } from '../../src/domain/trend.ts'
import { trendWords } from '../../src/report/trend.ts'

const START = Date.parse('2026-11-01T12:00:00Z')

function point(day: number, orphans: number, hours = 0) {
  return { at: START + day * DAY + hours * HOUR, orphans, bytes: orphans * 1024 }
}

/** A trend of these numbers, by day. */
function trendOf(days: readonly (readonly [number, number])[], scope = '**'): Trends {
  return days.reduce<Trends>(
    (trends, [day, orphans]) => withPoint(trends, scope, point(day, orphans)),
    new Map(),
  )
}

describe('a trend', () => {
  test('has one point a day: the last run of the day stands for it', () => {
    const trends = withPoint(withPoint(trendOf([[0, 1]]), '**', point(1, 5, 1)), '**', point(1, 4, 2))
    expect(trends.get('**')?.map(({ orphans }) => orphans)).toEqual([1, 4])
  })

  test('is of the same repositories only', () => {
    const trends = withPoint(trendOf([[0, 1]]), 'app', point(1, 5))
    expect([trends.get('**')?.length, trends.get('app')?.length]).toEqual([1, 1])
  })

  test('is bounded in length and number', () => {
    const long = trendOf(Array.from({ length: 100 }, (_, day) => [day, day] as const)).get('**')
    expect([long?.length, long?.at(-1)?.orphans]).toEqual([60, 99])
    const many = Array.from({ length: 50 }, (_, day) => day).reduce<Trends>(
      (trends, day) => withPoint(trends, `scope ${day}`, point(day, 1)),
      new Map(),
    )
    expect([many.size, many.has('scope 49'), many.has('scope 0')]).toEqual([20, true, false])
  })

  test('has no points of the future after a clock went back', () => {
    const points = withPoint(
      trendOf([
        [0, 1],
        [9, 7],
      ]),
      '**',
      point(2, 3),
    ).get('**')
    expect(points?.map(({ orphans }) => orphans)).toEqual([1, 3])
  })

  test('reaches back as far as it can', () => {
    const points =
      trendOf([
        [0, 1],
        [3, 2],
        [7, 3],
        [8, 4],
      ]).get('**') ?? []
    expect([1, 5, 7, 9].map((days) => pointBefore(points, days)?.orphans)).toEqual([3, 2, 1, undefined])
  })
})

test.each<[string, readonly (readonly [number, number])[], string | undefined]>([
  ['nothing to compare with', [[0, 4]], undefined],
  [
    'yesterday',
    [
      [0, 38],
      [1, 41],
    ],
    '41 orphans (up to 41 KiB), was 38 (38 KiB) yesterday',
  ],
  [
    'longer ago',
    [
      [0, 38],
      [4, 1],
    ],
    '1 orphan (up to 1 KiB), was 38 (38 KiB) 4 days ago',
  ],
  [
    'a week ago',
    [
      [0, 12],
      [6, 38],
      [7, 41],
    ],
    '41 orphans (up to 41 KiB), was 38 (38 KiB) yesterday, 12 (12 KiB) a week ago',
  ],
  [
    'one point for both',
    [
      [0, 12],
      [20, 41],
    ],
    '41 orphans (up to 41 KiB), was 12 (12 KiB) 20 days ago',
  ],
])('in words: %s', (_, days, expected) => {
  expect(trendWords(trendOf(days).get('**') ?? [])?.replaceAll('.0 KiB', ' KiB')).toBe(expected)
})
