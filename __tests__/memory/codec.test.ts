import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import type { Memory, RootMemory } from '../../src/domain/memory.ts'
import type { Origin } from '../../src/domain/origin.ts'
import type { Document } from '../../src/domain/snapshot.ts'
import { decodeMemory, encodeMemory } from '../../src/memory/codec.ts'
import { UnusableState } from '../../src/memory/words.ts'
import { digestOf, OCI_IMAGE, OCI_INDEX } from '../domain/picture.ts'
import { HOST, memoryOf, repositoryMemory, watched } from '../domain/memories.ts'

const SHA512 = `sha512:${'c'.repeat(128)}` as Digest

const plain: Document = { mediaType: '', entries: [], subject: undefined }
const index: Document = {
  mediaType: OCI_INDEX,
  entries: [
    { digest: digestOf('amd64'), mediaType: OCI_IMAGE, platform: 'linux/amd64' },
    {
      digest: digestOf('layer'),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      platform: undefined,
    },
  ],
  subject: undefined,
}
const signature: Document = { mediaType: OCI_IMAGE, entries: [], subject: digestOf('index') }

const MEMORY: Memory = {
  host: HOST,
  repositories: new Map([
    [
      'team/app',
      {
        since: 1_790_000_000_000,
        seenAt: 1_795_000_000_000,
        documents: new Map<Digest, Document>([
          [digestOf('amd64'), plain],
          [digestOf('index'), { ...index, origin: { revision: '1a2b3c4' } }],
          [digestOf('signature'), signature],
          [SHA512, plain],
          [digestOf('of an entry without a type'), { ...plain, mediaType: OCI_IMAGE }],
        ]),
        tags: new Map([
          ['latest', digestOf('index')],
          ['odd', SHA512],
        ]),
        roots: new Map<Digest, RootMemory>([
          [digestOf('one'), watched(5)],
          [digestOf('two'), watched(5)],
          [SHA512, watched(6, { kind: 'wrapper' })],
          [digestOf('three'), watched(5, { seenLive: true, quietSince: 3 })],
          [digestOf('four'), watched(5, { formerly: { names: ['a', 'b'], lastSeen: 2, replacedAt: 3 } })],
          [digestOf('five'), watched(5, { formerly: { names: ['c'], lastSeen: 2, replacedAt: undefined } })],
        ]),
        churn: new Map([['latest', { times: 3, bytes: 5_000_000_000, last: 7 }]]),
        origins: new Map<Digest, Origin>([
          [digestOf('one'), { version: 'main', source: 'https://github.com/octo/app' }],
          [digestOf('two'), {}],
        ]),
      },
    ],
    ['empty', repositoryMemory({ seenAt: 5 })],
  ]),
  trends: new Map([['**', [{ at: 1, orphans: 2, bytes: 3 }]]]),
}

test('what was kept is read back as it was', () => {
  expect(decodeMemory(encodeMemory(MEMORY), HOST)).toEqual(MEMORY)
})

test('140,000 manifests stay under 30 MB', () => {
  const documents = new Map(
    Array.from({ length: 140_000 }, (_, number): [Digest, Document] => [
      digestOf(`image ${number}`),
      number % 10 === 0 ? index : plain,
    ]),
  )
  const roots = new Map([...documents.keys()].map((digest) => [digest, watched(5)] as const))
  const memory = memoryOf({ big: { documents, roots } })
  const bytes = encodeMemory(memory)
  expect(bytes.length).toBeLessThan(30_000_000)
  expect(decodeMemory(bytes, HOST).repositories.get('big')).toEqual(repositoryMemory({ documents, roots }))
})

describe('nothing but a whole state of this registry is used', () => {
  const rewritten = (change: (file: Record<string, unknown>) => unknown): Uint8Array => {
    const file = JSON.parse(gunzipSync(encodeMemory(MEMORY)).toString()) as Record<string, unknown>
    return gzipSync(JSON.stringify(change(file)))
  }
  const app = {
    since: 1,
    seenAt: 1,
    plain: [''],
    documents: [] as unknown[],
    tags: [],
    roots: [],
    formerly: [],
    churn: [],
    origins: [],
  }
  const withApp = (change: object): Uint8Array =>
    rewritten((file) => ({ ...file, repositories: { app: { ...app, ...change } } }))

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'it is damaged, or something else'],
    ['another file', Buffer.from('hello'), 'it is damaged, or something else'],
    ['one that was cut off', encodeMemory(MEMORY).slice(0, 200), 'it is damaged, or something else'],
    ['JSON of something else', gzipSync('{"a":1}'), 'it is no state of this action'],
    ['no object', gzipSync('[]'), 'it is no state of this action'],
    ['null', gzipSync('null'), 'it is damaged, or something else'],
    [
      'another version',
      rewritten((file) => ({ ...file, version: 3 })),
      'another version of this action wrote it',
    ],
    [
      'another registry',
      rewritten((file) => ({ ...file, host: 'other.azurecr.io' })),
      'it is the state of other.azurecr.io',
    ],
    ['no repositories', rewritten((file) => ({ ...file, repositories: 7 })), 'it is damaged'],
    ['no words', rewritten((file) => ({ ...file, words: undefined })), 'it is damaged'],
    ['no trends', rewritten((file) => ({ ...file, trends: 7 })), 'it is damaged'],
    ['no time', withApp({ seenAt: 'now' }), 'it is damaged'],
    ['a digest that is none', withApp({ documents: [['x', 0, 0, []]] }), 'it is damaged'],
    ['a word that is missing', withApp({ documents: [[digestOf('a'), 99, 0, []]] }), 'it is damaged'],
    ['entries that are none', withApp({ documents: [[digestOf('a'), 0, 0, 1]] }), 'it is damaged'],
    ['digests that were cut off', withApp({ plain: ['AAAA'] }), 'it is damaged'],
    ['a tag on nothing', withApp({ tags: [['latest', 'nothing']] }), 'it is damaged'],
    ['a root without time', withApp({ roots: [[0, null, 1, true, true, ['']]] }), 'it is damaged'],
    ['tags of no root', withApp({ formerly: [[digestOf('a'), ['b'], 1, 0]] }), 'it is damaged'],
    ['no number of times', withApp({ churn: [['latest', '1', 1, 1]] }), 'it is damaged'],
  ])('%s', (_, bytes, why) => {
    expect(() => decodeMemory(bytes, HOST)).toThrow(new UnusableState(why))
  })
})
