import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { costOf, type ProcessCost } from './process-cost.ts'

/** A folder with an `action.yml` and what it runs. */
export interface Action extends Disposable {
  readonly folder: string
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly main: string }
}

/** A copy by itself, as on a runner: what the bundle lacks must not be found in a `node_modules` beside it. */
export function copyAction(from: string): Action {
  const description = readFileSync(join(from, 'action.yml'), 'utf8')
  const { inputs, runs } = parse(description) as Pick<Action, 'inputs' | 'runs'>
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-bench-'))
  cpSync(join(from, dirname(runs.main)), join(folder, dirname(runs.main)), { recursive: true })
  return { folder, inputs, runs, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** What a step came to and what it took. */
export interface Step {
  readonly status: number | null
  readonly outputs: Readonly<Record<string, string>>
  readonly summaryBytes: number
  readonly logBytes: number
  readonly lastLines: string
  /** When its process was started, in milliseconds since 1970. */
  readonly startedAt: number
  readonly wallSeconds: number
  readonly cost: ProcessCost | undefined
}

export interface StepOptions {
  readonly inputs: Readonly<Record<string, string>>
  readonly certificateFile: string
  /** Ends the step. */
  readonly signal: AbortSignal
}

const SAMPLE_EVERY_MS = 20

/** Nothing that is measured here takes this long; a step that hangs must not keep the benchmark. */
const LONGEST_STEP_MS = 20 * 60_000

/** Runs the action as a runner does: inputs as environment variables, and files for outputs and summary. */
export async function runStep(
  action: Action,
  { inputs, certificateFile, signal }: StepOptions,
): Promise<Step> {
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-bench-'))
  const [outputFile, summaryFile] = [join(folder, 'output'), join(folder, 'summary')]
  try {
    for (const file of [outputFile, summaryFile]) writeFileSync(file, '')
    const startedAt = Date.now()
    const started = performance.now()
    const child = spawn(process.execPath, [join(action.folder, action.runs.main)], {
      cwd: folder,
      env: {
        ...inputVariables(action, inputs),
        HOME: folder,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        NODE_EXTRA_CA_CERTS: certificateFile,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_STEP_MS,
      signal,
    })
    using cost = watchCost(child)
    const log = logOf(child)
    let ended = NaN
    child.once('exit', () => (ended = performance.now()))
    // What it wrote may still be on its way when it has ended.
    await once(child, 'close')
    return {
      status: child.exitCode,
      outputs: outputsOf(readFileSync(outputFile, 'utf8')),
      summaryBytes: readFileSync(summaryFile).length,
      logBytes: Buffer.byteLength(log()),
      lastLines: log().trimEnd().split('\n').slice(-20).join('\n'),
      startedAt,
      wallSeconds: (ended - started) / 1000,
      cost: cost.last(),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Every declared input has a variable, empty where it has neither value nor default. */
function inputVariables(action: Action, given: Readonly<Record<string, string>>): Record<string, string> {
  const declared = Object.entries(action.inputs).map(([name, { default: value }]) => [name, value ?? ''])
  const values = Object.entries({ ...Object.fromEntries(declared), ...given }) as [string, string][]
  return Object.fromEntries(
    values.map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll(' ', '_')}`, value]),
  )
}

function logOf(child: ChildProcess): () => string {
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  return () => chunks.join('')
}

function watchCost({ pid = 0 }: ChildProcess): Disposable & { last: () => ProcessCost | undefined } {
  let last = costOf(pid)
  const timer = setInterval(() => (last = costOf(pid) ?? last), SAMPLE_EVERY_MS)
  return { last: () => last, [Symbol.dispose]: () => clearInterval(timer) }
}

/** `name<<delimiter`, the value, the delimiter: the form that the runner reads (actions/runner, FileCommandManager.cs). */
function outputsOf(file: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...file.matchAll(/^(.+?)<<(.+)\n([\s\S]*?)\n?\2$/gm)].map(([, name, , value]) => [
      name ?? '',
      value ?? '',
    ]),
  )
}
