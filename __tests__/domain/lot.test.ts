import { describe, expect, test } from 'vitest'
import { OCI_INDEX, type Described } from './picture.ts'
import { fates, judged, namer, type Wish } from './purge-words.ts'

type Picture = Readonly<Record<string, Described>>

const OLD = { age: '30d' }
const YOUNG = { age: '10m' }
const IN_USE: Picture = { current: { tags: ['latest'] } }

/** Fates of a repository in which something else is in use. */
function fatesOf(described: Picture, wish?: Wish): Readonly<Record<string, string>> {
  return fates({ ...described, ...IN_USE }, wish)
}

describe('due', () => {
  test.each<[string, Picture, Readonly<Record<string, string>>]>([
    ['an image', { old: OLD }, { old: 'due: old' }],
    ['exactly as old as older-than', { old: { age: '7d' } }, { old: 'due: old' }],
    [
      'an index with its children, however young these are',
      { old: { ...OLD, children: ['amd64'] }, amd64: { age: '2h' } },
      { old: 'due: amd64 old' },
    ],
    [
      'an index of indexes',
      { old: { ...OLD, children: ['inner'] }, inner: { children: ['amd64'] }, amd64: {} },
      { old: 'due: amd64 inner old' },
    ],
    [
      'an image with what refers to it, at any depth, however young',
      { old: OLD, sbom: { age: '2h', subject: 'old' }, signature: { age: '2h', subject: 'sbom' } },
      { old: 'due: old sbom signature' },
    ],
    [
      'an image with its digest tags',
      { old: OLD, signature: { tags: ['sha256-{old}.sig'] } },
      { old: 'due: old signature' },
    ],
    [
      'a wrapper alone, not its live children',
      {
        wrapper: { ...OLD, children: ['amd64'] },
        live: { tags: ['v1'], children: ['amd64'] },
        amd64: {},
      },
      { wrapper: 'due: wrapper' },
    ],
    [
      'an index without what a live index lists too',
      {
        old: { ...OLD, children: ['shared', 'own'] },
        live: { tags: ['v1'], children: ['shared'] },
        shared: {},
        own: {},
      },
      { old: 'due: old own' },
    ],
    [
      'an index without a child that is locked, and the registry sees the lock',
      { old: { ...OLD, children: ['locked', 'own'] }, locked: { locks: { delete: false } }, own: {} },
      { old: 'due: old own' },
    ],
  ])('%s', (_, described, expected) => {
    expect(fatesOf(described)).toEqual(expected)
  })
})

describe('kept', () => {
  test.each<[number, Readonly<Record<string, string>>]>([
    [0, { oldest: 'due: amd64 oldest', older: 'due: older', old: 'due: old' }],
    [1, { oldest: 'due: amd64 oldest', older: 'due: older', old: 'kept' }],
    [2, { oldest: 'due: amd64 oldest', older: 'kept', old: 'kept' }],
    [3, { oldest: 'kept', older: 'kept', old: 'kept' }],
    [9, { oldest: 'kept', older: 'kept', old: 'kept' }],
  ])('the newest %i, whole', (keep, expected) => {
    const described = {
      oldest: { age: '50d', children: ['amd64'] },
      amd64: { age: '51d' },
      older: { age: '40d' },
      old: { age: '30d' },
    }
    expect(fatesOf(described, { keep })).toEqual(expected)
  })

  test('counts images and indexes, not their children (W5)', () => {
    const described = {
      index: { age: '9d', children: ['amd64', 'arm64'] },
      amd64: { age: '10d' },
      arm64: { age: '10d' },
      old: { age: '30d' },
    }
    expect(fatesOf(described, { keep: 1 })).toEqual({ index: 'kept', old: 'due: old' })
  })

  test('is said of what would wait too', () => {
    expect(fatesOf({ old: { age: '2d' } }, { keep: 1 })).toEqual({ old: 'kept' })
  })

  test('counts orphans only, no wrappers', () => {
    const described = {
      wrapper: { age: '20d', children: ['live'] },
      live: { tags: ['v1'] },
      old: OLD,
    }
    expect(fatesOf(described, { keep: 1 })).toEqual({ wrapper: 'due: wrapper', old: 'kept' })
  })
})

