import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator, type RepositorySeed } from '../../emulator/index.ts'
import { encodeMemory } from '../../src/memory/codec.ts'
import { alarmsOf, counted, judgement, noticesOf, paint, workspace, type Workspace } from './remembering.ts'

const STATE = { state: 'kept/state' }

/** The repositories in the file. */
function remembered(place: Workspace): Readonly<Record<string, object>> {
  const text = gunzipSync(readFileSync(place.at(STATE.state))).toString()
  return (JSON.parse(text) as { repositories: Record<string, object> }).repositories
}

describe.concurrent('state in a file', () => {
  test('the second run reads lists only, and comes to the same', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    const first = await counted(emulator, STATE, place.options)
    const second = await counted(emulator, STATE, place.options)
    expect(first.documents).toBeGreaterThan(8)
    // Token, catalog, one page.
    expect(second).toMatchObject({ documents: 0, requests: 3 })
    expect(judgement(second.step)).toEqual(judgement(first.step))
    expect(judgement(second.step)).toEqual(judgement((await counted(emulator, { state: 'none' })).step))
    expect(first.step.log).toContain('There is no state yet in the file ')
    expect([...noticesOf(first.step), ...noticesOf(second.step)]).toEqual([])
  })

  test('a path is one in the workspace, and nothing but the state is left there', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    await counted(emulator, STATE, place.options)
    expect(readdirSync(place.folder, { recursive: true })).toEqual(['kept', 'kept/state'])
    using other = workspace()
    const absolute = { state: other.at('state') }
    await counted(emulator, absolute, place.options)
    expect(await counted(emulator, absolute, place.options)).toMatchObject({ documents: 0 })
  })

  test('it is kept when the gate fails, and when the run purged', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    const failing = { ...STATE, 'max-orphans': '0' }
    expect((await counted(emulator, failing, place.options)).step.status).toBe(1)
    expect(await counted(emulator, failing, place.options)).toMatchObject({
      documents: 0,
      step: { status: 1 },
    })
    const purging = { purge: 'true', repositories: '**', 'older-than': '0d', state: 'purged' }
    const purged = await counted(emulator, purging, place.options)
    expect(Number(purged.step.outputs['purged-manifests'])).toBeGreaterThan(3)
    const after = await counted(emulator, { state: 'purged' }, place.options)
    expect(after).toMatchObject({ documents: 0, step: { outputs: { orphans: '0' } } })
  })

  test('what the registry does not hold any more is forgotten', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        paint(registry.repo('app'))
        paint(registry.repo('gone'))
      },
    })
    using place = workspace()
    await counted(emulator, STATE, place.options)
    const before = remembered(place)
    const [app, gone] = [emulator.registry.repo('app'), emulator.registry.repo('gone')]
    for (const digest of gone.digests()) gone.vanish(digest)
    const multi = app.tags()['multi'] ?? ''
    app.vanish(multi)
    const named = { ...STATE, repositories: 'app, gone', 'allow-no-match': 'true' }
    await counted(emulator, named, place.options)
    const after = remembered(place)
    expect([Object.keys(before).sort(), Object.keys(after)]).toEqual([['app', 'gone'], ['app']])
    expect(JSON.stringify(before['app'])).toContain(multi)
    expect(JSON.stringify(after['app'])).not.toContain(multi)
  })

  test('state: none keeps nothing, and auto without a cache neither, without a word', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    for (const inputs of [{ state: 'none' }, { state: 'auto' }, {}]) {
      const { step } = await counted(emulator, inputs, place.options)
      expect(alarmsOf(step)).toEqual([])
      expect(noticesOf(step)).toEqual([])
      expect(step.log).not.toMatch(/\bstate\b|\bcache\b/i)
      expect((await counted(emulator, inputs, place.options)).documents).toBeGreaterThan(8)
    }
    expect(readdirSync(place.folder)).toEqual([])
  })
})

/** What others do to the registry between two runs, and what it does to the number of orphans. */
const CHANGES: readonly (readonly [
  string,
  number,
  (app: RepositorySeed, named: ReturnType<typeof paint>, emulator: Emulator) => void,
])[] = [
  ['nothing', 0, () => undefined],
  ['an orphan gets a tag', -1, (app, { orphan }) => app.tag('again', orphan)],
  ['a tag moves onto an orphan', 0, (app, { orphan }) => app.tag('live', orphan)],
  // With it the one that lists some of its images.
  ['an index loses its tag', 2, (app) => app.untag('multi')],
  ['a tag moves from an index to an orphan', 1, (app, { orphan }) => app.tag('multi', orphan)],
  ['an orphan is locked', -1, (app, { orphan }) => app.lock(orphan)],
  ['an orphan is deleted', -1, (app, { orphan }) => app.vanish(orphan)],
  // The attestations too have nobody left who lists them.
  ['an index vanishes, its children do not', 3, (app, { index }) => app.vanish(index)],
  ['an image is pushed and overwritten', 1, (app) => void app.image({ age: '2d1h' })],
  [
    'an index is pushed that lists an orphan',
    -1,
    (app, { orphan }) => void app.index([orphan], { tag: 'new', age: '2d1h' }),
  ],
  ['an image in flight grows old', 1, (_, __, emulator) => emulator.clock.advance('2h')],
  ['all becomes older', 1, (_, __, emulator) => emulator.clock.advance('30d')],
]

