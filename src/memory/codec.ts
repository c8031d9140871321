import { gunzipSync, gzipSync } from 'node:zlib'
import { parseDigest, type Digest } from '../domain/digest.ts'
import type { Memory, RepositoryMemory } from '../domain/memory.ts'
import { isPlain, PLAIN, type Descriptor, type Document } from '../domain/snapshot.ts'

/** Raised whenever the meaning of the file changes; files of other versions are not read. */
const VERSION = 1

/** What half a million manifests come to, with room; a file that unpacks to more is not ours. */
const LARGEST = 512 * 1024 * 1024

/** The file cannot be used; the message says why, in words for the log. */
export class UnusableState extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'UnusableState'
  }
}

/** As JSON, compressed. Digests without edges are one run of bytes: there are a hundred thousand of them. */
interface File {
  readonly state: 'acr-hygiene'
  readonly version: number
  readonly host: unknown
  /** Media types and platforms, each once; all other places hold their numbers. */
  readonly words: readonly string[]
  readonly repositories: Readonly<Record<string, FileRepository>>
}

interface FileRepository {
  readonly seenAt: number
  /** SHA-256 values without edges, 32 bytes each, in base64. */
  readonly plain: string
  /** Digest, word of the media type, subject or 0, entries as digest, media type, platform or -1. */
  readonly documents: readonly FileDocument[]
}

type FileDocument = readonly [string, number, string | 0, readonly (readonly [string, number, number])[]]

/** What a run remembers, as the bytes of a file. */
export function encodeMemory({ host, repositories }: Memory): Uint8Array {
  const words = new Map<string, number>()
  const wordOf = (text: string): number => {
    const known = words.get(text)
    if (known !== undefined) return known
    words.set(text, words.size)
    return words.size - 1
  }
  const encoded = Object.fromEntries(
    [...repositories].map(([name, memory]) => [name, encodeRepository(memory, wordOf)]),
  )
  const file: File = {
    state: 'acr-hygiene',
    version: VERSION,
    host,
    words: [...words.keys()],
    repositories: encoded,
  }
  return gzipSync(JSON.stringify(file), { level: 1 })
}

function encodeRepository(
  { seenAt, documents }: RepositoryMemory,
  wordOf: (text: string) => number,
): FileRepository {
  const plain: Buffer[] = []
  const others: FileDocument[] = []
  for (const [digest, document] of documents) {
    const { mediaType, entries, subject } = document
    // One with a type of its own is of an entry whose list gave none.
    if (isPlain(document) && mediaType === '' && SHA256.test(digest))
      plain.push(Buffer.from(digest.slice(7), 'hex'))
    else {
      others.push([
        digest,
        wordOf(mediaType),
        subject ?? 0,
        entries.map((entry) => [
          entry.digest,
          wordOf(entry.mediaType),
          entry.platform === undefined ? -1 : wordOf(entry.platform),
        ]),
      ])
    }
  }
  return { seenAt, plain: Buffer.concat(plain).toString('base64'), documents: others }
}

const SHA256 = /^sha256:[0-9a-f]{64}$/

/**
 * Reads what an earlier run wrote.
 *
 * @throws UnusableState for anything else
 */
export function decodeMemory(bytes: Uint8Array, host: string): Memory {
  const file = parse(bytes)
  if (file.state !== 'acr-hygiene') throw new UnusableState('it is no state of this action')
  if (file.version !== VERSION) throw new UnusableState('another version of this action wrote it')
  if (typeof file.repositories !== 'object') throw new UnusableState('it is damaged')
  if (file.host !== host) throw new UnusableState(`it is the state of ${String(file.host).slice(0, 100)}`)
  try {
    const repositories = Object.entries(file.repositories).map(
      ([name, repository]) => [name, decodeRepository(repository, file.words)] as const,
    )
    return { host, repositories: new Map(repositories) }
  } catch (error) {
    if (error instanceof UnusableState) throw error
    throw new UnusableState('it is damaged')
  }
}

function parse(bytes: Uint8Array): File {
  try {
    const file: unknown = JSON.parse(gunzipSync(bytes, { maxOutputLength: LARGEST }).toString('utf8'))
    if (typeof file === 'object' && file !== null) return file as File
  } catch {
    // Cut off, changed, or never ours: the same to whoever wants to use it.
  }
  throw new UnusableState('it is damaged, or something else')
}

function decodeRepository(
  { seenAt, plain, documents }: FileRepository,
  words: readonly string[],
): RepositoryMemory {
  if (typeof seenAt !== 'number') throw new UnusableState('it is damaged')
  const decoded = new Map<Digest, Document>()
  const bytes = Buffer.from(plain, 'base64')
  for (let start = 0; start + 32 <= bytes.length; start += 32)
    decoded.set(digestOf(`sha256:${bytes.toString('hex', start, start + 32)}`), PLAIN)
  for (const [digest, mediaType, subject, entries] of documents) {
    decoded.set(digestOf(digest), {
      mediaType: wordAt(words, mediaType),
      entries: entries.map(([child, type, platform]): Descriptor => ({
        digest: digestOf(child),
        mediaType: wordAt(words, type),
        platform: platform === -1 ? undefined : wordAt(words, platform),
      })),
      subject: subject === 0 ? undefined : digestOf(subject),
    })
  }
  return { seenAt, documents: decoded }
}

function digestOf(text: unknown): Digest {
  const digest = typeof text === 'string' ? parseDigest(text) : undefined
  if (digest === undefined) throw new UnusableState('it is damaged')
  return digest
}

function wordAt(words: readonly string[], index: unknown): string {
  const word = typeof index === 'number' ? words[index] : undefined
  if (typeof word !== 'string') throw new UnusableState('it is damaged')
  return word
}