describe('held by a referrer that stays', () => {
  const REASONS: readonly [string, Described, Wish?][] = [
    ['tagged', { tags: ['sbom-v1'] }],
    ['locked against deleting', { locks: { delete: false } }],
    ['locked against writing', { locks: { write: false } }],
    ['in flight', YOUNG],
    ['pinned', {}, { pins: ['signature'] }],
  ]

  test.each(REASONS.filter(([reason]) => reason !== 'pinned'))('%s', (_, how) => {
    const described = { old: OLD, signature: { ...how, subject: 'old' } }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
  })

  test.each(REASONS.filter(([reason]) => reason !== 'pinned'))('%s, of a child', (_, how) => {
    const described = {
      old: { ...OLD, children: ['amd64'] },
      amd64: {},
      signature: { ...how, subject: 'amd64' },
    }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
  })

  test.each(REASONS.filter(([reason]) => reason !== 'pinned'))('%s, by way of another referrer', (_, how) => {
    const described = { old: OLD, sbom: { subject: 'old' }, signature: { ...how, subject: 'sbom' } }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
  })

  test.each(REASONS.filter(([reason]) => reason !== 'pinned'))('%s, by digest tag', (_, { tags, ...how }) => {
    const described = { old: OLD, signature: { ...how, tags: [...(tags ?? []), 'sha256-{old}.sig'] } }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
  })

  test('pinned: the subject is not even an orphan', () => {
    expect(fatesOf({ old: OLD, signature: { subject: 'old' } }, { pins: ['signature'] })).toEqual({})
  })

  test('listed by a live index', () => {
    const described = {
      old: OLD,
      live: { tags: ['v1'], children: ['attestation'] },
      attestation: { subject: 'old' },
    }
    expect(fatesOf(described)).toEqual({ old: 'held by attestation' })
  })

  test('however deep in nested indexes', () => {
    const described = {
      old: { ...OLD, children: ['inner'] },
      inner: { children: ['amd64'] },
      amd64: {},
      signature: { subject: 'amd64', tags: ['signed'] },
    }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
  })

  test('by what two orphans share: neither takes it from the other', () => {
    const described = {
      older: { age: '40d' },
      old: OLD,
      sbom: { tags: ['sha256-{older}.sbom', 'sha256-{old}.sbom'] },
    }
    expect(fatesOf(described)).toEqual({ older: 'held by sbom', old: 'held by sbom' })
  })

  test('comes before being too young, and after being kept', () => {
    const described = { old: { age: '2d' }, signature: { subject: 'old', tags: ['signed'] } }
    expect(fatesOf(described)).toEqual({ old: 'held by signature' })
    expect(fatesOf(described, { keep: 1 })).toEqual({ old: 'kept' })
  })

  test('takes along what else an older orphan needs of it', () => {
    // The older one would leave the shared child alone anyway; nothing else of it stays.
    const described = {
      older: { age: '40d', children: ['shared', 'own'] },
      old: { ...OLD, children: ['shared'] },
      shared: {},
      own: {},
      signature: { subject: 'old', tags: ['signed'] },
    }
    expect(fatesOf(described)).toEqual({ older: 'due: older own', old: 'held by signature' })
  })

  test('holds another orphan whose child has a referrer that stays for that reason', () => {
    // "shared" belongs to the younger one, which waits; its attestation refers to what the older one would delete.
    const described = {
      older: { age: '40d', children: ['own'] },
      own: {},
      young: { age: '2d', children: ['attestation'] },
      attestation: { subject: 'own' },
    }
    expect(fatesOf(described)).toEqual({ older: 'held by attestation', young: 'waiting 5 days' })
  })
})

