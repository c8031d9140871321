import { digestOf } from '../../emulator/state/manifest.ts'
import { mediaTypes } from '../../emulator/state/media-types.ts'
import type { Emulator } from '../../emulator/index.ts'
import { call, type Call } from './client.ts'
import { ask, jsonOf, missing, statusOf, toggle, type Effects } from './switch-effect.ts'

const storageHost = 'account.blob.core.windows.net'

const app = (emulator: Emulator) => emulator.registry.repo('app')
const accept = (type: string) => ({ headers: { accept: type } })

interface Entry {
  readonly digest: string
  readonly tags?: string[]
}

const manifests = async (emulator: Emulator, query = '') =>
  (await jsonOf<{ manifests: Entry[] }>(emulator, `GET /acr/v1/app/_manifests${query}`)).manifests

const linkOf = async (emulator: Emulator, path: string) =>
  (await ask(emulator, `GET ${path}`)).headers['link']

async function countShown(emulator: Emulator): Promise<number> {
  app(emulator).images(3)
  app(emulator).image({ listEnabled: false })
  return (await jsonOf<{ manifestCount: number }>(emulator, 'GET /acr/v1/app')).manifestCount
}

async function racedStatuses(emulator: Emulator): Promise<unknown> {
  const digest = app(emulator).push(Buffer.from(racedBytes), { mediaType: mediaTypes.dockerManifest })
  const listed = (await manifests(emulator)).some((entry) => entry.digest === digest)
  const statuses = [`/v2/app/manifests/${digest}`, `/acr/v1/app/_manifests/${digest}`].map((path) =>
    statusOf(emulator, `GET ${path}`),
  )
  return [listed, ...(await Promise.all(statuses))]
}

const racedBytes = '{"raced":true}'
const racedDigest = digestOf(racedBytes)

