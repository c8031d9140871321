import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import { isPurged, outcomesOf, type Outcome, type StepOutcome } from '../domain/outcome.ts'
import type { Plan } from '../domain/plan.ts'
import { byteLength, code, details, sentence, table, unbroken } from './markdown.ts'
import { outcomeWords, stepReason } from './purge-words.ts'
import type { PurgeReport, Report } from './report.ts'
import { foundWords, sizeWords } from './wording.ts'

const MOST_REPOSITORIES = 100
const MOST_TROUBLES = 50
const MOST_DELETED = 1000

/** What was purged, or what a purge would do: the same plan. */
export function purgeSection(report: Report): readonly string[] {
  if (report.skipped !== undefined) return []
  return report.purge === undefined ? preview(report) : result(report, report.purge)
}

function preview(report: Report): readonly string[] {
  const { plan, policy } = report
  if (plan.fates.size === 0) return []
  const intro =
    plan.manifests === 0
      ? `With \`purge: true\` and these inputs nothing would be deleted now.`
      : `With \`purge: true\` and these inputs ${planned(plan.manifests, plan.lots)} would be deleted, oldest first. ` +
        'A signature or attestation that has a tag of its own holds its image back; that is looked for only when deleting.'
  const trips = plan.trips.map(
    ({ repository, planned: due, manifests }) =>
      `${code(repository)}: \`max-delete-percent: ${policy.maxDeletePercent ?? ''}\` would stop the purge, ${grouped(due)} of ` +
      `its ${counted(manifests, 'manifest')} are due.`,
  )
  return ['### What a purge would delete', intro, ...planTable(report), ...trips, ...staying(plan, plan)]
}

function planned(manifests: number, lots: Report['plan']['lots']): string {
  const size = lots.reduce((sum, lot) => sum + lot.size, 0)
  const unsized = lots.reduce((sum, lot) => sum + lot.unsized, 0)
  return `${counted(manifests, 'manifest')} (${sizeWords(size, unsized)})`
}

function planTable({ plan }: Report): readonly string[] {
  const byRepository = Map.groupBy(plan.lots, ({ finding }) => finding.repository)
  const rows = [...byRepository].map(([repository, lots]) => [
    code(repository),
    grouped(lots.length),
    grouped(lots.reduce((sum, { manifests }) => sum + manifests.length, 0)),
    unbroken(formatBytes(lots.reduce((sum, { size }) => sum + size, 0))),
  ])
  if (rows.length === 0) return []
  const columns = ['repository', 'images and indexes:', 'their manifests:', 'size, up to:']
  return [table(columns, rows.slice(0, MOST_REPOSITORIES)), ...andMore(rows.length - MOST_REPOSITORIES)]
}

const STAYS: Readonly<Record<string, string>> = {
  waiting: 'too young for `older-than`',
  held: 'held: something that stays would go along',
  kept: 'kept by `keep-n-untagged`',
  'over-limit': 'over `max-deletes`: next run',
  breaker: 'stopped by `max-delete-percent`',
  obstacle: 'in a repository that cannot be purged safely',
  'locks-unknown': 'whether they are locked is not visible',
}

/** What the limits of the run made stay; the same limits would let the next run take it. */
const BY_LIMIT: ReadonlySet<string> = new Set(['over-limit', 'breaker'])

/** What stays although it was found, in numbers: by the limits of this run, and by what is there now. */
function staying(plan: Plan, now: Plan): readonly string[] {
  const parts = Object.entries(STAYS).flatMap(([kind, words]) => {
    const { fates } = BY_LIMIT.has(kind) ? plan : now
    const count = [...fates.values()].filter((fate) => fate.kind === kind).length
    return count === 0 ? [] : [`${grouped(count)} ${words}`]
  })
  const oversized =
    plan.oversized === undefined
      ? []
      : [
          `${code(shortDigest(plan.oversized.finding.root.digest))} alone has more manifests than \`max-deletes\` and is purged by itself.`,
        ]
  return [...oversized, ...(parts.length === 0 ? [] : [`Staying for now: ${parts.join('; ')}.`])]
}