describe('held by a child that stays and that only its index shields from a registry that deletes children', () => {
  test.each<[string, Picture, Wish, string]>([
    ['in flight', { old: { ...OLD, children: ['amd64'] }, amd64: YOUNG }, {}, 'held by amd64'],
    ['pinned', { old: { ...OLD, children: ['amd64'] }, amd64: {} }, { pins: ['amd64'] }, 'held by amd64'],
    [
      'of an unknown type',
      { old: { ...OLD, children: ['odd'] }, odd: { type: 'application/vnd.example.unknown' } },
      {},
      'held by odd',
    ],
    [
      'pinned, in a nested index',
      { old: { ...OLD, children: ['inner'] }, inner: { children: ['amd64'] }, amd64: {} },
      { pins: ['amd64'] },
      'held by amd64',
    ],
  ])('%s', (...[, described, wish, expected]) => {
    expect(fatesOf(described, wish)).toEqual({ old: expected })
  })

  test.each<[string, Picture]>([
    ['a tag', { amd64: { ...YOUNG, tags: ['v1'] } }],
    ['a lock', { amd64: { ...YOUNG, locks: { write: false } } }],
    ['an index in use', { amd64: YOUNG, live: { tags: ['v1'], children: ['amd64'] } }],
  ])('not when %s holds it as well', (_, more) => {
    const described = { old: { ...OLD, children: ['amd64'] }, ...more }
    expect(fatesOf(described)).toEqual({ old: 'due: old' })
  })

  test('two orphans that share a pinned child shield it only together, so both stay', () => {
    const described = {
      older: { age: '40d', children: ['amd64'] },
      old: { ...OLD, children: ['amd64'] },
      amd64: {},
    }
    expect(fatesOf(described, { pins: ['amd64'] })).toEqual({
      older: 'held by amd64',
      old: 'held by amd64',
    })
  })

  test('one of them goes when the other one stays anyway', () => {
    const described = {
      older: { age: '40d', children: ['amd64'] },
      old: { ...OLD, children: ['amd64'] },
      amd64: {},
    }
    expect(fatesOf(described, { pins: ['amd64'], keep: 1 })).toEqual({ older: 'due: older', old: 'kept' })
  })
})

describe('locks that the service does not show', () => {
  test.each<[string, Picture]>([
    ['of the image', { old: { ...OLD, locks: 'hidden' } }],
    ['of a child', { old: { ...OLD, children: ['amd64'] }, amd64: { locks: 'hidden' } }],
    ['of a referrer', { old: OLD, signature: { subject: 'old', locks: 'hidden' } }],
  ])('%s', (_, described) => {
    expect(fatesOf(described)).toEqual({ old: 'locks-unknown' })
  })

  test('keep what else needs the same child from taking it along', () => {
    const described = {
      older: { age: '40d', children: ['shared'] },
      old: { ...OLD, children: ['shared'], locks: 'hidden' },
      shared: {},
    } as const
    expect(fatesOf(described)).toEqual({ older: 'due: older', old: 'locks-unknown' })
  })

  test('do not matter for what waits', () => {
    expect(fatesOf({ old: { age: '1d', locks: 'hidden' } })).toEqual({ old: 'waiting 6 days' })
  })
})

describe('waiting', () => {
  test.each([
    ['2d', '7d', 'waiting 5 days'],
    ['6d23h', '7d', 'waiting 1 hour'],
    ['2d', '1d', 'due: old'],
  ])('%s old, older-than %s: %s', (age, olderThan, expected) => {
    const days = Number.parseInt(olderThan, 10)
    expect(fatesOf({ old: { age } }, { olderThan: days * 86_400_000 })).toEqual({ old: expected })
  })

  test('goes by the root, not by its children', () => {
    const described = { old: { age: '2d', children: ['amd64'] }, amd64: OLD }
    expect(fatesOf(described)).toEqual({ old: 'waiting 5 days' })
  })
})

