import type { Contents, LowerBound } from './lower-bound.ts'

/** What the registry saw of a run. */
export interface Requests {
  readonly total: number
  /** By the classes of the service's limits: `read`, `delete`, `oauth`, … */
  readonly byClass: Readonly<Record<string, number>>
  readonly byRoute: Readonly<Record<string, number>>
  /** Answers 401. */
  readonly refused: number
  /** Answers 429. */
  readonly throttled: number
  readonly peakInFlight: number
}

/** One run of the action at one latency. */
export interface Measurement {
  readonly scenario: string
  readonly title: string
  readonly latencyMs: number
  readonly concurrency: number
  readonly contents: Contents
  readonly requests: Requests
  readonly bound: LowerBound
  readonly wallSeconds: number
  /** What the bound takes with every slot busy, and at least as long as the limits make it. */
  readonly secondsAtBest: number
  /** From the start of the process until the registry had its first request. */
  readonly firstRequestMs: number | undefined
  /** The largest resident set of the action's process, and its processor time; undefined where the system does not tell. */
  readonly peakBytes: number | undefined
  readonly cpuSeconds: number | undefined
  /** Of the registry's process: where it comes near the wall time, the registry is what was measured. */
  readonly registryCpuSeconds: number | undefined
  /** How much of the machine others took meanwhile, from 0 to 1: the wall time of a disturbed run is theirs too. */
  readonly disturbance: number | undefined
  readonly summaryBytes: number
  readonly logBytes: number
  /** Why the run cannot count: it failed, or did not find what there is. */
  readonly failure: string | undefined
}
