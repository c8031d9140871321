import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import type { RequestClass } from '../../emulator/index.ts'
import { defaultSwitches } from '../../emulator/switches.ts'
import { Throttle } from '../../emulator/throttle.ts'
import { call, form, type Answer, type Call } from './client.ts'
import { readJson, readRecording } from './recordings.ts'

const admin = { basic: 'emulator:emulator-password' }

/** Bodies quoted in public threads and documentation, each with the request that brings it about. */
const quoted: readonly {
  readonly about: string
  readonly bring: () => Promise<Answer>
  /** What differs from call to call, and what was quoted in its place. */
  readonly placeholder?: readonly [RegExp, string]
}[] = [
  {
    about: 'a change of attributes refused by a lock, a locked tag deleted, a push over a locked tag',
    bring: async () => {
      const answers = await lockedAnswers()
      for (const answer of answers) expect(answer.text).toBe(answers[0]?.text)
      return answers[0] ?? Promise.reject(new Error('no answer'))
    },
  },
  {
    about: 'a digest that is not there, on /v2',
    bring: () =>
      inRepository('msi-connector-svc.deployer.ev2', (at) =>
        at(
          'GET /v2/msi-connector-svc.deployer.ev2/manifests/sha256:5e4ef89a6d7f7d4c67600a2a88a637ba0379918aba710cf4df53972e5a20b3ec',
        ),
      ),
  },
  {
    about: 'a digest that is not there, on /acr/v1',
    bring: () => inRepository('app', (at) => at(`GET /acr/v1/app/_manifests/sha256:${'0'.repeat(64)}`)),
  },
  {
    about: 'an OCI manifest for a client that does not accept it',
    bring: () =>
      inRepository('app', (at) => at('GET /v2/app/manifests/latest', { headers: { accept: '*/*' } })),
  },
  {
    about: 'the exchange of an identity without a role',
    bring: async () => {
      await using emulator = await startEmulator({
        identities: [{ kind: 'entra', name: 'nobody', roles: [], entraTokens: ['token'] }],
      })
      return await call(
        emulator,
        'POST /oauth2/exchange',
        form({ grant_type: 'access_token', service: emulator.host, access_token: 'token' }),
      )
    },
    placeholder: [/CorrelationId: [0-9a-f-]{36}/, 'CorrelationId: 69598458-2779-41e5-9c5b-e596f3210c5e'],
  },
  {
    about: 'a firewall',
    bring: async () => {
      await using emulator = await startEmulator({ switches: { firewall: true } })
      const answer = await call(emulator, 'GET /v2/', admin)
      expect(answer.text).toContain(String.raw`\u0027`)
      return answer
    },
    placeholder: [/(?<=IP \\u0027)[\d.]+/, '<client-ip>'],
  },
  {
    about: 'too many requests (constructed: the real body is not known)',
    bring: async () => {
      await using emulator = await startEmulator({ switches: { throttle: true, throttleScale: 0 } })
      await call(emulator, 'GET /v2/', admin)
      return await call(emulator, 'GET /v2/', admin)
    },
  },
]

test('there is a request for each quoted body', () => {
  expect(readRecording('issues-error-bodies.json').exchanges).toHaveLength(quoted.length)
})

for (const [number, { about, bring, placeholder }] of quoted.entries()) {
  test(`answers as quoted: ${about}`, async () => {
    const recorded = readRecording('issues-error-bodies.json').exchanges[number]?.response
    const answer = await bring()
    const text = placeholder === undefined ? answer.text : answer.text.replace(placeholder[0], placeholder[1])
    expect(answer.status).toBe(recorded?.status)
    expect(JSON.parse(text)).toEqual(recorded?.body)
    expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(recorded?.body as object))
    for (const [name, value] of Object.entries(recorded?.headers ?? {})) {
      expect(answer.headers[name.toLowerCase()]).toBe(value)
    }
  })
}

async function lockedAnswers(): Promise<Answer[]> {
  await using emulator = await startEmulator({
    switches: { lockedTargetRefusesPatch: true, missingBlobs: 'accept' },
  })
  const app = emulator.registry.repo('app')
  app.image({ tag: 'v1' })
  app.lock('v1', 'write')
  const manifest = JSON.stringify({ schemaVersion: 2, config: {}, layers: [] })
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
  return [
    await call(emulator, 'PATCH /acr/v1/app/_tags/v1', { ...admin, body: '{"deleteEnabled":true}' }),
    await call(emulator, 'DELETE /acr/v1/app/_tags/v1', admin),
    await call(emulator, 'PUT /v2/app/manifests/v1', { ...admin, headers, body: manifest }),
  ]
}

async function inRepository(
  name: string,
  ask: (at: (line: string, more?: Call) => Promise<Answer>) => Promise<Answer>,
): Promise<Answer> {
  await using emulator = await startEmulator({
    seed: (registry) => void registry.repo(name).image({ tag: 'latest' }),
  })
  return await ask((line, more) => call(emulator, line, { ...admin, ...more }))
}

