import { glob, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { counted } from '../domain/count.ts'
import { digestsIn, type Pin } from '../domain/pin.ts'
import { UsageError } from '../errors.ts'

/** What text files of the workspace pin, and how much each of them. */
export interface PinFiles {
  readonly pins: readonly Pin[]
  readonly files: readonly { readonly path: string; readonly digests: number }[]
}

/** A list of all images of a large cluster has a few megabytes; more is another kind of file. */
const LARGEST = 64 * 1024 * 1024

const INPUT = 'protect-digests-from'

/**
 * Reads every digest in the files that the globs name.
 *
 * @throws UsageError when a glob matches nothing, or leads out of the workspace: what was to be protected would not be
 */
export async function readPinFiles(
  globs: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<PinFiles> {
  if (globs.length === 0) return { pins: [], files: [] }
  const workspace = await realpath(environment['GITHUB_WORKSPACE'] ?? process.cwd())
  const pins: Pin[] = []
  const files: { path: string; digests: number }[] = []
  for (const path of await matches(globs, workspace)) {
    const source = relative(workspace, path).split(sep).join('/')
    const digests = digestsIn(await textOf(path))
    files.push({ path: source, digests: digests.length })
    for (const digest of digests) pins.push({ digest, repository: undefined, source })
  }
  return { pins, files }
}

/** PowerShell writes UTF-16 where it is not told otherwise; without the zeros that is as good as ASCII. */
async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  return text.replaceAll('\0', '')
}

async function matches(globs: readonly string[], workspace: string): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const pattern of globs) {
    let any = false
    for await (const name of glob(pattern, { cwd: workspace })) {
      const path = await inside(workspace, name)
      if (path === undefined) continue
      any = true
      found.add(path)
    }
    if (!any) throw problem(`"${pattern}" matches no file in the workspace. Is the repository checked out?`)
  }
  return [...found].sort()
}

/** The file itself, behind symbolic links; undefined for folders. */
async function inside(workspace: string, name: string): Promise<string | undefined> {
  const path = await realpath(join(workspace, name)).catch((error: unknown) => {
    throw unreadable(name, error)
  })
  if (!path.startsWith(workspace + sep)) throw problem(`"${name}" leads out of the workspace.`)
  const facts = await stat(path)
  if (!facts.isFile()) return undefined
  if (facts.size > LARGEST) {
    throw problem(
      `"${name}" has ${counted(Math.ceil(facts.size / 1024 / 1024), 'MiB', 'MiB')}: give smaller text files.`,
    )
  }
  return path
}

/** A link that leads nowhere, a file that this user may not read. */
function unreadable(name: string, error: unknown): unknown {
  return error instanceof Error ? problem(`"${name}" cannot be read: ${error.message}.`) : error
}

function problem(message: string): UsageError {
  return new UsageError([{ input: INPUT, message }])
}
