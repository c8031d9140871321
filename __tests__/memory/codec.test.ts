import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import type { Memory } from '../../src/domain/memory.ts'
import type { Document } from '../../src/domain/snapshot.ts'
import { decodeMemory, encodeMemory, UnusableState } from '../../src/memory/codec.ts'
import { digestOf, OCI_IMAGE, OCI_INDEX } from '../domain/picture.ts'

const HOST = 'myregistry.azurecr.io'
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
        seenAt: 1_795_000_000_000,
        documents: new Map<Digest, Document>([
          [digestOf('amd64'), plain],
          [digestOf('index'), index],
          [digestOf('signature'), signature],
          [SHA512, plain],
          [digestOf('of an entry without a type'), { ...plain, mediaType: OCI_IMAGE }],
        ]),
      },
    ],
    ['empty', { seenAt: 5, documents: new Map() }],
  ]),
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
  const memory: Memory = { host: HOST, repositories: new Map([['big', { seenAt: 1, documents }]]) }
  const bytes = encodeMemory(memory)
  expect(bytes.length).toBeLessThan(30_000_000)
  expect(decodeMemory(bytes, HOST).repositories.get('big')?.documents.size).toBe(140_000)
})

describe('nothing but a whole state of this registry is used', () => {
  const rewritten = (change: (file: Record<string, unknown>) => unknown): Uint8Array => {
    const file = JSON.parse(gunzipSync(encodeMemory(MEMORY)).toString()) as Record<string, unknown>
    return gzipSync(JSON.stringify(change(file)))
  }
  const app = { seenAt: 1, plain: '', documents: [] as unknown[] }

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'it is damaged, or something else'],
    ['another file', Buffer.from('hello'), 'it is damaged, or something else'],
    ['one that was cut off', encodeMemory(MEMORY).slice(0, 200), 'it is damaged, or something else'],
    ['JSON of something else', gzipSync('{"a":1}'), 'it is no state of this action'],
    ['no object', gzipSync('[]'), 'it is no state of this action'],
    ['null', gzipSync('null'), 'it is damaged, or something else'],
    [
      'another version',
      rewritten((file) => ({ ...file, version: 2 })),
      'another version of this action wrote it',
    ],
    [
      'another registry',
      rewritten((file) => ({ ...file, host: 'other.azurecr.io' })),
      'it is the state of other.azurecr.io',
    ],
    ['no repositories', rewritten((file) => ({ ...file, repositories: 7 })), 'it is damaged'],
    [
      'no time',
      rewritten((file) => ({ ...file, repositories: { app: { ...app, seenAt: 'now' } } })),
      'it is damaged',
    ],
    [
      'a digest that is none',
      rewritten((file) => ({ ...file, repositories: { app: { ...app, documents: [['x', 0, 0, []]] } } })),
      'it is damaged',
    ],
    [
      'a word that is missing',
      rewritten((file) => ({
        ...file,
        repositories: { app: { ...app, documents: [[digestOf('a'), 99, 0, []]] } },
      })),
      'it is damaged',
    ],
    [
      'entries that are none',
      rewritten((file) => ({
        ...file,
        repositories: { app: { ...app, documents: [[digestOf('a'), 0, 0, 1]] } },
      })),
      'it is damaged',
    ],
  ])('%s', (_, bytes, why) => {
    expect(() => decodeMemory(bytes, HOST)).toThrow(new UnusableState(why))
  })
})
