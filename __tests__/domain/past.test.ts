import { describe, expect, test } from 'vitest'
import { ageOf, restOf } from '../../src/domain/age.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { DAY, HOUR, MINUTE } from '../../src/domain/duration.ts'
import type { Memory, RepositoryMemory } from '../../src/domain/memory.ts'
import { Past } from '../../src/domain/past.ts'
import { PLAIN, type Document } from '../../src/domain/snapshot.ts'
import type { Finding, Survey } from '../../src/domain/survey.ts'
import { memoryOf, watched } from './memories.ts'
import { digestOf, NOW, OCI_IMAGE, OCI_INDEX, survey, type Described } from './picture.ts'

/** A repository judged with what earlier runs saw of it. */
function after(described: Readonly<Record<string, Described>>, memory: Memory): Survey {
  const past = new Past(memory, 'app', NOW)
  return survey(described, { repository: 'app' }, { past, taggedAt: (digest) => past.taggedAt(digest) })
}

function findingOf(surveyed: Survey, name: string): Finding {
  const finding = surveyed.findings.find(({ root }) => root.digest === digestOf(name))
  if (finding === undefined) throw new Error(`${name} is no root`)
  return finding
}

/** A day ago a run saw these tags and roots. */
function yesterday(known: Partial<RepositoryMemory>): Memory {
  return memoryOf({ app: { since: NOW - 30 * DAY, seenAt: NOW - DAY, ...known } })
}

function tags(on: Readonly<Record<string, string>>): ReadonlyMap<string, Digest> {
  return new Map(Object.entries(on).map(([tag, name]) => [tag, digestOf(name)]))
}

function index(...children: readonly string[]): Document {
  const entries = children.map((name) => ({
    digest: digestOf(name),
    mediaType: OCI_IMAGE,
    platform: undefined,
  }))
  return { mediaType: OCI_INDEX, entries, subject: undefined }
}

const OVERWRITTEN = { old: { age: '90d' }, new: { tags: ['latest'], age: '2h' } }

describe('observed age', () => {
  test('begins with the first run that sees an orphan, however long ago it was pushed', () => {
    const orphan = findingOf(after(OVERWRITTEN, yesterday({ tags: tags({ latest: 'old' }) })), 'old')
    expect(orphan.observed).toMatchObject({ since: NOW, quietSince: NOW, seenLive: true, isNew: true })
    expect(restOf(orphan, 'observed', NOW)).toBe(0)
    expect(restOf(orphan, 'pushed', NOW)).toBe(90 * DAY)
    expect(ageOf(orphan, NOW)).toEqual({ length: 0, since: 'observed' })
  })

  test('goes on from what earlier runs saw', () => {
    const roots = new Map([[digestOf('old'), watched(6 * DAY, { seenLive: true })]])
    const orphan = findingOf(after(OVERWRITTEN, yesterday({ roots })), 'old')
    expect(orphan.observed?.isNew).toBe(false)
    expect(restOf(orphan, 'observed', NOW)).toBe(6 * DAY)
    expect(ageOf(orphan, NOW)).toEqual({ length: 6 * DAY, since: 'observed' })
  })

  test('of an orphan that was there when the state began is known for a purge, and is no limit for the gate', () => {
    const roots = new Map([[digestOf('old'), watched(6 * DAY)]])
    const orphan = findingOf(after(OVERWRITTEN, yesterday({ roots })), 'old')
    expect(restOf(orphan, 'observed', NOW)).toBe(6 * DAY)
    expect(ageOf(orphan, NOW)).toEqual({ length: 90 * DAY, since: 'pushed' })
  })

  test('is never longer than the time since the push', () => {
    const roots = new Map([[digestOf('old'), watched(200 * DAY, { seenLive: true })]])
    const orphan = findingOf(after(OVERWRITTEN, yesterday({ roots })), 'old')
    expect(restOf(orphan, 'observed', NOW)).toBe(90 * DAY)
    expect(ageOf(orphan, NOW).length).toBe(90 * DAY)
  })

  test('begins anew when an orphan was tagged again meanwhile', () => {
    const memory = yesterday({
      tags: tags({ latest: 'old' }),
      roots: new Map([[digestOf('other'), watched(9 * DAY)]]),
    })
    expect(findingOf(after(OVERWRITTEN, memory), 'old').observed?.since).toBe(NOW)
  })

  test('of a repository that no run looked at begins now, and its orphans are not new', () => {
    const { observed } = findingOf(after(OVERWRITTEN, memoryOf({ other: { seenAt: NOW - DAY } })), 'old')
    expect(observed).toMatchObject({ since: NOW, seenLive: false, isNew: false })
  })

  test('of a repository that came after the last look is new', () => {
    const memory = memoryOf({ other: { seenAt: NOW - DAY } })
    const picture = { old: { age: '3h' }, new: { tags: ['latest'], age: '2h' } }
    expect(findingOf(after(picture, memory), 'old').observed?.isNew).toBe(true)
  })

  test.each<[string, Partial<RepositoryMemory>]>([
    [
      'the look',
      { seenAt: NOW + DAY, roots: new Map([[digestOf('old'), watched(DAY, { seenLive: true })]]) },
    ],
    ['the record', { roots: new Map([[digestOf('old'), watched(-DAY, { seenLive: true })]]) }],
  ])('a clock that went back: %s lies in the future, and nothing is believed', (_, known) => {
    const orphan = findingOf(after(OVERWRITTEN, yesterday(known)), 'old')
    expect(restOf(orphan, 'observed', NOW)).toBe(0)
    expect(ageOf(orphan, NOW)).toEqual({ length: 90 * DAY, since: 'pushed' })
  })
})

