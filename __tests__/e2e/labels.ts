import type { RepositorySeed } from '../../emulator/index.ts'
import type { StepOptions, StepResult } from './run-action.ts'

export const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'
export const SOURCE = 'https://github.com/octo-org/app'
export const SERVER: StepOptions = { environment: { GITHUB_SERVER_URL: 'https://github.com' } }

/** As `LABEL` in a Dockerfile writes them. */
export function labelled(told: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(told).map(([key, text]) => [`org.opencontainers.image.${key}`, text]),
  )
}

export const LABELS = labelled({
  version: 'v1',
  revision: COMMIT,
  source: SOURCE,
  created: '2026-11-01T00:00:00Z',
})
export const OLD = { age: '9d1h' }

/** The cells of the column "was", the newest orphan first; none where there is no such column. */
export function cellsOf({ summary }: StepResult): readonly string[] {
  const lines = summary.split('\n')
  const head = lines.findIndex((line) => line.startsWith('| digest |'))
  const column = (lines[head] ?? '').split(' | ').findIndex((title) => /^was(?: \|)?$/.test(title))
  if (column === -1) return []
  const rows = lines.slice(head + 2)
  return rows
    .slice(0, rows.indexOf(''))
    .map((row) => (row.split(' | ')[column] ?? '').replace(/ \|$/, '').replaceAll('&nbsp;', ' '))
}

/** What the log says orphans were, in the same order. */
export function wordsOf({ log }: StepResult): readonly string[] {
  return [...log.matchAll(/^orphan sha256:.*?; was (.*)$/gm)].map(([, words = '']) => words)
}

/** One orphan with labels. */
export function seedOne(app: RepositorySeed): void {
  app.image({ tag: 'latest', ...OLD })
  app.image({ labels: LABELS, ...OLD })
}
