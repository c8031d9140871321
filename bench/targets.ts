import type { Measurement } from './measurement.ts'

/** A limit that a measurement is held against. */
export type Limit = {
  /** The latency at which it holds; without one, at each. */
  readonly at?: number
} & (
  | { readonly what: 'requests'; readonly most: number }
  | { readonly what: 'requests'; readonly mostBesidesManifests: number }
  /** Seconds. */
  | { readonly what: 'wall'; readonly most: number }
  /** So many times what the requests that were sent take with every slot busy. */
  | { readonly what: 'wall beyond start-up'; readonly timesBusy: number }
  /** MiB. */
  | { readonly what: 'memory'; readonly most: number }
  /** Milliseconds. */
  | { readonly what: 'first request'; readonly most: number }
  | { readonly what: 'in flight' | 'answers 401' | 'answers 429'; readonly most: number }
)

/** A limit beside what was measured. */
export interface Target {
  readonly what: Limit['what']
  /** It holds for every run, whatever it looks at. */
  readonly general: boolean
  readonly unit: '' | 'ms' | 's' | 'MiB'
  readonly most: number
  readonly measured: number
  readonly met: boolean
}

/** What every run is held against. */
function generalLimits(concurrency: number): readonly Limit[] {
  return [
    { what: 'in flight', most: concurrency },
    { what: 'answers 401', most: 1 },
    { what: 'first request', most: 250 },
  ]
}

/** Holds a measurement against those limits that concern it, and against those of every run. */
export function targetsOf(limits: readonly Limit[], measurement: Measurement): readonly Target[] {
  const judged = (limits: readonly Limit[], general: boolean): readonly Target[] =>
    limits
      .filter(({ at }) => at === undefined || at === measurement.latencyMs)
      .flatMap((limit) => targetOf(limit, measurement) ?? [])
      .map((target) => ({ ...target, general, met: target.measured <= target.most }))
  return [...judged(limits, false), ...judged(generalLimits(measurement.concurrency), true)]
}

type Value = Pick<Target, 'unit' | 'most'> & { readonly measured: number | undefined }

function targetOf(limit: Limit, measurement: Measurement): Omit<Target, 'general' | 'met'> | undefined {
  const { unit, most, measured } = valueOf(limit, measurement)
  // What this system does not tell, or cannot be said at this latency, misses nothing.
  return measured === undefined || Number.isNaN(most) ? undefined : { what: limit.what, unit, most, measured }
}

function valueOf(limit: Limit, measurement: Measurement): Value {
  const { requests, firstRequestMs, latencyMs, concurrency } = measurement
  const startUp = (firstRequestMs ?? 0) / 1000
  switch (limit.what) {
    case 'requests': {
      const { indexes, candidates } = measurement.contents
      const most = 'most' in limit ? limit.most : limit.mostBesidesManifests + indexes + candidates
      return { unit: '', most, measured: requests.total }
    }
    case 'wall':
      return { unit: 's', most: limit.most, measured: measurement.wallSeconds }
    case 'wall beyond start-up': {
      const busy = (requests.total * latencyMs) / 1000 / concurrency
      const measured = measurement.wallSeconds - startUp
      // Without latency there is nothing to be compared with.
      return { unit: 's', most: busy === 0 ? NaN : limit.timesBusy * busy, measured }
    }
    case 'memory': {
      const { peakBytes } = measurement
      return { unit: 'MiB', most: limit.most, measured: peakBytes && peakBytes / 2 ** 20 }
    }
    case 'first request':
      return { unit: 'ms', most: limit.most, measured: firstRequestMs }
    case 'in flight':
      return { unit: '', most: limit.most, measured: requests.peakInFlight }
    case 'answers 401':
      return { unit: '', most: limit.most, measured: requests.refused }
    case 'answers 429':
      return { unit: '', most: limit.most, measured: requests.throttled }
  }
}