describe.concurrent('the state says nothing about tags, locks, times, or what is there', () => {
  test.each(CHANGES)('%s', async (_, difference, change) => {
    let named: ReturnType<typeof paint> | undefined
    await using emulator = await startEmulator({
      seed: (registry) => {
        named = paint(registry.repo('app'))
        registry.repo('app').image({ age: '10m' })
        registry.repo('other').images(2, () => ({ tag: 'latest', age: '9d1h' }))
      },
    })
    using place = workspace()
    const first = await counted(emulator, STATE, place.options)
    if (named !== undefined) change(emulator.registry.repo('app'), named, emulator)
    const second = await counted(emulator, STATE, place.options)
    const without = await counted(emulator, { state: 'none' })
    expect(judgement(second.step)).toEqual(judgement(without.step))
    expect(second.documents).toBeLessThan(without.documents)
    expect(Number(second.step.outputs['orphans']) - Number(first.step.outputs['orphans'])).toBe(difference)
  })
})

type Spoil = (place: Workspace, path: string) => void

const rewritten =
  (change: (file: Record<string, unknown>) => unknown): Spoil =>
  (_, path) => {
    const file = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Record<string, unknown>
    writeFileSync(path, gzipSync(JSON.stringify(change(file))))
  }

const SPOILT: readonly (readonly [string, string, Spoil])[] = [
  ['an empty file', 'it is damaged, or something else', (_, path) => writeFileSync(path, '')],
  [
    'a file that was cut off',
    'it is damaged, or something else',
    (_, path) => writeFileSync(path, readFileSync(path).subarray(0, -40)),
  ],
  [
    'a file with another byte in it',
    'it is damaged, or something else',
    (_, path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff
      writeFileSync(path, bytes)
    },
  ],
  ['some other file', 'it is damaged, or something else', (_, path) => writeFileSync(path, '{"a":1}')],
  ['JSON of something else', 'it is no state of this action', rewritten(() => ({ version: 1 }))],
  [
    'a file of another version',
    'another version of this action wrote it',
    rewritten((file) => ({ ...file, version: 99 })),
  ],
  [
    'the state of another registry',
    'it is the state of other.azurecr.io',
    (_, path) =>
      writeFileSync(
        path,
        encodeMemory({ host: 'other.azurecr.io', repositories: new Map(), trends: new Map() }),
      ),
  ],
  [
    'a file whose digests are none',
    'it is damaged',
    rewritten((file) => ({
      ...file,
      repositories: { app: { since: 1, seenAt: 1, plain: [''], documents: [['x', 0, 0, []]] } },
    })),
  ],
]

describe.concurrent('a state that cannot be used is a notice, and the run goes on without', () => {
  test.each(SPOILT)('%s', async (_, why, spoil) => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    const first = await counted(emulator, STATE, place.options)
    spoil(place, place.at(STATE.state))
    const { step, documents } = await counted(emulator, STATE, place.options)
    expect(documents).toBe(first.documents)
    expect(judgement(step)).toEqual(judgement(first.step))
    expect(noticesOf(step)).toEqual([
      `notice: The state in the file ${place.at(STATE.state)} is not used, because ${why}. This run begins anew.`,
    ])
    // And it is replaced by one that can.
    expect(await counted(emulator, STATE, place.options)).toMatchObject({ documents: 0 })
  })

  test('a directory in its place, and a path that cannot be', async () => {
    await using emulator = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    using place = workspace()
    const without = await counted(emulator, { state: 'none' })
    mkdirSync(place.at('folder/sub'), { recursive: true })
    writeFileSync(place.at('file'), 'mine')
    for (const state of ['folder', 'file/state']) {
      const { step } = await counted(emulator, { state }, place.options)
      expect(judgement(step)).toEqual(judgement(without.step))
      expect(noticesOf(step)).toEqual([
        expect.stringMatching(/is not used, because it cannot be read: (?:EISDIR|ENOTDIR)/),
        expect.stringMatching(/^notice: The state could not be kept in the file .*: E[A-Z]+: /),
      ])
    }
    const left = readdirSync(place.folder, { recursive: true, encoding: 'utf8' })
    expect(new Set(left)).toEqual(new Set(['file', 'folder', 'folder/sub']))
    expect(readFileSync(place.at('file'), 'utf8')).toBe('mine')
  })

  test('one file for two registries: each run takes it over, and both are judged by what they hold', async () => {
    await using one = await startEmulator({ seed: (registry) => void paint(registry.repo('app')) })
    await using two = await startEmulator({
      seed: (registry) => void registry.repo('app').images(7, () => ({ age: '9d1h' })),
    })
    using place = workspace()
    for (const emulator of [one, two, one]) {
      const { step } = await counted(emulator, STATE, place.options)
      expect(judgement(step)).toEqual(judgement((await counted(emulator, { state: 'none' })).step))
      expect(noticesOf(step)).toHaveLength(existsSync(place.at('seen')) ? 1 : 0)
      writeFileSync(place.at('seen'), '')
    }
  })
})
