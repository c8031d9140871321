import { grouped } from './count.ts'

/** A number of bytes, never negative. */
export type Bytes = number

const DECIMAL = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
const BINARY = ['B', 'KIB', 'MIB', 'GIB', 'TIB', 'PIB']
const SIZE = /^(\d{1,15})\s?(B|[KMGTP]i?B)$/i

/** What `parseBytes` accepts, for messages. */
export const BYTES_GRAMMAR =
  'a whole number with a unit, such as 500MB (1000-based) or 5GiB (1024-based), or 0'

/** @returns the number of bytes, or undefined when the text is not a size */
export function parseBytes(text: string): Bytes | undefined {
  if (text === '0') return 0
  const [, digits, unit] = SIZE.exec(text) ?? []
  if (digits === undefined || unit === undefined) return undefined
  const name = unit.toUpperCase()
  const power = DECIMAL.indexOf(name)
  const factor = power >= 0 ? 1000 ** power : 1024 ** BINARY.indexOf(name)
  const bytes = Number(digits) * factor
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

const SHOWN = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 1024-based with one decimal, as Azure's portal and docker's own tables show image sizes: `3.2 GiB`, `512 B`. */
export function formatBytes(bytes: Bytes): string {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes
  let unit = 'B'
  for (const next of SHOWN) {
    // 1023.95 would be shown as 1024.0 of the smaller unit.
    if (value < 1023.95) break
    value /= 1024
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}

const BINARY_UNITS: readonly Unit[] = ['PiB', 'TiB', 'GiB', 'MiB', 'KiB'].map((name, index) => ({
  name,
  size: 1024 ** (5 - index),
}))
const DECIMAL_UNITS: readonly Unit[] = ['PB', 'TB', 'GB', 'MB', 'KB'].map((name, index) => ({
  name,
  size: 1000 ** (5 - index),
}))

interface Unit {
  readonly name: string
  readonly size: Bytes
}

/** A limit in the largest unit that divides it, as it was probably given: `500 MB`, `5 GiB`. */
export function formatBytesLimit(limit: Bytes): string {
  const unit = limitUnit(limit)
  return unit === undefined ? formatBytesExactly(limit) : `${grouped(limit / unit.size)} ${unit.name}`
}

/**
 * A measured size beside its limit: in the limit's kind of unit, and as exact as it takes to show on which side of it the
 * size is.
 *
 * @returns for example `510.0 MB` beside `500 MB`
 */
export function formatBytesBeside(bytes: Bytes, limit: Bytes): string {
  const unit = limitUnit(limit)
  const family = unit !== undefined && DECIMAL_UNITS.includes(unit) ? DECIMAL_UNITS : BINARY_UNITS
  const inUnit = ({ size }: Unit): number => Number((bytes / size).toFixed(1))
  // What rounds to 1024 of a unit is 1 of the next.
  const candidates = [family.find(({ size }) => bytes >= size * 0.99995), unit]
  for (const candidate of candidates) {
    if (candidate === undefined || inUnit(candidate) < 1) continue
    const shown = inUnit(candidate)
    if (bytes > limit === shown * candidate.size > limit) {
      return `${shown.toLocaleString('en-US', { minimumFractionDigits: 1 })} ${candidate.name}`
    }
  }
  return formatBytesExactly(bytes)
}

function formatBytesExactly(bytes: Bytes): string {
  return `${grouped(bytes)} bytes`
}

function limitUnit(limit: Bytes): Unit | undefined {
  return [...BINARY_UNITS, ...DECIMAL_UNITS]
    .toSorted((a, b) => b.size - a.size)
    .find(({ size }) => limit > 0 && limit % size === 0)
}
