import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import { emptyMemory, type Memory } from '../../src/domain/memory.ts'
import { PLAIN, type Document } from '../../src/domain/snapshot.ts'
import { StoppedError } from '../../src/errors.ts'
import { decodeMemory, encodeMemory } from '../../src/memory/codec.ts'
import { keep, recall } from '../../src/memory/memory.ts'
import type { StateStore } from '../../src/ports.ts'
import { digestOf } from '../domain/picture.ts'
import { HOST, memoryOf as remembering, watched } from '../domain/memories.ts'

function memoryOf(documents: readonly (readonly [Digest, Document])[], seenAt = 1): Memory {
  return remembering({ app: { seenAt, documents: new Map(documents) } })
}

const KNOWN = memoryOf([[digestOf('image'), PLAIN]])

/** A store in memory, and all that was said. */
function world(load: StateStore['load'], save: (bytes: Uint8Array) => void = () => undefined) {
  const said: string[] = []
  const saved: Uint8Array[] = []
  const store: StateStore = {
    description: 'a drawer',
    load,
    save: async (bytes) => {
      save(bytes)
      saved.push(bytes)
    },
  }
  const log = {
    info: (text: string) => void said.push(`info: ${text}`),
    notice: (text: string) => void said.push(`notice: ${text}`),
  }
  return { store, log, said, saved }
}

const nothing = async () => undefined

describe('recalling', () => {
  test('without a store nothing is known, and nothing is said', async () => {
    const { log, said } = world(nothing)
    expect(await recall(undefined, HOST, log)()).toBeUndefined()
    expect(said).toEqual([])
  })

  test.each<[string, StateStore['load'], string[]]>([
    ['no state yet', nothing, ['info: There is no state yet in a drawer.']],
    [
      'one that cannot be got',
      () => Promise.reject(new Error('no key')),
      ['notice: The state in a drawer is not used, because it cannot be read: no key. This run begins anew.'],
    ],
    [
      'one of somebody else',
      async () => encodeMemory({ ...KNOWN, host: 'other' }),
      ['notice: The state in a drawer is not used, because it is the state of other. This run begins anew.'],
    ],
    ['the end of the run', () => Promise.reject(new StoppedError('It was cancelled.')), []],
  ])('%s', async (_, load, expected) => {
    const { store, log, said } = world(load)
    expect(await recall(store, HOST, log)()).toEqual(emptyMemory(HOST))
    expect(said).toEqual(expected)
  })

  test('what was kept', async () => {
    const { store, log, said } = world(async () => encodeMemory(KNOWN))
    expect(await recall(store, HOST, log)()).toEqual(KNOWN)
    expect(said).toEqual([])
  })
})

describe('keeping', () => {
  const referring: Document = { ...PLAIN, subject: digestOf('index') }

  test.each<[string, Memory, boolean]>([
    ['the same', memoryOf([[digestOf('image'), { ...PLAIN }]]), false],
    ['the same, seen later', memoryOf([[digestOf('image'), PLAIN]], 99), false],
    ['another digest', memoryOf([[digestOf('other'), PLAIN]]), true],
    ['less', emptyMemory(HOST), true],
    ['the same digest, which says something else', memoryOf([[digestOf('image'), referring]]), true],
  ])('%s', async (_, after, isKept) => {
    const { store, log, said, saved } = world(nothing)
    await keep(store, { before: KNOWN, after }, log)
    expect(saved.map((bytes) => decodeMemory(bytes, HOST))).toEqual(isKept ? [after] : [])
    expect(said).toEqual([])
  })

  test('without a store nothing happens', async () => {
    const { log, said } = world(nothing)
    await keep(undefined, { before: emptyMemory(HOST), after: KNOWN }, log)
    expect(said).toEqual([])
  })

  test('a store that is full is a notice', async () => {
    const { store, log, said } = world(nothing, () => {
      throw new Error('full')
    })
    await keep(store, { before: emptyMemory(HOST), after: KNOWN }, log)
    expect(said).toEqual(['notice: The state could not be kept in a drawer: full.'])
  })

  test('what another run kept meanwhile is not lost', async () => {
    const root = digestOf('root')
    const ours = remembering({ app: { seenAt: 5, roots: new Map([[root, watched(1)]]) } })
    const theirs = remembering({ app: { seenAt: 4, roots: new Map([[root, watched(2)]]) }, web: {} })
    const { store, log, saved } = world(async () => encodeMemory(theirs))
    await keep(store, { before: emptyMemory(HOST), after: ours }, log)
    const kept = decodeMemory(saved[0] ?? new Uint8Array(), HOST)
    expect([...kept.repositories.keys()].sort()).toEqual(['app', 'web'])
    expect(kept.repositories.get('app')?.roots.get(root)?.since).toBe(watched(2).since)
  })

  test('a run that read the state asks again, and finds it as it was', async () => {
    const { store, log, saved } = world(async () => encodeMemory(KNOWN))
    const before = (await recall(store, HOST, log)()) ?? emptyMemory(HOST)
    const after = memoryOf([[digestOf('other'), PLAIN]])
    await keep(store, { before, after }, log)
    expect(saved.map((bytes) => decodeMemory(bytes, HOST))).toEqual([after])
  })
})
