import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { workspace, type Workspace } from './remembering.ts'
import type { StepResult } from './run-action.ts'

type Inputs = Readonly<Record<string, string>>

const DUE = { purge: 'true', repositories: '**' }

/** A registry and a state, over days. */
class Days implements AsyncDisposable {
  readonly emulator: Emulator
  readonly #place: Workspace

  constructor(emulator: Emulator) {
    this.emulator = emulator
    this.#place = workspace()
  }

  static async begin(): Promise<Days> {
    return new Days(await startEmulator())
  }

  get app() {
    return this.emulator.registry.repo('app')
  }

  /** Pushes an image now. */
  push(tag: string, name: string, layer = 2_000_000): string {
    return this.app.image({ tag, name, age: '0d', layers: [layer], platform: 'linux/amd64' })
  }

  later(duration: string): void {
    this.emulator.clock.advance(duration)
  }

  run(inputs: Inputs = {}, state = 'state', environment: Inputs = {}): Promise<StepResult> {
    const { options } = this.#place
    const around = { ...options.environment, ...environment }
    return gate(this.emulator, { state, ...inputs }, { ...options, environment: around })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#place[Symbol.dispose]()
    await this.emulator.close()
  }
}

/** The line of the log about an orphan. */
function lineOf({ log }: StepResult, digest: string): string {
  return log.split('\n').find((line) => line.startsWith(`orphan ${digest}`)) ?? ''
}

