import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program of this folder, made an executable of another name: what it does is in `settings`. */
export function writeExecutable(
  folder: string,
  name: string,
  { program, settings }: { readonly program: URL; readonly settings: object },
): Executable {
  mkdirSync(folder, { recursive: true })
  const settingsFile = join(folder, `${name}.settings.json`)
  const callsFile = join(folder, `${name}.calls.jsonl`)
  writeFileSync(settingsFile, JSON.stringify({ ...settings, callsFile }))
  const command = [process.execPath, fileOf(program), settingsFile]
  if (process.platform === 'win32') {
    writeFileSync(join(folder, `${name}.cmd`), `@${command.map((part) => `"${part}"`).join(' ')} %*\r\n`)
  } else {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/sh\nexec ${command.map(quoted).join(' ')} "$@"\n`)
    chmodSync(file, 0o755)
  }
  return {
    calls: () => linesOf(callsFile).map((line) => JSON.parse(line) as string[]),
    path: [folder, process.env['PATH'] ?? ''].join(delimiter),
  }
}

export interface Executable {
  /** The arguments of each call so far. */
  calls(): readonly (readonly string[])[]
  /** For PATH: its folder before all others. */
  readonly path: string
}

function linesOf(file: string): string[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []
}

function quoted(part: string): string {
  return `'${part.replaceAll("'", String.raw`'\''`)}'`
}

function fileOf(program: URL): string {
  const path = decodeURIComponent(program.pathname)
  return process.platform === 'win32' ? path.slice(1) : path
}
