import { expect, test } from 'vitest'
import { formatTicks } from '../../emulator/clock.ts'
import { digestTagOf, startEmulator, type Registry } from '../../emulator/index.ts'
import { call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }

test('an overwritten tag leaves its old manifest behind, untagged, with its times unchanged', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      const app = registry.repo('app')
      app.image({ tag: 'latest', age: '90d', name: 'first' })
      app.image({ tag: 'latest', age: '1d', name: 'second' })
    },
  })
  const app = emulator.registry.repo('app')
  const [latest] = Object.values(app.tags())
  const left = app.digests().find((digest) => digest !== latest)
  const old = app.manifest(left ?? '')
  expect(app.size).toBe(2)
  expect(old?.tags).toBeUndefined()
  expect(old?.updatedAt).toBe(old?.createdAt)
  expect(app.manifest('latest')?.digest).toBe(latest)
})

test('the same description gives the same digest, in any registry at any time', async () => {
  const paint = (registry: Registry) => {
    const app = registry.repo('app', { age: '30d' })
    const { index } = app.multiPlatform({ tag: 'v1', attestations: true })
    return [app.image(), index, app.referrer(index, { kind: 'oras' }), app.digestTag(index), app.schema1()]
  }
  await using first = await startEmulator()
  await using second = await startEmulator({ time: '2021-01-01T00:00:00Z' })
  expect(paint(first.registry)).toEqual(paint(second.registry))
})

test('unnamed images differ from each other, named ones are the same in every repository', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  expect(app.image()).not.toBe(app.image())
  expect(app.image({ name: 'base' })).toBe(emulator.registry.repo('other').image({ name: 'base' }))
})

test('what is usual in a repository holds where nothing else is said, and shares its count of images', async () => {
  await using emulator = await startEmulator({ time: '2026-05-10T00:00:00Z', frozen: true })
  const app = emulator.registry.repo('app')
  const old = emulator.registry.repo('app', { age: '9d', format: 'docker', platform: 'linux/s390x' })
  const [first, second, third] = [app.image(), old.image(), old.image({ age: '1d', format: 'oci' })]
  expect(new Set([first, second, third]).size).toBe(3)
  expect(app.manifest(second)).toMatchObject({ architecture: 's390x' })
  expect(app.manifest(second)?.mediaType).toContain('docker')
  const day = (digest: string) => formatTicks(app.manifest(digest)?.createdAt ?? 0n).slice(0, 10)
  expect([first, second, third].map(day)).toEqual(['2026-05-10', '2026-05-01', '2026-05-09'])
})

test('each kind of manifest has the media type, relations and tags that clients give it', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const image = app.image({ platform: 'linux/arm64/v8' })
  const docker = app.image({ format: 'docker' })
  const index = app.index([image, app.missingChild('linux/386')])
  const list = app.index([docker], { format: 'docker' })
  const subject = (digest: string) => app.manifest(digest)?.subject
  const type = (digest: string) => app.manifest(digest)?.mediaType
  expect(app.manifest(image)).toMatchObject({ architecture: 'arm64', os: 'linux' })
  expect([image, docker, index, list].map(type)).toEqual([
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
  ])
  expect(app.manifest(index)?.children?.map((child) => child.digest)).toEqual([
    image,
    app.missingChild('linux/386').digest,
  ])
  const referrers = (['image', 'index', 'oras', 'oci-artifact'] as const).map((kind) =>
    app.referrer(index, { kind, children: [docker] }),
  )
  expect(referrers.map(subject)).toEqual([index, index, index, index])
  expect(referrers.map(type)).toEqual([
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.cncf.oras.artifact.manifest.v1+json',
    'application/vnd.oci.artifact.manifest.v1+json',
  ])
  const signature = app.digestTag(index, 'att')
  expect(app.tags()[digestTagOf(index, 'att')]).toBe(signature)
  expect(app.tags()[digestTagOf(image, '')]).toBeUndefined()
  app.fallbackIndex(image, [signature])
  expect(app.tags()[digestTagOf(image, '')]).toBeDefined()
})

test('every manifest and small blob of a picture can be pulled, and hashes to its digest', async () => {
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const { index, images } = app.multiPlatform({
    attestations: true,
    layers: [3000, { size: 20, share: 'base' }],
  })
  app.referrer(index)
  app.buildCache()
  for (const digest of app.digests()) {
    const answer = await call(emulator, `GET /v2/app/manifests/${digest}`, {
      ...admin,
      headers: { accept: everyType },
    })
    expect(answer.status).toBe(200)
    expect(await sha256(answer.bytes)).toBe(digest)
  }
  const [image = ''] = images
  const manifest = JSON.parse(Buffer.from(app.manifest(image)?.bytes ?? []).toString()) as {
    config: { digest: string }
    layers: { digest: string; size: number }[]
  }
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    const answer = await call(emulator, `GET /v2/app/blobs/${digest}`, admin)
    expect(await sha256(answer.bytes)).toBe(digest)
  }
  expect(manifest.layers.map((layer) => layer.size)).toEqual([3000, 20])
})

test('a hundred thousand manifests are seeded in seconds and listed page by page without delay', async () => {
  await using emulator = await startEmulator()
  const big = emulator.registry.repo('big', { age: '10d' })
  const started = performance.now()
  big.images(100_000, () => ({ layers: [10_000_000] }))
  const seeded = performance.now() - started
  expect(seeded).toBeLessThan(15_000)
  const listed = performance.now()
  let pages = 0
  let path: string | undefined = '/acr/v1/big/_manifests?n=1000'
  while (path !== undefined) {
    const answer = await call(emulator, `GET ${path}`, admin)
    pages += 1
    path = /<(.+)>/.exec(answer.headers['link'] ?? '')?.[1]
  }
  expect(pages).toBe(100)
  expect(performance.now() - listed).toBeLessThan(15_000)
})

const everyType =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.artifact.manifest.v1+json'

async function sha256(bytes: Buffer): Promise<string> {
  const { createHash } = await import('node:crypto')
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
