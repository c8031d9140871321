import { backlogOf, type Backlog } from './domain/backlog.ts'
import { counted, grouped } from './domain/count.ts'
import type { Milliseconds } from './domain/duration.ts'
import type { Thresholds } from './domain/evaluate.ts'
import type { Memory } from './domain/memory.ts'
import type { PurgePolicy } from './domain/lot.ts'
import type { Pins } from './domain/pin.ts'
import { planOf, type Plan } from './domain/plan.ts'
import type { Judgement } from './domain/survey.ts'
import { UsageError } from './errors.ts'
import { History } from './history.ts'
import type {
  Defender,
  Log,
  Neighbourhood,
  RegistryDeleter,
  RegistryReader,
  Sleep,
  Stopwatch,
} from './ports.ts'
import { purgeAndVerify } from './purge/purge-and-verify.ts'
import type { PinFile, Report } from './report/report.ts'
import { outcomeLine } from './report/purge-words.ts'
import { defenderNotices } from './report/vulnerability-words.ts'
import { askDefender, askDefenderAgain } from './scan/ask-defender.ts'
import { chooseRepositories, type Choice, type Wanted } from './scan/choose-repositories.ts'
import { scan, type Progress, type ScanOptions } from './scan/scan.ts'
import { Surroundings } from './scan/surroundings.ts'

/** What a run does, without how it signs in or where it writes. */
export interface RunRequest {
  readonly wanted: Wanted
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  readonly concurrency: number
  readonly policy: PurgePolicy
  readonly keepNewest: number
  readonly allowEmptyRepository: boolean
  readonly pins: Pins
  readonly pinFiles: readonly PinFile[]
  /** What earlier runs saw; undefined without a state. */
  readonly recalled: () => Promise<Memory | undefined>
  /** The GitHub server of the workflow, for links to commits. */
  readonly server: string | undefined
}

/** What came of a run, and what the next one may know. */
export interface RunResult {
  readonly report: Report
  readonly memory: Memory | undefined
}

export interface RunParts {
  readonly reader: RegistryReader
  /** Without one nothing can be deleted: the plan is a preview. */
  readonly deleter: RegistryDeleter | undefined
  readonly neighbourhood: Neighbourhood
  /** Undefined when vulnerabilities are not asked for. */
  readonly defender: Defender | undefined
  /** Sent to Azure outside of the registry so far. */
  readonly azureRequests: () => number
  readonly log: Log
  readonly elapsed: Stopwatch
  readonly sleep: Sleep
}

/**
 * The story of a run: choose repositories, read and classify them, plan, delete what is due if that is asked for, and hold
 * what is left against the limits.
 *
 * @throws UsageError or RegistryError when nothing can be judged
 */
export async function run(request: RunRequest, parts: RunParts): Promise<RunResult> {
  const { wanted, thresholds, inFlight, policy, pins, pinFiles, recalled, concurrency, server } = request
  const { reader, deleter, log, elapsed } = parts
  const around = new Surroundings(parts.neighbourhood, pins)
  const choice = await chooseRepositories(wanted, reader)
  reader.expect(choice.repositories)
  if (choice.repositories.length > 0) log.info(`Looking at ${choice.description}.`)
  const memory = await recalled()
  const history = new History({ memory, wanted, choice, thresholds, reader })
  const options = scanOptions(request, parts, { choice, history, around })
  const seen = await scan(reader, choice.repositories, options)
  const found = deleter === undefined ? seen : { ...seen, surveys: await around.safe(seen.surveys) }
  const plan = planOf(found.surveys, policy)
  const spared = await around.spare(found.surveys)
  const [known] = await Promise.all([askDefender(spared.surveys, parts), history.trace(found, concurrency)])
  const need = parts.defender?.need
  const before = history.judge(spared.surveys, { vulnerabilities: known, need })
  const work = { plan, found, options, onOutcome: sayOutcome(parts) }
  if (deleter !== undefined) log.info(planWords(plan, backlogOf(plan, policy, reader.now())))
  const purged = deleter === undefined ? undefined : await purgeAndVerify(work, { ...parts, deleter })
  const { surveys, cached } = purged === undefined ? spared : await around.spare(purged.surveys)
  const vulnerabilities =
    purged === undefined ? known : await askDefenderAgain(surveys, { before: spared.surveys, known }, parts)
  const evaluation = purged === undefined ? before : history.judge(surveys, { vulnerabilities, need })
  const after = history.after(found, purged ?? found, evaluation)
  const report = {
    host: wanted.host,
    server,
    scope: choice.description,
    thresholds,
    inFlight,
    policy,
    pinFiles,
    ...(await around.told()),
    cached,
    now: reader.now(),
    surveys,
    evaluation,
    vulnerabilities,
    plan,
    purge: purged === undefined ? undefined : { ...purged, before, left: planOf(surveys, policy) },
    history: history.reported(surveys, after),
    notices: [...noticesOf(found.absent, choice, wanted), ...defenderNotices(vulnerabilities, need)],
    skipped: choice.repositories.length === 0 && choice.named === 'images' ? noImage(wanted) : undefined,
    requests: reader.requests() + parts.azureRequests(),
    elapsed: elapsed(),
  }
  return { report, memory: after }
}

