import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import { DAY } from '../../src/domain/duration.ts'
import { emptyMemory, MOST_REMEMBERED, type Memory, type RepositoryMemory } from '../../src/domain/memory.ts'
import { merged } from '../../src/domain/merge.ts'
import { Past } from '../../src/domain/past.ts'
import { isChanged, remember, type Seen } from '../../src/domain/remember.ts'
import { PLAIN, type Document } from '../../src/domain/snapshot.ts'
import { unread, type Survey } from '../../src/domain/survey.ts'
import { HOST, memoryOf, repositoryMemory, watched } from './memories.ts'
import { digestOf, NOW, survey, type Described } from './picture.ts'

type Picture = Readonly<Record<string, Described>>

function documents(...names: readonly string[]): ReadonlyMap<Digest, Document> {
  return new Map(names.map((name) => [digestOf(name), PLAIN]))
}

function surveyed(picture: Picture, memory: Memory, repository = 'app'): Survey {
  return survey(picture, { repository }, { past: new Past(memory, repository, NOW) })
}

/** What a run that saw these surveys passes on. */
function seen(left: readonly Survey[], more: Partial<Seen> = {}): Seen {
  return {
    found: left,
    left,
    documents: new Map(left.map(({ repository }) => [repository, documents()])),
    absent: [],
    origins: new Map(),
    totals: undefined,
    now: NOW,
    ...more,
  }
}

const OVERWRITTEN: Picture = { old: { age: '90d', size: 70 }, new: { tags: ['latest'], age: '2h' } }

describe('what a run remembers', () => {
  test('of a repository: its tags, its roots, and since when', () => {
    const before = emptyMemory(HOST)
    const { repositories } = remember(before, seen([surveyed(OVERWRITTEN, before)]))
    expect(repositories.get('app')).toMatchObject({ since: NOW, seenAt: NOW })
    expect([...(repositories.get('app')?.tags ?? [])]).toEqual([['latest', digestOf('new')]])
    expect([...(repositories.get('app')?.roots.keys() ?? [])]).toEqual([digestOf('old')])
  })

  test('is what the repository holds now: what is gone is forgotten', () => {
    const before = memoryOf({
      app: { documents: documents('old', 'kept'), roots: new Map([[digestOf('x'), watched(1)]]) },
    })
    const after = remember(
      before,
      seen([surveyed({ kept: { tags: ['a'] } }, before)], {
        documents: new Map([['app', documents('kept')]]),
      }),
    )
    expect(after.repositories.get('app')).toMatchObject({ documents: documents('kept'), roots: new Map() })
  })

  test.each<[string, readonly Survey[]]>([
    ['were not looked at', []],
    ['could not be read', [unread('other', { kind: 'unreadable', why: '', reason: '' })]],
  ])('keeps repositories that %s', (_, surveys) => {
    const before = memoryOf({ other: { seenAt: 7 } })
    expect(remember(before, seen(surveys)).repositories.get('other')).toEqual(repositoryMemory({ seenAt: 7 }))
  })

  test('drops repositories that are gone or empty', () => {
    const before = memoryOf({ gone: {}, empty: {}, kept: {} })
    const after = remember(before, seen([surveyed({}, before, 'empty')], { absent: ['gone'] }))
    expect([...after.repositories.keys()]).toEqual(['kept'])
  })

  test('is bounded: what no run looked at for the longest time goes first', () => {
    const many = new Map(
      Array.from({ length: MOST_REMEMBERED }, (_, number): [Digest, Document] => [
        `sha256:${number}` as Digest,
        PLAIN,
      ]),
    )
    const before = memoryOf({ old: { documents: documents('a') } })
    const survey = surveyed({ image: { tags: ['a'] } }, before, 'new')
    const after = remember(before, seen([survey], { documents: new Map([['new', many]]) }))
    expect([...after.repositories.keys()]).toEqual(['new'])
  })

  test('of a tag that moved on: how often, and what it left', () => {
    const before = memoryOf({
      app: {
        seenAt: NOW - DAY,
        tags: new Map([['latest', digestOf('old')]]),
        churn: new Map([['latest', { times: 2, bytes: 30, last: 5 }]]),
      },
    })
    const { repositories } = remember(before, seen([surveyed(OVERWRITTEN, before)]))
    expect(repositories.get('app')?.churn).toEqual(new Map([['latest', { times: 3, bytes: 100, last: NOW }]]))
  })

  test.each<[string, Picture, Partial<RepositoryMemory>]>([
    ['is where it was', OVERWRITTEN, { tags: new Map([['latest', digestOf('new')]]) }],
    ['was removed', OVERWRITTEN, { tags: new Map([['gone', digestOf('old')]]) }],
    [
      'was seen in the future',
      OVERWRITTEN,
      { tags: new Map([['latest', digestOf('old')]]), seenAt: NOW + 1 },
    ],
  ])('a tag that %s does not churn', (_, picture, known) => {
    const before = memoryOf({ app: { seenAt: NOW - DAY, ...known } })
    expect(remember(before, seen([surveyed(picture, before)])).repositories.get('app')?.churn.size).toBe(0)
  })

  test('two tags that leave one image leave its bytes once', () => {
    const tags = new Map([
      ['latest', digestOf('old')],
      ['v1', digestOf('old')],
    ])
    const before = memoryOf({ app: { seenAt: NOW - DAY, tags } })
    const picture = { ...OVERWRITTEN, new: { tags: ['latest', 'v1'] } }
    const churn = remember(before, seen([surveyed(picture, before)])).repositories.get('app')?.churn
    expect([...(churn?.values() ?? [])].map(({ bytes }) => bytes).toSorted((a, b) => a - b)).toEqual([0, 70])
  })

  test('of origins: those of roots that are still there', () => {
    const origins = new Map([
      [digestOf('old'), { version: 'main' }],
      [digestOf('gone'), { version: 'main' }],
    ])
    const before = memoryOf({ app: { origins } })
    const after = remember(before, seen([surveyed(OVERWRITTEN, before)]))
    expect([...(after.repositories.get('app')?.origins.keys() ?? [])]).toEqual([digestOf('old')])
  })
})

