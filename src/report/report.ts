import { evaluate, type Evaluation, type Thresholds } from '../domain/evaluate.ts'
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
  /** Why nothing was looked at, in words of our own; undefined when something was. */
  readonly skipped: string | undefined
  readonly requests: number
  readonly elapsed: Milliseconds
}

/** The report of a run that had no reason, or no way, to look at anything. */
export function skippedReport({
  host,
  thresholds,
  inFlight,
  why,
}: Pick<Report, 'host' | 'thresholds' | 'inFlight'> & { readonly why: string }): Report {
  return {
    host,
    scope: '',
    thresholds,
    inFlight,
    now: 0,
    surveys: [],
    evaluation: evaluate([], thresholds, 0),
    notices: [],
    skipped: why,
    requests: 0,
    elapsed: 0,
  }
}
