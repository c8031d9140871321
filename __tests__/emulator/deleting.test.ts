import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call, type Answer } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }

const remove = (emulator: Emulator, digest: string): Promise<Answer> =>
  call(emulator, `DELETE /v2/app/manifests/${digest}`, admin)

const codeOf = (answer: Answer) => (answer.json() as { errors: { code: string }[] }).errors[0]?.code

test('deleting a manifest takes all its tags along, and asks for nothing', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const other = app.image({ tag: 'other' })
  const digest = app.image({ tag: ['v1', 'latest'] })
  const answer = await remove(emulator, digest)
  expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([202, '', '0'])
  expect(app.tags()).toEqual({ other })
  expect((await remove(emulator, digest)).status).toBe(404)
})

test('a child of a tagged index is deleted without complaint, and the index stays', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { all, images } = app.multiPlatform({ tag: 'v1' })
  expect((await remove(emulator, images[0] ?? '')).status).toBe(202)
  expect(app.digests()).toEqual(all.filter((digest) => digest !== images[0]).sort())
})

test('the children of a deleted index stay, untagged', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { index, images } = app.multiPlatform({ tag: 'v1' })
  await remove(emulator, index)
  expect(app.digests()).toEqual([...images].sort())
})

test('the referrers of a deleted subject go with it, at any depth and of every kind, tagged ones too', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const subject = app.image({ tag: 'v1' })
  const kept = app.image({ tag: 'kept' })
  const sbom = app.referrer(subject, { kind: 'image' })
  app.referrer(sbom, { kind: 'oras', artifactType: 'application/vnd.cncf.notary.signature' })
  app.referrer(subject, { kind: 'oci-artifact', tag: 'tagged-sbom' })
  app.referrer(subject, { kind: 'index', children: [kept] })
  const signature = app.digestTag(subject)
  await remove(emulator, subject)
  expect(app.digests()).toEqual([kept, signature].sort())
})

test('a referrer of another subject, or of one that was never there, is not touched', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const subject = app.image()
  const lost = app.referrer(app.missingChild().digest)
  await remove(emulator, subject)
  expect(app.digests()).toEqual([lost])
})

test('a locked referrer survives its subject, and so does what refers to it', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const subject = app.image()
  const locked = app.referrer(subject, { lock: 'delete' })
  const behind = app.referrer(locked)
  await remove(emulator, subject)
  expect(app.digests()).toEqual([locked, behind].sort())
})

test('the repository goes with its last manifest', async () => {
  await using emulator = await startEmulator()
  const digest = emulator.registry.repo('app').image({ tag: 'v1' })
  await remove(emulator, digest)
  for (const line of [
    'GET /acr/v1/app',
    'GET /acr/v1/app/_manifests',
    `DELETE /v2/app/manifests/${digest}`,
  ]) {
    const answer = await call(emulator, line, admin)
    expect([line, answer.status, codeOf(answer)]).toEqual([line, 404, 'NAME_UNKNOWN'])
  }
  expect((await call(emulator, 'GET /acr/v1/_catalog', admin)).json()).toEqual({ repositories: [] })
})

test('deleting a tag leaves its manifest untagged', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const digest = app.image({ tag: 'v1', age: '9d' })
  const answer = await call(emulator, 'DELETE /acr/v1/app/_tags/v1', admin)
  expect([answer.status, answer.headers['x-ms-int-docker-content-digest']]).toEqual([202, digest])
  const metadata = await call(emulator, `GET /acr/v1/app/_manifests/${digest}`, admin)
  const { manifest } = metadata.json() as { manifest: { createdTime: string; lastUpdateTime: string } }
  expect(manifest).not.toHaveProperty('tags')
  expect(manifest.lastUpdateTime).toBe(manifest.createdTime)
})

test('deleting a repository says what is gone, and it can be begun anew', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { all } = app.multiPlatform({ tag: ['b', 'a'] })
  const answer = await call(emulator, 'DELETE /acr/v1/app', admin)
  expect(answer.status).toBe(202)
  expect(answer.json()).toEqual({ manifestsDeleted: [...all].sort(), tagsDeleted: ['a', 'b'] })
  const digest = app.image({ tag: 'again' })
  const again = await call(emulator, 'GET /acr/v1/app', admin)
  expect(again.json()).toMatchObject({ manifestCount: 1, tagCount: 1 })
  expect(app.digests()).toEqual([digest])
})

test('soft-deleted content leaves the lists, is shown apart, and comes back when restored', async () => {
  await using emulator = await startEmulator({
    switches: { softDelete: true },
    time: '2026-03-01T00:00:00Z',
    frozen: true,
  })
  const app = emulator.registry.repo('app')
  const digest = app.image({ tag: 'v1', format: 'docker' })
  const body = Buffer.from(app.manifest(digest)?.bytes ?? [])
  app.image({ tag: 'other' })
  expect((await remove(emulator, digest)).status).toBe(202)
  const shown = async (path: string) => (await call(emulator, `GET /acr/v1/_deleted/${path}`, admin)).json()
  const deletedAt = '2026-03-01T00:00:00Z'
  expect(await shown('_catalog')).toEqual({
    repositories: [{ repository: 'app', createdAt: deletedAt, deletedAt }],
  })
  expect(await shown('app/_manifests')).toMatchObject({ manifests: [{ digest, deletedAt }] })
  expect(await shown('app/_tags')).toMatchObject({ tags: [{ tag: 'v1', digest, deletedAt }] })
  const headers = { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' }
  const pushed = await call(emulator, 'PUT /v2/app/manifests/v1', { ...admin, headers, body })
  expect([pushed.status, codeOf(pushed)]).toEqual([400, 'MANIFEST_INVALID'])
  const restore = `POST /acr/v1/_deleted/app/_manifests/${digest}?force=false`
  expect((await call(emulator, restore, { ...admin, body: '{"tag":"v1"}' })).status).toBe(200)
  expect(app.manifest('v1')?.digest).toBe(digest)
  await remove(emulator, digest)
  emulator.clock.advance('8d')
  expect(await shown('app/_manifests')).toMatchObject({ manifests: [] })
})

test('without a soft-delete policy there is nothing to see under _deleted', async () => {
  await using emulator = await startEmulator()
  expect((await call(emulator, 'GET /acr/v1/_deleted/_catalog', admin)).status).toBe(404)
})
