import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDigest, type Digest } from '../../src/domain/digest.ts'
import type { Memory, RepositoryMemory, RootMemory } from '../../src/domain/memory.ts'
import { merged } from '../../src/domain/merge.ts'
import type { Origin } from '../../src/domain/origin.ts'
import { Past } from '../../src/domain/past.ts'
import { PLAIN, type Document } from '../../src/domain/snapshot.ts'
import { decodeMemory, encodeMemory } from '../../src/memory/codec.ts'
import { UnusableState } from '../../src/memory/words.ts'
import { HOST, memoryOf } from '../domain/memories.ts'
import { digestOf, NOW, OCI_IMAGE, OCI_INDEX, survey } from '../domain/picture.ts'
import { runs } from '../property-runs.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']

/** Few, so that they meet; some that are no SHA-256 in small letters, and so cannot be packed. */
const digest = fc.constantFrom(
  ...NAMES.map(digestOf),
  ...[
    `sha512:${'c'.repeat(128)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'b'.repeat(63)}`,
    `x+y:${'='.repeat(32)}`,
  ]
    .map(parseDigest)
    .filter((each) => each !== undefined),
)

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '__proto__', 'constructor', 'latest', '\ud800'),
)
const count = fc.nat()
const instant = fc.integer({ min: -1, max: 2 ** 42 })

const label = fc.stringMatching(/^[a-z0-9:/.]{1,20}$/)
const origin: fc.Arbitrary<Origin> = fc.record(
  { version: label, revision: label, source: label, created: label },
  { requiredKeys: [] },
)

const entry = fc.record({
  digest,
  mediaType: fc.constantFrom('', OCI_IMAGE, OCI_INDEX),
  platform: fc.option(text, { nil: undefined }),
})

const document: fc.Arbitrary<Document> = fc.oneof(
  fc.constant(PLAIN),
  fc
    .record({
      mediaType: fc.constantFrom(OCI_IMAGE, OCI_INDEX, 'text/plain'),
      entries: fc.array(entry, { maxLength: 3 }),
      subject: fc.option(digest, { nil: undefined }),
      origin: fc.option(origin, { nil: undefined }),
    })
    .map(({ origin, ...more }) => (origin === undefined ? more : { ...more, origin })),
)

const root: fc.Arbitrary<RootMemory> = fc.record({
  kind: fc.constantFrom('orphan', 'wrapper', 'orphaned-referrer', 'digest-only'),
  since: instant,
  quietSince: instant,
  seenLive: fc.boolean(),
  formerly: fc.option(
    fc.record({
      names: fc.array(text, { maxLength: 3 }),
      lastSeen: instant,
      replacedAt: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
    }),
    { nil: undefined },
  ),
})

function mapOf<Key, Value>(
  key: fc.Arbitrary<Key>,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<ReadonlyMap<Key, Value>> {
  return fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => new Map(entries))
}

const repository: fc.Arbitrary<RepositoryMemory> = fc.record({
  since: instant,
  seenAt: instant,
  documents: mapOf(digest, document),
  tags: mapOf(text, digest),
  roots: mapOf(digest, root),
  churn: mapOf(text, fc.record({ times: count, bytes: count, last: instant })),
  origins: mapOf(digest, origin),
})

const memory: fc.Arbitrary<Memory> = fc.record({
  host: fc.constant(HOST),
  repositories: mapOf(fc.oneof(fc.constant('app'), text), repository),
  trends: mapOf(text, fc.array(fc.record({ at: instant, orphans: count, bytes: count }), { maxLength: 3 })),
})

test('any memory is read back as it was', () => {
  fc.assert(
    fc.property(memory, (memory) => {
      expect(decodeMemory(encodeMemory(memory), HOST)).toEqual(memory)
    }),
    runs(1000),
  )
})

/** What a repository says by digests, and all its numbers. */
function contentsOf(known: RepositoryMemory): {
  readonly digests: readonly string[]
  readonly numbers: readonly number[]
} {
  const { since, seenAt, documents, tags, roots, churn, origins } = known
  const named = [...documents.values()].flatMap(({ entries, subject }) => [
    ...entries.map((entry) => entry.digest),
    ...(subject === undefined ? [] : [subject]),
  ])
  const times = [...roots.values()].flatMap(({ since, quietSince, formerly }) => [
    since,
    quietSince,
    formerly?.lastSeen ?? 0,
    formerly?.replacedAt ?? 0,
  ])
  const counts = [...churn.values()].flatMap(({ times, bytes, last }) => [times, bytes, last])
  return {
    digests: [...documents.keys(), ...named, ...tags.values(), ...roots.keys(), ...origins.keys()],
    numbers: [since, seenAt, ...times, ...counts],
  }
}