describe.concurrent('over simulated days, with a file', () => {
  test('an image that was orphaned a minute ago is not purged, however long ago it was pushed', async () => {
    await using days = await Days.begin()
    const old = days.push('latest', 'old')
    days.later('90d')
    await days.run()
    days.push('latest', 'new')
    days.later('1m')
    const first = await days.run(DUE)
    expect(first.outputs).toMatchObject({ orphans: '1', 'new-orphans': '1', 'purged-manifests': '0' })
    expect(first.outputs).toMatchObject({ 'purgeable-manifests': '0', 'oldest-orphan-days': '0' })
    expect(first.log).toContain('Nothing is due')
    days.later('6d23h')
    expect((await days.run(DUE)).outputs['purged-manifests']).toBe('0')
    expect(days.app.has(old)).toBe(true)
    days.later('2h')
    const last = await days.run(DUE)
    expect(last.outputs).toMatchObject({ 'purged-manifests': '1', 'purge-complete': 'true', orphans: '0' })
    expect(days.app.has(old)).toBe(false)
  })

  test('the first run learns, says when what is due, and how to clear a backlog', async () => {
    await using days = await Days.begin()
    const old = days.push('latest', 'old')
    days.later('30d')
    days.push('latest', 'new')
    days.later('2d')
    const first = await days.run(DUE)
    expect(first.outputs).toMatchObject({ orphans: '1', 'new-orphans': '', 'purged-manifests': '0' })
    const due = new Date(days.emulator.clock.date().getTime() + 7 * 86_400_000).toISOString().slice(0, 13)
    expect(first.summary).toContain(`the first is due on ${due.replace('T', ' ')}`)
    expect(first.summary).toContain('orphan-age: pushed')
    expect(first.log).toContain(
      'Nothing is due: nothing is deleted. 1 orphan is watched since the first run with a state only',
    )
    expect(first.summary).toContain('due&nbsp;in&nbsp;7&nbsp;days')
    const cleared = await days.run({ ...DUE, 'orphan-age': 'pushed' })
    expect(cleared.outputs['purged-manifests']).toBe('1')
    expect(days.app.has(old)).toBe(false)
  })

  test('a gate holds the age since the push against what was there before, and the observed one against the rest', async () => {
    await using days = await Days.begin()
    days.push('latest', 'before')
    days.later('40d')
    const watched = days.push('latest', 'watched')
    days.later('2d')
    await days.run()
    days.later('20d')
    days.push('latest', 'new')
    days.later('1h')
    const limit = { 'max-orphan-age': '50d' }
    const both = await days.run(limit)
    expect(both.outputs).toMatchObject({ orphans: '2', 'oldest-orphan-days': '62', result: 'fail' })
    expect(both.log).toContain('oldest orphan pushed 62 days ago')
    expect(lineOf(both, watched)).toContain('pushed 22 days ago, an orphan for less than a minute')
    await days.run({ ...DUE, 'orphan-age': 'pushed', 'older-than': '30d' })
    days.later('3d')
    const one = await days.run({ 'max-orphan-age': '1d' })
    expect(one.outputs).toMatchObject({ orphans: '1', 'oldest-orphan-days': '3', result: 'fail' })
    expect(one.log).toContain('oldest orphan seen as one for 3 days')
  })

  test('a re-tagged orphan loses its record', async () => {
    await using days = await Days.begin()
    const image = days.push('latest', 'image')
    days.later('10d')
    await days.run()
    days.push('latest', 'next')
    await days.run()
    days.later('6d')
    days.app.tag('rollback', image)
    expect((await days.run()).outputs['orphans']).toBe('0')
    days.app.untag('rollback')
    days.later('2d')
    const again = await days.run(DUE)
    expect(again.outputs).toMatchObject({ orphans: '1', 'new-orphans': '1', 'purged-manifests': '0' })
    days.later('7d')
    expect((await days.run(DUE)).outputs['purged-manifests']).toBe('1')
  })

  test('a lost state begins anew: nothing is due sooner, and no limit on age grows milder', async () => {
    await using days = await Days.begin()
    days.push('latest', 'old')
    await days.run()
    days.later('20d')
    days.push('latest', 'new')
    await days.run()
    days.later('10d')
    const kept = await days.run()
    expect(kept.outputs).toMatchObject({ 'oldest-orphan-days': '10', 'purgeable-manifests': '1' })
    const lost = await days.run(DUE, 'another')
    expect(lost.outputs).toMatchObject({ 'oldest-orphan-days': '30', 'purged-manifests': '0' })
  })

  test('a clock that jumps back makes nothing due', async () => {
    await using days = await Days.begin()
    days.later('100d')
    days.push('latest', 'old')
    days.push('latest', 'new')
    days.later('2d1h')
    await days.run()
    days.emulator.clock.goBack('1d')
    const back = await days.run({ ...DUE, 'older-than': '1h' })
    expect(back.outputs).toMatchObject({ orphans: '1', 'purged-manifests': '0', 'oldest-orphan-days': '1' })
  })

  test('the state says which tag it was and until when; with a second look it still does', async () => {
    await using days = await Days.begin()
    const old = days.push('main', 'old')
    days.later('3d')
    await days.run()
    days.later('1d')
    days.push('main', 'new')
    days.later('2h1m')
    const first = await days.run()
    expect(lineOf(first, old)).toContain('; was main until 2 hours ago')
    expect(first.summary).toContain('<code>main</code> until&nbsp;2&nbsp;hours&nbsp;ago')
    days.later('3d')
    expect(lineOf(await days.run(), old)).toContain('; was main until 3 days ago')
  })

  test('tags that churn are named, with how often and how much, and what to do', async () => {
    await using days = await Days.begin()
    days.push('main', 'one')
    days.push('v1.2.3', 'release')
    await days.run()
    for (const name of ['two', 'three']) {
      days.later('1d')
      days.push('main', name)
      await days.run()
    }
    days.later('1d')
    days.push('v1.2.3', 'again')
    const { summary } = await days.run()
    expect(summary).toContain('### Tags that are overwritten')
    expect(summary).toMatch(/<code>app&#58;main<\/code> \| 2 times \| [-\d]+ \| 3\.8 MiB/)
    expect(summary).toMatch(/<code>app&#58;v1&#46;2&#46;3<\/code> \| once/)
    expect(summary).toContain('A tag that is meant to move')
  })

  test('the trend: today, yesterday, a week ago', async () => {
    await using days = await Days.begin()
    for (let day = 0; day <= 8; day += 1) {
      days.push('latest', `image ${day}`)
      days.later('1d')
      const { log, summary } = await days.run()
      if (day === 0) expect(summary).not.toContain('### Trend')
      if (day === 1) expect(log).toContain('1 orphan (up to 1.9 MiB), was 0 (0 B) yesterday.')
      if (day === 8) {
        expect(log).toContain(
          '8 orphans (up to 15.3 MiB), was 7 (13.4 MiB) yesterday, 1 (1.9 MiB) a week ago.',
        )
        expect(summary).toContain('  line [0, 1, 2, 3, 4, 5, 6, 7, 8]')
      }
    }
  })

  test('what this push left leads the report', async () => {
    await using days = await Days.begin()
    const old = days.push('latest', 'old')
    await days.run()
    days.later('2d1m')
    const now = days.push('latest', 'new')
    const images = `${new URL(days.emulator.url).host}/app:latest, ${new URL(days.emulator.url).host}/app:2.0`
    const { summary, log } = await days.run({ images })
    const lead = summary.slice(0, summary.indexOf('### Orphans by repository'))
    expect(lead).toContain('### What this push left')
    const short = (digest: string): string => `sha256&#58;${digest.slice(7, 19)}`
    expect(lead).toContain(
      `<code>${short(now)}</code> now and left <code>${short(old)}</code> (up to 1.9 MiB, pushed 2 days ago)`,
    )
    expect(lead).toContain('<code>app&#58;2&#46;0</code>: the registry has no such tag')
    expect(log).toContain(`app:latest is ${now.slice(0, 19)} now and left ${old.slice(0, 19)}`)
  })
})

describe.concurrent('only-new', () => {
  const ONLY_NEW = { 'only-new': 'true', 'max-orphans': '0' }

  test('judges what the state did not know, and nothing before there is a state', async () => {
    await using days = await Days.begin()
    days.push('latest', 'old')
    days.push('latest', 'current')
    days.later('2d')
    const first = await days.run(ONLY_NEW)
    expect(first).toMatchObject({ status: 0, outputs: { result: 'warn', orphans: '1', 'new-orphans': '' } })
    expect(first.annotations.join('\n')).toContain('warning: Which orphans are new is not known')
    const second = await days.run(ONLY_NEW)
    expect(second).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '1', 'new-orphans': '0' } })
    days.push('latest', 'new')
    days.later('2h')
    const third = await days.run(ONLY_NEW)
    expect(third).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '2', 'new-orphans': '1' } })
    expect(third.annotations.join('\n')).toContain('1 new orphan, expected none')
  })

  test('with images judges what these tags left, by the state or by its label', async () => {
    await using days = await Days.begin()
    days.push('latest', 'old')
    await days.run()
    days.later('2d')
    days.push('latest', 'new')
    const host = new URL(days.emulator.url).host
    const pushedNothing = await days.run({ ...ONLY_NEW, images: `${host}/app:other` }, 'state')
    expect(pushedNothing).toMatchObject({ status: 0, outputs: { orphans: '1' } })
    await using others = await Days.begin()
    others.push('latest', 'base')
    await others.run()
    others.later('1d')
    const labels = { 'org.opencontainers.image.version': 'pr-5' }
    others.app.image({ tag: 'pr-5', age: '2h', name: 'first', labels })
    others.app.image({ tag: 'pr-5', age: '0d', name: 'second', labels })
    others.app.image({ age: '3h', name: 'somebody else' })
    const their = new URL(others.emulator.url).host
    const labelled = await others.run({ ...ONLY_NEW, images: `${their}/app:pr-5` })
    expect(labelled).toMatchObject({ status: 1, outputs: { orphans: '2', 'new-orphans': '2' } })
    expect(labelled.annotations.join('\n')).toContain('1 new orphan, expected none')
    expect(labelled.summary).toContain('by its own label')
  })

  test.each([false, true])(
    'a purge of other orphans does not hide what the push left, images given: %s',
    async (named) => {
      await using days = await Days.begin()
      days.push('latest', 'old')
      days.later('20d')
      days.push('latest', 'current')
      days.later('1h')
      await days.run()
      days.later('8d')
      days.push('latest', 'new')
      days.later('1m')
      const images = named ? { images: `${new URL(days.emulator.url).host}/app:latest` } : {}
      const step = await days.run({ ...ONLY_NEW, ...DUE, ...images })
      expect(step.outputs).toMatchObject({
        'purged-manifests': '1',
        orphans: '1',
        'new-orphans': '1',
        result: 'fail',
      })
    },
  )

  test('a pull request does not write the file: what it left stays its own', async () => {
    await using days = await Days.begin()
    days.push('latest', 'old')
    await days.run()
    days.push('latest', 'new')
    days.later('2h')
    const pullRequest = { GITHUB_EVENT_NAME: 'pull_request' }
    for (let again = 0; again < 2; again += 1)
      expect((await days.run(ONLY_NEW, 'state', pullRequest)).outputs['new-orphans']).toBe('1')
  })

  test('without a state is an input error', async () => {
    await using days = await Days.begin()
    const { annotations } = await days.run(ONLY_NEW, 'none')
    expect(annotations.join('\n')).toContain('only-new')
  })
})
