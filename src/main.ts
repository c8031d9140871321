import { setTimeout as pause } from 'node:timers/promises'
import { connect } from './connect.ts'
import { formatDuration } from './domain/duration.ts'
import { Pins } from './domain/pin.ts'
import { StoppedError } from './errors.ts'
import { readPinFiles } from './github/pin-files.ts'
import { Runner } from './github/runner.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import type { Sleep, Stopwatch } from './ports.ts'
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
    const connected = await connect(inputs, around)
    if ('skip' in connected) return skippedReport({ ...inputs, host: registry.host, why: connected.skip })
    return await run(
      {
        ...inputs,
        ...purge,
        wanted: { ...inputs, host: registry.host },
        pins: new Pins([...purge.pins, ...pinned.pins]),
        pinFiles: pinned.files,
      },
      { ...connected, log: runner, elapsed, sleep: stop.sleep },
    )
  } finally {
    stop.end()
  }
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
