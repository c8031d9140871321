import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import { emptyMemory, isChanged, MOST_DOCUMENTS, remember, type Memory } from '../../src/domain/memory.ts'
import type { Document } from '../../src/domain/snapshot.ts'
import { digestOf } from './picture.ts'

const HOST = 'myregistry.azurecr.io'
const PLAIN: Document = { mediaType: '', entries: [], subject: undefined }

function documents(...names: readonly string[]): ReadonlyMap<Digest, Document> {
  return new Map(names.map((name) => [digestOf(name), PLAIN]))
}

function memory(repositories: Readonly<Record<string, readonly string[]>>, seenAt = 1): Memory {
  const entries = Object.entries(repositories)
  return {
    host: HOST,
    repositories: new Map(entries.map(([name, held]) => [name, { seenAt, documents: documents(...held) }])),
  }
}

describe('what a run remembers', () => {
  test('is what the repository holds now: what is gone is forgotten', () => {
    const after = remember(memory({ app: ['old', 'kept'] }), {
      seen: new Map([['app', documents('kept', 'new')]]),
      absent: [],
      now: 2,
    })
    expect(after).toEqual(memory({ app: ['kept', 'new'] }, 2))
  })

  test('keeps repositories that the run did not look at', () => {
    const after = remember(memory({ app: ['a'], other: ['b'] }), {
      seen: new Map([['app', documents('a')]]),
      absent: [],
      now: 2,
    })
    expect(after.repositories.get('other')?.documents.size).toBe(1)
  })

  test('drops repositories that are gone or hold nothing worth remembering', () => {
    const before = memory({ gone: ['a'], empty: ['b'], kept: ['c'] })
    const after = remember(before, { seen: new Map([['empty', documents()]]), absent: ['gone'], now: 2 })
    expect([...after.repositories.keys()]).toEqual(['kept'])
  })

  test('is bounded: what no run looked at for the longest time goes first', () => {
    const many = new Map(
      Array.from({ length: MOST_DOCUMENTS }, (_, number): [Digest, Document] => [
        `sha256:${number}` as Digest,
        PLAIN,
      ]),
    )
    const after = remember(memory({ old: ['a'] }), { seen: new Map([['new', many]]), absent: [], now: 2 })
    expect([...after.repositories.keys()]).toEqual(['new'])
  })
})

describe('it is worth keeping', () => {
  test.each<[string, Memory, Memory, boolean]>([
    ['nothing new', memory({ app: ['a'] }, 1), memory({ app: ['a'] }, 9), false],
    ['nothing at all', emptyMemory(HOST), emptyMemory(HOST), false],
    ['a manifest more', memory({ app: ['a'] }), memory({ app: ['a', 'b'] }), true],
    ['a manifest less', memory({ app: ['a', 'b'] }), memory({ app: ['a'] }), true],
    ['another manifest', memory({ app: ['a'] }), memory({ app: ['b'] }), true],
    ['another repository', memory({ app: ['a'] }), memory({ web: ['a'] }), true],
    ['a repository less', memory({ app: ['a'], web: ['b'] }), memory({ app: ['a'] }), true],
  ])('%s', (...[, before, after, expected]) => {
    expect(isChanged(before, after)).toBe(expected)
  })
})
