import { describe, expect, test } from 'vitest'
import { DOCKER_IMAGE, DOCKER_LIST, OCI_INDEX, verdicts } from './picture.ts'

const ORAS_ARTIFACT = 'application/vnd.cncf.oras.artifact.manifest.v1+json'
const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

describe('live', () => {
  test('what a tag points at, with its children at any depth', () => {
    expect(
      verdicts({
        outer: { children: ['inner'], tags: ['v1'] },
        inner: { children: ['amd64', 'arm64'] },
        amd64: {},
        arm64: {},
      }),
    ).toEqual({
      outer: 'live: tagged v1',
      inner: 'live: child-of outer',
      amd64: 'live: child-of inner',
      arm64: 'live: child-of inner',
    })
  })

  test('children of a Docker manifest list', () => {
    expect(
      verdicts({
        list: { type: DOCKER_LIST, children: ['linux'], tags: ['v1'] },
        linux: { type: DOCKER_IMAGE },
      }),
    ).toEqual({
      list: 'live: tagged v1',
      linux: 'live: child-of list',
    })
  })

  test('children of a locked tagged index (acr purge deletes them: W1)', () => {
    for (const locks of [{ write: false }, { delete: false }]) {
      expect(verdicts({ index: { children: ['amd64'], tags: ['v1'], locks }, amd64: {} })).toEqual({
        index: 'live: tagged v1',
        amd64: 'live: child-of index',
      })
    }
  })

  test('an index that the outer index calls an image, and its children (W11)', () => {
    expect(
      verdicts({
        outer: { children: [{ name: 'inner', type: DOCKER_IMAGE }], tags: ['v2'] },
        inner: { children: ['leaf'] },
        leaf: {},
      }),
    ).toMatchObject({ inner: 'live: child-of outer', leaf: 'live: child-of inner' })
  })

  test('a manifest that an index lists as something else than a manifest', () => {
    const layer = 'application/vnd.oci.image.layer.v1.tar+gzip'
    expect(
      verdicts({ index: { children: [{ name: 'image', type: layer }], tags: ['v1'] }, image: {} }),
    ).toMatchObject({
      image: 'live: child-of index',
    })
  })

  test('referrers of a live image at any depth: an SBOM and its signature', () => {
    expect(
      verdicts({ image: { tags: ['v1'] }, sbom: { subject: 'image' }, signature: { subject: 'sbom' } }),
    ).toEqual({
      image: 'live: tagged v1',
      sbom: 'live: referrer-of image',
      signature: 'live: referrer-of sbom',
    })
  })

  test('referrers of a platform image of a live index (ghcr-cleanup-action#104)', () => {
    expect(
      verdicts({ index: { children: ['amd64'], tags: ['v1'] }, amd64: {}, bundle: { subject: 'amd64' } }),
    ).toMatchObject({ bundle: 'live: referrer-of amd64' })
  })

  test('a referrer that is an index, with its children (W2)', () => {
    expect(
      verdicts({ image: { tags: ['v1'] }, referrer: { subject: 'image', children: ['part'] }, part: {} }),
    ).toMatchObject({ referrer: 'live: referrer-of image', part: 'live: child-of referrer' })
  })

  test('referrers in the retired artifact formats of ORAS and OCI (W3)', () => {
    for (const type of [ORAS_ARTIFACT, OCI_ARTIFACT]) {
      expect(verdicts({ image: { tags: ['v1'] }, signature: { type, subject: 'image' } })).toMatchObject({
        signature: 'live: referrer-of image',
      })
    }
  })

  test('cosign signatures, attestations and SBOMs by tag, and the fallback tag of clients without referrers', () => {
    for (const suffix of ['.sig', '.att', '.sbom', '']) {
      expect(
        verdicts({ image: { tags: ['v1'] }, signature: { tags: [`sha256-{image}${suffix}`] } }),
      ).toMatchObject({
        signature: 'live: referrer-of image',
      })
    }
  })

  test('a tag that only looks like a digest tag is an ordinary one', () => {
    expect(verdicts({ image: { tags: ['sha256-{image}.txt'] } })).toMatchObject({
      image: expect.stringContaining('live: tagged sha256-'),
    })
  })

  test('a manifest with so many digest tags that the registry may hide an ordinary one', () => {
    const tags = Array.from({ length: 10 }, (_, index) => `sha256-{subject${index}}.sig`)
    expect(verdicts({ signature: { tags } })).toEqual({ signature: 'live: tags-cut' })
    expect(verdicts({ signature: { tags: tags.slice(1) }, other: { tags: ['v1'] } }).signature).toMatch(
      /^protected/,
    )
  })

  test('a child that a live and an orphan index share', () => {
    expect(
      verdicts({
        live: { children: ['shared'], tags: ['v2'] },
        old: { children: ['shared', 'own'] },
        shared: {},
        own: {},
      }),
    ).toEqual({
      live: 'live: tagged v2',
      shared: 'live: child-of live',
      old: 'orphan of old: unreferenced',
      own: 'orphan of old: child-of old',
    })
  })

  test('a young child of a tagged index is live, not in flight', () => {
    expect(
      verdicts({ index: { children: ['amd64'], tags: ['v1'], age: '5m' }, amd64: { age: '5m' } }),
    ).toMatchObject({
      amd64: 'live: child-of index',
    })
  })

  test('a child of an orphan index that refers to a live image', () => {
    expect(
      verdicts({
        image: { tags: ['v1'] },
        old: { children: ['attestation', 'x'] },
        x: {},
        attestation: { subject: 'image' },
      }),
    ).toMatchObject({ attestation: 'live: referrer-of image', old: 'orphan of old: unreferenced' })
  })
})

