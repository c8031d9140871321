import { ContainerRegistryClient, ContainerRegistryContentClient } from '@azure/container-registry'
import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'

/** The client the action is built on, over TLS, with nothing in between. */

const credential = {
  getToken: () =>
    Promise.resolve({ token: 'entra-token-of-owner', expiresOnTimestamp: Date.now() + 3_600_000 }),
}

const options = (emulator: Emulator) => ({ tlsOptions: { ca: emulator.certificate } })

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test.each(['with an Entra identity', 'anonymously'])('the SDK reads everything %s', async (who) => {
  await using emulator = await startEmulator({ switches: { anonymousPull: true } })
  const app = emulator.registry.repo('team/app')
  const { index, images } = app.multiPlatform({ tag: 'v1', age: '2d' })
  emulator.registry.repo('zebra').images(250, () => ({ age: '1h' }))
  const client =
    who === 'anonymously'
      ? new ContainerRegistryClient(emulator.url, options(emulator))
      : new ContainerRegistryClient(emulator.url, credential, options(emulator))
  expect(await collect(client.listRepositoryNames())).toEqual(['team/app', 'zebra'])
  const repository = client.getRepository('team/app')
  expect(await repository.getProperties()).toMatchObject({ manifestCount: 3, tagCount: 1, canDelete: true })
  const manifests = await collect(repository.listManifestProperties())
  expect(manifests.map(({ digest }) => digest)).toEqual(app.digests())
  expect(manifests.find(({ digest }) => digest === index)).toMatchObject({
    tags: ['v1'],
    relatedArtifacts: [],
  })
  const single = await repository.getArtifact(index).getManifestProperties()
  expect(single.relatedArtifacts.map(({ digest }) => digest)).toEqual(images)
  expect(await repository.getArtifact('v1').getTagProperties('v1')).toMatchObject({
    name: 'v1',
    digest: index,
  })
  const ordered = await collect(repository.listManifestProperties({ order: 'LastUpdatedOnDescending' }))
  expect(ordered[0]?.digest).toBe(index)
  expect(await collect(client.getRepository('zebra').listManifestProperties())).toHaveLength(250)
  const pages: number[] = []
  for await (const page of client
    .getRepository('zebra')
    .listManifestProperties()
    .byPage({ maxPageSize: 120 })) {
    pages.push(page.length)
  }
  expect(pages).toEqual([120, 120, 10])
})

test('the SDK signs in with three requests besides its own and goes on with the token it has', async () => {
  await using emulator = await startEmulator()
  emulator.registry.repo('app').images(3)
  const client = new ContainerRegistryClient(emulator.url, credential, options(emulator))
  await collect(client.getRepository('app').listManifestProperties())
  expect(emulator.log.requests().map(({ route, status }) => [route, status])).toEqual([
    ['manifests', 401],
    ['exchange', 200],
    ['token', 200],
    ['manifests', 200],
  ])
  emulator.log.reset()
  await collect(client.getRepository('app').listManifestProperties())
  expect(emulator.log.counts().byClass).toEqual({ read: 1 })
})

test('the SDK deletes, and takes a manifest that is gone for deleted', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const digest = app.image({ tag: 'v1' })
  app.image({ tag: 'v2', lock: 'delete' })
  const repository = new ContainerRegistryClient(emulator.url, credential, options(emulator)).getRepository(
    'app',
  )
  const statuses: number[] = []
  const onResponse = (response: { status: number }) => void statuses.push(response.status)
  await repository.getArtifact('v1').deleteTag('v1', { onResponse })
  await repository.getArtifact(digest).delete({ onResponse })
  await repository.getArtifact(digest).delete({ onResponse })
  expect(statuses).toEqual([202, 202, 404])
  await expect(repository.getArtifact('v2').delete()).rejects.toMatchObject({
    statusCode: 405,
    details: { errors: [{ code: 'REGISTRY_DISALLOWED_OPERATION' }] },
  })
  await expect(repository.delete()).rejects.toMatchObject({ statusCode: 405 })
  app.unlock(app.tags()['v2'] ?? '')
  await repository.delete()
  expect(emulator.registry.repositories()).toEqual([])
})

test('the content client pulls, checks and pushes manifests and blobs', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { index } = app.multiPlatform({ tag: 'v1' })
  const docker = app.image({ format: 'docker' })
  const content = new ContainerRegistryContentClient(emulator.url, 'app', credential, options(emulator))
  expect(await content.getManifest('v1')).toMatchObject({ digest: index })
  expect(await content.getManifest(docker)).toMatchObject({ digest: docker })
  const { digest, sizeInBytes } = await content.uploadBlob(Buffer.from('{}'))
  const pushed = await content.setManifest(
    {
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: sizeInBytes },
      layers: [],
    },
    { tag: 'pushed' },
  )
  expect(app.tags()).toMatchObject({ pushed: pushed.digest })
  const blob = await content.downloadBlob(digest)
  expect(Buffer.concat((await collect(blob.content)) as Buffer[]).toString()).toBe('{}')
  await content.deleteManifest(pushed.digest)
  expect(app.tags()).toEqual({ v1: index })
})

test('without a role the SDK fails at the exchange, without the action at the second 401', async () => {
  await using emulator = await startEmulator({
    identities: [
      { kind: 'entra', name: 'reader', roles: ['AcrPull'], entraTokens: ['entra-token-of-owner'] },
      { kind: 'entra', name: 'nobody', roles: [], entraTokens: ['nobody'] },
    ],
  })
  const digest = emulator.registry.repo('app').image()
  const reader = new ContainerRegistryClient(emulator.url, credential, options(emulator))
  await expect(reader.getArtifact('app', digest).delete()).rejects.toMatchObject({ statusCode: 401 })
  expect(emulator.log.requests({ method: 'DELETE' }).map(({ authorization }) => authorization)).toEqual([
    'none',
    'bearer',
  ])
  const nobody = {
    getToken: () => Promise.resolve({ token: 'nobody', expiresOnTimestamp: Date.now() + 3_600_000 }),
  }
  emulator.log.reset()
  const refused = new ContainerRegistryClient(emulator.url, nobody, options(emulator))
  await expect(collect(refused.listRepositoryNames())).rejects.toMatchObject({ statusCode: 401 })
  expect(emulator.log.counts().byRoute).toEqual({ catalog: 1, exchange: 1 })
})
