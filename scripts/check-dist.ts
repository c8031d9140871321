/**
 * Fails unless the committed dist is exactly what the sources give. Compares with what git tracks, because a new chunk that
 * was never added would be missing from every release while a plain diff stays silent.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const fresh = mkdtempSync(join(tmpdir(), 'acr-hygiene-dist-'))
try {
  execFileSync(process.execPath, [join(root, 'scripts/build.ts'), fresh], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const built = readdirSync(fresh, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(fresh.length + 1))
  const tracked = execFileSync('git', ['ls-files', 'dist'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => path.slice('dist/'.length))
  const problems = [
    ...built.filter((path) => !tracked.includes(path)).map((path) => `dist/${path} is not in git`),
    ...tracked.filter((path) => !built.includes(path)).map((path) => `dist/${path} is not built any more`),
    ...built
      .filter(
        (path) =>
          tracked.includes(path) &&
          !readFileSync(join(fresh, path)).equals(readFileSync(join(root, 'dist', path))),
      )
      .map((path) => `dist/${path} is stale`),
  ]
  if (problems.length > 0) {
    console.error(`${problems.join('\n')}\nRun npm run build and commit dist.`)
    process.exitCode = 1
  } else {
    console.log(`dist is what the sources give (${built.join(', ')}).`)
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
