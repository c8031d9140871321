import { evaluate, type Evaluation, type Thresholds } from '../domain/evaluate.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { PurgePolicy } from '../domain/lot.ts'
import type { Receipt } from '../domain/outcome.ts'
import { planOf, type Plan } from '../domain/plan.ts'
import type { Instant } from '../domain/snapshot.ts'
import type { BrokenIndex, Survey } from '../domain/survey.ts'

/** Everything a run found out; every text that leaves the action is a function of this. Holds no secret. */
export interface Report {
  readonly host: string
  /** Which repositories were looked at, in words. */
  readonly scope: string
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  readonly policy: PurgePolicy
  /** Digests that are pinned, by all inputs and files. */
  readonly pins: number
  readonly pinFiles: readonly PinFile[]
  /** The registry's time. */
  readonly now: Instant
  readonly surveys: readonly Survey[]
  readonly evaluation: Evaluation
  /** What a purge would do, or was to do. */
  readonly plan: Plan
  /** What the purge did; undefined when none was asked for. */
  readonly purge: PurgeReport | undefined
  readonly notices: readonly string[]
  /** Why nothing was looked at, in words of our own; undefined when something was. */
  readonly skipped: string | undefined
  readonly requests: number
  readonly elapsed: Milliseconds
}

export interface PurgeReport {
  readonly receipt: Receipt
  /** Before the purge; the report's own evaluation is of what is left. */
  readonly before: Evaluation
  /** Live indexes that are not whole any more. */
  readonly damage: readonly BrokenIndex[]
  /** Repositories that were looked at again. */
  readonly verified: readonly string[]
  /** What the next purge with the same inputs would do. */
  readonly left: Plan
}

/** A file of the workspace whose digests are pinned. */
export interface PinFile {
  readonly path: string
  readonly digests: number
}

interface SkippedRun extends Pick<Report, 'host' | 'thresholds' | 'inFlight'> {
  readonly purge: { readonly policy: PurgePolicy }
  readonly why: string
}

/** The report of a run that had no reason, or no way, to look at anything. */
export function skippedReport({ host, thresholds, inFlight, purge, why }: SkippedRun): Report {
  return {
    host,
    scope: '',
    thresholds,
    inFlight,
    policy: purge.policy,
    pins: 0,
    pinFiles: [],
    now: 0,
    surveys: [],
    evaluation: evaluate([], thresholds, 0),
    plan: planOf([], purge.policy),
    purge: undefined,
    notices: [],
    skipped: why,
    requests: 0,
    elapsed: 0,
  }
}
