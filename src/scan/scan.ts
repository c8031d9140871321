import pMap from 'p-map'
import type { Rules } from '../domain/classify.ts'
import type { Milliseconds } from '../domain/duration.ts'
import { surveyOf, unread, type Gap, type Survey } from '../domain/survey.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { RegistryReader } from '../ports.ts'
import { scanRepository } from './scan-repository.ts'

export interface ScanOptions {
  readonly inFlight: Milliseconds
  readonly concurrency: number
  /** Told after every answer that brings the scan forward. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  /** Repositories that are finished. */
  readonly repositories: number
  /** Manifests listed so far. */
  readonly manifests: number
}

/** What a scan found. */
export interface ScanResult {
  /** One per repository that exists, by name. */
  readonly surveys: readonly Survey[]
  /** Repositories that the registry does not have. */
  readonly absent: readonly string[]
}

/**
 * Reads and judges repositories side by side. One that cannot be read in full is named and never judged.
 *
 * @throws RegistryError when nothing at all can be read: a wrong credential, no network, a firewall
 */
export async function scan(
  reader: RegistryReader,
  repositories: readonly string[],
  { inFlight, concurrency, onProgress }: ScanOptions,
): Promise<ScanResult> {
  const surveys: Survey[] = []
  const absent: string[] = []
  let manifests = 0
  const rules = (): Rules => ({ now: reader.now(), inFlight })
  const forward = (listed: number): void => {
    manifests += listed
    onProgress({ repositories: surveys.length + absent.length, manifests })
  }
  const scanOne = async (repository: string): Promise<void> => {
    try {
      const snapshot = await scanRepository(repository, reader.repository(repository), {
        rules,
        concurrency,
        onProgress: forward,
      })
      surveys.push(surveyOf(snapshot, rules()))
    } catch (error) {
      if (error instanceof RegistryError && error.failure.kind === 'not-found') absent.push(repository)
      else
        surveys.push(
          unread(repository, gapOf(error, { anythingRead: surveys.some(({ gap }) => gap === undefined) })),
        )
    }
    forward(0)
  }
  await pMap(repositories, scanOne, { concurrency })
  return { surveys: surveys.sort((a, b) => (a.repository < b.repository ? -1 : 1)), absent: absent.sort() }
}

/** With one of these nothing else can succeed either, unless it did before. */
const HOPELESS = new Set(['credential', 'firewall', 'unreachable'])

/** @throws the error itself when it concerns the whole run, or is a bug */
function gapOf(error: unknown, { anythingRead }: { readonly anythingRead: boolean }): Gap {
  if (error instanceof StoppedError) return { kind: 'stopped', why: error.message, reason: error.message }
  if (!(error instanceof RegistryError)) throw error
  const { kind, cause, cure } = error.failure
  if (HOPELESS.has(kind) && !anythingRead) throw error
  return {
    kind: kind === 'permission' ? 'permission' : 'unreadable',
    why: error.message,
    reason: `${cause} ${cure}`,
  }
}
