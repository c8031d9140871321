import { expect, test } from 'vitest'
import type { Registry } from '../../emulator/index.ts'
import { ADMIN } from './gate.ts'
import { HOST, startEstate, type EstateOptions, type EstateWorld } from './estate.ts'

const PURGE = { purge: 'true', repositories: '**' }

interface Story extends EstateWorld {
  /** Digests by what they are. */
  readonly named: ReadonlyMap<string, string>
  /** What is not there any more. */
  gone(): readonly string[]
  /** Starts a container app with this image. */
  deploy(image: string, name?: string): void
  /** `host/team/app@` and the digest. */
  pinned(what: string, host?: string): string
}

/** An index that lost its tag, with what belongs to it, and other orphans. */
async function start(options: Partial<EstateOptions> = {}): Promise<Story> {
  const named = new Map<string, string>()
  const seed = (registry: Registry): void => {
    const app = registry.repo('team/app')
    app.image({ tag: 'latest', age: '1d' })
    const index = app.multiPlatform({ age: '60d' })
    named.set('index', index.index)
    named.set('amd64', index.images[0] ?? '')
    named.set('signature', app.referrer(index.index, { age: '50d' }))
    named.set('old', app.image({ age: '70d' }))
    registry.repo('other').image({ tag: 'latest', age: '1d' })
    named.set('elsewhere', registry.repo('other').image({ age: '70d' }))
  }
  const world = await startEstate({ seed, ...options })
  const repositories = ['team/app', 'other'].map((name) => world.registry.registry.repo(name))
  return {
    ...world,
    named,
    gone: () =>
      [...named]
        .filter(([, digest]) => !repositories.some((repository) => repository.has(digest)))
        .map(([name]) => name)
        .toSorted(),
    deploy: (image, name = 'shop') =>
      world.arm.estate.addWorkload({ kind: 'container app', name, images: [image] }),
    pinned: (what, host = HOST) => `${host}/team/app@${named.get(what) ?? ''}`,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

const ALL = ['amd64', 'elsewhere', 'index', 'old', 'signature']

test('what Azure runs is never purged, nor what it needs; it is a finding of its own', async () => {
  await using world = await start()
  world.deploy(world.pinned('index'))
  const step = await world.run(PURGE)
  expect(world.gone()).toEqual(['elsewhere', 'old'])
  expect(step.outputs).toMatchObject({ result: 'pass', orphans: '0', 'purged-manifests': '2' })
  expect(step.summary).toContain('### Running, but untagged')
  expect(step.summary).toContain('<code>container app shop</code>')
  expect(step.log).toMatch(/team\/app@sha256:[0-9a-f]{64}: run by container app shop/)
  expect(world.arm.log.counts()).toMatchObject({ total: 2, byRoute: { graph: 2 } })
})

test('a platform that runs by its own digest keeps its index', async () => {
  await using world = await start()
  world.deploy(world.pinned('amd64'))
  await world.run(PURGE)
  expect(world.gone()).toEqual(['elsewhere', 'old'])
})

test('a run that only looks counts it as little', async () => {
  await using world = await start()
  world.deploy(world.pinned('index'))
  const step = await world.run({ 'max-orphans': '2' })
  expect(step.outputs).toMatchObject({ result: 'pass', orphans: '2', 'purgeable-manifests': '2' })
})

test.each<[string, (world: Story) => string, Readonly<Record<string, string>>]>([
  ['in another registry', (world) => world.pinned('index', 'other.azurecr.io'), {}],
  ['in another repository', (world) => world.pinned('index').replace('team/app', 'other'), {}],
  ['by a tag', () => `${HOST}/team/app:latest`, {}],
  ['with protect-deployed: off', (world) => world.pinned('index'), { 'protect-deployed': 'off' }],
])('an image that runs %s pins nothing', async (_, image, inputs) => {
  await using world = await start()
  world.deploy(image(world))
  const step = await world.run({ ...PURGE, ...inputs })
  expect(world.gone()).toEqual(ALL)
  expect(step.summary).not.toContain('Running, but untagged')
  expect(world.arm.log.counts().total).toBe('protect-deployed' in inputs ? 0 : 2)
})

test('without a role in Azure the purge goes on, and the summary says what it could not see', async () => {
  await using world = await start({ readers: [] })
  world.deploy(world.pinned('index'))
  const step = await world.run(PURGE)
  expect(step.outputs['result']).toBe('pass')
  expect(world.gone()).toEqual(ALL)
  expect(step.summary).toContain('it lacks the role Reader on the subscriptions with the workloads')
})

test('a refusal of Azure is said in one sentence, with what to do', async () => {
  await using world = await start({ readers: [], switches: { nothingReadable: 'refuse' } })
  const step = await world.run()
  expect(step.outputs['result']).toBe('pass')
  expect(step.summary).toMatch(
    /What Azure runs was not looked at.*Could not ask Azure Resource Graph what runs.*Assign it the role Reader on the subscriptions with the workloads/,
  )
})

test('whoever signs in with a password learns what it takes, and Azure is not asked', async () => {
  await using world = await start({ admin: ADMIN })
  world.deploy(world.pinned('index'))
  const step = await world.run({ ...PURGE, ...ADMIN })
  expect(world.gone()).toEqual(ALL)
  expect(step.summary).toContain('It takes an identity of Microsoft Entra with the role Reader')
  expect(world.arm.log.counts().total).toBe(0)
})

test.each<[string, (world: Story) => void]>([
  ['fails', ({ arm }) => arm.faults.add({}, { status: 500 })],
  ['throttles without end', ({ arm }) => arm.faults.add({}, { status: 429 })],
])('where Azure %s a purge deletes nothing: what runs is not known', async (_, fail) => {
  await using world = await start()
  world.deploy(world.pinned('index'))
  fail(world)
  const step = await world.run(PURGE)
  expect(world.gone()).toEqual([])
  expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', 'purge-complete': 'false' } })
  expect(step.annotations.join('\n')).toMatch(
    /error: Nothing can be deleted safely in .*It is not known what Azure runs by digest.*set protect-deployed: off/,
  )
  const off = await world.run({ ...PURGE, 'protect-deployed': 'off' })
  expect(off.outputs).toMatchObject({ result: 'pass', 'purge-complete': 'true' })
})

test('a runner that cannot reach Azure delays a gate by ten seconds, not by a minute', async () => {
  await using world = await start()
  world.arm.faults.add({}, { hang: true })
  const begin = performance.now()
  expect((await world.run({ 'max-orphans': '9' })).outputs['result']).toBe('pass')
  expect(performance.now() - begin).toBeLessThan(20_000)
})

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['after a push', { images: `${HOST}/team/app:latest` }, 'push'],
  ['on a pull request', {}, 'pull_request'],
])('a step %s asks Azure nothing, not even for a token', async (_, inputs, event) => {
  await using world = await start()
  world.deploy(world.pinned('index'))
  const step = await world.run({ ...inputs, 'max-orphans': '9' }, { GITHUB_EVENT_NAME: event })
  expect(step.outputs['result']).toBe('pass')
  expect(world.arm.log.counts().total).toBe(0)
  expect(world.entra.log.requests({ route: 'token' })).toHaveLength(1)
})

test('a hostile name stays in its cell', async () => {
  await using world = await start()
  world.deploy(world.pinned('index'), 'x<code>|<img src=x>\n::error::y @octocat')
  const step = await world.run()
  expect(step.summary).toContain('### Running, but untagged')
  expect(step.summary).not.toContain('<img')
  expect(step.summary).not.toContain('@octocat')
  expect(step.annotations).toEqual([])
})
