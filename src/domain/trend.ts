import type { Bytes } from './bytes.ts'
import { DAY } from './duration.ts'
import type { Instant } from './snapshot.ts'

/** What a run found in all that it looked at. */
export interface TrendPoint {
  readonly at: Instant
  readonly orphans: number
  readonly bytes: Bytes
}

/** Points by what was looked at, oldest first, one a day: numbers of different repositories cannot be compared. */
export type Trends = ReadonlyMap<string, readonly TrendPoint[]>

const MOST_POINTS = 60
const MOST_SCOPES = 20

/** The last run of a day stands for it; of what was not looked at for the longest time, nothing is kept. */
export function withPoint(trends: Trends, scope: string, point: TrendPoint): Trends {
  // A clock that went back makes points of the future, which were none.
  const before = (trends.get(scope) ?? []).filter(({ at }) => at <= point.at && dayOf(at) !== dayOf(point.at))
  const points = [...before, point].slice(-MOST_POINTS)
  const all = [...trends].filter(([key]) => key !== scope)
  const newest = all.toSorted(([, a], [, b]) => lastOf(b) - lastOf(a)).slice(0, MOST_SCOPES - 1)
  return new Map([[scope, points], ...newest])
}

function dayOf(at: Instant): number {
  return Math.floor(at / DAY)
}

function lastOf(points: readonly TrendPoint[]): Instant {
  return points.at(-1)?.at ?? 0
}

/** The last point at least so many days before the end; undefined when the trend does not reach that far. */
export function pointBefore(points: readonly TrendPoint[], days: number): TrendPoint | undefined {
  const end = dayOf(lastOf(points))
  return points.findLast(({ at }) => dayOf(at) <= end - days)
}

/** Whether two trends show the same, whatever the hour of their points. */
export function isSameTrend(a: Trends, b: Trends): boolean {
  if (a.size !== b.size) return false
  return [...a].every(([scope, points]) => {
    const others = b.get(scope)
    return (
      others?.length === points.length &&
      points.every((point, index) => {
        const other = others[index]
        return (
          other !== undefined &&
          dayOf(point.at) === dayOf(other.at) &&
          point.orphans === other.orphans &&
          point.bytes === other.bytes
        )
      })
    )
  })
}
