import { describe, expect, test } from 'vitest'
import type { DeleteStep } from '../../src/domain/delete-step.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { OCI_INDEX, type Described } from './picture.ts'
import { namer, order, planned, type Wish } from './purge-words.ts'

type Picture = Readonly<Record<string, Described>>

const OLD = { age: '30d' }
const IN_USE: Picture = { current: { tags: ['latest'] } }

/** Everything that is deleted in a repository in which something else is in use. */
function orderOf(described: Picture, wish?: Wish): readonly string[] {
  return order({ ...described, ...IN_USE }, wish)
}

function step(described: Picture, name: string): DeleteStep {
  const nameOf = namer(described)
  const steps = planned({ ...described, ...IN_USE }).lots.flatMap((lot) => lot.steps())
  const found = steps.find(({ digest }) => nameOf(digest) === name)
  if (found === undefined) throw new Error(`${name} is not in the plan`)
  return found
}

describe('the order of a lot', () => {
  test.each<[string, Picture, readonly (readonly [string, string])[]]>([
    [
      'an index before its children',
      { index: { ...OLD, children: ['amd64', 'arm64'] }, amd64: {}, arm64: {} },
      [
        ['index', 'amd64'],
        ['index', 'arm64'],
      ],
    ],
    [
      'an index before its children, at any depth and by every way',
      {
        index: { ...OLD, children: ['leaf', 'inner'] },
        inner: { children: ['innermost'] },
        innermost: { children: ['leaf'] },
        leaf: {},
      },
      [
        ['index', 'inner'],
        ['inner', 'innermost'],
        ['innermost', 'leaf'],
      ],
    ],
    [
      'a subject before its referrers',
      { image: OLD, sbom: { subject: 'image' }, signature: { subject: 'sbom' } },
      [
        ['image', 'sbom'],
        ['sbom', 'signature'],
      ],
    ],
    [
      'a subject before what has its digest as a tag',
      { image: OLD, signature: { tags: ['sha256-{image}.sig'] } },
      [['image', 'signature']],
    ],
    [
      'a child that refers to its sibling after it',
      {
        index: { ...OLD, children: ['attestation', 'amd64'] },
        amd64: {},
        attestation: { subject: 'amd64' },
      },
      [
        ['index', 'amd64'],
        ['amd64', 'attestation'],
      ],
    ],
    [
      'an index that refers to an image and lists another one',
      { image: OLD, bundle: { subject: 'image', children: ['layered'] }, layered: {} },
      [
        ['image', 'bundle'],
        ['bundle', 'layered'],
      ],
    ],
  ])('%s', (_, described, pairs) => {
    const deleted = orderOf(described)
    expect([...deleted].sort()).toEqual(Object.keys(described).sort())
    for (const [first, second] of pairs)
      expect(deleted.indexOf(first), `${first}, then ${second}`).toBeLessThan(deleted.indexOf(second))
  })

  test('does not depend on the order of the list', () => {
    const described: Picture = {
      index: { ...OLD, children: ['a', 'b', 'c', 'd'] },
      a: {},
      b: {},
      c: {},
      d: { subject: 'a' },
    }
    const reversed = Object.fromEntries(Object.entries(described).toReversed())
    expect(orderOf(reversed)).toEqual(orderOf(described))
  })

  test('ends also where digest tags name each other in a circle', () => {
    const described = {
      index: { ...OLD, children: ['one'] },
      one: { tags: ['sha256-{two}.sig'] },
      two: { tags: ['sha256-{three}.sig'] },
      three: { tags: ['sha256-{one}.sig'] },
    }
    const [first, ...rest] = orderOf(described)
    expect(first).toBe('index')
    expect(rest.sort()).toEqual(['one', 'three', 'two'])
  })
})