describe('it is worth keeping', () => {
  const root = (record = watched(1)): Partial<RepositoryMemory> => ({
    roots: new Map([[digestOf('a'), record]]),
  })
  const point = (orphans: number, at = NOW): Memory['trends'] =>
    new Map([['**', [{ at, orphans, bytes: 0 }]]])

  test.each<[string, Memory, Memory, boolean]>([
    ['nothing new', memoryOf({ app: { seenAt: 1 } }), memoryOf({ app: { seenAt: 9 } }), false],
    ['nothing at all', emptyMemory(HOST), emptyMemory(HOST), false],
    ['a document more', memoryOf({ app: {} }), memoryOf({ app: { documents: documents('a') } }), true],
    [
      'another document',
      memoryOf({ app: { documents: documents('a') } }),
      memoryOf({ app: { documents: documents('b') } }),
      true,
    ],
    ['another repository', memoryOf({ app: {} }), memoryOf({ web: {} }), true],
    ['a repository less', memoryOf({ app: {}, web: {} }), memoryOf({ app: {} }), true],
    [
      'a tag elsewhere',
      memoryOf({ app: { tags: new Map([['t', digestOf('a')]]) } }),
      memoryOf({ app: { tags: new Map([['t', digestOf('b')]]) } }),
      true,
    ],
    ['a root', memoryOf({ app: {} }), memoryOf({ app: root() }), true],
    ['the same root', memoryOf({ app: root() }), memoryOf({ app: root() }), false],
    ['a root that begins anew', memoryOf({ app: root() }), memoryOf({ app: root(watched(2)) }), true],
    ['a label', memoryOf({ app: {} }), memoryOf({ app: { origins: new Map([[digestOf('a'), {}]]) } }), true],
    ['the same trend, hours later', memoryOf({}, point(1)), memoryOf({}, point(1, NOW + 1)), false],
    ['another number', memoryOf({}, point(1)), memoryOf({}, point(2)), true],
    ['another day', memoryOf({}, point(1)), memoryOf({}, point(1, NOW + DAY)), true],
  ])('%s', (...[, before, after, expected]) => {
    expect(isChanged(before, after)).toBe(expected)
  })
})

describe('two runs at once', () => {
  const root = digestOf('root')
  const at = (seenAt: number, known: Partial<RepositoryMemory> = {}): Memory =>
    memoryOf({ app: { seenAt, ...known } })
  const record = (length: number, more = {}): Partial<RepositoryMemory> => ({
    roots: new Map([[root, watched(length, more)]]),
  })
  const sinceOf = ({ repositories }: Memory): number | undefined =>
    repositories.get('app')?.roots.get(root)?.since

  test('what only one of them saw is kept', () => {
    const both = merged(memoryOf({ app: {} }), memoryOf({ web: {} }))
    expect([...both.repositories.keys()].sort()).toEqual(['app', 'web'])
  })

  test('the later look says what is there', () => {
    const [earlier, later] = [at(NOW - DAY, record(5)), at(NOW)]
    for (const both of [merged(earlier, later), merged(later, earlier)])
      expect(both.repositories.get('app')?.roots.size).toBe(0)
  })

  test('an orphan that either saw for longer has been one for longer', () => {
    expect(sinceOf(merged(at(NOW, record(5 * DAY)), at(NOW - DAY, record(9 * DAY))))).toBe(NOW - 9 * DAY)
  })

  test('but not when the other saw a tag on it meanwhile', () => {
    const tagged = at(NOW - DAY, { tags: new Map([['again', root]]) })
    for (const both of [merged(at(NOW, record(30 * DAY)), tagged), merged(tagged, at(NOW, record(30 * DAY)))])
      expect(both.repositories.get('app')?.roots.get(root)).toMatchObject({
        since: NOW - DAY,
        quietSince: NOW - DAY,
        seenLive: true,
      })
  })

  test('nor when the other saw something in use list it', () => {
    const index: Document = {
      mediaType: '',
      entries: [{ digest: root, mediaType: '', platform: undefined }],
      subject: undefined,
    }
    const listed = at(NOW - DAY, {
      tags: new Map([['again', digestOf('index')]]),
      documents: new Map([[digestOf('index'), index]]),
    })
    expect(sinceOf(merged(at(NOW, record(30 * DAY)), listed))).toBe(NOW - DAY)
  })

  test('nor when it was seen in use by the one that watches it for less', () => {
    expect(sinceOf(merged(at(NOW, record(5, { seenLive: true })), at(NOW - DAY, record(9 * DAY))))).toBe(
      NOW - 5,
    )
  })

  test('for a purge the shorter rest counts', () => {
    const both = merged(
      at(NOW, record(9 * DAY, { quietSince: NOW - 9 * DAY })),
      at(NOW - 1, record(9 * DAY, { quietSince: NOW - DAY })),
    )
    expect(both.repositories.get('app')?.roots.get(root)?.quietSince).toBe(NOW - DAY)
  })
})
