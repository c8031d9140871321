import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { DAY } from '../domain/duration.ts'
import { pointBefore, type TrendPoint } from '../domain/trend.ts'
import type { Report } from './report.ts'

/** Two points are no trend. */
const FEWEST_POINTS = 3

/** GitHub draws a chart of a few dozen points well. */
const MOST_POINTS = 30

/** How the numbers developed: in a sentence, and as a chart when there is enough of it. */
export function trend({ history }: Report): readonly string[] {
  const points = history.trend
  const words = trendWords(points)
  if (words === undefined) return []
  return [
    '### Trend',
    `${words}.`,
    ...(points.length < FEWEST_POINTS ? [] : [chart(points.slice(-MOST_POINTS))]),
  ]
}

/** `41 orphans, were 38 yesterday, 12 a week ago`; undefined while there is nothing to compare with. */
export function trendWords(points: readonly TrendPoint[]): string | undefined {
  const last = points.at(-1)
  const [day, week] = [pointBefore(points, 1), pointBefore(points, 7)]
  if (last === undefined || day === undefined) return undefined
  const before = [day, ...(week === undefined || week === day ? [] : [week])]
  const was = before.map(
    (point) => `${grouped(point.orphans)} (${formatBytes(point.bytes)}) ${when(point, last)}`,
  )
  return `${counted(last.orphans, 'orphan')} (up to ${formatBytes(last.bytes)}), was ${was.join(', ')}`
}

function when({ at }: TrendPoint, last: TrendPoint): string {
  const days = Math.floor(last.at / DAY) - Math.floor(at / DAY)
  if (days === 1) return 'yesterday'
  return days === 7 ? 'a week ago' : `${days} days ago`
}

function chart(points: readonly TrendPoint[]): string {
  const day = ({ at }: TrendPoint): string => `"${new Date(at).toISOString().slice(5, 10)}"`
  const most = Math.max(1, ...points.map(({ orphans }) => orphans))
  return [
    '```mermaid',
    'xychart-beta',
    '  title "Orphans at the end of each day"',
    `  x-axis [${points.map(day).join(', ')}]`,
    `  y-axis "orphans" 0 --> ${most}`,
    `  line [${points.map(({ orphans }) => orphans).join(', ')}]`,
    '```',
  ].join('\n')
}
