import { expect, test } from 'vitest'
import { startEmulator, type Emulator, type Registry } from '../../emulator/index.ts'
import { call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }

interface Listed {
  readonly manifests?: { digest: string; lastUpdateTime: string }[]
  readonly tags?: { name: string; lastUpdateTime: string }[]
  readonly repositories?: string[]
}

/** Follows the links, and returns the pages. */
async function pages(emulator: Emulator, path: string, limit = 50): Promise<string[][]> {
  const found: string[][] = []
  let next: string | undefined = path
  while (next !== undefined && found.length < limit) {
    const answer = await call(emulator, `GET ${next}`, admin)
    const { manifests, tags, repositories } = answer.json() as Listed
    found.push(
      repositories ?? tags?.map((tag) => tag.name) ?? manifests?.map((manifest) => manifest.digest) ?? [],
    )
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1]
  }
  return found
}

const sizes = (found: string[][]) => found.map((page) => page.length)

test.each([
  [5, 2, [2, 2, 1]],
  [4, 2, [2, 2]],
  [2, 2, [2]],
  [1, 1, [1]],
  [3, 100, [3]],
])('%i manifests at %i a page come in pages of %j', async (count, size, expected) => {
  await using emulator = await startEmulator({ seed: (registry) => void registry.repo('app').images(count) })
  const found = await pages(emulator, `/acr/v1/app/_manifests?n=${size}`)
  expect(sizes(found)).toEqual(expected)
  expect(found.flat()).toEqual(emulator.registry.repo('app').digests())
})

test('a page has 100 entries without a word, and never more than 1000', async () => {
  await using emulator = await startEmulator({ seed: (registry) => void registry.repo('app').images(1001) })
  expect(sizes(await pages(emulator, '/acr/v1/app/_manifests'))).toEqual([...Array<number>(10).fill(100), 1])
  expect(sizes(await pages(emulator, '/acr/v1/app/_manifests?n=10000'))).toEqual([1000, 1])
})

test('the Link spells the path as the client did, with last, n and orderby', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      registry.repo('library/busybox').images(2)
      registry.repo('zebra').image()
    },
  })
  const link = async (path: string) => (await call(emulator, `GET ${path}`, admin)).headers['link']
  const [first = ''] = emulator.registry.repo('library/busybox').digests()
  const encoded = encodeURIComponent(first)
  expect(await link('/acr/v1/library%2Fbusybox/_manifests?api-version=2021-07-01&n=1')).toBe(
    `</acr/v1/library%2Fbusybox/_manifests?last=${encoded}&n=1&orderby=>; rel="next"`,
  )
  expect(await link('/acr/v1/library/busybox/_manifests?n=1')).toBe(
    `</acr/v1/library/busybox/_manifests?last=${encoded}&n=1&orderby=>; rel="next"`,
  )
  expect(await link('/acr/v1/_catalog?n=1')).toBe(
    '</acr/v1/_catalog?last=library%2Fbusybox&n=1&orderby=>; rel="next"',
  )
  expect(await link('/v2/_catalog?n=1')).toBe(
    '</v2/_catalog?last=library%2Fbusybox&n=1&orderby=>; rel="next"',
  )
})

const seedTimes = (registry: Registry) => {
  const app = registry.repo('app')
  for (const [number, age] of ['5d', '1d', '9d', '3d', '3d', '7d'].entries()) {
    app.image({ tag: `t${number}`, age })
  }
}

test.each(['_manifests', '_tags'])('%s come newest or oldest first, over pages of one', async (list) => {
  await using emulator = await startEmulator({ frozen: true, seed: seedTimes })
  const timeOf = (reference: string) => emulator.registry.repo('app').manifest(reference)?.updatedAt ?? 0n
  const newest = (await pages(emulator, `/acr/v1/app/${list}?n=1&orderby=timedesc`)).flat()
  const oldest = (await pages(emulator, `/acr/v1/app/${list}?n=1&orderby=timeasc`)).flat()
  expect(newest).toHaveLength(6)
  expect(newest.map(timeOf)).toEqual(newest.map(timeOf).toSorted((a, b) => (a > b ? -1 : 1)))
  expect(oldest).toEqual(newest.toReversed())
})

test('the cursor of an ordered list is the rest of the ticks and the name', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      const app = registry.repo('app')
      app.image({ tag: '12.04', pushedAt: '2020-03-26T10:09:31.3938861Z' })
      app.image({ tag: 'older', pushedAt: '2020-03-01T00:00:00Z' })
    },
  })
  const answer = await call(emulator, 'GET /acr/v1/app/_tags?n=1&orderby=timedesc', admin)
  // The form of Azure/acr-cli#72.
  expect(answer.headers['link']).toBe(
    '</acr/v1/app/_tags?last=8586163895140836946%2612.04&n=1&orderby=timedesc>; rel="next"',
  )
})

