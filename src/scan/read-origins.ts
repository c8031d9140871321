import pMap from 'p-map'
import type { Digest } from '../domain/digest.ts'
import { orphansOf } from '../domain/evaluate.ts'
import type { Memory } from '../domain/memory.ts'
import type { Origin } from '../domain/origin.ts'
import type { Finding, Survey } from '../domain/survey.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { RegistryReader, RepositoryReader } from '../ports.ts'
import { Newest } from './newest.ts'
import type { ImageSource } from './newest-images.ts'
import type { KnownDocuments } from './scan.ts'

/** The manifest, unless it was just read, and the configuration that it names. */
const REQUESTS_EACH = 2

/**
 * What a run may spend on telling whose the orphans are: a hundredth of what it cost, or so many requests when an orphan is
 * new, fewer where somebody waits for it after each push.
 */
const NEWS = { push: 2, else: 8, needed: 20 }

/** Nobody reads the labels of more of them. */
const MOST_IMAGES = 50

interface Known {
  readonly surveys: readonly Survey[]
  readonly documents: KnownDocuments
  readonly sources: ReadonlyMap<Digest, ImageSource>
  readonly memory: Memory | undefined
  readonly concurrency: number
  /** Whether the run follows a push, or even needs to know what orphans say because a limit is about that. */
  readonly occasion: keyof typeof NEWS
}

/**
 * What orphans say about where they come from: remembered, written on the index, or read from the image for a few of the
 * newest, since it costs requests and never changes. Whatever cannot be read is not claimed.
 */
export async function readOrigins(
  reader: RegistryReader,
  { surveys, documents, sources, memory, concurrency, occasion }: Known,
): Promise<ReadonlyMap<Digest, Origin>> {
  const origins = new Map<Digest, Origin>()
  const unread = new Newest<Finding>(MOST_IMAGES, isLater)
  for (const orphan of orphansOf(surveys)) {
    const { digest } = orphan.root
    const known =
      memory?.repositories.get(orphan.repository)?.origins.get(digest) ??
      documents.get(orphan.repository)?.get(digest)?.origin
    if (known === undefined) unread.add(orphan)
    else origins.set(digest, known)
  }
  const [first] = unread.all
  const fewest = first !== undefined && isNew(first) ? NEWS[occasion] : 0
  const most = Math.floor(Math.max(fewest, reader.requests() / 100) / REQUESTS_EACH)
  const newest = unread.all.slice(0, most)
  await pMap(
    newest,
    async ({ repository, root, manifests }) => {
      const entries = documents.get(repository)?.get(root.digest)?.entries ?? []
      // Of all that belongs to an index, the images know: what buildx attests has no platform.
      const image =
        root.kind === 'index'
          ? entries.find(({ digest, platform }) => platform !== undefined && manifests.includes(digest))
              ?.digest
          : root.digest
      const origin =
        image === undefined ? {} : await readOrigin(reader.repository(repository), image, sources.get(image))
      if (origin !== undefined) origins.set(root.digest, origin)
    },
    { concurrency },
  )
  return origins
}

/** Without a state nobody knew any of them. */
function isNew({ observed }: Finding): boolean {
  return observed?.isNew !== false
}

function isLater(a: Finding, b: Finding): boolean {
  return isNew(a) === isNew(b) ? a.root.pushedAt > b.root.pushedAt : isNew(a)
}

/** @returns undefined when it could not be read; that it says nothing is an answer, too */
async function readOrigin(
  reader: RepositoryReader,
  image: Digest,
  known: ImageSource | undefined,
): Promise<Origin | undefined> {
  try {
    const { config, origin } = known ?? (await reader.document(image)) ?? {}
    return { ...(config === undefined ? {} : await reader.labels(config)), ...origin }
  } catch (error) {
    if (error instanceof RegistryError || error instanceof StoppedError) return undefined
    throw error
  }
}