interface Known {
  readonly choice: Choice
  readonly history: History
  readonly around: Surroundings
}

function scanOptions(request: RunRequest, parts: RunParts, { choice, history, around }: Known): ScanOptions {
  const { inFlight, concurrency, keepNewest, allowEmptyRepository, policy } = request
  const { reader, deleter } = parts
  const rules = (repository: string): Judgement => ({
    now: reader.now(),
    inFlight,
    pinnedBy: (digest) => around.pinnedBy(repository, digest),
    past: history.pastOf(repository),
    taggedAt: (digest) => history.pastOf(repository)?.taggedAt(digest),
    allowEmptyRepository,
    keepNewest,
    deleting: deleter !== undefined,
    purge: policy,
  })
  const onProgress = progressLog(parts, { of: choice.repositories.length })
  const deleting = deleter !== undefined
  const remembered = history.documents
  return { rules, ready: around.ready, concurrency, deleting, known: new Map(), remembered, onProgress }
}

function planWords({ manifests, lots }: Plan, backlog: Backlog | undefined): string {
  if (manifests === 0 && backlog !== undefined)
    return (
      `Nothing is due: nothing is deleted. ${counted(backlog.orphans, 'orphan is', 'orphans are')} watched since the first run ` +
      `with a state only, and the first is due on ${new Date(backlog.due).toISOString().slice(0, 10)}; orphan-age: pushed ` +
      'deletes by the age since the push.'
    )
  if (manifests === 0) return 'Nothing is due: nothing is deleted.'
  return `Deleting ${counted(manifests, 'manifest')} of ${counted(lots.length, 'image or index', 'images and indexes')}, oldest first.`
}

/** Says each deletion as it happens, with what it was: an audit can be written from the log alone. */
function sayOutcome({ reader, log }: RunParts): Parameters<typeof purgeAndVerify>[0]['onOutcome'] {
  return (outcome) => log.info(outcomeLine(outcome, reader.now()))
}

function noImage({ host }: Wanted): string {
  return `none of the pushed images is in ${host}, or the input "repositories" leaves them out`
}

/** A repository from the catalog may be deleted meanwhile; one that the author named must exist. */
function noticesOf(
  absent: readonly string[],
  { named, notices }: Choice,
  { host, allowNoMatch }: Wanted,
): readonly string[] {
  const message = (name: string): string => `${host} has no repository "${name}"`
  if (named === undefined)
    return [...notices, ...absent.map((name) => `${name} was deleted while the registry was read.`)]
  if (allowNoMatch || absent.length === 0)
    return [...notices, ...absent.map((name) => `${named}: ${message(name)}.`)]
  throw new UsageError(
    absent.map((name) => ({
      input: named,
      message: `${message(name)}. Correct it, or set allow-no-match: true if that may happen.`,
    })),
  )
}

const PROGRESS_EVERY: Milliseconds = 10_000

/** Says now and then how far a long scan is. */
function progressLog(
  { reader, log, elapsed }: RunParts,
  { of }: { readonly of: number },
): (progress: Progress) => void {
  let next = elapsed() + PROGRESS_EVERY
  return ({ repositories, manifests }) => {
    if (elapsed() < next) return
    next = elapsed() + PROGRESS_EVERY
    const seconds = Math.round(elapsed() / 1000)
    log.info(
      `${grouped(repositories)} of ${counted(of, 'repository', 'repositories')} done, ${counted(manifests, 'manifest')} ` +
        `listed, ${counted(reader.requests(), 'request')} sent, ${seconds} s.`,
    )
  }
}
