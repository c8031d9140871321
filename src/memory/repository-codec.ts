import type { Digest } from '../domain/digest.ts'
import type { Churn, RepositoryMemory, RootMemory } from '../domain/memory.ts'
import { originOf, type Origin } from '../domain/origin.ts'
import { isPlain, PLAIN, type Descriptor, type Document } from '../domain/snapshot.ts'
import type { GroupKind } from '../domain/verdict.ts'
import {
  damaged,
  digestOf,
  listOf,
  numberOf,
  pack,
  recordOf,
  textOf,
  unpack,
  type PackedDigests,
  type Words,
} from './words.ts'

/** One repository in the file. What there are a hundred thousand of is packed. */
export interface FileRepository {
  readonly since: number
  readonly seenAt: number
  /** Digests of documents without edges, of manifests that are no roots. */
  readonly plain: PackedDigests
  /** Digest, word of the media type, subject or 0, entries as digest, media type, platform or -1; origin if any. */
  readonly documents: readonly FileDocument[]
  readonly tags: readonly (readonly [string, string])[]
  /** Roots by what is known of them: kind, since, quiet since, whether seen live, and whether they are known to have no edges. */
  readonly roots: readonly (readonly [...RootKey, PackedDigests])[]
  /** Of those roots that had tags: digest, tags, last seen, replaced at or 0. */
  readonly formerly: readonly (readonly [string, readonly string[], number, number])[]
  /** Tag, times, bytes, last. */
  readonly churn: readonly (readonly [string, number, number, number])[]
  readonly origins: readonly (readonly [string, Origin])[]
}

type RootKey = readonly [number, number, number, boolean, boolean]

type FileDocument = readonly [
  string,
  number,
  string | 0,
  readonly (readonly [string, number, number])[],
  ...Origin[],
]

const KINDS: readonly GroupKind[] = ['orphan', 'wrapper', 'orphaned-referrer', 'digest-only']

export function encodeRepository(memory: RepositoryMemory, words: Words): FileRepository {
  const { since, seenAt, documents, tags, roots, churn, origins } = memory
  // One with a type of its own is of an entry whose list gave none.
  const isBare = (document: Document): boolean => isPlain(document) && document.mediaType === ''
  const bare = [...documents]
    .filter(([digest, document]) => isBare(document) && !roots.has(digest))
    .map(([digest]) => digest)
  return {
    since,
    seenAt,
    plain: pack(bare),
    documents: [...documents]
      .filter(([, document]) => !isBare(document))
      .map(([digest, document]) => encodeDocument(digest, document, words)),
    tags: [...tags],
    roots: packRoots(roots, (digest) => {
      const document = documents.get(digest)
      return document !== undefined && isBare(document)
    }),
    formerly: [...roots].flatMap(([digest, { formerly }]) =>
      formerly === undefined ? [] : [[digest, formerly.names, formerly.lastSeen, formerly.replacedAt ?? 0]],
    ),
    churn: [...churn].map(([tag, { times, bytes, last }]) => [tag, times, bytes, last]),
    origins: [...origins],
  }
}

function packRoots(
  roots: RepositoryMemory['roots'],
  isBare: (digest: Digest) => boolean,
): FileRepository['roots'] {
  const alike = Map.groupBy(roots.keys(), (digest) => {
    const record = roots.get(digest)
    return JSON.stringify([
      KINDS.indexOf(record?.kind ?? 'orphan'),
      record?.since,
      record?.quietSince,
      record?.seenLive,
      isBare(digest),
    ])
  })
  return [...alike].map(([key, digests]) => {
    return [...(JSON.parse(key) as RootKey), pack(digests)]
  })
}

function encodeDocument(
  digest: Digest,
  { mediaType, subject, entries, origin }: Document,
  words: Words,
): FileDocument {
  return [
    digest,
    words.place(mediaType),
    subject ?? 0,
    entries.map((entry) => [
      entry.digest,
      words.place(entry.mediaType),
      entry.platform === undefined ? -1 : words.place(entry.platform),
    ]),
    ...(origin === undefined ? [] : [origin]),
  ]
}

