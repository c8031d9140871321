import { expect, test } from 'vitest'
import type { Registry, Switches } from '../../emulator/index.ts'
import {
  accessToken,
  manifestText,
  readRecording,
  recordedBody,
  recordingFiles,
  replay,
  startRecorded,
} from './recordings.ts'
import { call } from './client.ts'

interface Replay {
  readonly exchanges: number
  /** What the registry must hold for the recorded answers to be its own. */
  readonly seed: (registry: Registry) => void
  readonly switches?: Partial<Switches>
}

const helloWorld = 'sha256:f54a58bc1aac5ea1a25d796ae155dc228b3f0e11d046ae276b39c4bf2f13d8c4'
const helloWorldConfig = 'sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412'
const helloWorldLayer = 'sha256:2db29710123e3e53a794f2694094b9b4338aa9ee5c40b930cb8063a1be392c54'

/** In 2021 some answers had a header that says how many calls are left. */
const of2021 = { rateLimitHeaders: true }

const replays: Readonly<Record<string, Replay>> = {
  'go-2022-12-delete-manifest.json': {
    exchanges: 4,
    seed: (registry) => seedHelloWorld(registry, '2022-12-13T07:07:53.1508349Z'),
  },
  'go-2022-12-delete-repository.json': {
    exchanges: 2,
    seed: (registry) => seedHelloWorld(registry, '2022-12-13T09:11:00Z'),
  },
  'go-2022-12-get-manifest-properties.json': {
    exchanges: 2,
    seed: (registry) => {
      seedHelloWorld(registry, '2022-12-13T09:17:12.6157503Z')
      const repository = registry.repo('hello-world')
      repository.untag('latest')
      repository.tag('latest', helloWorld, { pushedAt: '2022-12-13T09:39:26.9955326Z' })
    },
  },
  'go-2022-12-put-manifest.json': {
    exchanges: 2,
    seed: (registry) => holdHelloWorldBlobs(registry, 'hello-world'),
  },
  'go-2022-12-update-manifest-properties.json': {
    exchanges: 2,
    seed: (registry) => seedHelloWorld(registry, '2022-12-13T09:17:12.6157503Z'),
  },
  'go-2023-01-delete-manifest-by-tag-405.json': {
    exchanges: 1,
    seed: (registry) => seedHelloWorld(registry, '2023-01-12T03:00:00Z'),
  },
  'go-2023-01-get-manifest-unknown-tag-404.json': {
    exchanges: 1,
    seed: (registry) => seedHelloWorld(registry, '2023-01-12T03:00:00Z'),
  },
  'go-2023-01-manifest-properties-bad-digest-404-plain.json': { exchanges: 1, seed: () => {} },
  'go-2023-01-tag-unknown-404.json': {
    exchanges: 2,
    seed: (registry) => seedHelloWorld(registry, '2023-01-12T03:00:00Z'),
  },
  'js-2021-05-list-manifests-continuation.json': { exchanges: 2, seed: seedContinuation },
  'js-2021-05-repository-properties.json': { exchanges: 3, seed: seedRepositoryProperties },
  'js-2021-09-delete-tag.json': {
    exchanges: 4,
    switches: of2021,
    seed: (registry) => {
      registry.repo('library/hello-world').record({
        digest: 'sha256:61bd3cb6014296e214ff4c6407a5a7e7092dfa8eefdbbec539e133e97f63e09f',
        mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
        tags: ['test-delete', 'test1'],
      })
    },
  },
  'js-2021-09-list-manifests.json': { exchanges: 4, switches: of2021, seed: seedRecordedList },
  'js-2023-03-get-manifest.json': {
    exchanges: 2,
    seed: (registry) => {
      const text = manifestText(recordedBody('js-2023-03-get-manifest.json', 1))
      registry.repo('library/hello-world').push(Buffer.from(text), {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      })
    },
  },
  'py-2021-12-delete-manifest-404.json': {
    exchanges: 1,
    switches: of2021,
    seed: (registry) => void registry.repo('repod29b3f2b').image(),
  },
  'py-2021-12-manifest-properties-of-index.json': { exchanges: 1, seed: seedRecordedIndex },
}

/** Recordings that are no exchanges: recordings-published.test.ts compares them. */
const published = ['azcli-2026-10-outputs.json', 'issues-error-bodies.json', 'throttle-limits-2026.json']

test('no recording is left out', () => {
  expect([...Object.keys(replays), ...published].sort()).toEqual(recordingFiles().sort())
})

