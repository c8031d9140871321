import { describe, expect, test } from 'vitest'
import type { Finding, Survey } from '../../src/domain/survey.ts'
import { digestOf, OCI_INDEX, survey, type Described } from './picture.ts'

const IN_USE = { current: { tags: ['latest'] } }

/** The only finding of a repository in which something else is in use. */
function finding(described: Readonly<Record<string, Described>>): Finding {
  const [found, ...more] = survey({ ...described, ...IN_USE }).findings
  if (found === undefined || more.length > 0) throw new Error(`expected one finding, got ${more.length + 1}`)
  return found
}

describe('the size of an orphan', () => {
  test('is that of the image', () => {
    expect(finding({ old: { size: 1234 } })).toMatchObject({ size: 1234, unsized: 0 })
  })

  test('is the sum of the images of an index, never the index and its children', () => {
    const old = { children: ['amd64', 'arm64'], size: 999 }
    expect(finding({ old, amd64: { size: 100 }, arm64: { size: 20 } }).size).toBe(120)
  })

  test('counts an image once that the index lists for two platforms', () => {
    expect(finding({ old: { children: ['both', 'both'] }, both: { size: 100 } }).size).toBe(100)
  })

  test('counts an image once that two nested indexes list', () => {
    const described = {
      old: { children: ['inner', 'amd64'] },
      inner: { children: ['amd64'], size: 500 },
      amd64: { size: 100 },
    }
    expect(finding(described).size).toBe(100)
  })

  test('takes in its attestations and signatures', () => {
    expect(finding({ old: { size: 100 }, signature: { subject: 'old', size: 3 } }).size).toBe(103)
  })

  test('leaves out children that something in use needs', () => {
    const described = {
      old: { children: ['shared', 'own'] },
      live: { children: ['shared'], tags: ['v2'] },
      shared: { size: 100 },
      own: { size: 7 },
    }
    expect(finding(described).size).toBe(7)
  })

  test('says how many images have no known size, apart from the sum', () => {
    const old = { children: ['amd64', 'arm64'], size: 'unknown' } as const
    expect(finding({ old, amd64: { size: 'unknown' }, arm64: { size: 20 } })).toMatchObject({
      size: 20,
      unsized: 1,
    })
  })

  test('is nothing for an index without children', () => {
    expect(finding({ old: { type: OCI_INDEX, children: [], size: 'unknown' } })).toMatchObject({
      size: 0,
      unsized: 0,
    })
  })
})

test('the platforms of an orphan are those of its images, sorted, each once', () => {
  const described = {
    old: { children: ['arm64', 'amd64', 'again', 'attestation'], platform: 'never/shown' },
    arm64: { platform: 'linux/arm64' },
    amd64: { platform: 'linux/amd64' },
    again: { platform: 'linux/amd64' },
    attestation: {},
  }
  expect(finding(described).platforms).toEqual(['linux/amd64', 'linux/arm64'])
})

test('the manifests of an orphan begin with its root', () => {
  const described = { amd64: {}, signature: { subject: 'old' }, old: { children: ['amd64'] } }
  expect(finding(described)).toMatchObject({
    root: { digest: digestOf('old') },
    manifests: [digestOf('old'), digestOf('amd64'), digestOf('signature')],
    repository: 'app',
  })
})

