import { counted, grouped } from './domain/count.ts'
import { isPurged, outcomesOf } from './domain/outcome.ts'
import { RegistryError, StoppedError, UsageError } from './errors.ts'
import type { Runner } from './github/runner.ts'
import { annotations, limited, type Annotation } from './report/annotations.ts'
import { auditGroup } from './report/audit.ts'
import { failureSummary } from './report/failure-summary.ts'
import { logGroups } from './report/log-lines.ts'
import { oneLine } from './report/markdown.ts'
import { failedOutputs, outputs, type Outputs } from './report/outputs.ts'
import { pushedLines } from './report/pushed.ts'
import type { Report } from './report/report.ts'
import { runningGroup } from './report/running.ts'
import { summary } from './report/summary.ts'
import { trendWords } from './report/trend.ts'
import { resultOf, verdictWords } from './report/verdict-words.ts'
import { vulnerabilityGroup } from './report/vulnerabilities.ts'
import { checkSentence, foundWords } from './report/wording.ts'

interface Destination {
  readonly runner: Runner
  readonly writeSummary: boolean
}

/** GitHub shows ten notices of a step. */
const MOST_NOTICES = 10

/** Tells the runner what came of a run, and sets the exit status. */
export async function publish(report: Report, { runner, writeSummary }: Destination): Promise<void> {
  report.notices.forEach((notice, index) =>
    index < MOST_NOTICES ? runner.notice(notice) : runner.info(notice),
  )
  if (report.skipped !== undefined) runner.notice(`Skipped: ${report.skipped}.`)
  const groups = [
    ...logGroups(report),
    ...vulnerabilityGroup(report),
    ...runningGroup(report),
    ...auditGroup(report),
  ]
  for (const { title, lines } of groups) runner.group(title, lines)
  writeOutputs(outputs(report), runner)
  if (writeSummary) await runner.summary(summary(report))
  annotate(annotations(report), runner)
  const { title, lines } = verdictWords(report, {
    show: oneLine,
    say: oneLine,
    sayCheck: (check) => checkSentence(check, report.host, oneLine),
  })
  const found =
    report.skipped === undefined
      ? [
          ...pushedLines(report, oneLine).map((line) => `${line}.`),
          `${foundWords(report.evaluation.totals)}.`,
          ...trendLine(report),
          ...purgeLine(report),
        ]
      : []
  for (const line of [title, ...found, ...lines]) runner.info(line)
  if (resultOf(report) === 'fail') runner.fail()
}

function trendLine({ history }: Report): readonly string[] {
  const words = trendWords(history.trend)
  return words === undefined ? [] : [`${words}.`]
}

function purgeLine({ plan, purge }: Report): readonly string[] {
  if (purge === undefined) return []
  const done = outcomesOf(purge.receipt).filter(({ outcome }) => isPurged(outcome))
  return [`Deleted ${grouped(done.length)} of ${counted(plan.manifests, 'manifest')} that were due.`]
}

/** The one place that turns an error into words: a sentence for what can be expected, a stack trace for a bug. */
export async function publishFailure(error: unknown, { runner, writeSummary }: Destination): Promise<void> {
  runner.fail()
  const sentences = sentencesOf(error)
  const shown = limited(sentences.map((message): Annotation => ({ level: 'error', message })))
  annotate(shown, runner)
  // GitHub would drop the others; the log has them all.
  if (shown.length < sentences.length)
    for (const sentence of sentences.slice(shown.length - 1)) runner.info(sentence)
  writeOutputs(failedOutputs(), runner)
  if (writeSummary) await runner.summary(failureSummary(sentences))
}

function sentencesOf(error: unknown): readonly string[] {
  if (error instanceof UsageError)
    return error.problems.map(({ input, message }) => `Input ${input}: ${message}`)
  if (error instanceof RegistryError || error instanceof StoppedError) return [error.message]
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [`This is a bug of ACR Hygiene, please report it with this text: ${trace}`]
}

function annotate(all: readonly Annotation[], runner: Runner): void {
  for (const { level, message } of all) {
    if (level === 'error') runner.error(message)
    else runner.warning(message)
  }
}

function writeOutputs(values: Outputs, runner: Runner): void {
  for (const [name, value] of Object.entries(values)) runner.output(name, value)
}
