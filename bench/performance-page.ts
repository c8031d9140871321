import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const file = resolve(import.meta.dirname, '../docs/performance.md')
const [start, end] = ['<!-- bench:start -->', '<!-- bench:end -->']

/** Puts what was measured in the place of what was measured before. */
export function writePerformancePage(measured: string): void {
  const page = readFileSync(file, 'utf8')
  if (!page.includes(start) || !page.includes(end))
    throw new Error('docs/performance.md has no place for tables')
  const [before, after] = [page.slice(0, page.indexOf(start)), page.slice(page.indexOf(end))]
  writeFileSync(file, `${before}${start}\n\n${measured}\n\n${after}`)
}
