import { connect } from './connect.ts'
import { formatDuration } from './domain/duration.ts'
import { StoppedError } from './errors.ts'
import { Runner } from './github/runner.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import type { Stopwatch } from './ports.ts'
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

/** What Node's timers hold, almost 25 days; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

interface Host {
  readonly environment: NodeJS.ProcessEnv
  readonly runner: Runner
}

async function runWith(inputs: Inputs, { environment, runner }: Host): Promise<Report> {
  const { registry, thresholds, inFlight, concurrency, timeLimit } = inputs
  const stop = new AbortController()
  const timer = setTimeout(
    () => stop.abort(new StoppedError(`The time limit of ${formatDuration(timeLimit)} was reached.`)),
    Math.min(timeLimit, LONGEST_TIMER),
  )
  const started = performance.now()
  const elapsed: Stopwatch = () => performance.now() - started
  try {
    const connected = await connect(inputs, { environment, runner, elapsed, signal: stop.signal })
    if ('skip' in connected) return skippedReport({ ...inputs, host: registry.host, why: connected.skip })
    return await run(
      { wanted: { ...inputs, host: registry.host }, thresholds, inFlight, concurrency },
      { reader: connected, log: runner, elapsed },
    )
  } finally {
    clearTimeout(timer)
    // Requests that are still under way after a failure would only delay the end.
    stop.abort(new StoppedError('The run has ended.'))
  }
}
