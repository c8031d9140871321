import { parseDigest, type Digest } from '../../src/domain/digest.ts'
import { DAY, HOUR, parseDuration } from '../../src/domain/duration.ts'
import { evaluate, type Thresholds } from '../../src/domain/evaluate.ts'
import { withSeverities } from '../../src/domain/severity-check.ts'
import type { DataNeed, Severity, Vulnerabilities } from '../../src/domain/vulnerability.ts'
import { unread, type BrokenIndex, type Finding, type Gap, type Survey } from '../../src/domain/survey.ts'
import { NO_HISTORY, type PurgeReport, type Report } from '../../src/report/report.ts'
import { kindOf } from '../../src/domain/media-type.ts'
import type { PurgePolicy } from '../../src/domain/lot.ts'
import type { Halt, Outcome, StepOutcome } from '../../src/domain/outcome.ts'
import { planOf } from '../../src/domain/plan.ts'
import { NOW, OCI_IMAGE, POLICY } from '../domain/picture.ts'

/** What a team would write; a limit that is left out is none. */
export interface WrittenLimits {
  readonly maxOrphans?: number
  readonly warnOrphans?: number
  readonly maxOrphanSize?: number
  readonly warnOrphanSize?: number
  readonly maxOrphanAge?: string
  readonly warnOrphanAge?: string
  readonly failOnSeverity?: Severity
  readonly warnOnSeverity?: Severity
  /** How much somebody wants to know of vulnerabilities. */
  readonly defender?: DataNeed
  readonly brokenIndexes?: Thresholds['brokenIndexes']
  readonly scope?: Thresholds['scope']
  readonly warnOnly?: boolean
}

export function thresholdsOf(limits: WrittenLimits): Thresholds {
  const age = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(text)
  return {
    orphans: { max: limits.maxOrphans, warn: limits.warnOrphans },
    orphanSize: { max: limits.maxOrphanSize, warn: limits.warnOrphanSize },
    orphanAge: { max: age(limits.maxOrphanAge), warn: age(limits.warnOrphanAge) },
    severity: { max: limits.failOnSeverity, warn: limits.warnOnSeverity },
    brokenIndexes: limits.brokenIndexes ?? 'report',
    scope: limits.scope ?? 'total',
    onlyNew: false,
    warnOnly: limits.warnOnly ?? false,
  }
}

/** The report of a run over these repositories, all else as in any run. */
export function reportOf(
  surveys: readonly Survey[],
  limits: WrittenLimits = {},
  rest: Partial<Report> = {},
): Report {
  const thresholds = thresholdsOf(limits)
  const { vulnerabilities = { kind: 'not-asked' } } = rest
  return {
    host: 'myregistry.azurecr.io',
    server: 'https://github.com',
    scope: 'all repositories of myregistry.azurecr.io',
    thresholds,
    inFlight: HOUR,
    policy: POLICY,
    pins: 0,
    pinFiles: [],
    deployed: { kind: 'off' },
    audit: undefined,
    cached: [],
    now: NOW,
    surveys,
    evaluation: withSeverities(evaluate(surveys, thresholds, { now: NOW, newOrphans: undefined }), surveys, {
      thresholds,
      vulnerabilities,
      need: limits.defender,
      now: NOW,
      newOrphans: undefined,
    }),
    vulnerabilities,
    plan: planOf(surveys, POLICY),
    purge: undefined,
    history: NO_HISTORY,
    notices: [],
    skipped: undefined,
    requests: 12,
    elapsed: 3400,
    ...rest,
  }
}

const FOUND = {
  gap: undefined,
  manifests: 0,
  tags: new Map(),
  findings: [],
  broken: [],
  lacking: [],
  lots: [],
  obstacle: undefined,
  pinned: [],
  live: 0,
  inFlight: 0,
  protected: new Map(),
} satisfies Omit<Survey, 'repository'>

/** A repository with just what a test is about. */
export function repository(name: string, found: Partial<Survey> = {}): Survey {
  return { ...FOUND, repository: name, ...found }
}

/** A repository that could not be read in full; the reason says the same as the sentence unless they are told apart. */
export function notRead(
  name: string,
  { kind = 'unreadable', why = 'It could not be read.', reason = why }: Partial<Gap> = {},
): Survey {
  return unread(name, { kind, why, reason })
}

/** One orphan of one image, made without a scan: for reports of more of them than a picture could hold. */
export function orphan(name: string, { number = 0, age = 2 * DAY, size = 1000 } = {}): Finding {
  const digest = parseDigest(`sha256:${number.toString(16).padStart(64, '0')}`)
  if (digest === undefined) throw new Error('not a digest')
  const root = {
    digest,
    mediaType: OCI_IMAGE,
    kind: kindOf(OCI_IMAGE),
    tags: [],
    pushedAt: NOW - age,
    size,
    platform: 'linux/amd64',
    locks: undefined,
  }
  return {
    kind: 'orphan',
    repository: name,
    root,
    because: { rule: 'unreferenced' },
    manifests: [digest],
    size,
    unsized: 0,
    platforms: ['linux/amd64'],
    heldBy: undefined,
    kept: false,
    observed: undefined,
  }
}

/** A repository with so many orphans, each an hour older than the one before. */
export function withOrphans(name: string, count: number): Survey {
  const findings = Array.from({ length: count }, (_, number) =>
    orphan(name, { number, age: 2 * DAY + number * HOUR }),
  )
  return repository(name, { manifests: count, findings })
}

/** The report of a purge in which each manifest came to this end; all others were deleted. */
export function purgedReport(
  before: readonly Survey[],
  after: readonly Survey[],
  { ends = {}, limits = {}, policy = POLICY, ...rest }: PurgeStory = {},
): Report {
  const plan = planOf(before, policy)
  const lots = plan.lots.map((lot) => ({
    lot,
    outcomes: lot.steps().map((step): StepOutcome => ({
      step,
      outcome: ends[step.digest] ?? { kind: 'deleted', answered: true },
    })),
  }))
  const purge: PurgeReport = {
    receipt: { lots, halted: rest.halted },
    before: evaluate(before, thresholdsOf(limits), { now: NOW, newOrphans: undefined }),
    damage: rest.damage ?? [],
    verified: [...new Set(plan.lots.map(({ finding }) => finding.repository))],
    left: planOf(after, policy),
  }
  const { vulnerabilities = { kind: 'not-asked' } } = rest
  return reportOf(after, limits, { plan, policy, purge, vulnerabilities })
}

export interface PurgeStory {
  readonly vulnerabilities?: Vulnerabilities
  readonly ends?: Readonly<Record<Digest, Outcome>>
  readonly limits?: WrittenLimits
  readonly policy?: PurgePolicy
  readonly halted?: Halt
  readonly damage?: readonly BrokenIndex[]
}
