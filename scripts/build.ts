/**
 * Builds the action: TypeScript to JavaScript, then one file with all dependencies, then the notices of these.
 *
 * ncc cannot read TypeScript 7 sources (its loader needs the old compiler API), so tsc comes first. ncc's own licence
 * option loses most licences as soon as a bundle has more than one chunk, so the notices are made from the lock file.
 *
 *     node scripts/build.ts [folder, dist if not given]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ncc from '@vercel/ncc'
import { thirdPartyNotices } from './notices.ts'

const root = resolve(import.meta.dirname, '..')
const folder = resolve(process.argv[2] ?? join(root, 'dist'))

rmSync(join(root, 'build'), { recursive: true, force: true })
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})

/**
 * `open` starts browsers for interactive logins, which this action has none of; with it come scripts for many desktops. An
 * import of a package that is not there would keep the bundle from starting, so it becomes one of a part of Node that is.
 */
const externals = { open: 'node:util' }

const { code, assets } = await ncc(join(root, 'build/index.js'), { externals, cache: false, quiet: true })
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
writeFileSync(join(folder, 'index.js'), code)
for (const [name, { source }] of Object.entries(assets)) writeFileSync(join(folder, name), source)
writeFileSync(join(folder, 'licenses.txt'), thirdPartyNotices(root))
for (const name of readdirSync(folder))
  console.log(`${name} ${Math.ceil(statSync(join(folder, name)).size / 1024)} KiB`)
