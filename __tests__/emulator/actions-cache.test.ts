import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startActionsCache, type ActionsCache, type WorkflowRun } from '../../emulator/index.ts'
import { call, payloadOf } from './client.ts'

const service = '/twirp/github.actions.results.api.v1.CacheService'
const VERSION = 'a'.repeat(64)

interface Told {
  readonly ok?: boolean
  readonly signed_upload_url?: string
  readonly signed_download_url?: string
  readonly matched_key?: string
  readonly message?: string
  readonly code?: string
}

/** What the results service says to a run. */
async function ask(
  cache: ActionsCache,
  [method, run]: readonly [string, WorkflowRun?],
  body: object,
): Promise<Told & { status: number }> {
  const bearer = cache.environment(run)['ACTIONS_RUNTIME_TOKEN'] ?? ''
  const text = JSON.stringify({ version: VERSION, ...body })
  const answer = await call(cache, `POST ${service}/${method}`, { bearer, body: text })
  return { status: answer.status, ...(answer.json() as Told) }
}

function pathOf(url = ''): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}

function put(cache: ActionsCache, url: string | undefined, content: string | Buffer) {
  return call(cache, `PUT ${pathOf(url)}`, { body: content, headers: { 'x-ms-blob-type': 'BlockBlob' } })
}

/** Reserves, uploads and finishes. */
async function save(
  cache: ActionsCache,
  key: string,
  { version = VERSION, ...run }: WorkflowRun & { readonly version?: string } = {},
): Promise<Told> {
  const address = { key, version }
  const { signed_upload_url: url } = await ask(cache, ['CreateCacheEntry', run], address)
  await put(cache, url, key)
  const size_bytes = String(key.length)
  return await ask(cache, ['FinalizeCacheEntryUpload', run], { ...address, size_bytes })
}

async function find(
  cache: ActionsCache,
  [key, ...restore]: readonly string[],
  run: WorkflowRun = {},
): Promise<string | undefined> {
  const body = { key, restore_keys: restore }
  const { ok, matched_key } = await ask(cache, ['GetCacheEntryDownloadURL', run], body)
  return ok === true ? matched_key : undefined
}

describe('entries', () => {
  test('are reserved, uploaded, finished, found, and the same when they are read', async () => {
    await using cache = await startActionsCache()
    const reserved = await ask(cache, ['CreateCacheEntry'], { key: 'k' })
    expect(reserved).toMatchObject({ status: 200, ok: true })
    expect((await put(cache, reserved.signed_upload_url, 'content')).status).toBe(201)
    expect(await find(cache, ['k'])).toBeUndefined()
    const finished = await ask(cache, ['FinalizeCacheEntryUpload'], { key: 'k', size_bytes: '7' })
    expect(finished).toEqual({ status: 200, ok: true, entry_id: '1', message: '' })
    const found = await ask(cache, ['GetCacheEntryDownloadURL'], { key: 'k' })
    const path = pathOf(found.signed_download_url)
    expect(await call(cache, `GET ${path}`)).toMatchObject({ status: 200, text: 'content' })
    expect((await call(cache, `HEAD ${path}`)).headers).toMatchObject({
      'content-length': '7',
      'accept-ranges': 'bytes',
    })
    const part = await call(cache, `GET ${path}`, { headers: { 'x-ms-range': 'bytes=3-99' } })
    expect(part).toMatchObject({ status: 206, text: 'tent', headers: { 'content-range': 'bytes 3-6/7' } })
    expect((await call(cache, `GET ${path}`, { headers: { range: 'bytes=7-' } })).status).toBe(416)
  })

  test('come in blocks too', async () => {
    await using cache = await startActionsCache()
    const { signed_upload_url: url = '' } = await ask(cache, ['CreateCacheEntry'], { key: 'k' })
    for (const [block, content] of [
      ['Mg==', 'two'],
      ['MQ==', 'one'],
    ] as const) {
      const blockUrl = `${url}&comp=block&blockid=${encodeURIComponent(block)}`
      expect((await put(cache, blockUrl, content)).status).toBe(201)
    }
    const list = (...blocks: readonly string[]) =>
      put(
        cache,
        `${url}&comp=blocklist`,
        `<BlockList>${blocks.map((block) => `<Latest>${block}</Latest>`).join('')}</BlockList>`,
      )
    expect((await list('MQ==', 'Mw==')).status).toBe(409)
    expect((await list('MQ==', 'Mg==')).status).toBe(201)
    await ask(cache, ['FinalizeCacheEntryUpload'], { key: 'k', size_bytes: '6' })
    expect(cache.entries().map(({ content }) => content.toString())).toEqual(['onetwo'])
  })

  test('never change', async () => {
    await using cache = await startActionsCache()
    const { signed_upload_url: url } = await ask(cache, ['CreateCacheEntry'], { key: 'k' })
    const conflict = { status: 409, code: 'already_exists' }
    expect(await ask(cache, ['CreateCacheEntry'], { key: 'k' })).toMatchObject(conflict)
    await put(cache, url, 'content')
    expect(await ask(cache, ['FinalizeCacheEntryUpload'], { key: 'k', size_bytes: '8' })).toMatchObject({
      status: 404,
    })
    await ask(cache, ['FinalizeCacheEntryUpload'], { key: 'k', size_bytes: '7' })
    expect(await ask(cache, ['CreateCacheEntry'], { key: 'k' })).toMatchObject(conflict)
    expect((await put(cache, url, 'changed')).status).toBe(409)
    expect(cache.entries().map(({ content }) => content.toString())).toEqual(['content'])
    cache.evict()
    expect(await ask(cache, ['CreateCacheEntry'], { key: 'k' })).toMatchObject({ ok: true })
  })

  test('are found by key, by its beginning, by restore keys in turn, the newest first, and by version', async () => {
    await using cache = await startActionsCache()
    for (const key of ['a-1', 'a-2', 'b-1', 'a']) await save(cache, key)
    await save(cache, 'a-9', { version: 'other' })
    expect(await find(cache, ['a-1'])).toBe('a-1')
    expect(await find(cache, ['a'])).toBe('a')
    expect(await find(cache, ['a-'])).toBe('a-2')
    expect(await find(cache, ['c', 'b-', 'a-'])).toBe('b-1')
    expect(await find(cache, ['c', 'd'])).toBeUndefined()
    expect(await find(cache, ['a-9'])).toBeUndefined()
  })
})

