import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { neighbourhoodFor } from './around.ts'
import { connect } from './connect.ts'
import { openDefender } from './defender.ts'
import { formatDuration } from './domain/duration.ts'
import { Pins } from './domain/pin.ts'
import { StoppedError } from './errors.ts'
import { isOnDefaultBranch, isOnPullRequest } from './github/event.ts'
import { readPinFiles } from './github/pin-files.ts'
import { Runner } from './github/runner.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import { actionsCache, isCacheOffered } from './memory/actions-cache.ts'
import { keep, recall } from './memory/memory.ts'
import { stateFile } from './memory/state-file.ts'
import { isToolkitBusy } from './memory/toolkit.ts'
import type { Sleep, StateStore, Stopwatch } from './ports.ts'
import { publish, publishFailure } from './publish.ts'
import { skippedReport, type Report } from './report/report.ts'
import { run } from './run.ts'

/** Reads the inputs, signs in, runs, and tells the runner what came of it. Sets the exit status; never throws. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const runner = new Runner()
  let inputs: Inputs | undefined
  try {
    inputs = readInputs(environment)
    const report = await runWith(inputs, { environment, runner })
    await publish(report, { runner, writeSummary: inputs.summary })
  } catch (error) {
    await publishFailure(error, { runner, writeSummary: inputs?.summary ?? true })
  }
  // Whoever waits for an answer of the cache cannot be called off, and would hold the process for minutes.
  if (isToolkitBusy()) process.stdout.write('', () => process.exit())
}

interface Host {
  readonly environment: NodeJS.ProcessEnv
  readonly runner: Runner
}

async function runWith(inputs: Inputs, { environment, runner }: Host): Promise<Report> {
  const { registry, purge, timeLimit } = inputs
  const pinned = await readPinFiles(purge.pinFiles, environment)
  const stop = new Stop(timeLimit)
  const started = performance.now()
  const elapsed: Stopwatch = () => performance.now() - started
  try {
    const around = { environment, runner, elapsed, sleep: stop.sleep, signal: stop.signal }
    const store = openStore(inputs, { environment, runner }, stop.signal)
    const recalled = recall(store.read, registry.host, runner)
    const connected = await connect(inputs, around)
    if ('skip' in connected) return skippedReport({ ...inputs, host: registry.host, why: connected.skip })
    const { azure } = connected
    const before = await recalled
    const { report, memory } = await run(
      {
        ...inputs,
        ...purge,
        wanted: { ...inputs, host: registry.host },
        pins: new Pins([...purge.pins, ...pinned.pins]),
        pinFiles: pinned.files,
        memory: before,
        server: environment['GITHUB_SERVER_URL'],
      },
      {
        ...connected,
        neighbourhood: neighbourhoodFor(inputs, { ...connected, environment, sleep: stop.sleep }),
        defender: openDefender(inputs, { ...connected, environment }),
        azureRequests: () => azure?.requests() ?? 0,
        log: runner,
        elapsed,
        sleep: stop.sleep,
      },
    )
    if (!stop.signal.aborted && before !== undefined && memory !== undefined)
      await keep(store.write, { before, after: memory }, runner)
    return report
  } finally {
    stop.end()
  }
}

interface Stores {
  readonly read: StateStore | undefined
  readonly write: StateStore | undefined
}

/** Where the state is, and whether this run may change it. */
function openStore({ registry, state }: Inputs, { environment, runner }: Host, signal: AbortSignal): Stores {
  if (state.kind === 'none') return { read: undefined, write: undefined }
  if (state.kind === 'file') {
    const file = stateFile(resolve(environment['GITHUB_WORKSPACE'] ?? '.', state.path))
    return { read: file, write: file }
  }
  if (!isCacheOffered(environment)) {
    if (state.kind === 'cache')
      runner.notice('state: cache has no effect, because this runner offers no cache.')
    return { read: undefined, write: undefined }
  }
  const cache = actionsCache(registry.host, { environment, signal })
  const mayWrite = state.kind === 'cache' ? !isOnPullRequest(environment) : isOnDefaultBranch(environment)
  return { read: cache, write: mayWrite ? cache : undefined }
}

/** What Node's timers hold, almost 25 days; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The runner sends these when a job is cancelled, one after the other (actions/runner, ProcessInvoker.cs). */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Ends a run early, cleanly: by the time limit, or because the job is cancelled. */
class Stop {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #cancel = (): void => this.#stop('The job was cancelled.')

  constructor(timeLimit: number) {
    const late = (): void => this.#stop(`The time limit of ${formatDuration(timeLimit)} was reached.`)
    this.#timer = setTimeout(late, Math.min(timeLimit, LONGEST_TIMER))
    for (const signal of SIGNALS) process.on(signal, this.#cancel)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly sleep: Sleep = (length) =>
    pause(length, undefined, { signal: this.signal }).catch((): never => {
      throw this.signal.reason
    })

  /** Requests that are still under way after a failure would only delay the end. */
  end(): void {
    clearTimeout(this.#timer)
    this.#stop('The run has ended.')
    // From here on the report is written, which a signal must not tear off; it takes no time.
  }

  #stop(why: string): void {
    this.#controller.abort(new StoppedError(why))
  }
}