describe('an orphan is no older than its youngest part', () => {
  const parts = {
    index: { type: OCI_INDEX, children: ['amd64', 'arm64'], age: '90d' },
    amd64: { age: '90d' },
    arm64: { age: '90d' },
    other: { tags: ['x'] },
  }
  const record = new Map([[digestOf('index'), watched(20 * DAY, { seenLive: true })]])

  test('a child that had a tag of its own until now waits like any other', () => {
    const memory = yesterday({
      tags: tags({ debug: 'amd64' }),
      roots: record,
      documents: new Map([[digestOf('index'), index('amd64', 'arm64')]]),
    })
    const orphan = findingOf(after(parts, memory), 'index')
    expect(restOf(orphan, 'observed', NOW)).toBe(0)
    // The index itself has been one for longer, which a limit may hold against it.
    expect(ageOf(orphan, NOW).length).toBe(20 * DAY)
  })

  test('so does one that another index kept until now', () => {
    const memory = yesterday({
      tags: tags({ release: 'gone' }),
      roots: record,
      documents: new Map([
        [digestOf('index'), index('amd64', 'arm64')],
        [digestOf('gone'), index('arm64')],
      ]),
    })
    expect(restOf(findingOf(after(parts, memory), 'index'), 'observed', NOW)).toBe(0)
  })

  test('a young referrer that nobody ever saw in use does not make it younger', () => {
    const scanned = { ...parts, scan: { subject: 'index', age: '2h' } }
    const orphan = findingOf(after(scanned, yesterday({ roots: record })), 'index')
    expect(orphan.manifests).toContain(digestOf('scan'))
    expect(restOf(orphan, 'observed', NOW)).toBe(20 * DAY)
  })

  test('a wrapper whose children lose their tags has been an orphan since now', () => {
    const memory = yesterday({
      tags: tags({ a: 'amd64', b: 'arm64' }),
      roots: new Map([[digestOf('index'), watched(20 * DAY, { kind: 'wrapper' })]]),
      documents: new Map([[digestOf('index'), index('amd64', 'arm64')]]),
    })
    const { observed } = findingOf(after(parts, memory), 'index')
    expect(observed).toMatchObject({ since: NOW, quietSince: NOW, isNew: true })
  })

  test('children of an index that is gone go on with its age', () => {
    const memory = yesterday({ roots: record, documents: new Map([[digestOf('index'), index('amd64')]]) })
    const { observed } = findingOf(after({ amd64: { age: '90d' }, other: { tags: ['x'] } }, memory), 'amd64')
    expect(observed).toMatchObject({ since: NOW - 20 * DAY, isNew: false })
  })

  test('but not when something in use had them, too', () => {
    const memory = yesterday({
      tags: tags({ release: 'gone' }),
      roots: record,
      documents: new Map([
        [digestOf('index'), index('amd64')],
        [digestOf('gone'), index('amd64')],
      ]),
    })
    const { observed } = findingOf(after({ amd64: { age: '90d' }, other: { tags: ['x'] } }, memory), 'amd64')
    expect(observed).toMatchObject({ since: NOW, quietSince: NOW, seenLive: true, isNew: true })
  })

  test('nor one that was pushed after the last look: it is new', () => {
    const memory = yesterday({ roots: record, documents: new Map([[digestOf('index'), index('amd64')]]) })
    const { observed } = findingOf(after({ amd64: { age: '2h' }, other: { tags: ['x'] } }, memory), 'amd64')
    expect(observed?.isNew).toBe(true)
  })

  test('a platform that a younger orphan had goes on with that one’s age when its index is gone', () => {
    const memory = yesterday({
      roots: new Map([...record, [digestOf('release'), watched(2 * DAY, { seenLive: true })]]),
      documents: new Map([
        [digestOf('index'), index('amd64', 'arm64')],
        [digestOf('release'), index('amd64')],
      ]),
    })
    expect(restOf(findingOf(after(parts, memory), 'index'), 'observed', NOW)).toBe(2 * DAY)
  })

  test('what is reached only through a manifest that is gone was not in use', () => {
    const memory = yesterday({
      tags: tags({ x: 'live' }),
      roots: new Map([[digestOf('scan'), watched(20 * DAY, { kind: 'orphaned-referrer' })]]),
      documents: new Map([
        [digestOf('live'), index('gone')],
        [digestOf('scan'), { ...PLAIN, subject: digestOf('gone') }],
        [digestOf('note'), { ...PLAIN, subject: digestOf('scan') }],
      ]),
    })
    const picture = {
      live: { type: OCI_INDEX, children: ['gone'], tags: ['x'], age: '90d' },
      scan: { subject: 'gone', age: '90d' },
      note: { subject: 'scan', age: '90d' },
    }
    expect(restOf(findingOf(after(picture, memory), 'scan'), 'observed', NOW)).toBe(20 * DAY)
  })

  test('a state that says an index lists itself ends all the same', () => {
    const memory = yesterday({
      tags: tags({ x: 'other' }),
      roots: record,
      documents: new Map([
        [digestOf('index'), index('index', 'amd64')],
        [digestOf('amd64'), { ...PLAIN, subject: digestOf('index') }],
        [digestOf('other'), index('other')],
      ]),
    })
    expect(findingOf(after({ amd64: {}, other: { tags: ['x'] } }, memory), 'amd64').observed?.isNew).toBe(
      false,
    )
  })
})

