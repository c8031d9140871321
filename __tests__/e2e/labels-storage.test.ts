import { describe, expect, test } from 'vitest'
import { startEmulator, startProxy, type Emulator } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { LABELS, OLD, seedOne, wordsOf } from './labels.ts'
import { alarmsOf, workspace } from './remembering.ts'
import type { StepOptions, StepResult } from './run-action.ts'

const ACCOUNT = 'account.blob.core.windows.net'
const TOLD = ['perhaps v1, says its label; built from 1a2b3c4']

interface World extends AsyncDisposable {
  readonly emulator: Emulator
  /** The hosts that anybody wanted to talk to, the registry apart. */
  asked(): readonly string[]
  run(inputs?: Readonly<Record<string, string>>, options?: StepOptions): Promise<StepResult>
}

/** A registry, the storage that it sends clients to, and a proxy that knows the storage and nobody else. */
async function world(storage = ACCOUNT): Promise<World> {
  const emulator = await startEmulator({
    hostNames: [storage],
    switches: { blobStorageHost: storage },
    seed: (registry) => seedOne(registry.repo('app')),
  })
  const proxy = await startProxy({ hosts: { [storage]: emulator } })
  return {
    emulator,
    asked: () => proxy.requests().map(({ host }) => host),
    run: (inputs = {}, { environment, ...options } = {}) =>
      gate(emulator, inputs, {
        environment: { ...proxy.environment, NO_PROXY: '127.0.0.1', ...environment },
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([emulator.close(), proxy.close()])
    },
  }
}

/** Nothing is said of the labels, and all else is as if there were none. */
async function expectUnaffected(there: World, step: StepResult): Promise<void> {
  expect(wordsOf(step)).toEqual([])
  expect(alarmsOf(step)).toEqual([])
  there.emulator.faults.add({ route: 'blob' }, { status: 404 })
  const { status, outputs } = await there.run()
  expect([step.status, step.outputs]).toEqual([status, outputs])
  expect(step.outputs).toMatchObject({ orphans: '1', complete: 'true' })
}

describe.concurrent('a configuration is read from the storage', () => {
  test.each([
    ACCOUNT,
    'account.z01.blob.storage.azure.net',
    'myregistry.westeurope.data.azurecr.io',
    'account.blob.core.usgovcloudapi.net',
    'myregistry.usgovvirginia.data.azurecr.us',
    'account.blob.core.chinacloudapi.cn',
    'myregistry.chinanorth3.data.azurecr.cn',
  ])('at %s, without any credential', async (host) => {
    await using there = await world(host)
    const step = await there.run()
    expect(wordsOf(step)).toEqual(TOLD)
    expect(there.asked()).toEqual([host])
    expect(there.emulator.log.requests({ route: 'storage' })).toMatchObject([
      { method: 'GET', status: 200, authorization: 'none', identity: undefined },
    ])
    expect(there.emulator.log.requests({ route: 'blob' })).toMatchObject([{ status: 307 }])
  })

  test('and the signature in its address is shown nowhere', async () => {
    await using there = await world()
    const step = await there.run()
    expect(wordsOf(step)).toEqual(TOLD)
    expect(JSON.stringify(step)).not.toMatch(/sig=|blob\.core/)
  })
})

describe.concurrent('a redirect is not followed', () => {
  const signed = `https://${ACCOUNT}/registry/x?sig=x`

  test.each([
    ['to another host', 'https://evil.example/x?sig=x'],
    ['to a host that begins like a storage', `https://${ACCOUNT}.evil.example/x`],
    ['to a host that ends like a storage', 'https://evilblob.core.windows.net/x'],
    ['to the domain of the storages itself', 'https://blob.core.windows.net/x'],
    ['to another host behind a name', `https://${ACCOUNT}@evil.example/x`],
    ['without TLS', signed.replace('https:', 'http:')],
    ['to a file', 'file:///etc/passwd'],
    ['within the registry', '/v2/app/manifests/latest'],
    ['to a place without a scheme', `//${ACCOUNT}/x`],
    ['to what is no address', 'https://'],
    ['to nowhere', ''],
  ])('%s', async (_, location) => {
    await using there = await world()
    const fault = there.emulator.faults.add(
      { route: 'blob' },
      { status: 307, headers: { Location: location } },
    )
    const step = await there.run()
    expect(fault.hits).toBe(1)
    expect(there.asked()).toEqual([])
    expect(there.emulator.log.requests({ route: 'storage' })).toEqual([])
    fault.remove()
    await expectUnaffected(there, step)
  })

  test('by the storage to yet another place', async () => {
    await using there = await world()
    const headers = { Location: 'https://evil.example/x' }
    const faults = [301, 302, 307, 308].map((status, nth) =>
      there.emulator.faults.add({ route: 'storage', nth: nth + 1 }, { status, headers }),
    )
    for (const _ of faults) expect(wordsOf(await there.run())).toEqual([])
    expect(new Set(there.asked())).toEqual(new Set([ACCOUNT]))
    expect(wordsOf(await there.run())).toEqual(TOLD)
  })
})

describe.concurrent('nothing is claimed and the run is unaffected when the storage', () => {
  const wrong = JSON.stringify({ config: { Labels: LABELS } })

  test.each<readonly [string, Parameters<Emulator['faults']['add']>[1]]>([
    ['has no such blob', { status: 404, body: '<Error><Code>BlobNotFound</Code></Error>' }],
    ['refuses the address', { status: 403, body: '<Error><Code>AuthenticationFailed</Code></Error>' }],
    ['fails', { status: 500 }],
    ['is busy', { status: 503, retryAfter: 3600 }],
    ['answers with nothing', { status: 200, body: '' }],
    ['answers with a page', { status: 200, body: '<html>Sign in</html>' }],
    ['answers with other bytes', { status: 200, body: wrong }],
    ['answers with more than a MiB', { status: 200, body: wrong + ' '.repeat(2 * 1024 * 1024) }],
    ['answers in part', { status: 206, body: wrong }],
    ['says that it is packed', { status: 200, body: wrong, headers: { 'Content-Encoding': 'gzip' } }],
    ['hangs up', { drop: 'before' }],
    ['never answers', { hang: true }],
  ])('%s', async (_, effect) => {
    await using there = await world()
    const fault = there.emulator.faults.add({ route: 'storage' }, effect)
    const started = performance.now()
    const step = await there.run()
    expect(fault.hits).toBe(1)
    // Nobody waits longer for it than ten seconds.
    expect(performance.now() - started).toBeLessThan(15_000)
    await expectUnaffected(there, step)
  })

  test('cannot be reached', async () => {
    await using there = await world()
    await using closed = await startProxy()
    const step = await there.run({}, { environment: closed.environment })
    expect(closed.requests().map(({ outcome }) => outcome)).toEqual(['refused'])
    await expectUnaffected(there, step)
  })

  test('is asked again by the next run that finds something new, when it failed', async () => {
    await using there = await world()
    using place = workspace()
    const run = (): Promise<StepResult> => there.run({ state: 'state' }, place.options)
    const fault = there.emulator.faults.add({ route: 'storage' }, { status: 503 })
    expect(wordsOf(await run())).toEqual([])
    fault.remove()
    there.emulator.registry.repo('app').image({ ...OLD, age: '8d' })
    expect(wordsOf(await run())).toEqual(TOLD)
  })
})