/** A run that begins with it comes to its end. */
function isOfUse(memory: Memory): void {
  for (const known of memory.repositories.values()) {
    const { digests, numbers } = contentsOf(known)
    for (const digest of digests) expect(parseDigest(digest)).toBe(digest)
    for (const number of numbers) expect(number).toSatisfy(Number.isFinite)
  }
  const past = new Past(memory, 'app', NOW)
  survey(
    {
      a: { type: OCI_INDEX, children: ['b', 'c'] },
      b: { age: '10m' },
      c: {},
      d: { tags: ['latest'] },
      e: { subject: 'b' },
    },
    { repository: 'app' },
    { past, taggedAt: (digest: Digest) => past.taggedAt(digest) },
  )
  const both = merged(memory, memoryOf({ app: { seenAt: 1 } }))
  expect([...decodeMemory(encodeMemory(both), HOST).repositories.keys()]).toContain('app')
}

/** Reads what may be no state at all. */
function readSafely(bytes: Uint8Array): 'used' | 'refused' {
  try {
    isOfUse(decodeMemory(bytes, HOST))
    return 'used'
  } catch (error) {
    if (!(error instanceof UnusableState)) throw error
    return 'refused'
  }
}

/** Any value in the place of another: what Object has by nature among the keys, numbers that are no places. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    { toString: 1, valueOf: 1 },
    { length: 3 },
    { __proto__: null },
    [[]],
    [['']],
    -1,
    1.5,
    1e300,
  ),
  digest,
)

type Change = (old: unknown) => unknown

/** Changes one place of a JSON value; the numbers say which. */
function changed(json: unknown, path: readonly number[], change: Change): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof json !== 'object' || json === null) return change(json)
  const entries = Object.entries(json)
  const at = step % Math.max(1, entries.length)
  const after = entries.map(
    ([key, inner], place) => [key, place === at ? changed(inner, rest, change) : inner] as const,
  )
  return Array.isArray(json) ? after.map(([, inner]) => inner) : Object.fromEntries(after)
}

const change: fc.Arbitrary<Change> = fc.oneof(
  value.map((other) => () => other),
  // Too much, too little, in another order.
  fc.constantFrom<Change>(
    (old) => (Array.isArray(old) ? [...old, ...old] : [old]),
    (old) => (Array.isArray(old) ? old.slice(1) : undefined),
    (old) => (Array.isArray(old) ? old.toReversed() : typeof old === 'string' ? old.slice(1) : null),
  ),
)

test('a state with anything in a wrong place is of use or refused', () => {
  const results = { used: 0, refused: 0 }
  const path = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      memory,
      fc.array(fc.tuple(path, change), { minLength: 1, maxLength: 3 }),
      (memory, changes) => {
        const file: unknown = JSON.parse(gunzipSync(encodeMemory(memory)).toString())
        const damaged = changes.reduce((json, [path, change]) => changed(json, path, change), file)
        results[readSafely(gzipSync(JSON.stringify(damaged) ?? ''))] += 1
      },
    ),
    runs(2000),
  )
  expect(Math.min(...Object.values(results))).toBeGreaterThan(0)
})

const bytesChanged = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 2 })

function withBytes(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const after = Uint8Array.from(bytes)
  for (const [place, byte] of changes) after[place % after.length] = byte
  return after
}

test.each<[string, (memory: Memory, changes: readonly (readonly [number, number])[]) => Uint8Array]>([
  ['file', (memory, changes) => withBytes(encodeMemory(memory), changes)],
  ['text in it', (memory, changes) => gzipSync(withBytes(gunzipSync(encodeMemory(memory)), changes))],
])('a state with other bytes in the %s is of use or refused', (_, damaged) => {
  fc.assert(
    fc.property(memory, bytesChanged, (memory, changes) => {
      expect(['used', 'refused']).toContain(readSafely(damaged(memory, changes)))
    }),
    runs(1000),
  )
})
