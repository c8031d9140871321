import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import { buildGraph, closure, dependants, type Graph } from '../../src/domain/graph.ts'
import { digestOf, DOCKER_LIST, picture, type Described, type Scanned } from './picture.ts'

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

const NAMES = ['index', 'outer', 'amd64', 'arm64', 'image', 'signature', 'gone', 'layer']

/** One map of a graph, with names for digests. */
function named(map: ReadonlyMap<Digest, readonly Digest[]>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...map].map(([from, to]) => [nameOf(from), to.map(nameOf)]))
}

function nameOf(digest: Digest): string {
  return NAMES.find((name) => digestOf(name) === digest) ?? digest
}

function graphOf(described: Readonly<Record<string, Described>>, scanned?: Scanned): Graph {
  return buildGraph(picture(described, scanned))
}

describe('a child', () => {
  test('listed twice, for two platforms, is one child', () => {
    const graph = graphOf({ index: { children: ['amd64', 'amd64', 'arm64'] }, amd64: {}, arm64: {} })
    expect(named(graph.children)).toEqual({ index: ['amd64', 'arm64'] })
    expect(named(graph.parents)).toEqual({ amd64: ['index'], arm64: ['index'] })
  })

  test('absent and listed twice is absent once', () => {
    expect(named(graphOf({ index: { children: ['gone', 'gone'] } }).absentChildren)).toEqual({
      index: ['gone'],
    })
  })

  test('of two indexes has two parents', () => {
    const graph = graphOf({ outer: { children: ['amd64'] }, index: { children: ['amd64'] }, amd64: {} })
    expect(named(graph.parents)).toEqual({ amd64: ['outer', 'index'] })
  })

  test('is never the index itself', () => {
    const graph = graphOf({ index: { children: ['index'] } })
    expect(graph.children.size).toBe(0)
    expect(graph.absentChildren.size).toBe(0)
  })

  test.each([LAYER, '', 'application/vnd.example.unknown'])(
    'that is held as a manifest is one, though its index calls it %j',
    (type) => {
      const graph = graphOf({ index: { children: [{ name: 'amd64', type }] }, amd64: {} })
      expect(named(graph.children)).toEqual({ index: ['amd64'] })
    },
  )

  test('that is not held and no manifest by its type is none: old build caches list layers', () => {
    const graph = graphOf({ index: { children: [{ name: 'layer', type: LAYER }] } })
    expect(graph.children.size).toBe(0)
    expect(graph.absentChildren.size).toBe(0)
  })

  test('that was held and is gone is absent, though its index calls it a layer', () => {
    const graph = graphOf({ index: { children: [{ name: 'gone', type: LAYER }] } }, { vanished: ['gone'] })
    expect(graph.children.size).toBe(0)
    expect(named(graph.absentChildren)).toEqual({ index: ['gone'] })
  })

  test('that is not held but a manifest by its type is absent', () => {
    const graph = graphOf({ index: { children: [{ name: 'gone', type: DOCKER_LIST }, 'amd64'] }, amd64: {} })
    expect(named(graph.absentChildren)).toEqual({ index: ['gone'] })
    expect(named(graph.children)).toEqual({ index: ['amd64'] })
  })
})

describe('a referrer', () => {
  test('whose digest tag repeats its subject refers once', () => {
    const graph = graphOf({ image: {}, signature: { subject: 'image', tags: ['sha256-{image}.sig'] } })
    expect(named(graph.referrers)).toEqual({ image: ['signature'] })
    expect(named(graph.subjects)).toEqual({ signature: ['image'] })
  })

  test('with several digest tags for one manifest refers once', () => {
    const graph = graphOf({
      image: {},
      signature: { tags: ['sha256-{image}.sig', 'sha256-{image}.att', 'sha256-{image}'] },
    })
    expect(named(graph.referrers)).toEqual({ image: ['signature'] })
  })

  test('with digest tags for two manifests refers to both', () => {
    const graph = graphOf({
      amd64: {},
      arm64: {},
      signature: { tags: ['sha256-{amd64}.sig', 'sha256-{arm64}.sig'] },
    })
    expect(named(graph.subjects)).toEqual({ signature: ['amd64', 'arm64'] })
  })

  test('that refers to itself is none', () => {
    expect(graphOf({ signature: { tags: ['sha256-{signature}.sig'] } }).referrers.size).toBe(0)
    expect(graphOf({ signature: { subject: 'signature' } }).referrers.size).toBe(0)
  })

  test('keeps apart what is absent: a subject that it names, and one that only its tag names', () => {
    const named = graphOf({ signature: { subject: 'gone' } })
    expect(named.absentSubject).toEqual(new Map([[digestOf('signature'), digestOf('gone')]]))
    expect(named.absentTagSubject.size).toBe(0)
    const tagged = graphOf({ signature: { tags: ['sha256-{gone}.sig'] } })
    expect(tagged.absentSubject.size).toBe(0)
    expect([...tagged.absentTagSubject.keys()]).toEqual([digestOf('signature')])
  })

  test('may be the child of the very index that it describes', () => {
    const graph = graphOf({ index: { children: ['signature'] }, signature: { subject: 'index' } })
    expect([...dependants(graph, digestOf('index'))].map(({ edge }) => edge)).toEqual([
      'child-of',
      'referrer-of',
    ])
  })
})

describe('a closure', () => {
  const graph = graphOf({
    outer: { children: ['index', 'amd64'] },
    index: { children: ['amd64', 'arm64'] },
    amd64: {},
    arm64: {},
    signature: { subject: 'arm64' },
  })
  const reached = (start: string, enter: (name: string) => boolean): readonly string[] => {
    const seen = new Set([start])
    const steps = closure(graph, [digestOf(start)], ({ digest }) => {
      const name = nameOf(digest)
      if (seen.has(name) || !enter(name)) return false
      seen.add(name)
      return true
    })
    return [...steps].map(({ digest, from, edge }) => `${nameOf(digest)} ${edge} ${nameOf(from)}`)
  }

  test('takes children and referrers at any depth', () => {
    expect(reached('outer', () => true)).toEqual([
      'index child-of outer',
      'amd64 child-of outer',
      'arm64 child-of index',
      'signature referrer-of arm64',
    ])
  })

  test('does not go on from what was not let in', () => {
    expect(reached('outer', (name) => name !== 'index')).toEqual(['amd64 child-of outer'])
  })

  test('follows a chain of ten thousand nested indexes', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, depth) => [`deep${depth}`, { children: [`deep${depth + 1}`] }]),
    )
    const steps = closure(graphOf(chain), [digestOf('deep0')], () => true)
    expect([...steps]).toHaveLength(9999)
  })
})
