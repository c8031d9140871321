import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  startActionsCache,
  startEmulator,
  type ActionsCache,
  type Emulator,
  type WorkflowRun,
} from '../../emulator/index.ts'
import { gate } from './gate.ts'
import type { StepResult } from './run-action.ts'

/** The toolkit packs with tar; without it nothing here can be tested. */
const hasTar = spawnSync('tar', ['--version']).status === 0

const ONLY_NEW = { 'only-new': 'true', 'max-orphans': '0' }
const PULL_REQUEST: WorkflowRun = { event: 'pull_request' }

/** One repository of workflows with its cache, and a registry, over days. */
class Project implements AsyncDisposable {
  readonly #emulator: Emulator
  readonly #cache: ActionsCache
  #runs = 0

  constructor(emulator: Emulator, cache: ActionsCache) {
    this.#emulator = emulator
    this.#cache = cache
  }

  static async begin(): Promise<Project> {
    return new Project(await startEmulator(), await startActionsCache())
  }

  get app() {
    return this.#emulator.registry.repo('app')
  }

  push(tag: string, name: string): string {
    return this.app.image({ tag, name, age: '0d' })
  }

  later(duration: string): void {
    this.#emulator.clock.advance(duration)
  }

  get saved(): number {
    return this.#cache.entries().length
  }

  lose(): void {
    this.#cache.evict()
  }

  run(inputs: Readonly<Record<string, string>> = {}, run: WorkflowRun = {}): Promise<StepResult> {
    this.#runs += 1
    return gate(this.#emulator, inputs, {
      environment: this.#cache.environment({ runId: this.#runs, ...run }),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cache.close()
    await this.#emulator.close()
  }
}

describe.skipIf(!hasTar).concurrent('over simulated days, with the cache of GitHub Actions', () => {
  test('a pull request answers for its own orphans, and writes nothing', async () => {
    await using project = await Project.begin()
    project.push('main', 'of last year')
    project.push('main', 'current')
    project.later('2d')
    expect((await project.run()).outputs).toMatchObject({ orphans: '1', 'new-orphans': '' })
    const clean = await project.run(ONLY_NEW, PULL_REQUEST)
    expect(clean).toMatchObject({ status: 0, outputs: { orphans: '1', 'new-orphans': '0', result: 'pass' } })
    project.push('main', 'by the pull request')
    project.later('2h')
    for (let again = 0; again < 2; again += 1) {
      const guilty = await project.run(ONLY_NEW, PULL_REQUEST)
      expect(guilty).toMatchObject({
        status: 1,
        outputs: { orphans: '2', 'new-orphans': '1', result: 'fail' },
      })
    }
    expect(project.saved).toBe(1)
    // The default branch learns it, and from then on nobody answers for it.
    await project.run()
    expect(project.saved).toBe(2)
    expect((await project.run(ONLY_NEW, PULL_REQUEST)).outputs).toMatchObject({
      'new-orphans': '0',
      result: 'pass',
    })
  })

  test('a feature branch reads what the default branch saw, and a nightly purge is due by it', async () => {
    await using project = await Project.begin()
    const old = project.push('latest', 'old')
    project.later('60d')
    await project.run()
    project.push('latest', 'new')
    await project.run()
    project.later('8d')
    const feature = await project.run({}, { ref: 'refs/heads/feature' })
    expect(feature.outputs).toMatchObject({ 'oldest-orphan-days': '8', 'purgeable-manifests': '1' })
    expect(feature.log).toContain('was latest until ')
    const nightly = await project.run({ purge: 'true', repositories: '**' }, { event: 'schedule' })
    expect(nightly.outputs).toMatchObject({ 'purged-manifests': '1', orphans: '0' })
    expect(project.app.has(old)).toBe(false)
  })

  test('a purge where nothing is kept says that it would wait for ever, and what to do', async () => {
    await using project = await Project.begin()
    project.push('latest', 'old')
    project.later('30d')
    project.push('latest', 'new')
    project.later('1d')
    const purge = { purge: 'true', repositories: '**' }
    const feature = { ref: 'refs/heads/feature' }
    const words = 'Nothing can become due here: this run keeps no state.'
    expect((await project.run(purge, feature)).annotations.join('\n')).toContain(words)
    expect((await project.run({ ...purge, state: 'cache' }, feature)).log).not.toContain(words)
    expect((await project.run(purge)).log).not.toContain(words)
    expect((await project.run(purge, feature)).log).not.toContain(words)
    const at = { ...purge, 'orphan-age': 'pushed' }
    expect((await project.run(at, feature)).outputs['purged-manifests']).toBe('1')
  })

  test('a lost cache begins anew', async () => {
    await using project = await Project.begin()
    project.push('latest', 'old')
    await project.run()
    project.later('20d')
    project.push('latest', 'new')
    await project.run()
    project.later('10d')
    project.lose()
    const purge = await project.run({ purge: 'true', repositories: '**' })
    expect(purge.outputs).toMatchObject({
      'oldest-orphan-days': '30',
      'new-orphans': '',
      'purged-manifests': '0',
    })
    project.later('7d')
    expect((await project.run({ purge: 'true', repositories: '**' })).outputs['purged-manifests']).toBe('1')
  })

  test('it is saved when something changed, and once a day for the trend', async () => {
    await using project = await Project.begin()
    project.push('latest', 'one')
    await project.run()
    await project.run()
    expect(project.saved).toBe(1)
    project.later('1d')
    await project.run()
    await project.run()
    expect(project.saved).toBe(2)
    project.push('latest', 'two')
    const { log } = await project.run()
    expect(project.saved).toBe(3)
    expect(log).toContain('was 0 (0 B) yesterday')
  })
})