function result(report: Report, purge: PurgeReport): readonly string[] {
  const { plan, evaluation, surveys } = report
  const outcomes = outcomesOf(purge.receipt)
  const done = outcomes.filter(({ outcome }) => isPurged(outcome))
  const size = done.reduce((sum, { step }) => sum + (step.size ?? 0), 0)
  const unsized = done.filter(({ step }) => step.size === undefined).length
  const readable = surveys.some(({ gap }) => gap !== undefined) ? ' in what could be read' : ''
  const intro =
    plan.manifests === 0
      ? `Nothing was due${readable}, nothing was deleted.`
      : `**Deleted ${counted(done.length, 'manifest')} of ${grouped(plan.manifests)} that were due (${sizeWords(size, unsized)}).** ` +
        `Before: ${foundWords(purge.before.totals)}. Now: ${foundWords(evaluation.totals)}.`
  const wholeness =
    purge.verified.length > 0 && purge.damage.length === 0
      ? [
          `Every index in use of ${counted(purge.verified.length, 'repository', 'repositories')} was looked at again: all are as whole as before.`,
        ]
      : []
  const obstacles = surveys.flatMap(({ repository, obstacle }) =>
    obstacle === undefined ? [] : [`${code(repository)}: ${sentence(obstacle.why)}`],
  )
  return [
    '### Purge',
    intro,
    ...outcomeTable(outcomes),
    ...wholeness,
    ...staying(plan, purge.left),
    ...obstacles.slice(0, MOST_TROUBLES),
    ...troubleTable(outcomes),
  ]
}

const COLUMNS: readonly (readonly [string, readonly Outcome['kind'][]])[] = [
  ['deleted:', ['deleted']],
  ['along with another:', ['cascaded']],
  ['already gone:', ['gone']],
  ['left alone:', ['skipped']],
  ['failed:', ['failed']],
  ['not tried:', ['not-tried']],
]

function outcomeTable(outcomes: readonly StepOutcome[]): readonly string[] {
  if (outcomes.length === 0) return []
  const shown = COLUMNS.filter(([, kinds]) => outcomes.some(({ outcome }) => kinds.includes(outcome.kind)))
  const rows = [...Map.groupBy(outcomes, ({ step }) => step.repository)].map(([repository, all]) => [
    code(repository),
    grouped(all.length),
    ...shown.map(([, kinds]) => grouped(all.filter(({ outcome }) => kinds.includes(outcome.kind)).length)),
  ])
  return [
    table(['repository', 'due:', ...shown.map(([name]) => name)], rows.slice(0, MOST_REPOSITORIES)),
    ...andMore(rows.length - MOST_REPOSITORIES),
  ]
}

/** Everything that did not go as planned. */
function troubleTable(outcomes: readonly StepOutcome[]): readonly string[] {
  const rows = outcomes
    .filter(({ outcome }) => !isPurged(outcome))
    .map(({ step, outcome }) => [
      code(step.repository),
      code(shortDigest(step.digest)),
      outcomeWords(outcome, sentence),
    ])
  if (rows.length === 0) return []
  const body = [
    table(['repository', 'digest', 'what happened'], rows.slice(0, MOST_TROUBLES)),
    ...andMore(rows.length - MOST_TROUBLES),
  ]
  return [details(`${counted(rows.length, 'manifest')} not deleted, and why`, body.join('\n\n'))]
}

/** Every deleted manifest, as far as the bytes reach. */
export function deletedList({ purge, now }: Report, budget: number): readonly string[] {
  const done = purge === undefined ? [] : outcomesOf(purge.receipt).filter(({ outcome }) => isPurged(outcome))
  if (done.length === 0) return []
  const rows: (readonly string[])[] = []
  let left = budget - 2000
  for (const { step } of done.slice(0, MOST_DELETED)) {
    const row = [
      code(step.repository),
      sizeCell(step),
      unbroken(`${formatDuration(Math.max(0, now - step.expected.pushedAt))} ago`),
      stepReason(step, code),
      // In full, because whoever restores it needs all of it.
      code(step.digest),
    ]
    left -= byteLength(row.join(' | ')) + 5
    if (left < 0) break
    rows.push(row)
  }
  if (rows.length === 0) return []
  const body = [
    table(['repository', 'size, up to:', 'pushed:', 'why', 'digest'], rows),
    ...andMore(done.length - rows.length),
  ]
  return [details(`${counted(done.length, 'manifest')} deleted`, body.join('\n\n'))]
}

/** An index takes no room itself. */
function sizeCell({ expected, size }: StepOutcome['step']): string {
  if (expected.kind === 'index') return ''
  return size === undefined ? 'unknown' : unbroken(formatBytes(size))
}

function andMore(rest: number): readonly string[] {
  return rest > 0 ? [`And ${grouped(rest)} more, see the log of this step.`] : []
}
