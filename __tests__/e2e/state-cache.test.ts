import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  startActionsCache,
  startEmulator,
  startProxy,
  type ActionsCache,
  type Emulator,
  type WorkflowRun,
} from '../../emulator/index.ts'
import { alarmsOf, counted, judgement, noticesOf, paint, type Counted } from './remembering.ts'

/** The toolkit packs with tar, and with zstd where there is one; without tar nothing here can be tested. */
const hasTar = spawnSync('tar', ['--version']).status === 0

function registry(): Promise<Emulator> {
  return startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
}

/** Runs the action in such a run of a workflow. */
function runIn(
  cache: ActionsCache,
  emulator: Emulator,
  { inputs = {}, ...run }: WorkflowRun & { readonly inputs?: Readonly<Record<string, string>> } = {},
): Promise<Counted> {
  return counted(emulator, inputs, { environment: cache.environment(run) })
}

function push(emulator: Emulator): void {
  emulator.registry.repo('app').image({ age: '2d1h' })
}

const savesOf = (cache: ActionsCache): number => cache.log.counts().byRoute.reserve ?? 0

describe.skipIf(!hasTar).concurrent('state in the cache of GitHub Actions', () => {
  test('a run on the default branch saves, the next one reads lists only and saves nothing new', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const first = await runIn(cache, emulator)
    const second = await runIn(cache, emulator, { runId: 2 })
    expect(first.documents).toBeGreaterThan(8)
    expect(second).toMatchObject({ documents: 0, requests: 3 })
    expect(judgement(second.step)).toEqual(judgement(first.step))
    expect(judgement(second.step)).toEqual(judgement((await counted(emulator)).step))
    expect(cache.entries()).toMatchObject([{ ref: 'refs/heads/main' }])
    for (const { step } of [first, second]) expect([...noticesOf(step), ...alarmsOf(step)]).toEqual([])
    expect(first.step.log).toContain('There is no state yet in the cache of GitHub Actions.')
  })

  test('a run that learnt something saves another entry, and the newest is read', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    await runIn(cache, emulator)
    push(emulator)
    const second = await runIn(cache, emulator, { event: 'workflow_dispatch', runId: 2 })
    expect(second.documents).toBe(1)
    expect(await runIn(cache, emulator, { runId: 3 })).toMatchObject({ documents: 0 })
    expect(cache.entries()).toHaveLength(2)
    cache.evict()
    const evicted = await runIn(cache, emulator, { runId: 4 })
    expect(evicted.documents).toBeGreaterThan(8)
    expect(noticesOf(evicted.step)).toEqual([])
  })

  test.each<[string, WorkflowRun]>([
    ['a pull request', { event: 'pull_request' }],
    ['a pull request to another branch', { event: 'pull_request', baseBranch: 'release' }],
    ['a pull request from a fork', { event: 'pull_request', fork: true }],
    ['a pull request with the rights of its target', { event: 'pull_request_target' }],
    ['another branch', { ref: 'refs/heads/feature' }],
    ['a tag', { ref: 'refs/tags/v1', event: 'release' }],
    ['a merge queue', { ref: 'refs/heads/gh-readonly-queue/main/pr-1-0123', event: 'merge_group' }],
  ])('%s reads what the default branch saved, and saves nothing', async (_, run) => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    await runIn(cache, emulator)
    push(emulator)
    const { step, documents } = await runIn(cache, emulator, { ...run, runId: 2 })
    expect(documents).toBe(1)
    expect([...noticesOf(step), ...alarmsOf(step)]).toEqual([])
    expect([savesOf(cache), cache.entries().length]).toEqual([1, 1])
  })

  test('with state: cache other branches save too, for themselves, and pull requests do not', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const inputs = { state: 'cache' }
    for (const event of ['pull_request', 'pull_request_target'])
      await runIn(cache, emulator, { inputs, event })
    expect(savesOf(cache)).toBe(0)
    await runIn(cache, emulator, { inputs, ref: 'refs/heads/release' })
    expect(cache.entries()).toMatchObject([{ ref: 'refs/heads/release' }])
    expect(await runIn(cache, emulator, { inputs, ref: 'refs/heads/release' })).toMatchObject({
      documents: 0,
    })
    expect((await runIn(cache, emulator)).documents).toBeGreaterThan(8)
  })

  test('a schedule is on the default branch, whatever its payload says', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    await runIn(cache, emulator, { event: 'schedule', payload: { repository: undefined } })
    expect(cache.entries()).toHaveLength(1)
  })

  test('a default branch may have any name, and a payload may be missing', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const environment = { ...cache.environment(), GITHUB_EVENT_PATH: '' }
    expect(alarmsOf((await counted(emulator, {}, { environment })).step)).toEqual([])
    expect(savesOf(cache)).toBe(0)
    await runIn(cache, emulator, { defaultBranch: 'release/9' })
    expect(cache.entries()).toMatchObject([{ ref: 'refs/heads/release/9' }])
  })

  test('it is saved when the gate fails, and after a purge', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const failing = { 'max-orphans': '0' }
    expect((await runIn(cache, emulator, { inputs: failing })).step.status).toBe(1)
    expect(await runIn(cache, emulator, { inputs: failing })).toMatchObject({
      documents: 0,
      step: { status: 1 },
    })
    const purging = { purge: 'true', repositories: '**', 'older-than': '0d' }
    const { step } = await runIn(cache, emulator, { inputs: purging })
    expect(step).toMatchObject({ status: 0, outputs: { orphans: '0', 'purge-complete': 'true' } })
    expect(cache.entries()).toHaveLength(2)
    expect(await runIn(cache, emulator)).toMatchObject({ documents: 0, step: { outputs: { orphans: '0' } } })
  })

  test('two registries do not mix', async () => {
    await using one = await registry()
    await using two = await registry()
    await using cache = await startActionsCache()
    await runIn(cache, one)
    expect((await runIn(cache, two)).documents).toBeGreaterThan(8)
    expect(cache.entries()).toHaveLength(2)
    for (const emulator of [one, two]) {
      const { step, documents } = await runIn(cache, emulator)
      expect([documents, ...noticesOf(step)]).toEqual([0])
    }
  })

  test('a machine with other paths, or without zstd, has a state of its own', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const tools = mkdtempSync(join(tmpdir(), 'acr-hygiene-tools-'))
    try {
      mkdirSync(join(tools, 'bin'))
      for (const tool of ['tar', 'gzip']) {
        const path = spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim()
        symlinkSync(path, join(tools, 'bin', tool))
      }
      await runIn(cache, emulator)
      expect((await runIn(cache, emulator, { machine: 'another' })).documents).toBeGreaterThan(8)
      const few = () => ({ environment: { ...cache.environment(), PATH: join(tools, 'bin') } })
      const without = await counted(emulator, {}, few())
      expect(alarmsOf(without.step)).toEqual([])
      expect(await counted(emulator, {}, few())).toMatchObject({ documents: 0 })
    } finally {
      rmSync(tools, { recursive: true, force: true })
    }
  })

  test('from the storage that GitHub has it on, through a proxy', async () => {
    const storageHost = 'productionresultssa0.blob.core.windows.net'
    await using emulator = await registry()
    await using cache = await startActionsCache({ storageHost })
    await using proxy = await startProxy({ hosts: { [storageHost]: cache } })
    const environment = () => ({ ...cache.environment(), ...proxy.environment, NO_PROXY: '127.0.0.1' })
    await counted(emulator, {}, { environment: environment() })
    expect(await counted(emulator, {}, { environment: environment() })).toMatchObject({ documents: 0 })
    expect(new Set(proxy.requests().map(({ host }) => host))).toEqual(new Set([storageHost]))
  })

  test('the token and the addresses of contents are in no log but as what is to be masked', async () => {
    await using emulator = await registry()
    await using cache = await startActionsCache()
    const environment = cache.environment()
    const { step } = await counted(emulator, {}, { environment })
    expect(step.log).not.toContain(environment['ACTIONS_RUNTIME_TOKEN'])
    const masked = step.log.split('\n').filter((line) => line.startsWith('::add-mask::'))
    const [, signature = ''] = /sig=([^&]+)&sp=cw/.exec(step.log) ?? []
    expect(masked).toContain(`::add-mask::${decodeURIComponent(decodeURIComponent(signature))}`)
  })
})