describe('in a circle', () => {
  test('what is behind it comes behind it', () => {
    for (const leaf of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const described = {
        image: OLD,
        index: { subject: 'image', children: ['amd64', leaf], tags: ['sha256-{amd64}.sig'] },
        amd64: {},
        [leaf]: {},
      }
      const deleted = orderOf(described)
      expect(deleted[0]).toBe('image')
      expect(deleted.indexOf('index')).toBeLessThan(deleted.indexOf(leaf))
    }
  })

  test('an index comes before what it lists, though it refers to it', () => {
    for (const leaf of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const described = {
        image: OLD,
        index: { subject: 'image', children: [leaf], tags: [`sha256-{${leaf}}.sig`] },
        [leaf]: {},
      }
      expect(orderOf(described)).toEqual(['image', 'index', leaf])
    }
  })
})

describe('a step', () => {
  const DESCRIBED: Picture = {
    index: { ...OLD, children: ['amd64', 'shared', 'locked'], size: 1 },
    amd64: { size: 100 },
    sbom: { subject: 'amd64', size: 10 },
    signature: { tags: ['sha256-{sbom}.sig'], size: 'unknown' },
    live: { tags: ['v1'], children: ['shared'] },
    shared: {},
    locked: { locks: { write: false } },
  }
  const nameOf = namer(DESCRIBED)
  const names = (digests: readonly Digest[]): readonly string[] => digests.map(nameOf).sort()

  test('knows all that refers to its manifest, at any depth', () => {
    expect(names(step(DESCRIBED, 'index').referrers)).toEqual([])
    expect(names(step(DESCRIBED, 'amd64').referrers)).toEqual(['sbom', 'signature'])
    expect(names(step(DESCRIBED, 'sbom').referrers)).toEqual(['signature'])
  })

  test('knows every index that lists its manifest, also those that are deleted before', () => {
    const described: Picture = {
      older: { age: '40d', children: ['shared'] },
      old: { ...OLD, children: ['inner'] },
      inner: { children: ['shared'] },
      shared: {},
    }
    const named = namer(described)
    expect(step(described, 'shared').listedBy.map(named).sort()).toEqual(['inner', 'older'])
    expect(step(described, 'old').listedBy).toEqual([])
  })

  test('knows what its manifest lists and leaves behind', () => {
    expect(names(step(DESCRIBED, 'index').leaves)).toEqual(['locked', 'shared'])
    expect(step(DESCRIBED, 'amd64').leaves).toEqual([])
  })

  test('knows how the scan saw its manifest', () => {
    const { expected, repository } = step(DESCRIBED, 'signature')
    expect(repository).toBe('app')
    expect(expected.tags).toHaveLength(1)
    expect(expected.locks).toEqual({ delete: true, write: true, read: true })
  })

  test.each([
    ['index', 0],
    ['amd64', 100],
    ['signature', undefined],
  ])('counts no bytes for an index, and none where none are known: %s', (name, size) => {
    expect(step(DESCRIBED, name).size).toBe(size)
  })

  test('says why its manifest goes: the rule, or what takes it along', () => {
    const because = (name: string): string => {
      const { because, root } = step(DESCRIBED, name)
      expect(nameOf(root)).toBe('index')
      if (because === undefined) return 'nothing'
      return 'digest' in because ? `${because.rule} ${nameOf(because.digest)}` : because.rule
    }
    expect(because('index')).toBe('unreferenced')
    expect(because('amd64')).toBe('child-of index')
    expect(because('sbom')).toBe('referrer-of amd64')
    expect(because('signature')).toBe('referrer-of sbom')
  })

  test('of something in a circle does not count among its own referrers', () => {
    const described: Picture = {
      index: { ...OLD, children: ['one'], type: OCI_INDEX },
      one: { tags: ['sha256-{two}.sig'] },
      two: { tags: ['sha256-{one}.sig'] },
    }
    const named = namer(described)
    expect(step(described, 'one').referrers.map(named)).toEqual(['two'])
    expect(step(described, 'two').referrers.map(named)).toEqual(['one'])
  })
})
