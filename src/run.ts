import { counted, grouped } from './domain/count.ts'
import { evaluate, type Thresholds } from './domain/evaluate.ts'
import type { Milliseconds } from './domain/duration.ts'
import type { Instant } from './domain/snapshot.ts'
import { UsageError } from './errors.ts'
import type { Log, RegistryReader, Stopwatch } from './ports.ts'
import type { Report } from './report/report.ts'
import { chooseRepositories, type Choice, type Wanted } from './scan/choose-repositories.ts'
import { scan, type Progress } from './scan/scan.ts'

/** What a run does, without how it signs in or where it writes. */
export interface RunRequest {
  readonly wanted: Wanted
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  readonly concurrency: number
}

export interface RunParts {
  readonly reader: RegistryReader
  readonly log: Log
  readonly elapsed: Stopwatch
}

/**
 * The story of a run: choose repositories, read and classify them, hold what was found against the limits.
 *
 * @throws UsageError or RegistryError when nothing can be judged
 */
export async function run(request: RunRequest, { reader, log, elapsed }: RunParts): Promise<Report> {
  const { wanted, thresholds, inFlight, concurrency } = request
  const choice = await chooseRepositories(wanted, reader)
  reader.expect(choice.repositories)
  if (choice.repositories.length > 0) log.info(`Looking at ${choice.description}.`)
  const onProgress = progressLog({ reader, log, elapsed }, { of: choice.repositories.length })
  const { surveys, absent } = await scan(reader, choice.repositories, { inFlight, concurrency, onProgress })
  const notices = [...choice.notices, ...absentNotices(absent, choice, wanted)]
  const now: Instant = reader.now()
  return {
    host: wanted.host,
    scope: choice.description,
    thresholds,
    inFlight,
    now,
    surveys,
    evaluation: evaluate(surveys, thresholds, now),
    notices,
    skipped: choice.repositories.length === 0 && choice.named === 'images' ? noImage(wanted) : undefined,
    requests: reader.requests(),
    elapsed: elapsed(),
  }
}

function noImage({ host }: Wanted): string {
  return `none of the pushed images is in ${host}, or the input "repositories" leaves them out`
}

/** A repository from the catalog may be deleted meanwhile; one that the author named must exist. */
function absentNotices(
  absent: readonly string[],
  { named }: Choice,
  { host, allowNoMatch }: Wanted,
): readonly string[] {
  if (named === undefined) return absent.map((name) => `${name} was deleted while the registry was read.`)
  const message = (name: string): string => `${host} has no repository "${name}"`
  if (allowNoMatch || absent.length === 0) return absent.map((name) => `${named}: ${message(name)}.`)
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
