import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultSwitches } from '../../emulator/index.ts'

const readme = readFileSync(new URL('../../emulator/README.md', import.meta.url), 'utf8')

test('the README has a row for each switch, with its default, in the order of the code', () => {
  const table = readme.slice(readme.indexOf('\n## Switches'), readme.indexOf('\n## Control interface'))
  const rows = [...table.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| .+ \| .* \|$/gm)].map(([, name, value]) => [
    name,
    value,
  ])
  const expected = Object.entries(defaultSwitches).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  expect(rows).toEqual(expected)
})

test('every link inside the README leads somewhere', () => {
  const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, text = '']) =>
    text.toLowerCase().replaceAll(' ', '-'),
  )
  const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target)
  expect(links.length).toBeGreaterThan(10)
  for (const link of links) expect(headings).toContain(link)
})
