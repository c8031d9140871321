import { describe, expect, test } from 'vitest'
import { deploymentsOn, pinsOf, runningUntagged, type Deployed } from '../../src/domain/deployment.ts'
import { registryHost, registryName } from '../../src/domain/login-server.ts'
import { Pins } from '../../src/domain/pin.ts'
import { digestOf, survey, type Described } from './picture.ts'

const HOST = 'myregistry.azurecr.io'
const DIGEST = digestOf('old')

const found = (image: string, host = HOST) =>
  deploymentsOn(host, [{ name: 'container app shop', image }]).map(
    ({ repository, digest }) => `${repository}@${digest}`,
  )

describe('an image that something runs', () => {
  test.each([
    [`${HOST}/team/app@${DIGEST}`],
    [`${HOST}/team/app:1.2@${DIGEST}`],
    [`https://${HOST}/team/app@${DIGEST}`],
    [`MyRegistry.AzureCR.io/Team/App@${DIGEST.toUpperCase()}`],
    [`myregistry.westeurope.geo.azurecr.io/team/app@${DIGEST}`],
  ])('%s is pinned', (image) => {
    expect(found(image)).toEqual([`team/app@${DIGEST}`])
  })

  test.each([
    ['by tag', `${HOST}/team/app:latest`],
    ['in another registry', `other.azurecr.io/team/app@${DIGEST}`],
    ['in another cloud', `myregistry.azurecr.us/team/app@${DIGEST}`],
    ['behind a host that begins alike', `${HOST}.evil.example/team/app@${DIGEST}`],
    ['by half a digest', `${HOST}/team/app@${DIGEST.slice(0, -1)}`],
    ['by more than a digest', `${HOST}/team/app@${DIGEST}0`],
    ['that is none', ''],
    ['of a thousand signs', `${HOST}/${'a/'.repeat(50_000)}@${DIGEST}`],
  ])('%s is not', (_, image) => {
    expect(found(image)).toEqual([])
  })

  test('on a regional endpoint is the one of the registry', () => {
    expect(found(`${HOST}/app@${DIGEST}`, 'myregistry.northeurope.geo.azurecr.io')).toHaveLength(1)
  })

  test('with a port belongs to that port only', () => {
    expect(found(`127.0.0.1:5000/app@${DIGEST}`, '127.0.0.1:5000')).toEqual([`app@${DIGEST}`])
    expect(found(`127.0.0.1:5001/app@${DIGEST}`, '127.0.0.1:5000')).toEqual([])
  })
})

test.each([
  ['contoso.azurecr.io', 'contoso.azurecr.io', 'contoso'],
  ['contoso.westeurope.geo.azurecr.io', 'contoso.azurecr.io', 'contoso'],
  ['contoso-a1b2.westeurope.geo.azurecr.us', 'contoso-a1b2.azurecr.us', 'contoso'],
  ['geo.azurecr.io', 'geo.azurecr.io', 'geo'],
  [
    'westeurope.geo.azurecr.io.example',
    'westeurope.geo.azurecr.io.example',
    'westeurope.geo.azurecr.io.example',
  ],
])('%s is an endpoint of %s, of the registry %s', (host, registry, name) => {
  expect(registryHost(host)).toBe(registry)
  expect(registryName(host)).toBe(name)
})

const deployed = (...names: readonly string[]): Deployed => ({
  kind: 'checked',
  deployments: names.map((name) => ({
    repository: 'app',
    digest: digestOf(name),
    workload: `container app ${name}`,
  })),
  seen: names.length,
  gaps: [],
})

const PICTURE: Readonly<Record<string, Described>> = {
  current: { tags: ['latest'] },
  index: { age: '30d', children: ['amd64'] },
  amd64: { age: '30d' },
  signature: { age: '30d', subject: 'index' },
  old: { age: '30d' },
}

const surveyed = (running: Deployed) => {
  const pins = new Pins(pinsOf(running))
  return survey(PICTURE, {}, { pinnedBy: (digest) => pins.sourceOf('app', digest) })
}

describe('what runs', () => {
  test('stays with all that it needs and that refers to it', () => {
    const { findings, protected: kept } = surveyed(deployed('index'))
    expect(findings.map(({ root }) => root.digest)).toEqual([digestOf('old')])
    expect(kept.get('pinned')).toBe(3)
  })

  test('without a tag is named with what runs it, once each', () => {
    const running = deployed('index', 'index', 'current')
    expect(runningUntagged([surveyed(running)], running)).toEqual([
      {
        repository: 'app',
        digest: digestOf('index'),
        mediaType: 'application/vnd.oci.image.index.v1+json',
        workloads: ['container app index'],
      },
    ])
  })

  test('is not what it refers to, though that stays too', () => {
    const running = deployed('signature')
    expect(runningUntagged([surveyed(running)], running).map(({ digest }) => digest)).toEqual([
      digestOf('signature'),
    ])
  })

  test('in another repository with the same digest pins nothing here', () => {
    const running = deployed('old')
    const elsewhere = survey(PICTURE, { repository: 'other' }, { pinnedBy: () => 'an input' })
    expect(runningUntagged([elsewhere], running)).toEqual([])
    expect(new Pins(pinsOf(running)).sourceOf('other', DIGEST)).toBeUndefined()
  })

  test.each<Deployed>([{ kind: 'off' }, { kind: 'unchecked', why: 'No.' }])('%j pins nothing', (unknown) => {
    expect(pinsOf(unknown)).toEqual([])
    expect(runningUntagged([surveyed(deployed('old'))], unknown)).toEqual([])
  })
})

test.each([
  `myregistry.azurecr.io:443/team/app@sha256:${'a'.repeat(64)}`,
  ` myregistry.azurecr.io/app@sha256:${'a'.repeat(64)} `,
])('what runs is recognised: %j', (image) => {
  expect(deploymentsOn('myregistry.azurecr.io', [{ name: 'shop', image }])).toHaveLength(1)
})