/** Switches of what lists and pulls show. */
export const readingEffects: Effects = {
  hideLocksFromReaders: {
    ...toggle(false, [true, false], async (emulator) => {
      app(emulator).image()
      const answer = await ask(emulator, 'GET /acr/v1/app/_manifests', { basic: 'reader:p' })
      return answer.text.includes('changeableAttributes')
    }),
    options: {
      identities: [
        { kind: 'scope-map', username: 'reader', password: 'p', repositories: { app: ['metadata/read'] } },
      ],
    },
  },
  ociSubjectHeader: toggle(true, [true, false], async (emulator) => {
    const answer = await ask(emulator, 'PUT /v2/app/manifests/x', {
      headers: { 'content-type': mediaTypes.ociManifest },
      body: JSON.stringify({ subject: { digest: missing } }),
    })
    return 'oci-subject' in answer.headers
  }),
  convertDockerList: toggle(false, [mediaTypes.dockerList, mediaTypes.dockerManifest], async (emulator) => {
    app(emulator).multiPlatform({ format: 'docker', tag: 'v1' })
    const answer = await ask(emulator, 'GET /v2/app/manifests/v1', accept(mediaTypes.dockerManifest))
    return answer.headers['content-type']
  }),
  acceptAnyMatchesOci: toggle(false, [404, 200], (emulator) => {
    app(emulator).image({ tag: 'v1' })
    return statusOf(emulator, 'GET /v2/app/manifests/v1', accept('*/*'))
  }),
  quarantine: {
    ...toggle(
      false,
      [
        [200, 200],
        [404, 200],
      ],
      async (emulator) => {
        const body = '{"schemaVersion":2}'
        const headers = { 'content-type': mediaTypes.ociManifest }
        await ask(emulator, 'PUT /v2/app/manifests/v1', { headers, body })
        const pull = (basic: string) =>
          statusOf(emulator, 'GET /v2/app/manifests/v1', { basic, ...accept(mediaTypes.ociManifest) })
        return [await pull('id:secret'), await pull('scanner:secret')]
      },
    ),
    options: {
      identities: [
        { kind: 'admin', username: 'emulator', password: 'emulator-password' },
        { kind: 'entra', name: 'puller', appId: 'id', clientSecret: 'secret', roles: ['AcrPull'] },
        {
          kind: 'entra',
          name: 'scanner',
          appId: 'scanner',
          clientSecret: 'secret',
          roles: ['AcrPull', 'AcrQuarantineReader'],
        },
      ],
    },
  },
  referrersApi: toggle(true, [200, 404], (emulator) => {
    app(emulator).image()
    return statusOf(emulator, `GET /v2/app/referrers/${missing}`)
  }),
  blobStorageHost: {
    default: null,
    other: storageHost,
    expected: [
      [200, 'content'],
      [307, 'content', 400, 403, 404],
    ],
    observe: async (emulator) => {
      const digest = app(emulator).blob('content')
      app(emulator).image()
      const direct = await ask(emulator, `GET /v2/app/blobs/${digest}`)
      const location = direct.headers['location']
      if (location === undefined) return [direct.status, direct.text]
      const { host, pathname, search } = new URL(location)
      const there = (path: string, more: Call = {}) => call(emulator, `GET ${path}`, { host, ...more })
      return [
        direct.status,
        (await there(`${pathname}${search}`)).text,
        (await there(`${pathname}${search}`, { bearer: 'token' })).status,
        (await there(`${pathname}?sig=another`)).status,
        (await there('/v2/')).status,
      ]
    },
  },
  referrersPageSize: {
    default: null,
    other: 2,
    expected: [[3], [2, 1]],
    observe: async (emulator) => {
      const subject = app(emulator).image()
      for (let number = 0; number < 3; number += 1) app(emulator).referrer(subject)
      const sizes: number[] = []
      let path: string | undefined = `/v2/app/referrers/${subject}`
      while (path !== undefined) {
        const answer = await ask(emulator, `GET ${path}`)
        sizes.push((answer.json() as { manifests: [] }).manifests.length)
        path = /<(.+)>/.exec(answer.headers['link'] ?? '')?.[1]
      }
      return sizes
    },
  },
  unknownRepositoryOnV2: {
    default: 'NAME_UNKNOWN',
    other: 'MANIFEST_UNKNOWN',
    expected: ['NAME_UNKNOWN', 'MANIFEST_UNKNOWN'],
    observe: async (emulator) =>
      (await jsonOf<{ errors: { code: string }[] }>(emulator, 'GET /v2/none/manifests/x')).errors[0]?.code,
  },

  pageDefault: {
    default: 100,
    other: 2,
    expected: [3, 2],
    observe: async (emulator) => {
      app(emulator).images(3)
      return (await manifests(emulator)).length
    },
  },
  pageMax: {
    default: 1000,
    other: 2,
    expected: [3, 2],
    observe: async (emulator) => {
      app(emulator).images(3)
      return (await manifests(emulator, '?n=500')).length
    },
  },
  invalidPageSize: {
    default: 'refuse',
    other: 'default',
    expected: [400, 200],
    observe: (emulator) => {
      app(emulator).image()
      return statusOf(emulator, 'GET /acr/v1/app/_manifests?n=0')
    },
  },
  linkOnFullLastPage: toggle(false, [undefined, []], async (emulator) => {
    app(emulator).images(2)
    const next = /<(.+)>/.exec((await linkOf(emulator, '/acr/v1/app/_manifests?n=2')) ?? '')?.[1]
    return next === undefined
      ? undefined
      : (await jsonOf<{ manifests: [] }>(emulator, `GET ${next}`)).manifests
  }),
  digestInTagLinks: toggle(false, [false, true], async (emulator) => {
    const digest = app(emulator).image({ tag: ['a', 'b'] })
    return (await linkOf(emulator, `/acr/v1/app/_tags?n=1&digest=${digest}`))?.includes('digest=') === true
  }),
  emptyLists: {
    default: 'array',
    other: 'null',
    expected: ['{"repositories":[]}\n', '{"repositories":null}\n'],
    observe: async (emulator) => (await ask(emulator, 'GET /acr/v1/_catalog')).text,
  },
  tagsTruncateAt: {
    default: null,
    other: 2,
    expected: [3, 2],
    observe: async (emulator) => {
      app(emulator).image({ tag: ['a', 'b', 'c'] })
      return (await manifests(emulator))[0]?.tags?.length
    },
  },
  catalogTruncateAt: {
    default: null,
    other: 1,
    expected: [
      [2, false],
      [1, false],
    ],
    observe: async (emulator) => {
      for (const name of ['a', 'b']) emulator.registry.repo(name).image()
      const answer = await ask(emulator, 'GET /acr/v1/_catalog')
      return [(answer.json() as { repositories: [] }).repositories.length, 'link' in answer.headers]
    },
  },
  artifactTypeInLists: toggle(false, [false, true], async (emulator) => {
    app(emulator).referrer(missing)
    return (await ask(emulator, 'GET /acr/v1/app/_manifests')).text.includes('artifactType')
  }),
  manifestCountOffset: { default: 0, other: -2, expected: [4, 2], observe: countShown },
  manifestCountHidden: toggle(true, [4, 3], countShown),
  listGetRace: {
    default: [],
    other: [racedDigest],
    expected: [
      [true, 200, 200],
      [true, 404, 404],
    ],
    observe: racedStatuses,
  },
  listGetRaceMetadata: {
    ...toggle(
      true,
      [
        [true, 404, 404],
        [true, 404, 200],
      ],
      racedStatuses,
    ),
    options: { switches: { listGetRace: [racedDigest] } },
  },
}
