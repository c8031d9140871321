import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call, type Answer, type Call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const sha256 = (content: string | Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`
const codeOf = (answer: Answer) => (answer.json() as { errors: { code: string }[] }).errors[0]?.code

const send = (emulator: Emulator, line: string, more: Call = {}) =>
  call(emulator, line, { ...admin, ...more })
const begin = async (emulator: Emulator) => {
  const answer = await send(emulator, 'POST /v2/app/blobs/uploads/')
  expect(answer.status).toBe(202)
  return answer.headers['location'] ?? ''
}
const putManifest = (
  emulator: Emulator,
  reference: string,
  [manifest, mediaType = ociManifest]: [unknown, string?],
) =>
  send(emulator, `PUT /v2/app/manifests/${reference}`, {
    headers: { 'content-type': mediaType },
    body: typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
  })

async function expectBlob(emulator: Emulator, content: string): Promise<void> {
  const head = await send(emulator, `HEAD /v2/app/blobs/${sha256(content)}`)
  expect([head.status, head.headers['content-length'], head.headers['docker-content-digest']]).toEqual([
    200,
    String(content.length),
    sha256(content),
  ])
  const got = await send(emulator, `GET /v2/app/blobs/${sha256(content)}`)
  expect(got.text).toBe(content)
}

test('a blob comes at once, in one request with its digest', async () => {
  await using emulator = await startEmulator()
  const digest = sha256('hello')
  const answer = await send(emulator, `POST /v2/app/blobs/uploads/?digest=${digest}`, { body: 'hello' })
  expect([answer.status, answer.headers['location']]).toEqual([201, `/v2/app/blobs/${digest}`])
  await expectBlob(emulator, 'hello')
})

test('with a digest or with bytes alone an upload only begins', async () => {
  await using emulator = await startEmulator()
  const withDigest = await send(emulator, `POST /v2/app/blobs/uploads/?digest=${sha256('hello')}`)
  const withBytes = await send(emulator, 'POST /v2/app/blobs/uploads/', { body: 'hello' })
  expect([withDigest.status, withBytes.status]).toEqual([202, 202])
  expect((await send(emulator, `HEAD /v2/app/blobs/${sha256('hello')}`)).status).toBe(404)
})

test('a blob comes in an upload that is finished with all of its bytes', async () => {
  await using emulator = await startEmulator()
  const location = await begin(emulator)
  const answer = await send(emulator, `PUT ${location}&digest=${sha256('hello')}`, { body: 'hello' })
  expect([answer.status, answer.headers['docker-content-digest']]).toEqual([201, sha256('hello')])
  await expectBlob(emulator, 'hello')
})

test('a blob comes in chunks, with and without their range, and the state can be asked for', async () => {
  await using emulator = await startEmulator()
  const location = await begin(emulator)
  const first = await send(emulator, `PATCH ${location}`, {
    headers: { 'content-range': '0-4' },
    body: 'hello',
  })
  expect([first.status, first.headers['range']]).toEqual([202, '0-4'])
  const again = await send(emulator, `PATCH ${location}`, {
    headers: { 'content-range': '0-4' },
    body: 'hello',
  })
  expect([again.status, again.headers['range']]).toEqual([416, '0-4'])
  const second = await send(emulator, `PATCH ${first.headers['location']}`, { body: ' wor' })
  expect(second.headers['range']).toBe('0-8')
  const state = await send(emulator, `GET ${location}`)
  expect([state.status, state.headers['range']]).toEqual([204, '0-8'])
  const done = await send(emulator, `PUT ${location}&digest=${sha256('hello world')}`, { body: 'ld' })
  expect(done.status).toBe(201)
  await expectBlob(emulator, 'hello world')
})

test('an upload ends when its bytes are not what the digest says', async () => {
  await using emulator = await startEmulator()
  const location = await begin(emulator)
  const wrong = await send(emulator, `PUT ${location}&digest=${sha256('other')}`, { body: 'hello' })
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'DIGEST_INVALID'])
  expect((await send(emulator, `GET ${location}`)).status).toBe(404)
  const malformed = await send(emulator, `PUT ${await begin(emulator)}&digest=md5:1`, { body: 'hello' })
  expect([malformed.status, codeOf(malformed)]).toEqual([400, 'DIGEST_INVALID'])
})

test('a cancelled upload is gone, and uploads belong to their repository', async () => {
  await using emulator = await startEmulator()
  const location = await begin(emulator)
  const foreign = await send(emulator, `GET ${location.replace('/app/', '/other/')}`)
  expect(foreign.status).toBe(404)
  expect((await send(emulator, `DELETE ${location}`)).status).toBe(204)
  const gone = await send(emulator, `PATCH ${location}`, { body: 'x' })
  expect([gone.status, codeOf(gone)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
})

test('a blob is mounted from a repository the caller may pull from, else an upload begins', async () => {
  await using emulator = await startEmulator({
    identities: [
      { kind: 'admin', username: 'emulator', password: 'emulator-password' },
      {
        kind: 'scope-map',
        username: 'ci',
        password: 'p',
        repositories: { app: ['content/read', 'content/write'], open: ['content/read'] },
      },
    ],
  })
  const open = emulator.registry.repo('open').blob('shared')
  const closed = emulator.registry.repo('closed').blob('secret')
  const mount = (digest: string, from: string) =>
    call(emulator, `POST /v2/app/blobs/uploads/?mount=${digest}&from=${from}`, { basic: 'ci:p' })
  expect((await mount(open, 'open')).status).toBe(201)
  expect((await mount(closed, 'closed')).status).toBe(202)
  expect((await mount(closed, 'open')).status).toBe(202)
  await expectBlob(emulator, 'shared')
  expect((await send(emulator, `HEAD /v2/app/blobs/${closed}`)).status).toBe(404)
})

test('a blob is read in ranges', async () => {
  await using emulator = await startEmulator()
  const digest = emulator.registry.repo('app').blob('0123456789')
  const range = async (spec: string) => {
    const answer = await send(emulator, `GET /v2/app/blobs/${digest}`, {
      headers: { range: `bytes=${spec}` },
    })
    return [answer.status, answer.text, answer.headers['content-range']]
  }
  expect(await range('2-4')).toEqual([206, '234', 'bytes 2-4/10'])
  expect(await range('7-')).toEqual([206, '789', 'bytes 7-9/10'])
  expect(await range('-2')).toEqual([206, '89', 'bytes 8-9/10'])
  expect(await range('8-99')).toEqual([206, '89', 'bytes 8-9/10'])
  expect(await range('10-12')).toEqual([416, '', 'bytes */10'])
})

test('a blob can be deleted', async () => {
  await using emulator = await startEmulator()
  const digest = emulator.registry.repo('app').blob('x')
  expect((await send(emulator, `DELETE /v2/app/blobs/${digest}`)).status).toBe(202)
  expect((await send(emulator, `GET /v2/app/blobs/${digest}`)).status).toBe(404)
})

test('a manifest comes by tag or by digest, creates the repository, and moves the tag', async () => {
  await using emulator = await startEmulator({ time: '2026-05-01T00:00:00Z', frozen: true })
  const app = emulator.registry.repo('app')
  const config = app.blob('{"architecture":"arm64","os":"linux"}')
  const manifest = (note: string) => ({
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 37 },
    layers: [],
    annotations: { note },
  })
  const first = JSON.stringify(manifest('first'))
  const created = await putManifest(emulator, 'latest', [first])
  expect([created.status, created.headers['docker-content-digest'], created.headers['location']]).toEqual([
    201,
    sha256(first),
    `/v2/app/manifests/${sha256(first)}`,
  ])
  emulator.clock.advance('1d')
  const second = JSON.stringify(manifest('second'))
  expect((await putManifest(emulator, sha256(second), [second])).status).toBe(201)
  expect(app.manifest('latest')?.digest).toBe(sha256(first))
  expect((await putManifest(emulator, 'latest', [second])).status).toBe(201)
  const tag = (await send(emulator, 'GET /acr/v1/app/_tags/latest')).json()
  expect(tag).toMatchObject({
    tag: {
      digest: sha256(second),
      createdTime: '2026-05-01T00:00:00Z',
      lastUpdateTime: '2026-05-02T00:00:00Z',
    },
  })
  const old = (await send(emulator, `GET /acr/v1/app/_manifests/${sha256(first)}`)).json() as {
    manifest: object
  }
  expect(old.manifest).toMatchObject({
    architecture: 'arm64',
    os: 'linux',
    lastUpdateTime: '2026-05-01T00:00:00Z',
  })
  expect(old.manifest).not.toHaveProperty('tags')
})

test('what is quarantined is found by the admin user, and is not quarantined again once it has passed', async () => {
  await using emulator = await startEmulator({ switches: { quarantine: true } })
  const body = '{"schemaVersion":2}'
  const path = `/acr/v1/app/_manifests/${sha256(body)}`
  expect((await putManifest(emulator, 'v1', [body])).status).toBe(201)
  expect((await send(emulator, `GET ${path}`)).text).toContain('"quarantineState":"Quarantined"')
  const headers = { accept: ociManifest }
  expect((await send(emulator, 'GET /v2/app/manifests/v1', { headers })).status).toBe(200)
  await send(emulator, `PATCH ${path}`, { body: '{"quarantineState":"Passed","quarantineDetails":"{}"}' })
  await putManifest(emulator, 'v2', [body])
  expect((await send(emulator, `GET ${path}`)).text).toContain(
    '"quarantineDetails":"{}","quarantineState":"Passed"}',
  )
})

test('another tag on a manifest changes nothing of its times', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const digest = app.image({ format: 'docker', tag: 'v1', age: '30d' })
  const before = app.manifest(digest)?.updatedAt
  const body = Buffer.from(app.manifest(digest)?.bytes ?? []).toString()
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  expect((await putManifest(emulator, 'v2', [body, type])).status).toBe(201)
  expect([...(app.manifest(digest)?.tags ?? [])]).toEqual(['v1', 'v2'])
  expect(app.manifest(digest)?.updatedAt).toBe(before)
  expect((app.tagNamed('v2')?.createdAt ?? 0n) > (before ?? 0n)).toBe(true)
})

test.each([
  ['is no JSON', 'x', 'nonsense', ociManifest, 'MANIFEST_INVALID'],
  ['is no object', 'x', '[]', ociManifest, 'MANIFEST_INVALID'],
  ['is of another type than the request says', 'x', '{"mediaType":"a/b"}', ociManifest, 'MANIFEST_INVALID'],
  ['is an index without a list', 'x', '{}', 'application/vnd.oci.image.index.v1+json', 'MANIFEST_INVALID'],
  ['has another digest than the path', `sha256:${'0'.repeat(64)}`, '{}', ociManifest, 'DIGEST_INVALID'],
  ['is larger than 4 MiB', 'x', `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`, ociManifest, 'MANIFEST_INVALID'],
])('a manifest that %s is refused', async (...[, reference, body, type, code]) => {
  await using emulator = await startEmulator()
  const answer = await putManifest(emulator, reference, [body, type])
  expect([answer.status, codeOf(answer)]).toEqual([400, code])
  expect(emulator.registry.repositories()).toEqual([])
})

test('a manifest needs its blobs, an index its children, a subject need not be there', async () => {
  await using emulator = await startEmulator()
  const absent = { digest: sha256('absent'), size: 6 }
  const config = emulator.registry.repo('app').blob('{}')
  const image = { schemaVersion: 2, config: { digest: config, size: 2 }, layers: [] }
  const missingLayer = await putManifest(emulator, 'x', [{ ...image, layers: [absent] }])
  expect([missingLayer.status, codeOf(missingLayer)]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN'])
  const foreign = { ...absent, urls: ['https://example.org/layer'] }
  expect((await putManifest(emulator, 'x', [{ ...image, layers: [foreign] }])).status).toBe(201)
  const index = { schemaVersion: 2, manifests: [absent] }
  const type = 'application/vnd.oci.image.index.v1+json'
  expect(codeOf(await putManifest(emulator, 'x', [index, type]))).toBe('MANIFEST_BLOB_UNKNOWN')
  const referrer = await putManifest(emulator, 'x', [{ ...image, subject: absent }])
  expect([referrer.status, referrer.headers['oci-subject']]).toEqual([201, absent.digest])
})

test('the size of an image is that of its layers, of an index more than that of its children', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const image = app.image({ layers: [1000, 500] })
  const index = app.index([image])
  const [imageSize = 0, indexSize = 0] = [image, index].map((digest) => app.manifest(digest)?.imageSize)
  expect(imageSize).toBe(1500)
  expect(indexSize).toBeGreaterThan(1500 + (app.manifest(image)?.bytes.length ?? 0))
})
