import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../src/domain/graph.ts'
import { classify } from '../../src/domain/classify.ts'
import { digestsIn, parsePin, Pins } from '../../src/domain/pin.ts'
import { surveyOf } from '../../src/domain/survey.ts'
import { digestOf, picture, RULES, type Described } from './picture.ts'

type Picture = Readonly<Record<string, Described>>

const A = digestOf('a')
const B = digestOf('b')
const HEX = A.slice('sha256:'.length)

describe('a pin is written', () => {
  test('as a digest, for every repository', () => {
    expect(parsePin(A, 'protect-digests')).toEqual({
      digest: A,
      repository: undefined,
      source: 'protect-digests',
    })
  })

  test.each(['app', 'team/app', 'team/sub-team/app_v2'])('behind a repository: %s', (repository) => {
    expect(parsePin(`${repository}@${A}`, 'protect-digests')).toEqual({
      digest: A,
      repository,
      source: 'protect-digests',
    })
  })

  test.each([
    ['nothing', ''],
    ['no digest', 'latest'],
    ['a tag', 'app:latest'],
    ['hex alone', HEX],
    ['too short', A.slice(0, -1)],
    ['too long', `${A}0`],
    ['capital letters', A.toUpperCase()],
    ['another algorithm', `sha512:${HEX}${HEX}`],
    ['no repository before the @', `@${A}`],
    ['a repository in capitals', `App@${A}`],
    ['a repository with a tag', `app:v1@${A}`],
    ['a host', `myregistry.azurecr.io:443/app@${A}`],
    ['a pattern', `team/*@${A}`],
    ['two digests', `${A}@${B}`],
    ['blanks', ` ${A}`],
    ['a line break', `${A}\n`],
    ['a digest tag', `sha256-${HEX}`],
  ])('never as %s', (_, text) => {
    expect(parsePin(text, 'protect-digests')).toBeUndefined()
  })
})

describe('the digests in a text', () => {
  test.each<[string, string, readonly string[]]>([
    ['in a Kubernetes manifest', `image: myregistry.azurecr.io/app@${A}\n`, [A]],
    ['in JSON', `{"imageID":"docker-pullable://x/app@${A}","b":"${B}"}`, [A, B]],
    ['each once, in order', `${B} ${A} ${B}`, [B, A]],
    ['in capitals', `image: app@${A.toUpperCase()}`, [A]],
    ['without anything between them', `${A}${B}`, [A, B]],
    ['at the end of a sentence', `We run ${A}.`, [A]],
    ['with Windows line ends', `${A}\r\n${B}\r\n`, [A, B]],
    ['none in nothing', '', []],
    ['none that is too short', A.slice(0, -1), []],
    ['none that is too long', `${A}f`, []],
    ['none of another algorithm', `sha512:${HEX}${HEX}`, []],
    ['none in a digest tag', `sha256-${HEX}.sig`, []],
  ])('%s', (_, text, expected) => {
    expect(digestsIn(text)).toEqual(expected)
  })

  test('a large text takes no longer than a look at it', () => {
    const text = `sha256:${'0'.repeat(63)} `.repeat(20_000) + A
    expect(digestsIn(text)).toEqual([A])
  })
})