describe('scopes', () => {
  const PULL: WorkflowRun = { event: 'pull_request', ref: 'refs/pull/7/merge', baseBranch: 'release' }

  test.each<[string, WorkflowRun, string[]]>([
    ['the default branch', {}, ['main']],
    ['another branch', { ref: 'refs/heads/release' }, ['release', 'main']],
    ['a pull request', PULL, ['pull', 'release', 'main']],
    ['another pull request', { ...PULL, ref: 'refs/pull/8/merge' }, ['release', 'main']],
    ['a tag', { ref: 'refs/tags/v1' }, ['main']],
    ['a token for nothing', { cache: 'none' }, []],
  ])('%s sees its own entries, then those it may restore', async (_, run, seen) => {
    await using cache = await startActionsCache()
    await save(cache, 'key-pull', PULL)
    await save(cache, 'key-release', { ref: 'refs/heads/release' })
    await save(cache, 'key-main')
    await save(cache, 'key-feature', { ref: 'refs/heads/feature' })
    expect(await find(cache, ['key-'], run)).toBe(seen[0] === undefined ? undefined : `key-${seen[0]}`)
    for (const name of ['pull', 'release', 'main', 'feature'])
      expect([name, await find(cache, [`key-${name}`], run)]).toEqual([
        name,
        seen.includes(name) ? `key-${name}` : undefined,
      ])
  })

  test.each<[string, WorkflowRun]>([
    ['from a fork', { event: 'pull_request', fork: true }],
    ['with the rights of its target', { event: 'pull_request_target' }],
    ['of whatever', { cache: 'read' }],
  ])('a run %s reads and does not write', async (_, run) => {
    await using cache = await startActionsCache()
    await save(cache, 'key')
    expect(await find(cache, ['key'], run)).toBe('key')
    expect(await ask(cache, ['CreateCacheEntry', run], { key: 'new' })).toEqual({
      status: 200,
      ok: false,
      signed_upload_url: '',
      message: 'cache write denied: token has no writable scopes',
    })
  })

  test('the token says what it is for', async () => {
    await using cache = await startActionsCache()
    const { ACTIONS_RUNTIME_TOKEN: token = '' } = cache.environment(PULL)
    expect(JSON.parse(String(payloadOf(token)['ac']))).toEqual([
      { Scope: 'refs/pull/7/merge', Permission: 3 },
      { Scope: 'refs/heads/release', Permission: 1 },
      { Scope: 'refs/heads/main', Permission: 1 },
    ])
  })
})