/** @throws UnusableState for anything that `encodeRepository` does not write */
export function decodeRepository(file: unknown, words: Words): RepositoryMemory {
  const { since, seenAt, plain, documents, tags, roots, formerly, churn, origins } = recordOf(file)
  const decoded = new Map<Digest, Document>()
  for (const digest of unpack(plain)) decoded.set(digest, PLAIN)
  for (const document of listOf(documents)) {
    const [digest, ...rest] = listOf(document)
    decoded.set(digestOf(digest), decodeDocument(rest, words))
  }
  return {
    since: numberOf(since),
    seenAt: numberOf(seenAt),
    documents: decoded,
    tags: new Map(pairsOf(tags).map(([tag, digest]) => [textOf(tag), digestOf(digest)])),
    roots: decodeRoots({ roots, formerly }, decoded),
    churn: new Map(listOf(churn).map(decodeChurn)),
    origins: new Map(pairsOf(origins).map(([digest, origin]) => [digestOf(digest), decodeOrigin(origin)])),
  }
}

function decodeDocument([mediaType, subject, entries, origin]: readonly unknown[], words: Words): Document {
  return {
    mediaType: words.at(mediaType),
    entries: listOf(entries).map((entry): Descriptor => {
      const [digest, type, platform] = listOf(entry)
      return {
        digest: digestOf(digest),
        mediaType: words.at(type),
        platform: platform === -1 ? undefined : words.at(platform),
      }
    }),
    subject: subject === 0 ? undefined : digestOf(subject),
    ...(origin === undefined ? {} : { origin: decodeOrigin(origin) }),
  }
}

/** Adds the documents of those that are known to have no edges: one text serves for both. */
function decodeRoots(
  { roots, formerly }: { readonly roots: unknown; readonly formerly: unknown },
  documents: Map<Digest, Document>,
): ReadonlyMap<Digest, RootMemory> {
  const decoded = new Map<Digest, RootMemory>()
  for (const alike of listOf(roots)) {
    const [kind, since, quietSince, seenLive, isBare, digests] = listOf(alike)
    const record: RootMemory = {
      kind: KINDS[numberOf(kind)] ?? 'orphan',
      since: numberOf(since),
      quietSince: numberOf(quietSince),
      seenLive: seenLive === true,
      formerly: undefined,
    }
    for (const digest of unpack(digests)) {
      decoded.set(digest, record)
      if (isBare === true) documents.set(digest, PLAIN)
    }
  }
  for (const entry of listOf(formerly)) {
    const [digest, names, lastSeen, replacedAt] = listOf(entry)
    const record = decoded.get(digestOf(digest))
    if (record === undefined) throw damaged()
    const replaced = numberOf(replacedAt)
    decoded.set(digestOf(digest), {
      ...record,
      formerly: {
        names: listOf(names).map(textOf),
        lastSeen: numberOf(lastSeen),
        replacedAt: replaced === 0 ? undefined : replaced,
      },
    })
  }
  return decoded
}

function decodeChurn(entry: unknown): [string, Churn] {
  const [tag, times, bytes, last] = listOf(entry)
  return [textOf(tag), { times: numberOf(times), bytes: numberOf(bytes), last: numberOf(last) }]
}

/** Through the same sieve as what comes from the registry: nobody knows who wrote the file. */
function decodeOrigin(origin: unknown): Origin {
  const named = Object.entries(recordOf(origin)).map(([key, text]) => [
    `org.opencontainers.image.${key}`,
    text,
  ])
  return originOf(Object.fromEntries(named)) ?? {}
}

function pairsOf(list: unknown): readonly (readonly unknown[])[] {
  return listOf(list).map(listOf)
}
