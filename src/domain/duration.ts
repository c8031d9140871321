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

const SHOWN_UNITS: readonly (readonly [string, Milliseconds])[] = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', 1000],
]

/** A length with all its units, rounded down to seconds: `7 days 3 hours 12 minutes`. */
export function formatDurationExactly(length: Milliseconds): string {
  let rest = length
  const parts = SHOWN_UNITS.flatMap(([noun, unit]) => {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    return count > 0 ? [counted(count, noun)] : []
  })
  return parts.length === 0 ? '0 seconds' : parts.join(' ')
}

/** A limit in the largest unit that divides it, as it was probably given: `90 days`, `36 hours`. */
export function formatDurationLimit(length: Milliseconds): string {
  const [noun, unit] = SHOWN_UNITS.find(([, candidate]) => length > 0 && length % candidate === 0) ?? [
    'second',
    1000,
  ]
  return counted(length / unit, noun)
}

/**
 * A measured length beside its limit: in one unit, unless that would not show that it is longer.
 *
 * @returns for example `212 days`, `1 day 12 hours 30 minutes`, `more than 7 days`
 */
export function formatDurationBeside(length: Milliseconds, limit: Milliseconds): string {
  const rounded = Math.floor(length / unitOf(length)) * unitOf(length)
  if (length <= limit || rounded > limit) return formatDuration(length)
  return Math.floor(length / 1000) * 1000 > limit
    ? formatDurationExactly(length)
    : `more than ${formatDurationLimit(limit)}`
}

/** The unit that `formatDuration` says a length in. */
function unitOf(length: Milliseconds): Milliseconds {
  if (length >= 2 * DAY) return DAY
  return length >= HOUR ? HOUR : MINUTE
}
