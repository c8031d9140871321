import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { installedAction } from '../installed-action.ts'

const INSTALLED = installedAction()

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly main: string }
}

const action = parse(readFileSync(join(INSTALLED, 'action.yml'), 'utf8')) as Action

/** What a runner would know of a step after it ended. */
export interface StepResult {
  readonly status: number | null
  readonly log: string
  /** As the runner shows them: level and message, with the runner's own escapes undone. */
  readonly annotations: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export interface StepOptions {
  /** Trusted besides the public authorities. */
  readonly certificateFile?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Sends a signal, as a runner does when a job is cancelled, once the log has this text. */
  readonly cancelAt?: string
  /** SIGTERM without a word. */
  readonly cancelWith?: 'SIGINT' | 'SIGTERM'
}

/** Runs what `action.yml` names, the way a runner does: inputs as environment variables, defaults where none is given. */
export async function runAction(
  inputs: Readonly<Record<string, string>>,
  { certificateFile, environment = {}, cancelAt, cancelWith = 'SIGTERM' }: StepOptions = {},
): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-step-'))
  try {
    const outputFile = join(folder, 'output')
    const summaryFile = join(folder, 'summary')
    writeFileSync(outputFile, '')
    writeFileSync(summaryFile, '')
    const declared = Object.entries(action.inputs).map(
      ([name, { default: value }]) => [name, value ?? ''] as const,
    )
    const given = Object.entries({ ...Object.fromEntries(declared), ...inputs })
    const child = spawn(process.execPath, [join(INSTALLED, action.runs.main)], {
      cwd: folder,
      env: {
        ...Object.fromEntries(
          given.map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll(' ', '_')}`, value]),
        ),
        HOME: folder,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        ...(certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificateFile }),
        ...environment,
      },
    })
    let log = ''
    let cancelled = false
    const listen = (text: string): void => {
      log += text
      if (cancelled || cancelAt === undefined || !log.includes(cancelAt)) return
      // Once: as it ends, a program cannot catch a signal any more.
      cancelled = true
      child.kill(cancelWith)
    }
    child.stdout.setEncoding('utf8').on('data', listen)
    child.stderr.setEncoding('utf8').on('data', listen)
    const status = await new Promise<number | null>((done, failed) => {
      child.on('close', done).on('error', failed)
    })
    return {
      status,
      log,
      annotations: annotationsOf(log),
      outputs: outputsOf(readFileSync(outputFile, 'utf8')),
      summary: readFileSync(summaryFile, 'utf8'),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `::error::message` and its kin. */
function annotationsOf(log: string): readonly string[] {
  return [...log.matchAll(/^::(error|warning|notice)(?: [^:]*)?::(.*)$/gm)].map(
    ([, level, message]) =>
      `${level}: ${(message ?? '').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')}`,
  )
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
