import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { startActionsCache, startEmulator, type ActionsCache, type Emulator } from '../../emulator/index.ts'
import { alarmsOf, counted, judgement, noticesOf, paint } from './remembering.ts'
import type { StepResult } from './run-action.ts'

const hasTar = spawnSync('tar', ['--version']).status === 0

function registry(): Promise<Emulator> {
  return startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
}

interface Trouble {
  /** Happens once there is an entry. */
  readonly cause: (cache: ActionsCache) => unknown
  readonly environment?: Readonly<Record<string, string>>
  /** The notices, each by a part of it. */
  readonly notices: readonly string[]
  /** The state is read all the same. */
  readonly read?: boolean
}

const NOT_USED = 'The state in the cache of GitHub Actions is not used, because it cannot be read: '
const NOT_KEPT = 'The state could not be kept in the cache of GitHub Actions: '

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'a token that may only read': {
    cause: (cache) => (cache.switches.readOnly = true),
    notices: [`${NOT_KEPT}Unable to reserve cache with key acr-hygiene-state-`],
    read: true,
  },
  'a token without any rights': {
    cause: () => undefined,
    environment: {},
    notices: ['cache read denied: token has no readable scopes', 'cache write denied'],
  },
  'a token that is none': {
    cause: () => undefined,
    environment: { ACTIONS_RUNTIME_TOKEN: 'x' },
    notices: ['(401) Unauthorized: authentication failed'],
  },
  'a corrupt download': {
    cause: (cache) => (cache.switches.downloads = 'corrupt'),
    notices: ['tar" failed with error: '],
  },
  'half a download': {
    cause: (cache) => (cache.switches.downloads = 'truncated'),
    notices: [NOT_USED],
  },
  'content that is gone': {
    cause: (cache) => cache.faults.add({ route: 'download' }, { status: 404 }),
    notices: [NOT_USED],
  },
  'an upload that is refused': {
    cause: (cache) => cache.faults.add({ route: 'upload' }, { status: 403 }),
    notices: [`${NOT_KEPT}uploadCacheArchiveSDK: internal error uploading cache archive: `],
    read: true,
  },
  'an upload that cannot be finished': {
    cause: (cache) => cache.faults.add({ route: 'finish' }, { status: 404 }),
    notices: [`${NOT_KEPT}Failed to FinalizeCacheEntryUpload: `],
    read: true,
  },
  'an entry that somebody else made meanwhile': {
    cause: (cache) => cache.faults.add({ route: 'reserve' }, { status: 409 }),
    notices: [],
    read: true,
  },
  'too many requests': {
    cause: (cache) => cache.faults.add({}, { status: 429, retryAfter: 60 }),
    notices: [`${NOT_USED}You've hit a rate limit, your rate limit will reset in 60 seconds`],
  },
  'a service that is gone': {
    cause: () => undefined,
    environment: { ACTIONS_RESULTS_URL: 'https://127.0.0.1:1/' },
    notices: [`${NOT_USED}Failed to GetCacheEntryDownloadURL: Unable to make request: ECONNREFUSED`],
  },
  'connections that are cut': {
    cause: (cache) => cache.faults.add({}, { drop: 'before' }),
    notices: [`${NOT_USED}Failed to GetCacheEntryDownloadURL: Unable to make request: ECONNRESET`],
  },
  'an answer that is no JSON': {
    cause: (cache) => cache.faults.add({ route: 'find' }, { status: 200, body: '<html>' }),
    notices: [`${NOT_USED}there is no answer after 15 seconds`],
  },
  'errors of the service': {
    cause: (cache) => cache.faults.add({ class: 'service' }, { status: 503 }),
    notices: [`${NOT_USED}there is no answer after 15 seconds`, `${NOT_KEPT}there is no answer`],
  },
  'errors of the storage': {
    cause: (cache) => cache.faults.add({ class: 'blob' }, { status: 500 }),
    notices: [NOT_USED, `${NOT_KEPT}there is no answer after 15 seconds`],
  },
  'one error of the service': {
    cause: (cache) => cache.faults.add({ nth: 1 }, { status: 502 }),
    notices: [],
    read: true,
  },
  'answers that never come': {
    cause: (cache) => cache.faults.add({ route: 'find' }, { hang: true }),
    notices: [`${NOT_USED}there is no answer after 15 seconds`],
  },
  'content that never comes': {
    cause: (cache) => cache.faults.add({ route: 'download' }, { hang: true }),
    notices: [`${NOT_USED}there is no answer after 15 seconds`],
  },
  'a service that is slow': {
    cause: (cache) => cache.faults.add({}, { delayMs: 1000 }),
    notices: [],
    read: true,
  },
  'a runner that allows no cache': {
    cause: () => undefined,
    environment: { ACTIONS_CACHE_MODE: 'none' },
    notices: [],
  },
  'a runner that allows reading only': {
    cause: () => undefined,
    environment: { ACTIONS_CACHE_MODE: 'read' },
    notices: [],
    read: true,
  },
}