for (const [file, { exchanges, seed, switches = {} }] of Object.entries(replays)) {
  test(`answers as recorded in ${file}`, async () => {
    const recording = readRecording(file)
    expect(recording.exchanges).toHaveLength(exchanges)
    await using emulator = await startRecorded({ seed, switches })
    for (const exchange of recording.exchanges) await replay(emulator, exchange)
  })
}

test('a pushed manifest reads back as its own bytes, and as docker-typed metadata of its layers', async () => {
  await using emulator = await startRecorded({
    seed: (registry) => holdHelloWorldBlobs(registry, 'hello-world'),
  })
  for (const exchange of readRecording('go-2022-12-put-manifest.json').exchanges)
    await replay(emulator, exchange)
  const bearer = await accessToken(emulator, emulator.host)
  const answer = await call(emulator, 'GET /v2/hello-world/manifests/test', { bearer })
  expect(answer.headers['docker-content-digest']).toBe(helloWorld)
  expect(answer.headers['content-length']).toBe('525')
  const metadata = await call(emulator, `GET /acr/v1/hello-world/_manifests/${helloWorld}`, { bearer })
  expect(metadata.json()).toMatchObject({
    manifest: {
      imageSize: 2479,
      configMediaType: 'application/vnd.docker.container.image.v1+json',
      tags: ['test'],
    },
  })
})

test('a path may spell the slash of a repository and the colon of a digest either way', async () => {
  await using emulator = await startRecorded({ seed: seedRecordedList })
  const bearer = await accessToken(emulator, emulator.host)
  const digest = 'sha256:04ebe37e000dcd9b1386af0e2d9aad726cbd1581f82067bea5cd2532b1f06310'
  const spellings = ['library/hello-world', 'library%2Fhello-world'].flatMap((repository) =>
    [digest, digest.replace(':', '%3A')].map((spelled) => `${repository}/_manifests/${spelled}`),
  )
  const answers = await Promise.all(
    spellings.map((path) => call(emulator, `GET /acr/v1/${path}?api-version=2021-07-01`, { bearer })),
  )
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
  expect(answers[0]?.status).toBe(200)
})

function seedHelloWorld(registry: Registry, pushedAt: string): void {
  holdHelloWorldBlobs(registry, 'hello-world')
  // The same manifest in each of these recordings; this one has its content.
  const text = manifestText(recordedBody('js-2023-03-get-manifest.json', 1))
  const repository = registry.repo('hello-world')
  repository.push(Buffer.from(text), {
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    tag: 'latest',
    pushedAt,
  })
}

/** The blobs are known by size only, but for what the registry reads in the config: the platform. */
function holdHelloWorldBlobs(registry: Registry, name: string): void {
  const { blobs } = registry.state.repositoryForPush(name, 0n)
  blobs.set(helloWorldLayer, { digest: helloWorldLayer, size: 2479 })
  const content = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux' }))
  blobs.set(helloWorldConfig, { digest: helloWorldConfig, size: 1469, content })
}

function seedContinuation(registry: Registry): void {
  const { manifests } = recordedBody('js-2021-05-list-manifests-continuation.json', 1) as {
    manifests: ListEntry[]
  }
  const repository = registry.repo('library/hello-world')
  for (const entry of manifests) repository.record(entry)
  // A Link says that there is more behind the page.
  repository.record({
    digest: `sha256:${'f'.repeat(64)}`,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
  })
}

function seedRepositoryProperties(registry: Registry): void {
  const repository = registry.repo('library/hello-world')
  const pushedAt = '2021-05-28T17:15:14.4015317Z'
  const digests = repository.images(10, () => ({ pushedAt }))
  repository.tag('latest', digests[0] ?? '', { pushedAt })
  repository.tag('test', digests[0] ?? '', { pushedAt: '2021-05-28T22:16:52.8652162Z' })
  repository.setRepositoryAttributes({ teleportEnabled: false })
}

type ListEntry = Parameters<ReturnType<Registry['repo']>['record']>[0]

function seedRecordedList(registry: Registry): void {
  const { manifests } = recordedBody('js-2021-09-list-manifests.json', 3) as { manifests: ListEntry[] }
  const repository = registry.repo('library/hello-world')
  // Not in their order: the list has to bring it about.
  for (const entry of manifests.toReversed()) repository.record(entry)
}

function seedRecordedIndex(registry: Registry): void {
  const { manifest } = recordedBody('py-2021-12-manifest-properties-of-index.json', 0) as {
    manifest: ListEntry & { references: NonNullable<ListEntry['children']> }
  }
  const { references, ...entry } = manifest
  registry.repo('repod29b3f2b').record({ ...entry, children: references })
}