describe('not asked for', () => {
  const REFERRER = { signature: { ...OLD, subject: 'gone' } }

  test('an orphaned referrer', () => {
    expect(fatesOf(REFERRER)).toEqual({ signature: 'not-asked' })
  })

  test('an orphaned referrer is due when it is', () => {
    expect(fatesOf(REFERRER, { purgeOrphanedReferrers: true })).toEqual({ signature: 'due: signature' })
  })

  test('an orphaned referrer obeys older-than', () => {
    const young = { signature: { age: '2d', subject: 'gone' } }
    expect(fatesOf(young, { purgeOrphanedReferrers: true })).toEqual({ signature: 'waiting 5 days' })
  })

  test('anything in a repository without any tag', () => {
    expect(fates({ old: OLD })).toEqual({ old: 'not-asked' })
    expect(fates({ old: OLD }, { allowEmptyRepository: true })).toEqual({ old: 'due: old' })
  })

  test('keeps what it needs', () => {
    const described = {
      signature: { ...OLD, children: ['shared'], subject: 'gone' },
      older: { age: '40d', children: ['shared', 'own'] },
      shared: {},
      own: {},
    }
    expect(fatesOf(described)).toEqual({ signature: 'not-asked', older: 'due: older own' })
  })
})

describe('what several orphans need', () => {
  const SHARED: Picture = {
    older: { age: '40d', children: ['shared', 'own'] },
    old: { age: '2d', children: ['shared'] },
    shared: {},
    own: {},
  }

  test('stays with the one that stays', () => {
    expect(fatesOf(SHARED)).toEqual({ older: 'due: older own', old: 'waiting 5 days' })
  })

  test('goes with the younger one when both go', () => {
    expect(fatesOf(SHARED, { olderThan: 0 })).toEqual({ older: 'due: older own', old: 'due: old shared' })
  })

  test('stays with an orphan that is kept', () => {
    expect(fatesOf(SHARED, { keep: 1, olderThan: 0 })).toEqual({ older: 'due: older own', old: 'kept' })
  })

  test('stays with its own children and referrers', () => {
    const described = {
      older: { age: '40d', children: ['inner'] },
      old: { age: '2d', children: ['inner'] },
      inner: { children: ['amd64'] },
      amd64: {},
      signature: { subject: 'amd64' },
    }
    expect(fatesOf(described)).toEqual({ older: 'due: older', old: 'waiting 5 days' })
  })

  test('stays with an older one that nobody asked to purge', () => {
    const described = {
      signature: { age: '90d', type: OCI_INDEX, children: ['shared'], subject: 'gone' },
      old: { ...OLD, children: ['shared'] },
      shared: {},
    }
    expect(fatesOf(described)).toEqual({ signature: 'not-asked', old: 'due: old' })
  })
})

describe('digest tags in a circle', () => {
  test('are left alone where nothing leads to them', () => {
    const described = { one: { ...OLD, tags: ['sha256-{two}.sig'] }, two: { tags: ['sha256-{one}.sig'] } }
    expect(fatesOf(described)).toEqual({})
  })

  test('go with what takes them along', () => {
    const described = {
      old: { ...OLD, children: ['one'] },
      one: { tags: ['sha256-{two}.sig'] },
      two: { tags: ['sha256-{one}.sig'] },
    }
    expect(fatesOf(described)).toEqual({ old: 'due: old one two' })
  })
})

test('a lot says which lots have to go first: those that list something in it', () => {
  const described = {
    oldest: { age: '50d', children: ['shared'] },
    older: { age: '40d', children: ['inner'] },
    old: { ...OLD, children: ['inner', 'shared'] },
    inner: { children: ['amd64'] },
    amd64: {},
    shared: {},
    ...IN_USE,
  }
  const nameOf = namer(described)
  const { lots } = judged(described)
  const after = lots.map(({ finding, after }) => [nameOf(finding.root.digest), after.map(nameOf).sort()])
  expect(Object.fromEntries(after)).toEqual({ old: ['older', 'oldest'], older: [], oldest: [] })
})

test('the size of a lot is that of the images that go, not of what stays', () => {
  const [lot] = judged({
    old: { ...OLD, children: ['shared', 'own', 'odd'], size: 900 },
    live: { tags: ['v1'], children: ['shared'] },
    shared: { size: 100 },
    own: { size: 20 },
    odd: { size: 'unknown' },
  }).lots
  expect(lot).toMatchObject({ size: 20, unsized: 1 })
})
