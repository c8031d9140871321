/**
 * Writes the tables of inputs and outputs into README.md from action.yml, between markers.
 *
 *     node scripts/readme.ts            writes them
 *     node scripts/readme.ts --check    fails when they are stale
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

interface Described {
  readonly description: string
  readonly required?: boolean
}

const root = resolve(import.meta.dirname, '..')
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
}

const file = join(root, 'README.md')
const before = readFileSync(file, 'utf8')
const after = withTable(withTable(before, 'inputs', action.inputs), 'outputs', action.outputs)

if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('The tables in README.md are not those of action.yml: run npm run readme.')
    process.exitCode = 1
  }
} else {
  writeFileSync(file, after)
}

function withTable(
  text: string,
  kind: 'inputs' | 'outputs',
  entries: Readonly<Record<string, Described>>,
): string {
  const [start, end] = [`<!-- ${kind}:start -->`, `<!-- ${kind}:end -->`]
  if (!text.includes(start) || !text.includes(end)) throw new Error(`README.md has no place for the ${kind}`)
  const rows = Object.entries(entries).map(([name, { description, required }]) => {
    const cell = description.trim().replaceAll('|', '\\|')
    return `| \`${name}\` | ${required === true ? '**Required.** ' : ''}${cell} |`
  })
  const table = [`| ${kind.slice(0, -1)} | meaning |`, '| --- | --- |', ...rows].join('\n')
  return `${text.slice(0, text.indexOf(start))}${start}\n${table}\n${text.slice(text.indexOf(end))}`
}
