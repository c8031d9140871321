import { spawn, type ChildProcess } from 'node:child_process'

export interface Finished {
  readonly code: number | null
  readonly output: string
}

const root = new URL('../..', import.meta.url).pathname

/** Runs this project's Node in the project's folder. */
export function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export function finished(child: ChildProcess): Promise<Finished> {
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(String(chunk)))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output: chunks.join('') }))
  })
}

/** What it writes until the text appears in it. */
export function outputUntil(child: ChildProcess, text: string): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      output += String(chunk)
      if (output.includes(text)) resolve(output)
    })
    child.on('close', () => reject(new Error(`ended without ${text}: ${output}`)))
  })
}
