import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatDuration } from '../domain/duration.ts'
import { orphansOf } from '../domain/evaluate.ts'
import { cvesIn } from '../domain/severity-check.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import { countFrom, cvesOf, SEVERITIES, type CveCounts } from '../domain/vulnerability.ts'
import type { LogGroup } from './log-lines.ts'
import { code, details, oneLine, sentence, table, unbroken } from './markdown.ts'
import type { Report } from './report.ts'
import { cvesFound, cvesWords, whyUnknown } from './vulnerability-words.ts'

const MOST_REPOSITORIES = 50
const MOST_ORPHANS = 25

const TITLE = 'Vulnerabilities of the orphans'

/** What Microsoft Defender reports on the orphans, or why that is not known. */
export function vulnerabilities(report: Report): readonly string[] {
  const { vulnerabilities: known, evaluation, skipped, plan, purge } = report
  if (known.kind === 'not-asked' || skipped !== undefined) return []
  const { orphans } = evaluation.totals
  const purged = purge !== undefined && plan.manifests > 0
  if (orphans === 0 && !purged) return []
  const title = `### ${TITLE}`
  if (orphans === 0) return [title, `No orphan is left. ${GOES_AWAY}`]
  const counts = cvesIn(judgedOf(report), known)
  if (counts === undefined) return [title, sentence(whyUnknown(known))]
  return [
    title,
    intro(report, counts),
    ...byRepository(report),
    ...(counts.affected === 0 ? [] : worst(report)),
  ]
}

/** Microsoft Learn, "Agentless vulnerability assessment for Azure". */
const GOES_AWAY =
  'Defender drops its findings within about an hour after an image is deleted, rarely up to three days.'

function judgedOf({ surveys }: Report): readonly Survey[] {
  return surveys.filter(({ gap }) => gap === undefined)
}

function intro({ plan, evaluation }: Report, counts: CveCounts): string {
  const found = cvesFound(counts, evaluation.totals.orphans)
  return [
    `Microsoft Defender: **${found}**.`,
    'A CVE that is in several manifests of an orphan counts once.',
    ...(counts.truncated ? ['Some images have more CVEs than Azure shows.'] : []),
    ...(counts.unrecorded > 0
      ? [
          `Nothing is recorded of ${counted(counts.unrecorded, 'orphan')}: clean, or not scanned (not pushed or pulled in the last 30 days, or no image).`,
        ]
      : []),
    ...(plan.manifests > 0 ? [GOES_AWAY] : []),
  ].join(' ')
}

const COLUMNS = [...SEVERITIES.map((severity) => `${severity}:`), 'unrated:', 'fixable:']

function cells(counts: CveCounts): readonly string[] {
  const most = (count: number): string => `${counts.truncated ? '≥ ' : ''}${grouped(count)}`
  return [...SEVERITIES.map((severity) => counts[severity]), counts.unknown, counts.fixable].map(most)
}

function byRepository({ surveys, vulnerabilities: known }: Report): readonly string[] {
  const all = surveys
    .flatMap((survey) => {
      const counts = survey.gap === undefined ? cvesIn([survey], known) : undefined
      return counts === undefined || counts.affected === 0 ? [] : [{ survey, counts }]
    })
    .toSorted((a, b) => byWeight(a.counts, b.counts))
  if (all.length === 0) return []
  const rows = all.map(({ survey, counts }) => [
    code(survey.repository),
    `${grouped(counts.affected)} of ${grouped(orphansOf([survey]).length)}`,
    ...cells(counts),
  ])
  const more = rows.length - MOST_REPOSITORIES
  return [
    table(['repository', 'orphans with CVEs:', ...COLUMNS], rows.slice(0, MOST_REPOSITORIES)),
    ...(more > 0 ? [`And ${grouped(more)} more repositories.`] : []),
  ]
}

function worst(report: Report): readonly string[] {
  const all = vulnerableOrphans(report)
  const rows = all.slice(0, MOST_ORPHANS).map((vulnerable) => row(vulnerable, report))
  const more = all.length - rows.length
  const body = [
    table(['repository', 'digest', 'pushed:', ...COLUMNS], rows),
    ...(more > 0 ? [`And ${grouped(more)} more, see the log of this step.`] : []),
  ]
  return [details('The worst orphans', body.join('\n\n'))]
}

interface Vulnerable {
  readonly orphan: Finding
  readonly counts: CveCounts
}

/** Orphans with CVEs, the worst first. */
function vulnerableOrphans({ surveys, vulnerabilities: known }: Report): readonly Vulnerable[] {
  if (known.kind !== 'known') return []
  return orphansOf(surveys)
    .map((orphan) => ({ orphan, counts: cvesOf(orphan, known.images) }))
    .filter(({ counts }) => counts.affected > 0)
    .toSorted((a, b) => byWeight(a.counts, b.counts))
}

function row({ orphan, counts }: Vulnerable, { now }: Report): readonly string[] {
  return [
    code(orphan.repository),
    code(shortDigest(orphan.root.digest)),
    unbroken(`${formatDuration(Math.max(0, now - orphan.root.pushedAt))} ago`),
    ...cells(counts),
  ]
}

/** By the number of the worst, then of those that come next. */
function byWeight(a: CveCounts, b: CveCounts): number {
  for (const severity of SEVERITIES) {
    const difference = countFrom(severity, b) - countFrom(severity, a)
    if (difference !== 0) return difference
  }
  return b.unknown - a.unknown
}

/** A log that opens in a browser. */
const MOST_LINES = 5000

/** For the log: what is known in the title, and each orphan with CVEs on a line; nothing where nothing was asked. */
export function vulnerabilityGroup(report: Report): readonly LogGroup[] {
  const { vulnerabilities: known, evaluation, skipped } = report
  if (known.kind === 'not-asked' || skipped !== undefined) return []
  const counts = cvesIn(judgedOf(report), known)
  if (counts === undefined) return [{ title: TITLE, lines: [oneLine(whyUnknown(known))] }]
  const all = vulnerableOrphans(report)
  const more = all.length - MOST_LINES
  const lines = all.slice(0, MOST_LINES).map(vulnerableLine)
  const title = `${TITLE}: ${cvesFound(counts, evaluation.totals.orphans)}`
  return [{ title, lines: more > 0 ? [...lines, `… and ${grouped(more)} more`] : lines }]
}

function vulnerableLine({ orphan, counts }: Vulnerable): string {
  const { repository, root } = orphan
  return `${oneLine(repository, 200)}@${root.digest}: ${cvesWords(counts)}, ${grouped(counts.fixable)} fixable`
}
