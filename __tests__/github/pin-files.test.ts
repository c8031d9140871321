import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { readPinFiles } from '../../src/github/pin-files.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`

let folder = ''
let workspace = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-pins-'))
  workspace = join(folder, 'workspace')
  mkdirSync(join(workspace, 'deploy/prod'), { recursive: true })
  writeFileSync(join(workspace, 'deploy/prod/app.yaml'), `image: r.azurecr.io/app@${A}\nagain: ${A}\n`)
  writeFileSync(
    join(workspace, 'running.txt'),
    `docker-pullable://r.azurecr.io/app@${B.toUpperCase().replace('SHA', 'sha')}\nsha256:short\n`,
  )
  writeFileSync(join(folder, 'outside.txt'), A)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (...globs: string[]) => readPinFiles(globs, { GITHUB_WORKSPACE: workspace })

test('every digest in the files is pinned everywhere, each file by its name', async () => {
  expect(await read('deploy/**/*.yaml', 'running.txt')).toEqual({
    pins: [
      { digest: A, repository: undefined, source: 'deploy/prod/app.yaml' },
      { digest: B, repository: undefined, source: 'running.txt' },
    ],
    files: [
      { path: 'deploy/prod/app.yaml', digests: 1 },
      { path: 'running.txt', digests: 1 },
    ],
  })
})

test('a file that several globs name counts once', async () => {
  expect((await read('**/*.yaml', 'deploy/prod/*')).files).toHaveLength(1)
})

test('no glob, nothing to read', async () => {
  expect(await readPinFiles([], {})).toEqual({ pins: [], files: [] })
})

describe('what was to be protected must not silently be left out', () => {
  test('a glob that matches no file', async () => {
    await expect(read('missing/*.yaml')).rejects.toThrow(
      new UsageError([
        {
          input: 'protect-digests-from',
          message: '"missing/*.yaml" matches no file in the workspace. Is the repository checked out?',
        },
      ]),
    )
  })

  test('a folder is no file', async () => {
    await expect(read('deploy')).rejects.toThrow(/matches no file/)
  })

  test('a symbolic link out of the workspace', async () => {
    symlinkSync(join(folder, 'outside.txt'), join(workspace, 'link.txt'))
    await expect(read('*.txt')).rejects.toThrow(/"link\.txt" leads out of the workspace/)
  })

  test('a link to a folder outside', async () => {
    symlinkSync(folder, join(workspace, 'up'))
    await expect(read('up/outside.txt')).rejects.toThrow(/leads out of the workspace/)
  })

  test('a file of the workspace beside one whose name begins like it', async () => {
    mkdirSync(`${workspace}-other`)
    writeFileSync(join(`${workspace}-other`, 'x.txt'), A)
    symlinkSync(join(`${workspace}-other`, 'x.txt'), join(workspace, 'x.txt'))
    await expect(read('x.txt')).rejects.toThrow(/leads out of the workspace/)
  })
})