interface PublishedOutputs {
  readonly tag?: object & { digest: string }
  readonly referrers?: {
    manifests: { digest: string; size: number; artifactType: string; annotations: object }[]
  }
  readonly rows?: readonly [string, string | null, number, string][]
}

function publishedOutputs(): readonly PublishedOutputs[] {
  return (readJson('azcli-2026-10-outputs.json') as { exchanges: PublishedOutputs[] }).exchanges
}

test('a tag that was moved keeps its creation time, and a lock changes no time (published CLI output of 2026)', async () => {
  const [{ tag } = {}] = publishedOutputs()
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const first = app.image()
  app.record({ digest: tag?.digest ?? '', mediaType: 'application/vnd.oci.image.manifest.v1+json' })
  app.tag('1.0.0', first, { pushedAt: '2026-10-02T14:35:29.3151407Z' })
  app.tag('1.0.0', tag?.digest ?? '', { pushedAt: '2026-10-02T14:36:21.5428174Z' })
  const body = JSON.stringify({ deleteEnabled: false, writeEnabled: false })
  await call(emulator, 'PATCH /acr/v1/app/_tags/1.0.0', { ...admin, body })
  const answer = await call(emulator, 'GET /acr/v1/app/_tags/1.0.0', admin)
  expect((answer.json() as { tag: object }).tag).toEqual(tag)
})

test('referrers are listed with type, size and annotations (published CLI output of 2026)', async () => {
  const [, { referrers } = {}] = publishedOutputs()
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const subject = app.image()
  for (const { digest, size, artifactType, annotations } of referrers?.manifests ?? []) {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    // The command line tool shows the size, not the bytes: as many are made up.
    const content = JSON.stringify({ mediaType, artifactType, annotations }).padEnd(size)
    app.record({ digest, mediaType, subject, content })
  }
  const answer = await call(emulator, `GET /v2/app/referrers/${subject}`, admin)
  expect((answer.json() as { manifests: unknown }).manifests).toEqual(referrers?.manifests)
})

test('a manifest that lost its tag sorts by its own push time (published CLI output of 2026)', async () => {
  const [, , { rows = [] } = {}] = publishedOutputs()
  await using emulator = await startEmulator()
  const app = emulator.registry.repo('app')
  const oldestFirst = rows.toReversed()
  for (const [digest, , imageSize, text] of oldestFirst) {
    const createdTime = text.slice('created '.length).split(';')[0] ?? ''
    app.record({ digest, imageSize, createdTime, mediaType: 'application/vnd.oci.image.manifest.v1+json' })
  }
  const untagged = rows.find(([, tag]) => tag === null)?.[0] ?? ''
  app.tag('prod', untagged, { pushedAt: '2026-10-02T14:14:24.1Z' })
  for (const [digest, tag] of oldestFirst) {
    if (tag !== null) app.tag(tag, digest, { pushedAt: '2026-10-02T14:16:24.0249023Z' })
  }
  const answer = await call(emulator, 'GET /acr/v1/app/_manifests?orderby=timedesc', admin)
  const { manifests } = answer.json() as {
    manifests: {
      digest: string
      tags?: string[]
      imageSize: number
      createdTime: string
      lastUpdateTime: string
    }[]
  }
  expect(
    manifests.map(({ digest, tags, imageSize, createdTime }) => [
      digest,
      tags?.[0] ?? null,
      imageSize,
      createdTime,
    ]),
  ).toEqual(
    rows.map(([digest, tag, size, text]) => [digest, tag, size, text.slice('created '.length).split(';')[0]]),
  )
  for (const { createdTime, lastUpdateTime } of manifests) expect(lastUpdateTime).toBe(createdTime)
})

test('the limits are the documented ones, for the registry and for one identity', () => {
  const { limits } = readJson('throttle-limits-2026.json') as {
    limits: Record<string, Record<string, { registry: number; identity?: number }>>
  }
  const classes: Readonly<Record<string, RequestClass>> = {
    DataplaneRead: 'read',
    DataplaneWrite: 'write',
    DataplaneDelete: 'delete',
    ListReferrers: 'referrers',
    OAuth: 'oauth',
  }
  for (const [sku, table] of [
    ['Standard', limits['basic_standard']],
    ['Basic', limits['basic_standard']],
    ['Premium', limits['premium']],
  ] as const) {
    expect(Object.keys(table ?? {})).toEqual(Object.keys(classes))
    for (const [name, limit] of Object.entries(table ?? {})) {
      const requestClass = classes[name] ?? 'read'
      const alone = limit.identity ?? limit.registry
      expect(
        admitted(new Throttle(sku, { ...defaultSwitches, throttle: true }), requestClass, () => 'one'),
      ).toBe(alone)
      const many = (number: number) => `identity ${number % 3}`
      expect(admitted(new Throttle(sku, { ...defaultSwitches, throttle: true }), requestClass, many)).toBe(
        limit.registry,
      )
    }
  }
})

function admitted(
  throttle: Throttle,
  requestClass: RequestClass,
  identity: (number: number) => string,
): number {
  let count = 0
  while (throttle.admit(requestClass, identity(count)).retryAfter === undefined) count += 1
  return count
}
