import { anonymousCredential, passwordCredential, type RegistryCredential } from './acr/credential.ts'
import { openRegistry } from './acr/registry.ts'
import { formatDuration } from './domain/duration.ts'
import { RegistryError, StoppedError, UsageError } from './errors.ts'
import { Runner } from './github/runner.ts'
import type { CredentialInput } from './inputs/credential.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import type { RegistryReader, Stopwatch } from './ports.ts'
import { annotations, limited, type Annotation } from './report/annotations.ts'
import { failureSummary } from './report/failure-summary.ts'
import { logGroups } from './report/log-lines.ts'
import { oneLine } from './report/markdown.ts'
import { failedOutputs, outputs, type Outputs } from './report/outputs.ts'
import { summary } from './report/summary.ts'
import type { Report } from './report/report.ts'
import { verdictWords } from './report/verdict-words.ts'
import { checkSentence, foundWords } from './report/wording.ts'
import { run } from './run.ts'

/** Reads the inputs, signs in, runs, and tells the runner what came of it. Sets the exit status; never throws. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const runner = new Runner()
  let inputs: Inputs | undefined
  try {
    inputs = readInputs(environment)
    const report = await runWith(inputs, runner)
    await publish(report, inputs, runner)
  } catch (error) {
    await fail(error, { runner, writeSummary: inputs?.summary ?? true })
  }
}

async function runWith(inputs: Inputs, runner: Runner): Promise<Report> {
  const stop = new AbortController()
  const limit = Math.min(inputs.timeLimit, LONGEST_TIMER)
  const timer = setTimeout(() => {
    stop.abort(new StoppedError(`The time limit of ${formatDuration(limit)} was reached.`))
  }, limit)
  const started = performance.now()
  const elapsed: Stopwatch = () => performance.now() - started
  try {
    const reader = open(inputs, { runner, elapsed, signal: stop.signal })
    return await run(
      {
        wanted: { ...inputs, host: inputs.registry.host },
        thresholds: inputs.thresholds,
        inFlight: inputs.inFlight,
        concurrency: inputs.concurrency,
      },
      { reader, log: runner, elapsed },
    )
  } finally {
    clearTimeout(timer)
    // Requests that are still under way after a failure would only delay the end.
    stop.abort(new StoppedError('The run has ended.'))
  }
}

/** What Node's timers hold, almost 25 days; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

interface Surroundings {
  readonly runner: Runner
  readonly elapsed: Stopwatch
  readonly signal: AbortSignal
}

function open(
  { registry, credential, concurrency }: Inputs,
  { runner, elapsed, signal }: Surroundings,
): RegistryReader {
  const signsIn = registryCredential(credential, runner)
  runner.info(`Signing in to ${registry.host} as ${signsIn.description} (${credential.why}).`)
  return openRegistry({
    server: registry,
    credential: signsIn,
    concurrency,
    signal,
    elapsed,
    onSecret: (value) => runner.mask(value),
    userAgent: 'acr-hygiene',
  })
}

function registryCredential(input: CredentialInput, runner: Runner): RegistryCredential {
  switch (input.kind) {
    case 'password':
      runner.mask(input.password.reveal())
      return passwordCredential(input.username, input.password)
    case 'anonymous':
      return anonymousCredential()
  }
}

async function publish(report: Report, inputs: Inputs, runner: Runner): Promise<void> {
  report.notices.forEach((notice, index) =>
    index < MOST_NOTICES ? runner.notice(notice) : runner.info(notice),
  )
  for (const { title, lines } of logGroups(report)) runner.group(title, lines)
  writeOutputs(outputs(report), runner)
  if (inputs.summary) await runner.summary(summary(report))
  annotate(annotations(report), runner)
  const { title, lines } = verdictWords(report, {
    show: oneLine,
    sayCheck: (check) => checkSentence(check, report.host, oneLine),
  })
  for (const line of [title, `${foundWords(report.evaluation.totals)}.`, ...lines]) runner.info(line)
  if (outputs(report).result === 'fail') runner.fail()
}

/** GitHub shows ten notices of a step. */
const MOST_NOTICES = 10

function annotate(all: readonly Annotation[], runner: Runner): void {
  for (const { level, message } of all) {
    if (level === 'error') runner.error(message)
    else runner.warning(message)
  }
}

function writeOutputs(values: Outputs, runner: Runner): void {
  for (const [name, value] of Object.entries(values)) runner.output(name, value)
}

/** The one place that turns an error into words: a sentence for what can be expected, a stack trace for a bug. */
async function fail(
  error: unknown,
  { runner, writeSummary }: { runner: Runner; writeSummary: boolean },
): Promise<void> {
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
