import { counted } from './count.ts'

/** A span of time in milliseconds, never negative. */
export type Milliseconds = number

export const MINUTE: Milliseconds = 60_000
export const HOUR: Milliseconds = 60 * MINUTE
export const DAY: Milliseconds = 24 * HOUR
const WEEK: Milliseconds = 7 * DAY

/**
 * `acr purge --ago 999999d` overflowed and selected every image (Azure/acr-cli#560), so anything beyond a hundred years
 * is a mistake.
 */
const LONGEST: Milliseconds = 100 * 365.25 * DAY

const UNITS: readonly { readonly pattern: string; readonly length: Milliseconds }[] = [
  { pattern: 'w|weeks?', length: WEEK },
  { pattern: 'd|days?', length: DAY },
  { pattern: 'h|hours?', length: HOUR },
  { pattern: 'm|min|minutes?', length: MINUTE },
]

/** Every unit at most once, from the largest to the smallest: `1d12h`, `2w`, `30 days`. */
const DURATION = new RegExp(
  `^${UNITS.map(({ pattern }) => `(?:(\\d{1,9})\\s?(?:${pattern})\\s?)?`).join('')}$`,
)

/** What `parseDuration` accepts, for messages. */
export const DURATION_GRAMMAR = 'a duration such as 90m, 36h, 7d, 2w, 1d12h or 30 days, at most 100 years'

/** @returns the duration, or undefined when the text is not one */
export function parseDuration(text: string): Milliseconds | undefined {
  if (text === '0') return 0
  const counts = DURATION.exec(text)?.slice(1)
  if (counts === undefined || counts.every((count) => count === undefined)) return undefined
  const total = counts.reduce(
    (sum, count, index) => sum + Number(count ?? 0) * (UNITS[index]?.length ?? 0),
    0,
  )
  return total <= LONGEST ? total : undefined
}

/** A length as people say it, in one unit, rounded down: `212 days`, `5 hours`, `1 minute`, `less than a minute`. */
export function formatDuration(length: Milliseconds): string {
  // Up to two days hours say more than days: 36 hours, not 1 day.
  if (length >= 2 * DAY) return counted(Math.floor(length / DAY), 'day')
  if (length >= HOUR) return counted(Math.floor(length / HOUR), 'hour')
  if (length >= MINUTE) return counted(Math.floor(length / MINUTE), 'minute')
  return 'less than a minute'
}

/** A length with all its units, for two that read alike when rounded: `7 days 3 hours 12 minutes`. */
export function formatDurationExactly(length: Milliseconds): string {
  const days = Math.floor(length / DAY)
  const hours = Math.floor((length % DAY) / HOUR)
  const minutes = Math.floor((length % HOUR) / MINUTE)
  const seconds = Math.floor((length % MINUTE) / 1000)
  const parts = [
    ...(days > 0 ? [counted(days, 'day')] : []),
    ...(hours > 0 ? [counted(hours, 'hour')] : []),
    ...(minutes > 0 ? [counted(minutes, 'minute')] : []),
    ...(seconds > 0 ? [counted(seconds, 'second')] : []),
  ]
  return parts.length === 0 ? '0 seconds' : parts.join(' ')
}