describe('an orphan is held', () => {
  const orphan = (described: Readonly<Record<string, Described>>): Finding | undefined =>
    survey({ ...described, ...IN_USE }).findings.find(({ kind }) => kind === 'orphan')

  test.each<[string, Described]>([
    ['tagged', { tags: ['signed'] }],
    ['locked', { locks: { delete: false } }],
    ['locked against writing', { locks: { write: false } }],
    ['in flight', { age: '10m' }],
    ['of an unknown type', { type: 'application/vnd.example.unknown' }],
  ])('by a referrer that is %s', (_, referrer) => {
    expect(orphan({ old: {}, referrer: { ...referrer, subject: 'old' } })?.heldBy).toBe(digestOf('referrer'))
  })

  test('by a referrer of its referrer', () => {
    const described = { old: {}, sbom: { subject: 'old' }, signature: { subject: 'sbom', tags: ['v1'] } }
    expect(orphan(described)?.heldBy).toBe(digestOf('signature'))
  })

  test('by a referrer of its referrer, though the latter belongs to a younger orphan', () => {
    const { findings } = survey({
      older: { age: '9d' },
      younger: { age: '3d' },
      // The registry deletes it with `older`, its subject, and then its own referrer, which is tagged.
      sbom: { subject: 'older', tags: ['sha256-{younger}.sbom'], age: '9d' },
      signature: { subject: 'sbom', tags: ['v1'] },
    })
    const older = findings.find(({ root }) => root.digest === digestOf('older'))
    expect(older).toMatchObject({ kind: 'orphan', heldBy: digestOf('signature') })
  })

  test('by a referrer of its child', () => {
    const described = {
      old: { children: ['amd64'] },
      amd64: {},
      signature: { subject: 'amd64', tags: ['v1'] },
    }
    expect(orphan(described)?.heldBy).toBe(digestOf('signature'))
  })

  test('by a digest tag as well as by a subject', () => {
    const signature = { tags: ['sha256-{old}.sig'], locks: { delete: false } }
    expect(orphan({ old: {}, signature })?.heldBy).toBe(digestOf('signature'))
  })

  test('and still counts as one', () => {
    expect(orphan({ old: {}, signature: { subject: 'old', tags: ['v1'] } })?.kind).toBe('orphan')
  })

  test('by nothing when its referrers are its own', () => {
    const described = { old: {}, sbom: { subject: 'old' }, signature: { tags: ['sha256-{old}.sig'] } }
    expect(orphan(described)?.heldBy).toBeUndefined()
  })

  test('by nothing when a referrer that is kept describes a child that is kept anyway', () => {
    const described = {
      old: { children: ['shared', 'own'] },
      live: { children: ['shared'], tags: ['v2'] },
      shared: {},
      own: {},
      signature: { subject: 'shared' },
    }
    const found = orphan(described)
    expect(found?.root.digest).toBe(digestOf('old'))
    expect(found?.heldBy).toBeUndefined()
  })
})

describe('an index is broken', () => {
  const brokenNames = (
    described: Readonly<Record<string, Described>>,
    missing = ['gone'],
  ): readonly string[] => {
    const names = Object.keys(described)
    return survey(described, { missing }).broken.map(
      ({ index }) => names.find((name) => digestOf(name) === index.digest) ?? 'unknown',
    )
  }

  test('when it is tagged and a child answered 404', () => {
    expect(
      survey({ index: { children: ['amd64', 'gone'], tags: ['v1'] }, amd64: {} }, { missing: ['gone'] }),
    ).toMatchObject({
      broken: [{ repository: 'app', index: { digest: digestOf('index') }, missing: [digestOf('gone')] }],
      gap: undefined,
    })
  })

  test('when it is the child of a tagged one', () => {
    const described = { outer: { children: ['inner'], tags: ['v1'] }, inner: { children: ['gone'] } }
    expect(brokenNames(described)).toEqual(['inner'])
  })

  test('at every index that lists the child', () => {
    const index = { children: ['gone'], tags: ['v'] }
    expect(brokenNames({ one: index, two: index })).toEqual(['one', 'two'])
  })

  test.each<[string, Described]>([
    ['is an orphan', {}],
    ['is locked and untagged', { locks: { delete: false } }],
    ['is in flight', { age: '10m' }],
    ['is tagged, but so young that its push may not be done', { tags: ['v1'], age: '59m' }],
  ])('not when it %s', (_, description) => {
    expect(brokenNames({ index: { ...description, children: ['gone'] }, ...IN_USE })).toEqual([])
  })

  test('once it is as old as what counts as in flight', () => {
    expect(brokenNames({ index: { tags: ['v1'], age: '60m', children: ['gone'] } })).toEqual(['index'])
  })

  test('not when the child only was not listed, and does exist', () => {
    expect(brokenNames({ index: { children: ['hidden'], tags: ['v1'] } }, [])).toEqual([])
  })

  test('only by the children that answered 404', () => {
    const { broken } = survey(
      { index: { children: ['gone', 'unasked'], tags: ['v1'] } },
      { missing: ['gone'] },
    )
    expect(broken.map(({ missing }) => missing)).toEqual([[digestOf('gone')]])
  })

  test('not by a layer that it lists: a build cache', () => {
    const layer = { name: 'gone', type: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }
    expect(brokenNames({ cache: { children: [layer], tags: ['buildcache'] } })).toEqual([])
  })
})

