import { expect, test } from 'vitest'
import { startEmulator, type Emulator, type RepositorySeed } from '../../emulator/index.ts'
import { call, type Answer } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }
const lockCode = 'REGISTRY_DISALLOWED_OPERATION'

interface Setting {
  readonly emulator: Emulator
  readonly app: RepositorySeed
  readonly digest: string
}

async function inRegistry(what: (setting: Setting) => Promise<void>): Promise<void> {
  await using emulator = await startEmulator({ switches: { missingBlobs: 'accept' } })
  const app = emulator.registry.repo('app')
  const digest = app.image({ tag: 'v1' })
  app.image({ tag: 'other' })
  await what({ emulator, app, digest })
}

const deleteManifest = ({ emulator, digest }: Setting) =>
  call(emulator, `DELETE /v2/app/manifests/${digest}`, admin)
const deleteTag = ({ emulator }: Setting) => call(emulator, 'DELETE /acr/v1/app/_tags/v1', admin)
const deleteRepository = ({ emulator }: Setting) => call(emulator, 'DELETE /acr/v1/app', admin)
const push = ({ emulator }: Setting, tag = 'v1') =>
  call(emulator, `PUT /v2/app/manifests/${tag}`, {
    ...admin,
    headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: '{"schemaVersion":2}',
  })

const outcome = (answer: Answer) =>
  answer.status === 405 ? (answer.json() as { errors: { code: string }[] }).errors[0]?.code : answer.status

test.each(['delete', 'write', 'all'] as const)('a manifest with its %s flag off is not deleted', (lock) =>
  inRegistry(async (setting) => {
    setting.app.lock(setting.digest, lock)
    expect(outcome(await deleteManifest(setting))).toBe(lockCode)
    expect(setting.app.has(setting.digest)).toBe(true)
    setting.app.unlock(setting.digest)
    expect(outcome(await deleteManifest(setting))).toBe(202)
  }),
)

test.each(['delete', 'write', 'all'] as const)('a tag with its %s flag off is not deleted', (lock) =>
  inRegistry(async (setting) => {
    setting.app.lock('v1', lock)
    expect(outcome(await deleteTag(setting))).toBe(lockCode)
    expect(setting.app.tags()).toHaveProperty('v1')
  }),
)

test('a write-locked tag is not moved by a push, one that only must not be deleted is', () =>
  inRegistry(async (setting) => {
    setting.app.lock('v1', 'write')
    expect(outcome(await push(setting))).toBe(lockCode)
    setting.app.unlock('v1')
    setting.app.lock('v1', 'delete')
    expect(outcome(await push(setting))).toBe(201)
    expect(setting.app.manifest('v1')?.digest).not.toBe(setting.digest)
  }))

test('locks of a tag and of its manifest know nothing of each other', () =>
  inRegistry(async (setting) => {
    const attributes = async (path: string) =>
      (await call(setting.emulator, `GET /acr/v1/app/${path}`, admin)).text.includes('"deleteEnabled":false')
    setting.app.lock('v1')
    expect(await attributes(`_manifests/${setting.digest}`)).toBe(false)
    setting.app.unlock('v1')
    setting.app.lock(setting.digest)
    expect(await attributes('_tags/v1')).toBe(false)
    expect(outcome(await deleteTag(setting))).toBe(202)
  }))

test('a locked tag does not protect its manifest from being deleted by digest', () =>
  inRegistry(async (setting) => {
    setting.app.lock('v1')
    expect(outcome(await deleteManifest(setting))).toBe(202)
    expect(setting.app.tags()).not.toHaveProperty('v1')
  }))

test('a repository with writing off locks everything in it', () =>
  inRegistry(async (setting) => {
    setting.app.lockRepository('write')
    for (const attempt of [deleteManifest, deleteTag, deleteRepository, push]) {
      expect(outcome(await attempt(setting))).toBe(lockCode)
    }
    const blob = await call(setting.emulator, 'POST /v2/app/blobs/uploads/', admin)
    expect(outcome(blob)).toBe(lockCode)
  }))

test('a repository with only deleting off protects itself, not what is in it', () =>
  inRegistry(async (setting) => {
    setting.app.lockRepository('delete')
    expect(outcome(await deleteRepository(setting))).toBe(lockCode)
    expect(outcome(await push(setting, 'new'))).toBe(201)
    expect(outcome(await deleteTag(setting))).toBe(202)
    expect(outcome(await deleteManifest(setting))).toBe(202)
  }))

test('attributes are changed one by one, answered whole, and change no time', () =>
  inRegistry(async ({ emulator, app, digest }) => {
    const before = app.manifest(digest)?.updatedAt
    for (const [path, key] of [
      [`_manifests/${digest}`, 'manifest'],
      ['_tags/v1', 'tag'],
    ] as const) {
      const line = `PATCH /acr/v1/app/${path}`
      await call(emulator, line, { ...admin, body: '{"deleteEnabled":false}' })
      const answer = await call(emulator, line, { ...admin, body: '{"readEnabled":false,"nonsense":1}' })
      expect(answer.json()).toMatchObject({
        [key]: {
          changeableAttributes: {
            deleteEnabled: false,
            writeEnabled: true,
            readEnabled: false,
            listEnabled: true,
          },
        },
      })
      const got = await call(emulator, `GET /acr/v1/app/${path}`, admin)
      expect(got.text).toBe(answer.text)
    }
    expect(app.manifest(digest)?.updatedAt).toBe(before)
    expect((await call(emulator, 'PATCH /acr/v1/app/_tags/v1', { ...admin, body: 'no' })).status).toBe(400)
  }))

test.each(['repository', 'manifest', 'tag'] as const)(
  'reading switched off on the %s refuses to pull',
  (where) =>
    inRegistry(async ({ emulator, app, digest }) => {
      if (where === 'repository') app.setRepositoryAttributes({ readEnabled: false })
      else app.setAttributes(where === 'tag' ? 'v1' : digest, { readEnabled: false })
      const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' }
      const byTag = await call(emulator, 'GET /v2/app/manifests/v1', { ...admin, headers: accept })
      const byDigest = await call(emulator, `HEAD /v2/app/manifests/${digest}`, { ...admin, headers: accept })
      expect([byTag.status, byDigest.status]).toEqual([405, where === 'tag' ? 200 : 405])
      const metadata = await call(emulator, `GET /acr/v1/app/_manifests/${digest}`, admin)
      expect(metadata.status).toBe(200)
    }),
)
