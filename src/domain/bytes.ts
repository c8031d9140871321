import { grouped } from './count.ts'

/** A number of bytes, never negative. */
export type Bytes = number

const DECIMAL = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
const BINARY = ['B', 'KIB', 'MIB', 'GIB', 'TIB', 'PIB']
const SIZE = /^(\d{1,15})\s?([KMGTP]?i?B)$/i

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

/** In the largest unit of either kind that divides it, so that a limit reads as it was given: `500 MB`, `5 GiB`. */
export function formatBytesExactly(bytes: Bytes): string {
  const units = [
    ...['PiB', 'TiB', 'GiB', 'MiB', 'KiB'].map((name, index) => ({ name, size: 1024 ** (5 - index) })),
    ...['PB', 'TB', 'GB', 'MB', 'KB'].map((name, index) => ({ name, size: 1000 ** (5 - index) })),
  ].toSorted((a, b) => b.size - a.size)
  const unit = units.find(({ size }) => bytes > 0 && bytes % size === 0)
  return unit === undefined ? `${grouped(bytes)} bytes` : `${grouped(bytes / unit.size)} ${unit.name}`
}
