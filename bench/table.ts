import type { Measurement } from './measurement.ts'
import type { Target } from './targets.ts'

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A measurement with the targets that it was held against. */
export interface Judged extends Measurement {
  readonly targets: readonly Target[]
}

export function measurementTable(results: readonly Judged[]): Table {
  const head = [
    'scenario',
    'latency',
    'requests',
    'at least',
    'tokens, reads, deletes',
    '401, 429',
    'in flight',
    'wall',
    'at best',
    'first request',
    'memory',
    'processor',
    'summary',
  ]
  return { head, rows: results.map(measurementRow) }
}

function measurementRow(result: Judged): readonly string[] {
  const { requests, bound } = result
  const { oauth = 0, read = 0, delete: deletes = 0 } = requests.byClass
  return [
    nameOf(result),
    `${result.latencyMs} ms`,
    grouped(requests.total),
    grouped(bound.total),
    [oauth, read, deletes].map(grouped).join(' · '),
    `${requests.refused} · ${requests.throttled}`,
    `${requests.peakInFlight}`,
    inUnit(result.wallSeconds, 's'),
    inUnit(result.secondsAtBest, 's'),
    inUnit(result.firstRequestMs, 'ms'),
    inUnit(result.peakBytes && result.peakBytes / 2 ** 20, 'MiB'),
    inUnit(result.cpuSeconds, 's'),
    `${(result.summaryBytes / 1000).toFixed(1)} kB`,
  ]
}

/** One row per target; of those that every run has, the run that is worst off stands for all. */
export function targetTable(results: readonly Judged[]): Table {
  const head = ['scenario', 'latency', 'target', 'measured', '']
  const all = results.flatMap((result) =>
    result.targets.map((target) => ({ target, name: nameOf(result), latency: `${result.latencyMs} ms` })),
  )
  const general = Map.groupBy(
    all.filter(({ target }) => target.general),
    ({ target }) => target.what,
  )
  const worst = [...general.values()].flatMap((runs) => {
    const [first] = runs.toSorted((a, b) => b.target.measured - a.target.measured)
    return first === undefined ? [] : { ...first, name: `all ${runs.length} runs, at worst ${first.name}` }
  })
  const rows = [...all.filter(({ target }) => !target.general), ...worst]
  return { head, rows: rows.map(({ name, latency, target }) => [name, latency, ...targetCells(target)]) }
}

function targetCells({ what, unit, most, measured, met }: Target): readonly string[] {
  const missed = `missed by ${inUnit(measured - most, unit)}`
  return [`${what} ≤ ${inUnit(most, unit)}`, inUnit(measured, unit), met ? 'met' : missed]
}

function nameOf({ scenario, title }: Judged): string {
  return `${scenario}: ${title}`
}

function inUnit(value: number | undefined, unit: Target['unit']): string {
  if (value === undefined) return ''
  if (unit === '') return grouped(value)
  return `${unit === 's' ? value.toFixed(2) : grouped(Math.round(value))} ${unit}`
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** For a terminal. */
export function asText({ head, rows }: Table): string {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
