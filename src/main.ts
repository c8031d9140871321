import { anonymousCredential, passwordCredential, type RegistryCredential } from './acr/credential.ts'
import { openRegistry } from './acr/registry.ts'
import { formatDuration } from './domain/duration.ts'
import { RegistryError, StoppedError, UsageError } from './errors.ts'
import { Runner } from './github/runner.ts'
import type { CredentialInput } from './inputs/credential.ts'
import { readInputs, type Inputs } from './inputs/inputs.ts'
import type { RegistryReader, Stopwatch } from './ports.ts'
import { annotations } from './report/annotations.ts'
import { failureSummary } from './report/failure-summary.ts'
import { logGroups } from './report/log-lines.ts'
import { oneLine } from './report/markdown.ts'
import { failedOutputs, outputs, type Outputs } from './report/outputs.ts'
import { summary } from './report/summary.ts'
import type { Report } from './report/report.ts'
import { verdictWords } from './report/verdict-words.ts'
import { checkSentence } from './report/wording.ts'
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
  for (const notice of report.notices) runner.notice(notice)
  for (const { title, lines } of logGroups(report)) runner.group(title, lines)
  writeOutputs(outputs(report), runner)
  if (inputs.summary) await runner.summary(summary(report))
  for (const { level, message } of annotations(report)) {
    if (level === 'error') runner.error(message)
    else runner.warning(message)
  }
  const { title, lines } = verdictWords(report, (check) => checkSentence(check, report.host, oneLine))
  for (const line of [title, ...lines]) runner.info(line)
  if (outputs(report).result === 'fail') runner.fail()
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
  for (const sentence of sentences) runner.error(sentence)
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
