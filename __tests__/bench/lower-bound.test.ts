import { describe, expect, test } from 'vitest'
import { contentsOf, lowerBound, secondsAtBest, type HeldManifest } from '../../bench/lower-bound.ts'
import { mediaTypes } from '../../emulator/state/media-types.ts'

const { ociIndex, ociManifest, dockerManifest, ociArtifact } = mediaTypes

function held(digest: string, mediaType: string, more: Partial<HeldManifest> = {}): HeldManifest {
  return { digest, mediaType, tagged: false, children: [], ...more }
}

const tagged = { tagged: true }

describe('what has to be read', () => {
  test('indexes, and untagged manifests that may have a subject and that no tagged index keeps', () => {
    const repository = [
      held('tagged image', ociManifest, tagged),
      held('tagged index', ociIndex, { ...tagged, children: ['child', 'nested index'] }),
      held('child', ociManifest),
      held('nested index', ociIndex, { children: ['grandchild'] }),
      held('grandchild', ociManifest),
      held('dangling', ociManifest),
      held('dangling artifact', ociArtifact),
      held('dangling docker image', dockerManifest),
    ]
    expect(contentsOf([repository])).toEqual({
      repositories: 1,
      manifests: 8,
      listPages: 1,
      indexes: 2,
      candidates: 2,
      orphans: 3,
    })
  })

  test('children of an untagged index may have subjects, but only the index is an orphan', () => {
    const repository = [held('index', ociIndex, { children: ['child'] }), held('child', ociManifest)]
    expect(contentsOf([repository])).toMatchObject({ indexes: 1, candidates: 1, orphans: 1 })
  })

  test('pages are counted by repository', () => {
    const images = Array.from({ length: 1001 }, (_, number) => held(`${number}`, ociManifest, tagged))
    expect(contentsOf([images, images.slice(1)])).toMatchObject({
      repositories: 2,
      manifests: 2001,
      listPages: 3,
      candidates: 0,
      orphans: 0,
    })
  })

  test('indexes that list each other end', () => {
    const repository = [
      held('one', ociIndex, { ...tagged, children: ['other'] }),
      held('other', ociIndex, { children: ['one'] }),
    ]
    expect(contentsOf([repository])).toMatchObject({ indexes: 2, orphans: 0 })
  })
})

const contents = {
  repositories: 1200,
  manifests: 9000,
  listPages: 1205,
  indexes: 150,
  candidates: 600,
  orphans: 900,
}
const looking = { discovers: true, remembers: false, deletes: false }

test('a token, the catalog, the lists, the manifests, and what is deleted', () => {
  expect(lowerBound(contents, looking)).toEqual({ tokens: 1, reads: 1957, deletes: 0, total: 1958 })
  expect(lowerBound(contents, { ...looking, discovers: false }).reads).toBe(1955)
  expect(lowerBound(contents, { ...looking, remembers: true }).reads).toBe(1207)
  expect(lowerBound(contents, { ...looking, deletes: true })).toMatchObject({ deletes: 900, total: 2858 })
})

describe('the time at best', () => {
  const pace = { latencyMs: 30, concurrency: 16, throttled: false }

  test('is the latency of all requests, so many at a time', () => {
    expect(secondsAtBest({ tokens: 1, reads: 799, deletes: 0, total: 800 }, pace)).toBe(1.5)
  })

  test('is a minute for everything that a minute has no room for', () => {
    const purge = (deletes: number): number =>
      secondsAtBest({ tokens: 1, reads: 0, deletes, total: 1 + deletes }, { ...pace, throttled: true })
    expect([purge(500), purge(501), purge(1000), purge(1001)].map(Math.round)).toEqual([1, 60, 60, 120])
    const reads = { tokens: 1, reads: 5001, deletes: 0, total: 5002 }
    expect(secondsAtBest(reads, { ...pace, throttled: true })).toBe(60)
  })
})
