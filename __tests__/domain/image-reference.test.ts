import { describe, expect, test } from 'vitest'
import {
  isRepositoryName,
  parseImageReference,
  type ImageReference,
} from '../../src/domain/image-reference.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('an image reference is read', () => {
  test.each<[string, Partial<ImageReference>]>([
    ['myregistry.azurecr.io/app:1.2', { host: 'myregistry.azurecr.io', repository: 'app', tag: '1.2' }],
    ['myregistry.azurecr.io/team/app', { host: 'myregistry.azurecr.io', repository: 'team/app' }],
    [
      'myregistry.azurecr.io/app:sha-ad132f5',
      { host: 'myregistry.azurecr.io', repository: 'app', tag: 'sha-ad132f5' },
    ],
    [
      `myregistry.azurecr.io/app@${DIGEST}`,
      { host: 'myregistry.azurecr.io', repository: 'app', digest: DIGEST },
    ],
    [`host.io/app:1.2@${DIGEST}`, { host: 'host.io', repository: 'app', tag: '1.2', digest: DIGEST }],
    ['localhost:5000/app:v1', { host: 'localhost:5000', repository: 'app', tag: 'v1' }],
    ['localhost/app', { host: 'localhost', repository: 'app' }],
    ['127.0.0.1:5000/app', { host: '127.0.0.1:5000', repository: 'app' }],
    ['host:5000/a/b/c', { host: 'host:5000', repository: 'a/b/c' }],
    ['MyRegistry.AzureCR.io/app:V1', { host: 'myregistry.azurecr.io', repository: 'app', tag: 'V1' }],
    ['ubuntu', { repository: 'ubuntu' }],
    ['ubuntu:24.04', { repository: 'ubuntu', tag: '24.04' }],
    ['user/app:latest', { repository: 'user/app', tag: 'latest' }],
    ['ghcr.io/a-b__c.d/e:_x', { host: 'ghcr.io', repository: 'a-b__c.d/e', tag: '_x' }],
  ])('%s', (text, parts) => {
    const nothing = { host: undefined, tag: undefined, digest: undefined }
    expect(parseImageReference(text)).toEqual({ text, ...nothing, ...parts })
  })
})

describe('no image reference is', () => {
  test.each([
    ['nothing', ''],
    ['only a host', 'myregistry.azurecr.io/'],
    ['a repository in capitals', 'myregistry.azurecr.io/App:1'],
    ['an organisation in capitals', 'MyOrg/app'],
    ['a tag without a name', 'myregistry.azurecr.io/app:'],
    ['a tag that begins with a dot', 'myregistry.azurecr.io/app:.1'],
    ['a tag that begins with a dash', 'myregistry.azurecr.io/app:-1'],
    ['a tag of 129 letters', `myregistry.azurecr.io/app:${'a'.repeat(129)}`],
    ['two tags', 'myregistry.azurecr.io/app:1:2'],
    ['a digest that is none', 'myregistry.azurecr.io/app@sha256:abc'],
    ['an empty digest', 'myregistry.azurecr.io/app@'],
    ['two digests', `myregistry.azurecr.io/app@${DIGEST}@${DIGEST}`],
    ['a URL', 'https://myregistry.azurecr.io/app:1'],
    ['a doubled slash', 'myregistry.azurecr.io//app'],
    ['a slash at the end', 'myregistry.azurecr.io/app/'],
    ['a blank', 'myregistry.azurecr.io/my app'],
    ['an option of a tag list', 'type=sha,prefix=x'],
    ['a variable that was not filled in', 'myregistry.azurecr.io/${IMAGE}:1'],
    ['a variable in the host that was not filled in', '${HOST}.azurecr.io/app'],
    ['a blank in the host', 'my registry.azurecr.io/app'],
    ['a host of signs alone', '.:/app'],
    ['a host with two ports', 'a:b:c/app'],
    ['an option of a tag list with a dot', 'type=sha,x.y/app'],
    ['a host that begins with a dash', '-a.io/app'],
    ['a port that is none', 'a.io:99x/app'],
    ['a repository of 256 letters', `a.io/${'a'.repeat(256)}`],
  ])('%s: %s', (_, text) => {
    expect(parseImageReference(text)).toBeUndefined()
  })
})

test('a tag of 128 letters is the longest', () => {
  expect(parseImageReference(`app:${'a'.repeat(128)}`)?.tag).toHaveLength(128)
})

describe('the name of a repository', () => {
  test.each(['app', 'team/app', 'a1/b-2/c_3/d.4', 'a__b', 'a---b', '0', 'a'.repeat(255)])(
    'can be %s',
    (name) => {
      expect(isRepositoryName(name)).toBe(true)
    },
  )

  test.each([
    '',
    'App',
    'a..b',
    'a___b',
    'a_-b',
    '-a',
    'a-',
    '/a',
    'a/',
    'a//b',
    'a b',
    'a\n',
    'é',
    'a'.repeat(256),
  ])('cannot be %j', (name) => {
    expect(isRepositoryName(name)).toBe(false)
  })
})