describe('protected', () => {
  test('a locked untagged manifest, with its children and referrers', () => {
    const pictures = {
      index: { children: ['amd64'] },
      amd64: {},
      signature: { subject: 'index' },
      other: { tags: ['v1'] },
    }
    for (const [lock, locks] of [
      ['delete', { delete: false }],
      ['write', { write: false }],
    ] as const) {
      expect(verdicts({ ...pictures, index: { ...pictures.index, locks } })).toMatchObject({
        index: `protected: locked ${lock}`,
        amd64: 'protected: child-of index',
        signature: 'protected: referrer-of index',
      })
    }
  })

  test('a manifest of an unknown media type, with what it lists', () => {
    const type = 'application/vnd.example.unheard-of+json'
    expect(
      verdicts({ strange: { type, children: ['part'] }, part: {}, other: { tags: ['v1'] } }),
    ).toMatchObject({
      strange: `protected: unknown-type ${type}`,
      part: 'protected: child-of strange',
    })
  })

  test('a manifest that may not be read', () => {
    expect(verdicts({ image: { locks: { read: false } }, other: { tags: ['v1'] } })).toMatchObject({
      image: 'protected: reading-disabled',
    })
  })

  test('a signature by tag whose image is kept in another repository', () => {
    expect(
      verdicts({ signature: { tags: ['sha256-{elsewhere}.sig'] }, other: { tags: ['v1'] } }).signature,
    ).toMatch(/^protected: subject-elsewhere sha256-/)
  })

  test('manifests that refer to each other in a circle, and what they need', () => {
    expect(
      verdicts({
        one: { tags: ['sha256-{two}.sig'], children: ['part'] },
        two: { tags: ['sha256-{one}.sig'] },
        part: {},
        old: { children: ['part'] },
        other: { tags: ['v1'] },
      }),
    ).toMatchObject({
      one: 'protected: circle',
      two: 'protected: circle',
      part: 'protected: child-of one',
      old: 'orphan of old: unreferenced',
    })
  })

  test('a manifest that refers to itself is in no circle', () => {
    expect(verdicts({ self: { tags: ['sha256-{self}.sig'] }, other: { tags: ['v1'] } }).self).toBe(
      'orphan of self: unreferenced',
    )
  })
})

describe('in flight', () => {
  test('untagged and just pushed, with what it lists', () => {
    expect(
      verdicts({ index: { children: ['amd64'], age: '59m' }, amd64: { age: '3d' }, other: { tags: ['v1'] } }),
    ).toMatchObject({
      index: 'in-flight: just-pushed',
      amd64: 'in-flight: child-of index',
    })
  })

  test('platform images before their index (telekom/das-schiff PR 286)', () => {
    expect(verdicts({ amd64: { age: '1m' }, arm64: { age: '1m' }, other: { tags: ['v1'] } })).toMatchObject({
      amd64: 'in-flight: just-pushed',
      arm64: 'in-flight: just-pushed',
    })
  })

  test('ends exactly at the limit', () => {
    expect(verdicts({ image: { age: '60m' }, other: { tags: ['v1'] } })).toMatchObject({
      image: 'orphan of image: unreferenced',
    })
  })
})