test('no token, a wrong one, an old one, and addresses that nobody signed get nothing', async () => {
  await using cache = await startActionsCache()
  const path = `POST ${service}/GetCacheEntryDownloadURL`
  const body = JSON.stringify({ key: 'k', version: VERSION })
  const { ACTIONS_RUNTIME_TOKEN: bearer = '' } = cache.environment()
  expect((await call(cache, path, { body })).status).toBe(401)
  expect((await call(cache, path, { body, bearer: `${bearer}x` })).status).toBe(401)
  cache.clock.advance('7h')
  expect((await call(cache, path, { body, bearer })).status).toBe(401)
  await save(cache, 'k')
  const { signed_download_url: url = '' } = await ask(cache, ['GetCacheEntryDownloadURL'], { key: 'k' })
  expect((await put(cache, url, 'x')).status).toBe(403)
  const other = new URL(url)
  other.searchParams.set('sig', 'x')
  expect((await call(cache, `GET ${pathOf(other.href)}`)).status).toBe(403)
  expect((await call(cache, `POST ${service}/DeleteEverything`, { bearer, body })).status).toBe(401)
  const { ACTIONS_RUNTIME_TOKEN: valid = '' } = cache.environment()
  expect((await call(cache, `POST ${service}/DeleteEverything`, { bearer: valid, body })).status).toBe(404)
  const shown = JSON.stringify(cache.log.requests())
  for (const secret of [bearer, valid, new URL(url).searchParams.get('sig') ?? ''])
    expect(shown).not.toContain(secret)
  expect(cache.log.requests({ route: 'find' }).map(({ authorization }) => authorization)).toEqual([
    'none',
    'bearer-invalid',
    'bearer-invalid',
    'bearer',
  ])
})

test('switches and faults', async () => {
  await using cache = await startActionsCache({ switches: { readOnly: true } })
  expect(await ask(cache, ['CreateCacheEntry'], { key: 'k' })).toMatchObject({ ok: false })
  cache.switches.readOnly = false
  await save(cache, 'content')
  const { signed_download_url: url } = await ask(cache, ['GetCacheEntryDownloadURL'], { key: 'content' })
  const read = () => call(cache, `GET ${pathOf(url)}`)
  cache.switches.downloads = 'truncated'
  expect((await read()).text).toBe('con')
  cache.switches.downloads = 'corrupt'
  expect((await read()).bytes).toHaveLength(7)
  expect((await read()).text).not.toBe('content')
  cache.faults.add({ route: 'download', nth: 1 }, { status: 503 })
  expect((await read()).status).toBe(503)
})

test('a runner gives a step folders of an empty machine and the payload of its event', async () => {
  const cache = await startActionsCache()
  const first = cache.environment({ defaultBranch: 'trunk', runId: 5, runAttempt: 2 })
  expect(first).toMatchObject({
    ACTIONS_CACHE_SERVICE_V2: 'True',
    ACTIONS_RESULTS_URL: `${cache.url}/`,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: 'refs/heads/trunk',
    GITHUB_RUN_ID: '5',
    GITHUB_RUN_ATTEMPT: '2',
  })
  const payload = (environment: Readonly<Record<string, string>>) =>
    JSON.parse(readFileSync(environment['GITHUB_EVENT_PATH'] ?? '', 'utf8')) as object
  expect(payload(first)).toMatchObject({ repository: { default_branch: 'trunk' } })
  const left = join(first['RUNNER_TEMP'] ?? '', 'left')
  writeFileSync(left, '')
  const second = cache.environment({ event: 'pull_request', fork: true, payload: { number: 9 } })
  expect(existsSync(left)).toBe(false)
  expect(second['RUNNER_TEMP']).toBe(first['RUNNER_TEMP'])
  expect(payload(second)).toMatchObject({
    number: 9,
    pull_request: {
      head: { repo: { full_name: 'somebody/octo-repo' } },
      base: { repo: { full_name: 'octo-org/octo-repo' } },
    },
  })
  expect(cache.environment({ machine: 'other' })['RUNNER_TEMP']).not.toBe(first['RUNNER_TEMP'])
  expect(cache.environment({ cacheMode: 'read' })['ACTIONS_CACHE_MODE']).toBe('read')
  await cache.close()
  expect(existsSync(first['GITHUB_WORKSPACE'] ?? '')).toBe(false)
})
