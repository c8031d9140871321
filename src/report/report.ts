import type { Evaluation, Thresholds } from '../domain/evaluate.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { Instant } from '../domain/snapshot.ts'
import type { Survey } from '../domain/survey.ts'

/** Everything a run found out; every text that leaves the action is a function of this. Holds no secret. */
export interface Report {
  readonly host: string
  /** Which repositories were looked at, in words. */
  readonly scope: string
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  /** The registry's time. */
  readonly now: Instant
  readonly surveys: readonly Survey[]
  readonly evaluation: Evaluation
  readonly notices: readonly string[]
  /** Nothing was looked at, because none of the pushed images is in this registry. */
  readonly skipped: boolean
  readonly requests: number
  readonly elapsed: Milliseconds
}
