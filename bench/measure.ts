import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Counts, LoggedRequest } from '../emulator/index.ts'
import { lowerBound, secondsAtBest, type Contents } from './lower-bound.ts'
import type { Measurement, Requests } from './measurement.ts'
import { costOf, machineBusySeconds } from './process-cost.ts'
import { openRegistry, type BenchRegistry } from './registry.ts'
import type { Scenario } from './scenarios.ts'
import { runStep, type Action, type Step } from './step.ts'

export interface Circumstances {
  readonly action: Action
  readonly latencyMs: number
  readonly concurrency: number
  /** Ends the measurement. */
  readonly signal: AbortSignal
}

/** Runs a scenario once, on a registry of its own: a purge changes it. */
export async function measure(scenario: Scenario, circumstances: Circumstances): Promise<Measurement> {
  const { action, latencyMs, concurrency, signal } = circumstances
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-bench-'))
  try {
    await using registry = await openRegistry(scenario.picture)
    const { url, host, certificateFile } = registry
    const inputs = {
      registry: url,
      username: 'emulator',
      password: 'emulator-password',
      concurrency: String(concurrency),
      ...scenario.inputs({ host, folder }),
    }
    const run = (): Promise<Step> => runStep(action, { inputs, certificateFile, signal })
    // What it is to remember.
    if (scenario.job.remembers) await run()
    await registry.switchTo({ latencyMs, throttle: scenario.throttled ?? false })
    await registry.reset()
    const before = spent(registry)
    const step = await run()
    const after = spent(registry)
    return {
      ...resultOf(scenario, circumstances, { step, contents: registry.contents }),
      ...costsOf(step, before, after),
      requests: requestsOf(await registry.counts()),
      firstRequestMs: firstRequestMs(await registry.requests(), step.startedAt),
      failure: failureOf(step, scenario, registry.contents) ?? (await leftover(scenario, registry)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds of processor time so far, where the system tells them. */
interface Spent {
  readonly machine: number
  readonly registry: number
  readonly bench: number
}

function spent({ pid }: BenchRegistry): Spent {
  const { user, system } = process.cpuUsage()
  return {
    machine: machineBusySeconds() ?? NaN,
    registry: costOf(pid)?.cpuSeconds ?? NaN,
    bench: (user + system) / 1e6,
  }
}

type Costs = 'peakBytes' | 'cpuSeconds' | 'registryCpuSeconds' | 'disturbance'

function costsOf({ cost, wallSeconds }: Step, before: Spent, after: Spent): Pick<Measurement, Costs> {
  const registry = after.registry - before.registry
  const ours = registry + after.bench - before.bench + (cost?.cpuSeconds ?? NaN)
  const others = after.machine - before.machine - ours
  const share = others / (wallSeconds * availableParallelism())
  return {
    peakBytes: cost?.peakBytes,
    cpuSeconds: cost?.cpuSeconds,
    registryCpuSeconds: known(registry),
    disturbance: known(Math.max(0, share)),
  }
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

type Seen = Costs | 'requests' | 'firstRequestMs' | 'failure'

function resultOf(
  { key, title, job, throttled = false }: Scenario,
  { latencyMs, concurrency }: Circumstances,
  { step, contents }: { readonly step: Step; readonly contents: Contents },
): Omit<Measurement, Seen> {
  const bound = lowerBound(contents, job)
  return {
    scenario: key,
    title,
    latencyMs,
    concurrency,
    contents,
    bound,
    wallSeconds: step.wallSeconds,
    secondsAtBest: secondsAtBest(bound, { latencyMs, concurrency, throttled }),
    summaryBytes: step.summaryBytes,
    logBytes: step.logBytes,
  }
}

function requestsOf({ total, byClass, byRoute, byStatus, peakInFlight }: Counts): Requests {
  return {
    total,
    byClass,
    byRoute,
    refused: byStatus['401'] ?? 0,
    throttled: byStatus['429'] ?? 0,
    peakInFlight,
  }
}

/** Both processes read the clock of the same machine. */
function firstRequestMs(requests: readonly LoggedRequest[], startedAt: number): number | undefined {
  const first = requests.find(({ number }) => number === 1)
  return first === undefined ? undefined : Date.parse(first.time) - startedAt
}

/** A run that was fast because it overlooked something must not count. */
function failureOf(
  { status, outputs, lastLines }: Step,
  { job }: Scenario,
  { orphans }: Contents,
): string | undefined {
  if (status !== 0) return `it ended with ${status}:\n${lastLines}`
  if (outputs['complete'] !== 'true') return `it did not read everything:\n${lastLines}`
  // After a purge the registry itself is asked what is left.
  if (job.deletes || outputs['orphans'] === String(orphans)) return undefined
  return `it found ${outputs['orphans']} orphans where there are ${orphans}`
}

async function leftover({ job }: Scenario, registry: BenchRegistry): Promise<string | undefined> {
  const { manifests, orphans } = registry.contents
  const expected = manifests - (job.deletes ? orphans : 0)
  const left = await registry.manifestsLeft()
  return left === expected ? undefined : `it left ${left} manifests instead of ${expected}`
}