describe('orphans', () => {
  test('an overwritten image', () => {
    expect(verdicts({ old: {}, new: { tags: ['latest'] } })).toEqual({
      old: 'orphan of old: unreferenced',
      new: 'live: tagged latest',
    })
  })

  test('an overwritten index with platforms, attestations and signature is one orphan', () => {
    expect(
      verdicts({
        old: { children: ['amd64', 'arm64', 'attestation'] },
        amd64: {},
        arm64: {},
        attestation: {},
        signature: { subject: 'old' },
        cosign: { tags: ['sha256-{old}.sig'] },
        new: { tags: ['latest'] },
      }),
    ).toMatchObject({
      old: 'orphan of old: unreferenced',
      amd64: 'orphan of old: child-of old',
      arm64: 'orphan of old: child-of old',
      attestation: 'orphan of old: child-of old',
      signature: 'orphan of old: referrer-of old',
      cosign: 'orphan of old: referrer-of old',
    })
  })

  test('nested orphan indexes are one orphan', () => {
    expect(
      verdicts({
        outer: { children: ['inner'] },
        inner: { children: ['leaf'] },
        leaf: {},
        v: { tags: ['v'] },
      }),
    ).toMatchObject({
      inner: 'orphan of outer: child-of outer',
      leaf: 'orphan of outer: child-of inner',
    })
  })

  test('a child of two orphans belongs to the younger: the older goes first', () => {
    const both = {
      older: { children: ['shared'], age: '9d' },
      younger: { children: ['shared'], age: '3d' },
      shared: { age: '9d' },
    }
    expect(verdicts({ ...both, v: { tags: ['v'] } })).toMatchObject({
      shared: 'orphan of younger: child-of younger',
    })
  })

  test('a Docker image of schema 1', () => {
    expect(verdicts({ ancient: { type: SCHEMA_1 }, v: { tags: ['v'] } })).toMatchObject({
      ancient: 'orphan of ancient: unreferenced',
    })
  })

  test('an index with a child that the repository does not hold', () => {
    expect(verdicts({ sparse: { children: ['gone'] }, v: { tags: ['v'] } })).toMatchObject({
      sparse: 'orphan of sparse: unreferenced',
    })
  })

  test('an index without children', () => {
    expect(verdicts({ empty: { type: OCI_INDEX, children: [] }, v: { tags: ['v'] } })).toMatchObject({
      empty: 'orphan of empty: unreferenced',
    })
  })

  test('a build cache of old BuildKit, an index that lists layers', () => {
    const layer = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    expect(
      verdicts({ cache: { children: [{ name: 'layer', type: layer }] }, v: { tags: ['v'] } }),
    ).toMatchObject({ cache: 'orphan of cache: unreferenced' })
  })
})

describe('neither kept nor orphans', () => {
  test('a wrapper: an untagged index all of whose children are live', () => {
    expect(
      verdicts({
        joined: { children: ['amd64', 'arm64'] },
        amd64: { tags: ['amd64'] },
        arm64: { tags: ['arm64'] },
      }),
    ).toMatchObject({
      joined: 'wrapper of joined: children-live',
    })
  })

  test('no wrapper when a child is missing or only in flight', () => {
    const live = { amd64: { tags: ['amd64'] } }
    expect(verdicts({ ...live, joined: { children: ['amd64', 'gone'] } })).toMatchObject({
      joined: 'orphan of joined: unreferenced',
    })
    expect(
      verdicts({ ...live, joined: { children: ['amd64', 'young'] }, young: { age: '1m' } }),
    ).toMatchObject({
      joined: 'orphan of joined: unreferenced',
    })
  })

  test('an orphaned referrer, with its own referrer and children (W12)', () => {
    expect(
      verdicts({
        sbom: { subject: 'gone', children: ['part'] },
        signature: { subject: 'sbom' },
        part: {},
        v: { tags: ['v'] },
      }),
    ).toMatchObject({
      sbom: expect.stringMatching(/^orphaned-referrer of sbom: subject-gone sha256:/),
      signature: 'orphaned-referrer of sbom: referrer-of sbom',
      part: 'orphaned-referrer of sbom: child-of sbom',
    })
  })

  test('what an orphaned referrer and an orphan share stays with the orphaned referrer', () => {
    expect(
      verdicts({
        referrer: { subject: 'gone', children: ['shared'] },
        old: { children: ['shared', 'own'], age: '1d' },
        shared: {},
        own: {},
        v: { tags: ['v'] },
      }),
    ).toMatchObject({
      shared: 'orphaned-referrer of referrer: child-of referrer',
      own: 'orphan of old: child-of old',
    })
  })

  test('a repository without any tag: its images may be pulled by digest', () => {
    expect(verdicts({ image: {}, index: { children: ['amd64'] }, amd64: {}, fresh: { age: '1m' } })).toEqual({
      image: 'digest-only of image: no-tag-in-repository',
      index: 'digest-only of index: no-tag-in-repository',
      amd64: 'digest-only of index: child-of index',
      fresh: 'in-flight: just-pushed',
    })
  })

  test('digest tags do not make a repository a tagged one', () => {
    expect(verdicts({ image: {}, signature: { tags: ['sha256-{image}.sig'] } })).toEqual({
      image: 'digest-only of image: no-tag-in-repository',
      signature: 'digest-only of image: referrer-of image',
    })
  })
})
