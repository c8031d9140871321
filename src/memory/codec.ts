import { gunzipSync, gzipSync } from 'node:zlib'
import type { Memory } from '../domain/memory.ts'
import type { Trends } from '../domain/trend.ts'
import { decodeRepository, encodeRepository, type FileRepository } from './repository-codec.ts'
import { damaged, UnusableState, Words, numberOf, recordOf, listOf } from './words.ts'

/** Raised whenever the meaning of the file changes; files of other versions are not read. */
const VERSION = 2

/** What half a million manifests come to, with room; a file that unpacks to more is not ours. */
const LARGEST = 512 * 1024 * 1024

/** As JSON, compressed. */
interface File {
  readonly state: 'acr-hygiene'
  readonly version: number
  readonly host: unknown
  /** Media types and platforms, each once; all other places hold their numbers. */
  readonly words: readonly string[]
  readonly repositories: Readonly<Record<string, FileRepository>>
  /** What was looked at, with points as time, orphans, bytes. */
  readonly trends: readonly (readonly [string, readonly (readonly [number, number, number])[]])[]
}

/** What a run remembers, as the bytes of a file. */
export function encodeMemory({ host, repositories, trends }: Memory): Uint8Array {
  const words = new Words()
  const encoded = Object.fromEntries(
    [...repositories].map(([name, memory]) => [name, encodeRepository(memory, words)]),
  )
  const file: File = {
    state: 'acr-hygiene',
    version: VERSION,
    host,
    words: words.all,
    repositories: encoded,
    trends: [...trends].map(([scope, points]) => [
      scope,
      points.map(({ at, orphans, bytes }) => [at, orphans, bytes]),
    ]),
  }
  return gzipSync(JSON.stringify(file), { level: 1 })
}

/**
 * Reads what an earlier run wrote.
 *
 * @throws UnusableState for anything else
 */
export function decodeMemory(bytes: Uint8Array, host: string): Memory {
  const file = parse(bytes)
  if (file.state !== 'acr-hygiene') throw new UnusableState('it is no state of this action')
  if (file.version !== VERSION) throw new UnusableState('another version of this action wrote it')
  if (typeof file.host !== 'string') throw damaged()
  if (file.host !== host) throw new UnusableState(`it is the state of ${file.host.slice(0, 100)}`)
  try {
    const words = new Words(listOf(file.words))
    const repositories = Object.entries(recordOf(file.repositories)).map(
      ([name, repository]) => [name, decodeRepository(repository, words)] as const,
    )
    return { host, repositories: new Map(repositories), trends: decodeTrends(file.trends) }
  } catch (error) {
    if (error instanceof UnusableState) throw error
    throw new UnusableState('it is damaged')
  }
}

function parse(bytes: Uint8Array): Partial<File> {
  try {
    const file: unknown = JSON.parse(gunzipSync(bytes, { maxOutputLength: LARGEST }).toString('utf8'))
    if (typeof file === 'object' && file !== null) return file
  } catch {
    // Cut off, changed, or never ours: the same to whoever wants to use it.
  }
  throw new UnusableState('it is damaged, or something else')
}

function decodeTrends(trends: unknown): Trends {
  return new Map(
    listOf(trends).map((entry) => {
      const [scope, points] = listOf(entry)
      const decoded = listOf(points).map((point) => {
        const [at, orphans, bytes] = listOf(point)
        return { at: numberOf(at), orphans: numberOf(orphans), bytes: numberOf(bytes) }
      })
      return [String(scope), decoded]
    }),
  )
}