test('a hand-built cursor in an ordered list brings the same page for ever', async () => {
  await using emulator = await startEmulator({ seed: seedTimes })
  const path = '/acr/v1/app/_manifests?n=2&orderby=timedesc'
  const [first] = await pages(emulator, path, 1)
  const [again] = await pages(emulator, `${path}&last=${first?.at(-1)}`, 1)
  expect(again).toEqual(first)
})

test('in the usual order a client may go on behind any digest', async () => {
  await using emulator = await startEmulator({ seed: (registry) => void registry.repo('app').images(5) })
  const digests = emulator.registry.repo('app').digests()
  const [rest] = await pages(emulator, `/acr/v1/app/_manifests?last=${digests[2]}`)
  expect(rest).toEqual(digests.slice(3))
})

test('pages stay whole when manifests come and go between them', async () => {
  await using emulator = await startEmulator({ seed: (registry) => void registry.repo('app').images(6) })
  const app = emulator.registry.repo('app')
  const digests = app.digests()
  const first = await call(emulator, 'GET /acr/v1/app/_manifests?n=3', admin)
  app.vanish(digests[0] ?? '')
  app.vanish(digests[2] ?? '')
  app.vanish(digests[4] ?? '')
  const next = /<([^>]+)>/.exec(first.headers['link'] ?? '')?.[1] ?? ''
  expect((await pages(emulator, next)).flat()).toEqual([digests[3], digests[5]])
})

test('what is not listed is left out of the pages, which stay full', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      const app = registry.repo('app')
      const digests = app.images(6, (number) => ({ tag: `t${number}` }))
      for (const digest of digests.slice(0, 2)) app.setAttributes(digest, { listEnabled: false })
      app.setAttributes('t5', { listEnabled: false })
      registry.repo('hidden').image()
      registry.repo('hidden').setRepositoryAttributes({ listEnabled: false })
    },
  })
  const app = emulator.registry.repo('app')
  const shown = app.digests().filter((digest) => app.manifest(digest)?.attributes.listEnabled)
  const found = await pages(emulator, '/acr/v1/app/_manifests?n=2')
  expect(found).toEqual([shown.slice(0, 2), shown.slice(2)])
  expect((await pages(emulator, '/acr/v1/app/_tags')).flat()).toEqual(['t0', 't1', 't2', 't3', 't4'])
  expect((await pages(emulator, '/acr/v1/_catalog')).flat()).toEqual(['app'])
  const single = await call(emulator, 'GET /acr/v1/hidden', admin)
  expect(single.status).toBe(200)
})

test('the digest filter shows the tags of one manifest, page by page', async () => {
  await using emulator = await startEmulator({
    switches: { digestInTagLinks: true },
    seed: (registry) => {
      const app = registry.repo('app')
      app.image({ tag: ['a', 'c', 'e'], name: 'one' })
      app.image({ tag: ['b', 'd'], name: 'two' })
    },
  })
  const digest = encodeURIComponent(emulator.registry.repo('app').tags()['a'] ?? '')
  expect((await pages(emulator, `/acr/v1/app/_tags?n=2&digest=${digest}`)).flat()).toEqual(['a', 'c', 'e'])
  const none = encodeURIComponent(`sha256:${'0'.repeat(64)}`)
  expect((await pages(emulator, `/acr/v1/app/_tags?digest=${none}`)).flat()).toEqual([])
})

test.each(['0', '-1', 'many', '1.5'])('n=%s is refused', async (n) => {
  await using emulator = await startEmulator({ seed: (registry) => void registry.repo('app').image() })
  const answer = await call(emulator, `GET /acr/v1/app/_manifests?n=${n}`, admin)
  expect([answer.status, answer.text]).toEqual([
    400,
    '{"errors":[{"code":"PAGINATION_NUMBER_INVALID","message":"invalid number of results requested"}]}\n',
  ])
})

test('the tag lists of both interfaces name the same tags', async () => {
  await using emulator = await startEmulator({ seed: seedTimes })
  const answer = await call(emulator, 'GET /v2/app/tags/list?n=4', admin)
  expect(answer.json()).toEqual({ name: 'app', tags: ['t0', 't1', 't2', 't3'] })
  expect(answer.headers['link']).toBe('</v2/app/tags/list?last=t3&n=4&orderby=>; rel="next"')
})
