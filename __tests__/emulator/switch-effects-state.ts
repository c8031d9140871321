import type { Emulator } from '../../emulator/index.ts'
import { ask, jsonOf, missing, statusOf, toggle, type Effects } from './switch-effect.ts'

const app = (emulator: Emulator) => emulator.registry.repo('app')
const remove = (emulator: Emulator, digest: string) =>
  statusOf(emulator, `DELETE /v2/app/manifests/${digest}`)

/** How many are left after the subject was deleted. */
async function leftAfterSubject(
  emulator: Emulator,
  referrer: { tag?: string; lock?: 'delete' },
): Promise<number> {
  const subject = app(emulator).image({ tag: 'v1' })
  app(emulator).referrer(subject, referrer)
  app(emulator).image({ tag: 'kept' })
  await remove(emulator, subject)
  return app(emulator).size - 1
}

async function timeChanges(emulator: Emulator, event: (digest: string) => unknown): Promise<boolean> {
  const digest = app(emulator).image({ tag: 'v1', age: '9d', format: 'docker', name: 'same' })
  app(emulator).image({ tag: 'kept' })
  const before = app(emulator).manifest(digest)?.updatedAt
  await event(digest)
  return app(emulator).manifest(digest)?.updatedAt !== before
}

async function indexSize(emulator: Emulator): Promise<number> {
  const image = app(emulator).image({ layers: [2000] })
  const index = app(emulator).index([image, { digest: missing, size: 7 }])
  const bytes = app(emulator).manifest(index)?.bytes.length ?? 0
  const child = app(emulator).manifest(image)?.bytes.length ?? 0
  const size = app(emulator).manifest(index)?.imageSize ?? 0
  if (size === bytes) return 1
  return size === child + 7 ? 2 : 3
}

/** Switches of what the registry does, whoever asks. */
export const stateEffects: Effects = {
  cascadeReferrers: toggle(true, [0, 1], (emulator) => leftAfterSubject(emulator, {})),
  cascadeTaggedReferrers: toggle(true, [0, 1], (emulator) => leftAfterSubject(emulator, { tag: 'sbom' })),
  cascadeLockedReferrers: toggle(false, [1, 0], (emulator) => leftAfterSubject(emulator, { lock: 'delete' })),
  cascadeChildren: toggle(false, [3, 2], async (emulator) => {
    const { index, images } = app(emulator).multiPlatform({ tag: 'v1' })
    app(emulator).index([images[0] ?? ''], { tag: 'shares' })
    await remove(emulator, index)
    return app(emulator).size
  }),
  softDelete: toggle(false, [404, 200], async (emulator) => {
    await remove(emulator, app(emulator).image())
    return statusOf(emulator, 'GET /acr/v1/_deleted/app/_manifests')
  }),
  softDeleteDays: {
    default: 7,
    other: 30,
    expected: [0, 1],
    options: { switches: { softDelete: true } },
    observe: async (emulator) => {
      await remove(emulator, app(emulator).image())
      emulator.clock.advance('10d')
      const { manifests } = await jsonOf<{ manifests: [] }>(emulator, 'GET /acr/v1/_deleted/app/_manifests')
      return manifests.length
    },
  },
  retagBeforeDelete: {
    default: null,
    other: 'rescued',
    expected: [[], ['rescued']],
    // Which tags went along can be seen afterwards.
    options: { switches: { softDelete: true } },
    observe: async (emulator) => {
      await remove(emulator, app(emulator).image())
      const { tags } = await jsonOf<{ tags: { tag: string }[] }>(emulator, 'GET /acr/v1/_deleted/app/_tags')
      return tags.map(({ tag }) => tag)
    },
  },
  emptiedRepositoryRemains: toggle(
    false,
    [
      [[], 'repository "app" is not found'],
      [['app'], 'repository name not known to registry'],
    ],
    async (emulator) => {
      await remove(emulator, app(emulator).image())
      const { repositories } = await jsonOf<{ repositories: string[] }>(emulator, 'GET /acr/v1/_catalog')
      const { errors } = await jsonOf<{ errors: { message: string }[] }>(emulator, 'GET /acr/v1/app')
      return [repositories, errors[0]?.message]
    },
  ),

  lockedTagProtectsManifest: toggle(false, [202, 405], (emulator) => {
    const digest = app(emulator).image({ tag: 'v1' })
    app(emulator).lock('v1')
    return remove(emulator, digest)
  }),
  lockedManifestRefusesTags: toggle(false, [201, 405], (emulator) => {
    const digest = app(emulator).image({ format: 'docker', lock: 'write' })
    return statusOf(emulator, 'PUT /v2/app/manifests/new', {
      headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' },
      body: Buffer.from(app(emulator).manifest(digest)?.bytes ?? []),
    })
  }),
  lockedContentProtectsRepository: toggle(true, [405, 202], (emulator) => {
    app(emulator).image({ lock: 'delete' })
    return statusOf(emulator, 'DELETE /acr/v1/app')
  }),
  lockedTargetRefusesPatch: toggle(
    false,
    [
      [200, 200],
      [405, 200],
    ],
    async (emulator) => {
      const digest = app(emulator).image({ lock: 'write' })
      const patch = (body: string) => statusOf(emulator, `PATCH /acr/v1/app/_manifests/${digest}`, { body })
      return [await patch('{"deleteEnabled":false}'), await patch('{"writeEnabled":true}')]
    },
  ),
  lockBeforeExistence: toggle(false, [404, 405], (emulator) => {
    app(emulator).image()
    app(emulator).lockRepository()
    return remove(emulator, missing)
  }),
  readDisabledStatus: {
    default: 405,
    other: 403,
    expected: [405, 403],
    observe: (emulator) => {
      app(emulator).image({ tag: 'v1', format: 'docker', readEnabled: false })
      return statusOf(emulator, 'GET /v2/app/manifests/v1')
    },
  },

  repushUpdatesTime: toggle(false, [false, true], (emulator) =>
    timeChanges(emulator, () => app(emulator).image({ name: 'same', format: 'docker' })),
  ),
  untagUpdatesTime: toggle(false, [false, true], (emulator) =>
    timeChanges(emulator, () => ask(emulator, 'DELETE /acr/v1/app/_tags/v1')),
  ),
  pullUpdatesTime: toggle(false, [false, true], (emulator) =>
    timeChanges(emulator, () => ask(emulator, 'GET /v2/app/manifests/v1')),
  ),
  indexImageSize: { default: 'aggregate', other: 'descriptors', expected: [3, 2], observe: indexSize },

  missingBlobs: {
    default: 'refuse',
    other: 'accept',
    expected: [404, 201],
    observe: (emulator) => push(emulator, { config: { digest: missing, size: 1 } }),
  },
  missingChildren: {
    default: 'refuse',
    other: 'accept',
    expected: [404, 201],
    observe: (emulator) => push(emulator, { manifests: [{ digest: missing, size: 1 }] }, 'index'),
  },
}

function push(emulator: Emulator, manifest: object, kind = 'manifest'): Promise<number> {
  return statusOf(emulator, 'PUT /v2/app/manifests/new', {
    headers: { 'content-type': `application/vnd.oci.image.${kind}.v1+json` },
    body: JSON.stringify(manifest),
  })
}
