import pMap from 'p-map'
import type { Digest } from '../domain/digest.ts'
import type { Document } from '../domain/snapshot.ts'
import { unread, type Gap, type Judgement, type Survey } from '../domain/survey.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { RegistryReader } from '../ports.ts'
import type { ImageSource } from './newest-images.ts'
import { surveyRepository } from './survey-repository.ts'

export interface ScanOptions {
  /** By which rules a repository is judged; asked for once the registry's time is known. */
  readonly rules: (repository: string) => Judgement
  /** Settled when the rules are known; nothing is judged before. */
  readonly ready: Promise<unknown>
  readonly concurrency: number
  /** What is due will be deleted. */
  readonly deleting: boolean
  /** What this run has read before, by repository. */
  readonly known: KnownDocuments
  /** What earlier runs read, by repository. */
  readonly remembered: KnownDocuments
  /** Told after every answer that brings the scan forward. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  /** Repositories that are finished. */
  readonly repositories: number
  /** Manifests listed so far. */
  readonly manifests: number
}

const NOTHING: ReadonlyMap<Digest, Document> = new Map()

/** Documents by repository and digest. */
export type KnownDocuments = ReadonlyMap<string, ReadonlyMap<Digest, Document>>

/** What a scan found. */
export interface ScanResult {
  /** One per repository that exists, by name. */
  readonly surveys: readonly Survey[]
  /** Repositories that the registry does not have. */
  readonly absent: readonly string[]
  /** What is known of the manifests of each repository that was read in full. */
  readonly documents: KnownDocuments
  /** What some images say of themselves. */
  readonly sources: ReadonlyMap<Digest, ImageSource>
}

/**
 * Reads and judges repositories side by side. One that cannot be read in full is named and never judged.
 *
 * @throws RegistryError when nothing at all can be read: a wrong credential, no network, a firewall
 */
export async function scan(
  reader: RegistryReader,
  repositories: readonly string[],
  { rules, ready, concurrency, deleting, known, remembered, onProgress }: ScanOptions,
): Promise<ScanResult> {
  const documents = new Map<string, ReadonlyMap<Digest, Document>>()
  const sources = new Map<Digest, ImageSource>()
  const surveys: Survey[] = []
  const absent: string[] = []
  let manifests = 0
  const forward = (listed: number): void => {
    manifests += listed
    onProgress({ repositories: surveys.length + absent.length, manifests })
  }
  const scanOne = async (repository: string): Promise<void> => {
    try {
      const found = await surveyRepository(repository, reader.repository(repository), {
        rules: () => rules(repository),
        ready,
        concurrency,
        deleting,
        known: known.get(repository) ?? NOTHING,
        remembered: remembered.get(repository) ?? NOTHING,
        onProgress: forward,
      })
      surveys.push(found.survey)
      for (const [image, source] of found.sources) sources.set(image, source)
      if (found.survey.gap === undefined) documents.set(repository, found.documents)
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
  return {
    surveys: surveys.sort((a, b) => (a.repository < b.repository ? -1 : 1)),
    absent: absent.sort(),
    documents,
    sources,
  }
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