describe('pins', () => {
  const pins = new Pins([
    { digest: A, repository: undefined, source: 'deploy/prod.yaml' },
    { digest: A, repository: undefined, source: 'deploy/test.yaml' },
    { digest: A, repository: 'app', source: 'protect-digests' },
    { digest: B, repository: 'app', source: 'protect-digests' },
    { digest: B, repository: 'app', source: 'images.txt' },
  ])

  test('say who pins: the first who did', () => {
    expect(pins.sourceOf('app', B)).toBe('protect-digests')
    expect(pins.sourceOf('web', A)).toBe('deploy/prod.yaml')
    expect(pins.sourceOf('app', A)).toBe('deploy/prod.yaml')
  })

  test('hold in their repository only, if they name one', () => {
    expect(pins.sourceOf('web', B)).toBeUndefined()
    expect(pins.sourceOf('team/app', B)).toBeUndefined()
  })

  test('hold also where the registry is named in front of the repository, as a running image is called', () => {
    const copied = ['myregistry.azurecr.io/team/app', 'my.team/app'].flatMap(
      (name) => parsePin(`${name}@${A}`, 'protect-digests') ?? [],
    )
    const named = new Pins(copied)
    expect(named.sourceOf('team/app', A)).toBe('protect-digests')
    expect(named.sourceOf('my.team/app', A)).toBe('protect-digests')
    expect(named.sourceOf('team', A)).toBeUndefined()
    expect(named.size).toBe(2)
  })

  test('hold for no other manifest', () => {
    expect(pins.sourceOf('app', digestOf('c'))).toBeUndefined()
  })

  test('are counted once each', () => {
    expect(pins.size).toBe(3)
    expect(new Pins([]).size).toBe(0)
  })
})

describe('a pin protects', () => {
  const REPOSITORY: Picture = {
    current: { tags: ['latest'] },
    subject: { age: '90d' },
    pinned: { age: '90d', children: ['inner'], subject: 'subject' },
    inner: { age: '90d', children: ['leaf'] },
    leaf: { age: '90d' },
    signature: { age: '90d', tags: ['sha256-{leaf}.sig'] },
    sbom: { age: '90d', subject: 'signature' },
    sibling: { age: '90d', subject: 'subject' },
    parent: { age: '90d', children: ['pinned', 'unrelated'] },
    unrelated: { age: '90d' },
  }

  function verdictKinds(): Readonly<Record<string, string | undefined>> {
    const { manifests, documents, ...rest } = picture(REPOSITORY)
    const pinnedBy = (digest: string): string | undefined =>
      digest === digestOf('pinned') ? 'deploy.yaml' : undefined
    const graph = buildGraph({ manifests, documents, ...rest })
    const { verdicts } = classify(manifests, graph, { ...RULES, pinnedBy })
    return Object.fromEntries(
      Object.keys(REPOSITORY).map((name) => [name, verdicts.get(digestOf(name))?.kind]),
    )
  }

  test.each([
    ['itself', 'pinned'],
    ['its children', 'inner'],
    ['their children', 'leaf'],
    ['what signs them', 'signature'],
    ['what refers to that', 'sbom'],
    ['its subject', 'subject'],
    ['whatever else refers to its subject', 'sibling'],
  ])('%s', (_, name) => {
    expect(verdictKinds()[name]).toBe('protected')
  })

  test.each([
    ['the index that lists it', 'parent'],
    ['its siblings there', 'unrelated'],
  ])('not %s', (_, name) => {
    expect(verdictKinds()[name]).toBe('orphan')
  })

  test('also as a reason that the report can name, for each untagged manifest', () => {
    const { pinned } = surveyOf(picture(REPOSITORY), {
      ...RULES,
      pinnedBy: (digest) => (digest === digestOf('pinned') ? 'deploy.yaml' : undefined),
    })
    expect(new Map(pinned.map(({ digest, by }) => [digest, by]))).toEqual(
      new Map([
        [digestOf('pinned'), 'deploy.yaml'],
        [digestOf('subject'), 'deploy.yaml'],
      ]),
    )
  })

  test('subjects at any depth, also by digest tag', () => {
    const described: Picture = {
      current: { tags: ['latest'] },
      image: { age: '90d' },
      sbom: { age: '90d', tags: ['sha256-{image}.sbom'] },
      pinned: { age: '90d', subject: 'sbom' },
    }
    const found = surveyOf(picture(described), {
      ...RULES,
      pinnedBy: (digest) => (digest === digestOf('pinned') ? 'deploy.yaml' : undefined),
    })
    expect(found.findings).toEqual([])
  })
})
