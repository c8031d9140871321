import type { Audit } from '../domain/audit.ts'
import type { CachedRepository } from '../domain/cache-rule.ts'
import type { Deployed } from '../domain/deployment.ts'
import type { Digest } from '../domain/digest.ts'
import { evaluate, type Evaluation, type Thresholds } from '../domain/evaluate.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { PurgePolicy } from '../domain/lot.ts'
import type { Churn } from '../domain/memory.ts'
import type { Origin } from '../domain/origin.ts'
import type { Receipt } from '../domain/outcome.ts'
import { planOf, type Plan } from '../domain/plan.ts'
import type { PushedTag } from '../domain/push.ts'
import type { Instant } from '../domain/snapshot.ts'
import type { BrokenIndex, Survey } from '../domain/survey.ts'
import type { TrendPoint } from '../domain/trend.ts'
import type { Vulnerabilities } from '../domain/vulnerability.ts'

/** Everything a run found out; every text that leaves the action is a function of this. Holds no secret. */
export interface Report {
  readonly host: string
  /** The GitHub server of the workflow, such as `https://github.com`. */
  readonly server: string | undefined
  /** Which repositories were looked at, in words. */
  readonly scope: string
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  readonly policy: PurgePolicy
  /** Digests that are pinned, by all inputs and files. */
  readonly pins: number
  readonly pinFiles: readonly PinFile[]
  /** What Azure runs, as far as it is known. */
  readonly deployed: Deployed
  /** How the registry is set up; undefined when that was not to be looked at. */
  readonly audit: Audit | undefined
  /** Repositories whose indexes lack only what nobody pulled. */
  readonly cached: readonly CachedRepository[]
  /** The registry's time. */
  readonly now: Instant
  readonly surveys: readonly Survey[]
  readonly evaluation: Evaluation
  /** Of the orphans that are left. */
  readonly vulnerabilities: Vulnerabilities
  /** What a purge would do, or was to do. */
  readonly plan: Plan
  /** What the purge did; undefined when none was asked for. */
  readonly purge: PurgeReport | undefined
  readonly history: ReportedHistory
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

/** What earlier runs add to what this one saw. */
export interface ReportedHistory {
  /** `none`: no state is kept. `empty`: this run is the first that keeps one. */
  readonly state: 'none' | 'empty' | 'known'
  /** Repositories that no run looked at before. */
  readonly learnt: readonly string[]
  /** Orphans that the state did not know; undefined when it knew nothing at all. */
  readonly newOrphans: number | undefined
  /** What orphans say about where they come from. */
  readonly origins: ReadonlyMap<Digest, Origin>
  /** What `images` named, and what it left. */
  readonly pushed: readonly PushedTag[]
  /** Totals of the same repositories, one a day, this run's last. */
  readonly trend: readonly TrendPoint[]
  readonly churn: readonly ChurningTag[]
}

export interface ChurningTag extends Churn {
  readonly repository: string
  readonly tag: string
  /** Since when it was watched. */
  readonly since: Instant
}

/** A file of the workspace whose digests are pinned. */
export interface PinFile {
  readonly path: string
  readonly digests: number
}

/** A run without a state. */
export const NO_HISTORY: ReportedHistory = {
  state: 'none',
  learnt: [],
  newOrphans: undefined,
  origins: new Map(),
  pushed: [],
  trend: [],
  churn: [],
}

interface SkippedRun extends Pick<Report, 'host' | 'thresholds' | 'inFlight'> {
  readonly purge: { readonly policy: PurgePolicy }
  readonly why: string
}

/** The report of a run that had no reason, or no way, to look at anything. */
export function skippedReport({ host, thresholds, inFlight, purge, why }: SkippedRun): Report {
  return {
    host,
    server: undefined,
    scope: '',
    thresholds,
    inFlight,
    policy: purge.policy,
    pins: 0,
    pinFiles: [],
    deployed: { kind: 'off' },
    audit: undefined,
    cached: [],
    now: 0,
    surveys: [],
    evaluation: evaluate([], thresholds, { now: 0, newOrphans: new Set() }),
    vulnerabilities: { kind: 'not-asked' },
    plan: planOf([], purge.policy),
    purge: undefined,
    history: NO_HISTORY,
    notices: [],
    skipped: why,
    requests: 0,
    elapsed: 0,
  }
}