describe('which tag it was', () => {
  test('the state saw it, and what replaced it was pushed since', () => {
    const memory = yesterday({ tags: tags({ latest: 'old', v1: 'old' }) })
    const { observed } = findingOf(after(OVERWRITTEN, memory), 'old')
    expect(observed?.formerly).toEqual({
      names: ['latest', 'v1'],
      lastSeen: NOW - DAY,
      replacedAt: NOW - 2 * HOUR,
    })
  })

  test.each<[string, Readonly<Record<string, Described>>]>([
    ['the tag was removed', { old: { age: '90d' }, new: { tags: ['other'] } }],
    ['the tag moved to something old', { old: { age: '90d' }, new: { tags: ['latest'], age: '40d' } }],
  ])('%s: when is not known', (_, picture) => {
    const memory = yesterday({ tags: tags({ latest: 'old' }) })
    expect(findingOf(after(picture, memory), 'old').observed?.formerly?.replacedAt).toBeUndefined()
  })

  test('stays known in later runs', () => {
    const formerly = { names: ['latest'], lastSeen: NOW - 5 * DAY, replacedAt: NOW - 4 * DAY }
    const roots = new Map([[digestOf('old'), watched(4 * DAY, { seenLive: true, formerly })]])
    expect(findingOf(after(OVERWRITTEN, yesterday({ roots })), 'old').observed?.formerly).toEqual(formerly)
  })

  test('a tag that may be cut from a long list is taken to be where it was', () => {
    const many = Array.from({ length: 10 }, (_, number) => `t${number}`)
    const memory = yesterday({ tags: tags({ hidden: 'one' }) })
    expect(after({ one: { tags: many } }, memory).tags.get('hidden')).toBe(digestOf('one'))
    expect(after({ one: { tags: ['t0'] } }, memory).tags.has('hidden')).toBe(false)
  })
})

describe('what the state saw tagged is not in flight', () => {
  const young = { old: { age: '20m' }, new: { tags: ['latest'], age: '2m' } }

  test('a young image that lost its tag is an orphan at once', () => {
    const memory = memoryOf({ app: { seenAt: NOW - 10 * MINUTE, tags: tags({ latest: 'old' }) } })
    expect(after(young, memory)).toMatchObject({ inFlight: 0, findings: [{ kind: 'orphan' }] })
  })

  test('and in the runs that follow', () => {
    const formerly = { names: ['latest'], lastSeen: NOW - 10 * MINUTE, replacedAt: undefined }
    const roots = new Map([[digestOf('old'), watched(MINUTE, { seenLive: true, formerly })]])
    expect(after(young, memoryOf({ app: { seenAt: NOW - MINUTE, roots } })).inFlight).toBe(0)
  })

  test('with the images that it lists', () => {
    const picture = {
      old: { type: OCI_INDEX, children: ['amd64'], age: '20m' },
      amd64: { age: '21m' },
      new: { tags: ['latest'], age: '2m' },
    }
    const memory = memoryOf({ app: { seenAt: NOW - 10 * MINUTE, tags: tags({ latest: 'old' }) } })
    expect(after(picture, memory)).toMatchObject({ inFlight: 0, findings: [{ heldBy: undefined }] })
  })

  test('unless it was pushed again since: that may be half of another push', () => {
    const memory = memoryOf({ app: { seenAt: NOW - 30 * MINUTE, tags: tags({ latest: 'old' }) } })
    expect(after(young, memory)).toMatchObject({ inFlight: 1, findings: [] })
  })

  test('and unless nobody ever saw it tagged', () => {
    const memory = memoryOf({ app: { seenAt: NOW - 10 * MINUTE, tags: tags({ latest: 'another' }) } })
    expect(after(young, memory)).toMatchObject({ inFlight: 1, findings: [] })
  })
})
