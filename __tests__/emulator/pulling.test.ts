import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'

const pull = (emulator: Emulator, reference: string, accept?: string) =>
  call(emulator, `GET /v2/app/manifests/${reference}`, {
    ...admin,
    ...(accept === undefined ? {} : { headers: { accept } }),
  })

test('an OCI manifest is only found by those who accept its type, naming what was found', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const image = app.image({ tag: 'image' })
  app.index([image], { tag: 'index' })
  app.referrer(image, { kind: 'oci-artifact', tag: 'artifact' })
  const ociArtifact = 'application/vnd.oci.artifact.manifest.v1+json'
  for (const [tag, type, words] of [
    ['image', ociManifest, 'OCI manifest found, but accept header does not support OCI manifests'],
    ['index', ociIndex, 'OCI index found, but accept header does not support OCI indexes'],
    ['artifact', ociArtifact, 'OCI artifact found, but accept header does not support OCI artifacts'],
  ] as const) {
    for (const accept of [undefined, '*/*', 'application/vnd.docker.distribution.manifest.v2+json']) {
      const answer = await pull(emulator, tag, accept)
      expect([answer.status, answer.text]).toEqual([
        404,
        `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"${words}"}]}\n`,
      ])
    }
    const answer = await pull(emulator, tag, `text/plain, ${type};q=0.5, */*`)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type])
  }
})

test('docker, ORAS, schema 1 and unknown types come to everybody', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const docker = app.image({ format: 'docker' })
  const others = [
    docker,
    app.index([docker], { format: 'docker', tag: 'list' }),
    app.referrer(docker, { kind: 'oras' }),
    app.schema1(),
    app.unknownType(),
  ]
  for (const digest of others) expect((await pull(emulator, digest, ociManifest)).status).toBe(200)
  expect((await pull(emulator, 'list', ociManifest)).status).toBe(200)
})

test('HEAD answers with the head of GET and no body, for manifests, blobs and errors', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  app.image({ tag: 'v1', format: 'docker' })
  const blob = app.blob('content')
  for (const path of ['/v2/app/manifests/v1', '/v2/app/manifests/none', `/v2/app/blobs/${blob}`]) {
    const [got, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => call(emulator, `${method} ${path}`, admin)),
    )
    const comparable = ({ headers = {} } = {}) => {
      const {
        date,
        'x-ms-correlation-request-id': id,
        'x-ms-request-id': request,
        ...rest
      } = headers as Record<string, string>
      expect([date, id, request]).not.toContain(undefined)
      return rest
    }
    expect(head?.status).toBe(got?.status)
    expect(comparable(head)).toEqual(comparable(got))
    expect(head?.text).toBe('')
    expect(got?.text).not.toBe('')
  }
})

test('lists never show the children of an index, a single manifest does', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { index, images, attestations } = app.multiPlatform({ tag: 'v1', attestations: true })
  const list = await call(emulator, 'GET /acr/v1/app/_manifests', admin)
  expect(list.text).not.toContain('references')
  const single = await call(emulator, `GET /acr/v1/app/_manifests/${index}`, admin)
  const { manifest } = single.json() as { manifest: Record<string, unknown> }
  expect(manifest['references']).toEqual([
    { digest: images[0], architecture: 'amd64', os: 'linux' },
    { digest: images[1], architecture: 'arm64', os: 'linux' },
    ...attestations.map((digest) => ({ digest, architecture: 'unknown', os: 'unknown' })),
  ])
  expect(Object.keys(manifest)).toEqual([
    'digest',
    'imageSize',
    'createdTime',
    'lastUpdateTime',
    'mediaType',
    'tags',
    'changeableAttributes',
    'references',
  ])
})

test('entries have only the keys that apply to them', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const docker = app.image({ format: 'docker', tag: 'v1' })
  const artifact = app.referrer(docker, { kind: 'oras' })
  const keys = async (digest: string) => {
    const answer = await call(emulator, `GET /acr/v1/app/_manifests/${digest}`, admin)
    return Object.keys((answer.json() as { manifest: object }).manifest)
  }
  const always = ['digest', 'imageSize', 'createdTime', 'lastUpdateTime']
  expect(await keys(docker)).toEqual([
    ...always,
    'architecture',
    'os',
    'mediaType',
    'configMediaType',
    'tags',
    'changeableAttributes',
  ])
  expect(await keys(artifact)).toEqual([...always, 'mediaType', 'changeableAttributes'])
})

test('referrers come as an OCI index, can be filtered by type, and are none for an unknown digest', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const subject = app.image({ tag: 'v1' })
  const sbom = app.referrer(subject, { artifactType: 'application/spdx+json', annotations: { a: 'b' } })
  const oras = app.referrer(subject, { kind: 'oras', artifactType: 'application/vnd.cncf.notary.signature' })
  const untyped = app.image({ subject })
  const get = (path: string) => call(emulator, `GET /v2/app/referrers/${path}`, admin)
  const all = await get(subject)
  expect(all.headers['content-type']).toBe(ociIndex)
  const { manifests, ...envelope } = all.json() as { manifests: { digest: string; artifactType: string }[] }
  expect(envelope).toEqual({ schemaVersion: 2, mediaType: ociIndex })
  expect(manifests.map(({ digest }) => digest)).toEqual([sbom, oras, untyped].sort())
  expect(manifests.find(({ digest }) => digest === sbom)).toEqual({
    mediaType: ociManifest,
    digest: sbom,
    size: app.manifest(sbom)?.bytes.length,
    artifactType: 'application/spdx+json',
    annotations: { a: 'b' },
  })
  // Without an artifactType the type of the config stands for it.
  expect(manifests.find(({ digest }) => digest === untyped)?.artifactType).toBe(
    'application/vnd.oci.image.config.v1+json',
  )
  const filtered = await get(`${subject}?artifactType=${encodeURIComponent('application/spdx+json')}`)
  expect(filtered.headers['oci-filters-applied']).toBe('artifactType')
  expect((filtered.json() as typeof all & { manifests: unknown[] }).manifests).toHaveLength(1)
  const none = await get(`sha256:${'0'.repeat(64)}`)
  expect([none.status, (none.json() as { manifests: unknown[] }).manifests]).toEqual([200, []])
})

test('a picture of a live registry has no key that a client could mistake for a pull time or a subject', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  app.referrer(app.image(), { tag: 'x' })
  const list = await call(emulator, 'GET /acr/v1/app/_manifests', admin)
  expect(list.text).not.toMatch(/subject|artifactType|lastAccessTime|null|""/)
})

test('every answer carries the time of the registry', async () => {
  await using emulator = await startEmulator({ time: '2021-03-04T05:06:07Z', frozen: true })
  emulator.faults.add({ path: '/v2/faulty/tags/list' }, { status: 500 })
  for (const line of [
    'GET /v2/',
    'GET /nothing',
    'POST /oauth2/token',
    'GET /acr/v1/_catalog',
    'GET /v2/faulty/tags/list',
  ]) {
    const answer = await call(emulator, line, admin)
    expect([line, answer.headers['date']]).toEqual([line, 'Thu, 04 Mar 2021 05:06:07 GMT'])
  }
})