describe('a manifest that was listed and then not found', () => {
  const gapOf = (described: Readonly<Record<string, Described>>): Survey['gap'] =>
    survey(described, { vanished: ['amd64'] }).gap

  test.each<[string, Described]>([
    ['tagged', { tags: ['v1'] }],
    ['locked', { locks: { delete: false } }],
    ['in flight', { age: '10m' }],
  ])('is a gap when an index needs it that is %s', (_, index) => {
    expect(gapOf({ index: { ...index, children: ['amd64'] }, ...IN_USE })).toEqual({
      kind: 'unreadable',
      why: `${digestOf('amd64')} was listed, then not found, and the index ${digestOf('index')} needs it.`,
      reason: 'A manifest was listed, then not found, and an index that is kept needs it.',
    })
  })

  test('is a gap whatever type the descriptor of a kept index claims', () => {
    const type = 'application/vnd.oci.image.layer.v1.tar+gzip'
    expect(gapOf({ index: { tags: ['v1'], children: [{ name: 'amd64', type }] } })?.kind).toBe('unreadable')
  })

  test('is a gap for the same reason in every repository', () => {
    const reasonIn = (child: string): string | undefined =>
      survey({ [`index of ${child}`]: { tags: ['v1'], children: [child] } }, { vanished: [child] }).gap
        ?.reason
    expect(reasonIn('amd64')).toBeDefined()
    expect(reasonIn('amd64')).toBe(reasonIn('arm64'))
  })

  test('is no gap when only an orphan lists it', () => {
    expect(gapOf({ index: { children: ['amd64'] }, ...IN_USE })).toBeUndefined()
  })

  test('is no gap when nothing lists it', () => {
    expect(gapOf(IN_USE)).toBeUndefined()
  })

  test('leaves nothing of its repository judged', () => {
    const described = { index: { tags: ['v1'], children: ['amd64'] }, old: {}, young: { age: '1m' } }
    expect(survey(described, { vanished: ['amd64'], repository: 'team/app' })).toMatchObject({
      repository: 'team/app',
      manifests: 0,
      findings: [],
      broken: [],
      live: 0,
      inFlight: 0,
      protected: new Map(),
    })
  })
})

describe('what is left alone is counted', () => {
  test('each manifest once: in use, in flight, protected, or in a finding', () => {
    const { manifests, live, inFlight, findings, ...counts } = survey({
      index: { tags: ['v1'], children: ['amd64'] },
      amd64: {},
      young: { age: '1m', children: ['youngChild'] },
      youngChild: {},
      locked: { locks: { delete: false } },
      old: { children: ['oldChild'] },
      oldChild: {},
    })
    expect({ manifests, live, inFlight }).toEqual({ manifests: 7, live: 2, inFlight: 2 })
    expect(counts.protected).toEqual(new Map([['locked', 1]]))
    expect(findings.map((found) => found.manifests.length)).toEqual([2])
  })

  test('under the rule that protects it, also what a protected manifest takes along', () => {
    const counts = survey({
      index: { children: ['amd64', 'nested'], locks: { delete: false } },
      amd64: {},
      nested: { children: ['leaf'] },
      leaf: {},
      signature: { subject: 'amd64' },
      strange: { type: 'application/vnd.example.unknown' },
      unreadable: { locks: { read: false } },
      elsewhere: { tags: ['sha256-{elsewhere-image}.sig'] },
      one: { tags: ['sha256-{two}.sig'] },
      two: { tags: ['sha256-{one}.sig'] },
      ...IN_USE,
    }).protected
    expect(counts).toEqual(
      new Map([
        ['locked', 5],
        ['unknown-type', 1],
        ['reading-disabled', 1],
        ['subject-elsewhere', 1],
        ['circle', 2],
      ]),
    )
  })

  test('as in use when it is tagged and locked', () => {
    const counts = survey({ image: { tags: ['v1'], locks: { delete: false } } })
    expect(counts).toMatchObject({ live: 1, protected: new Map() })
  })
})
