import { neighbourhoodFor } from './around.ts'
import { connect } from './connect.ts'
import { openDefender } from './defender.ts'
import { Pins } from './domain/pin.ts'
import { readPinFiles } from './github/pin-files.ts'
import { Runner } from './github/runner.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import { keep, recall } from './memory/memory.ts'
import { isToolkitBusy } from './memory/toolkit.ts'
import { openStore, warnOfWaiting } from './open-store.ts'
import type { Stopwatch } from './ports.ts'
import { publish, publishFailure } from './publish.ts'
import { skippedReport, type Report } from './report/report.ts'
import { run } from './run.ts'
import { Stop } from './stop.ts'

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
    const store = openStore(inputs, { environment, log: runner, signal: stop.signal })
    const recalled = recall(store.read, registry.host, runner)
    const connected = await connect(inputs, around)
    if ('skip' in connected) return skippedReport({ ...inputs, host: registry.host, why: connected.skip })
    const { azure } = connected
    const { report, memory } = await run(
      {
        ...inputs,
        ...purge,
        wanted: { ...inputs, host: registry.host },
        pins: new Pins([...purge.pins, ...pinned.pins]),
        pinFiles: pinned.files,
        recalled,
        server: environment['GITHUB_SERVER_URL'],
      },
      {
        ...connected,
        neighbourhood: neighbourhoodFor(inputs, { ...connected, environment, sleep: stop.sleep }),
        defender: openDefender(inputs, { ...connected, environment, sleep: stop.sleep }),
        azureRequests: () => azure?.requests() ?? 0,
        log: runner,
        elapsed,
        sleep: stop.sleep,
      },
    )
    const before = await recalled()
    warnOfWaiting(inputs, store, { knowsNothing: before?.repositories.size === 0, log: runner })
    if (!stop.signal.aborted && before !== undefined && memory !== undefined)
      await keep(store.write, { before, after: memory }, runner)
    return report
  } finally {
    stop.end()
  }
}