/** Neither more said than that the state is not there, nor anything else changed by it. */
function expectHarmless(step: StepResult, without: StepResult): void {
  expect(alarmsOf(step), step.log).toEqual([])
  expect(judgement(step)).toEqual(judgement(without))
}

describe.skipIf(!hasTar).concurrent('trouble with the cache is a notice at most', () => {
  test.each(Object.entries(TROUBLES))('%s', async (name, { cause, environment, notices, read = false }) => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    await counted(emulator, {}, { environment: cache.environment() })
    expect(cache.entries()).toHaveLength(1)
    // So that there is something to save too.
    emulator.registry.repo('app').image({ age: '2d1h' })
    await cause(cache)
    const rights = name === 'a token without any rights' ? ({ cache: 'none' } as const) : {}
    const around = { ...cache.environment({ runId: 2, ...rights }), ...environment }
    const started = performance.now()
    const { step, documents } = await counted(emulator, {}, { environment: around })
    // Twice the patience of a run at most, and then the process ends.
    expect(performance.now() - started).toBeLessThan(40_000)
    expect(documents === 1).toBe(read)
    expectHarmless(step, (await counted(emulator)).step)
    const said = noticesOf(step)
    for (const part of notices)
      expect(
        said.filter((notice) => notice.includes(part)),
        said.join('\n'),
      ).toHaveLength(1)
    expect(said.length).toBeLessThanOrEqual(2)
    if (notices.length === 0) expect(said).toEqual([])
  })

  test('a failed gate and a failed cache: the exit status is that of the gate', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    cache.faults.add({}, { drop: 'before' })
    const { step } = await counted(emulator, { 'max-orphans': '0' }, { environment: cache.environment() })
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail' } })
    expect(alarmsOf(step)).toEqual([expect.stringContaining('4 orphans, expected none')])
  })

  test('whoever cancels the job need not wait for the cache', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    cache.faults.add({}, { hang: true })
    const started = performance.now()
    const { step, requests } = await counted(
      emulator,
      {},
      { environment: cache.environment(), cancelAt: 'Signing in', cancelWith: 'SIGINT' },
    )
    expect(performance.now() - started).toBeLessThan(8000)
    expect(step.status).toBe(1)
    expect(step.log).toContain('The job was cancelled.')
    expect([requests, ...noticesOf(step)]).toEqual([0])
  })

  test('a run that cannot sign in does not wait for the cache either', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    cache.faults.add({}, { hang: true })
    const started = performance.now()
    const inputs = { username: '', password: '' }
    const { step } = await counted(emulator, inputs, { environment: cache.environment() })
    expect(performance.now() - started).toBeLessThan(8000)
    expect(step.status).toBe(1)
    expect(noticesOf(step)).toEqual([])
  })
})

describe.concurrent('a runner without a cache', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['nothing', {}],
    [
      'an address without a token',
      { ACTIONS_RESULTS_URL: 'https://127.0.0.1:1', ACTIONS_CACHE_SERVICE_V2: '1' },
    ],
    [
      'an address of results only, as servers without a cache have',
      { ACTIONS_RESULTS_URL: 'https://127.0.0.1:1', ACTIONS_RUNTIME_TOKEN: 'x' },
    ],
  ])('%s: state: cache says so, auto says nothing', async (_, environment) => {
    await using emulator = await registry()
    const asked = await counted(emulator, { state: 'cache' }, { environment })
    expect(noticesOf(asked.step)).toEqual([
      'notice: state: cache has no effect, because this runner offers no cache.',
    ])
    const auto = await counted(emulator, {}, { environment })
    expect(noticesOf(auto.step)).toEqual([])
    expectHarmless(asked.step, auto.step)
  })
})
