import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const DIST = join(ROOT, 'dist')

test('the notices name every package that the bundle contains', () => {
  const notices = readFileSync(join(DIST, 'licenses.txt'), 'utf8')
  const scripts = readdirSync(DIST).filter((name) => name.endsWith('.js'))
  const bundled = new Set(
    scripts.flatMap((name) =>
      [...readFileSync(join(DIST, name), 'utf8').matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(
        ([, found]) => found ?? '',
      ),
    ),
  )
  expect(bundled.size).toBeGreaterThan(10)
  for (const found of bundled)
    expect(notices, found).toMatch(new RegExp(`^${found.replaceAll('.', '\\.')} \\d`, 'm'))
})

test('the bundle stays small: a new dependency has to be worth its weight', () => {
  const size = readdirSync(DIST).reduce((sum, name) => sum + statSync(join(DIST, name)).size, 0)
  expect(size).toBeLessThan(5_300_000)
  // Everything that a run with a password loads; Entra's libraries are in a file of their own.
  expect(statSync(join(DIST, 'index.js')).size).toBeLessThan(2_000_000)
})

test('nothing of the machine that built it is in the bundle', () => {
  for (const name of readdirSync(DIST)) {
    expect(readFileSync(join(DIST, name), 'utf8'), name).not.toContain(ROOT)
  }
})
