import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeDocument, decodeMetadata, decodePage } from '../../src/acr/wire.ts'
import { parseDigest } from '../../src/domain/digest.ts'

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`) ?? never()
const OTHER = `sha256:${'b'.repeat(64)}`

function never(): never {
  throw new Error('not a digest')
}

function recordedBody(file: string, suffix: string): unknown {
  const text = readFileSync(join(import.meta.dirname, '../recordings', file), 'utf8')
  const { exchanges } = JSON.parse(text) as {
    readonly exchanges: readonly {
      readonly request: { readonly url: string }
      readonly response: { readonly status: number; readonly body: unknown }
    }[]
  }
  return exchanges.find(({ request, response }) => response.status === 200 && request.url.includes(suffix))
    ?.response.body
}

const ENTRY = {
  digest: DIGEST,
  imageSize: 2479,
  createdTime: '2022-12-13T09:17:12.6157503Z',
  lastUpdateTime: '2022-12-13T09:39:12.6157503Z',
  architecture: 'amd64',
  os: 'linux',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  tags: ['latest'],
  changeableAttributes: { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true },
}

function decodeOne(entry: object): ReturnType<typeof decodePage>[number] {
  return decodePage({ manifests: [entry] })[0] ?? never()
}

describe('a manifest list', () => {
  test('as recorded of the service: tagged, untagged, locked, lists, Windows', () => {
    const manifests = decodePage(recordedBody('js-2021-09-list-manifests.json', '_manifests'))
    expect(manifests).toHaveLength(17)
    expect(manifests.filter(({ kind }) => kind === 'unknown')).toEqual([])
    expect(manifests.filter(({ kind }) => kind === 'index').length).toBeGreaterThan(1)
    expect(manifests.filter(({ tags }) => tags.length > 0).length).toBeGreaterThan(0)
    expect(manifests.filter(({ locks }) => locks?.delete === false && !locks.write)).toHaveLength(1)
    expect(manifests.map(({ platform }) => platform)).toContain('windows/amd64')
    expect(manifests.every(({ size }) => size !== undefined && size > 0)).toBe(true)
  })

  test('may be empty, or have no list at all', () => {
    for (const manifests of [[], null, undefined]) expect(decodePage({ manifests })).toEqual([])
  })

  test('the later of both times is the push', () => {
    expect(decodeOne(ENTRY).pushedAt).toBe(Date.parse('2022-12-13T09:39:12.615Z'))
    const { lastUpdateTime: _, ...onlyCreated } = ENTRY
    expect(decodeOne(onlyCreated).pushedAt).toBe(Date.parse('2022-12-13T09:17:12.615Z'))
  })

  test('absent keys are unknown, never zero, unlocked or untyped by guess', () => {
    const {
      imageSize: _size,
      mediaType: _type,
      changeableAttributes: _locks,
      tags: _tags,
      os: _os,
      ...bare
    } = ENTRY
    expect(decodeOne(bare)).toMatchObject({
      size: undefined,
      mediaType: '',
      kind: 'unknown',
      locks: undefined,
      tags: [],
    })
    expect(decodeOne(bare).platform).toBeUndefined()
  })

  test.each(['deleteEnabled', 'writeEnabled', 'readEnabled'])('%s false is a lock', (name) => {
    const changeableAttributes = { ...ENTRY.changeableAttributes, [name]: false }
    const locks = Object.values(decodeOne({ ...ENTRY, changeableAttributes }).locks ?? {})
    expect(locks.filter((allowed) => !allowed)).toHaveLength(1)
  })

  test('the platform of an attestation is none', () => {
    expect(decodeOne({ ...ENTRY, os: 'unknown', architecture: 'unknown' }).platform).toBeUndefined()
  })

  test.each([
    ['no digest', { ...ENTRY, digest: undefined }],
    ['a digest that is none', { ...ENTRY, digest: 'sha256:xyz' }],
    ['no time at all', { ...ENTRY, createdTime: undefined, lastUpdateTime: 'yesterday' }],
    ['no object', 'text'],
  ])('with %s in an entry is refused as a whole', (_, entry) => {
    expect(() => decodePage({ manifests: [ENTRY, entry] })).toThrow(/digest|time|object/)
  })
})

test("an index's metadata names its children (recorded)", () => {
  const { manifest, references } = decodeMetadata(
    recordedBody('py-2021-12-manifest-properties-of-index.json', '_manifests'),
  )
  expect(manifest.kind).toBe('index')
  expect(references).toHaveLength(11)
})

describe('a manifest', () => {
  test('names its children and its subject', () => {
    const document = decodeDocument('type', {
      manifests: [
        { digest: OTHER, mediaType: 'child', platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
      ],
      subject: { digest: OTHER },
    })
    expect(document.entries).toEqual([{ digest: OTHER, mediaType: 'child', platform: 'linux/arm/v7' }])
    expect(document.subject).toBe(OTHER)
  })

  test('without either names nobody', () => {
    for (const content of [{}, { manifests: null, subject: null }, { layers: [] }]) {
      expect(decodeDocument('type', content)).toMatchObject({ entries: [], subject: undefined })
    }
  })

  test.each([{ manifests: [{}] }, { manifests: ['x'] }, { subject: {} }, { subject: 'x' }, []])(
    'whose edge cannot be read is refused: %j',
    (content) => {
      expect(() => decodeDocument('type', content)).toThrow(/digest|object/)
    },
  )
})
