/**
 * `npm run bench`: what the action asks of a registry, and what it takes in time and memory. The registry is an emulator in
 * another process; docs/performance.md says what is measured, and how.
 */
import { hash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { help, readFlags, type Invocation } from './flags.ts'
import { measure, type Circumstances } from './measure.ts'
import type { Measurement } from './measurement.ts'
import { writePerformancePage } from './performance-page.ts'
import type { Scenario } from './scenarios.ts'
import { copyAction, type Action } from './step.ts'
import { asMarkdown, asText, measurementTable, targetTable, type Judged } from './table.ts'
import { targetsOf } from './targets.ts'

/** The action's own default. */
const CONCURRENCY = 16

/** A tenth of the machine: what a quiet one needs for itself stays far below. */
const MOST_DISTURBANCE = 0.1

async function bench(invocation: Invocation, signal: AbortSignal): Promise<void> {
  using action = copyAction(invocation.actionFolder)
  const results: Judged[] = []
  const notes: string[] = []
  for (const scenario of invocation.scenarios) {
    const { key, title, needs } = scenario
    if (needs !== undefined && action.inputs[needs] === undefined) {
      notes.push(`${key}: ${title} was left out: action.yml has no input ${needs} yet.`)
      console.log(notes.at(-1))
    } else results.push(...(await judge(scenario, { action, attempts: invocation.attempts, signal })))
  }
  const disturbed = results
    .filter(isDisturbed)
    .map(({ scenario, latencyMs }) => `${scenario} at ${latencyMs} ms`)
  if (disturbed.length > 0)
    notes.push(
      `Other processes of the machine took part of it, so that times are too long: ${disturbed.join(', ')}.`,
    )
  report(results, { invocation, notes, about: aboutOf(action) })
}

interface Care {
  readonly action: Action
  readonly attempts: number
  readonly signal: AbortSignal
}

async function judge(scenario: Scenario, { action, attempts, signal }: Care): Promise<Judged[]> {
  const results: Judged[] = []
  for (const latencyMs of scenario.latencies) {
    const circumstances = { action, latencyMs, concurrency: CONCURRENCY, signal }
    let measurement = await attempt(scenario, circumstances)
    for (let more = 1; more < attempts && isDisturbed(measurement); more += 1) {
      const another = await attempt(scenario, circumstances)
      if ((another.disturbance ?? 0) < (measurement.disturbance ?? 0)) measurement = another
    }
    results.push({ ...measurement, targets: targetsOf(scenario.limits, measurement) })
  }
  return results
}

async function attempt(scenario: Scenario, circumstances: Circumstances): Promise<Measurement> {
  const measurement = await measure(scenario, circumstances)
  const { latencyMs, requests, wallSeconds, failure } = measurement
  const came = `${requests.total} requests in ${wallSeconds.toFixed(2)} s`
  const disturbed = isDisturbed(measurement) ? ', disturbed by other processes' : ''
  console.log(
    `${scenario.key}, ${latencyMs} ms: ${failure === undefined ? came : `FAILED, ${failure}`}${disturbed}`,
  )
  return measurement
}

function isDisturbed({ disturbance = 0 }: Measurement): boolean {
  return disturbance > MOST_DISTURBANCE
}

/** On what it was measured; nothing that tells one machine from another of its kind. */
function aboutOf({ folder, runs }: Action): string {
  const bundle = hash('sha256', readFileSync(join(folder, runs.main))).slice(0, 12)
  return (
    `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}-${process.arch}, ` +
    `concurrency ${CONCURRENCY}, ${runs.main} with SHA-256 ${bundle}….`
  )
}

interface Reported {
  readonly invocation: Invocation
  readonly notes: readonly string[]
  readonly about: string
}

function report(results: readonly Judged[], { invocation, notes, about }: Reported): void {
  const { jsonFile, markdown, strict } = invocation
  // The numbers of a run that failed mean nothing.
  const valid = results.filter(({ failure }) => failure === undefined)
  const [measured, targets] = [measurementTable(valid), targetTable(valid)]
  console.log(['', about, '', asText(measured), '', asText(targets), '', ...notes].join('\n'))
  mkdirSync(dirname(jsonFile), { recursive: true })
  writeFileSync(jsonFile, `${JSON.stringify({ about, notes, results }, undefined, 2)}\n`)
  const judged = valid.flatMap(({ targets }) => targets)
  const missed = judged.filter(({ met }) => !met)
  console.log(`${missed.length} of ${judged.length} targets are missed.`)
  console.log(`Everything that was measured: ${relative(process.cwd(), jsonFile)}`)
  if (valid.length < results.length) {
    console.error(`Runs that failed, see above: ${results.length - valid.length} of ${results.length}`)
    process.exitCode = 1
  } else if (markdown) {
    writePerformancePage([about, asMarkdown(measured), asMarkdown(targets), ...notes].join('\n\n'))
  }
  if (strict && missed.length > 0) process.exitCode = 1
}

function invocationOf(args: readonly string[]): Invocation | 'help' | undefined {
  try {
    return readFlags(args)
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('\n')
    console.error(`${sentence} See --help.`)
    process.exitCode = 1
    return undefined
  }
}

// What was started ends with the benchmark.
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const invocation = invocationOf(process.argv.slice(2))
if (invocation === 'help') console.log(help)
else if (invocation !== undefined) {
  await bench(invocation, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
    console.error('Stopped.')
    process.exitCode = 1
  })
}
