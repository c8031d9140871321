import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }
const absent = `sha256:${'a'.repeat(64)}`

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({
    seed: (registry) => {
      registry.repo('hello-world').image({ tag: 'latest' })
      registry.repo('library/hello-world').image({ tag: 'latest', lock: 'delete' })
    },
  })
})

afterAll(() => emulator.close())

/** Lengths of recorded or quoted bodies; requests without credentials where the answer is a challenge. */
test.each([
  [222, 401, 'GET /acr/v1/library/hello-world/_manifests'],
  [207, 401, `DELETE /v2/hello-world/manifests/${absent}`],
  [215, 401, `PATCH /acr/v1/hello-world/_manifests/${absent}`],
  [215, 401, 'DELETE /acr/v1/library%2Fhello-world/_tags/latest'],
  [213, 401, 'GET /v2/library/hello-world/manifests/latest'],
  [223, 401, 'PATCH /acr/v1/library/hello-world'],
  [264, 401, 'PUT /v2/hello-world/manifests/latest'],
  [196, 401, 'GET /acr/v1/_catalog'],
  [19, 404, 'GET /acr/v1/hello-world/_manifests/wrong-digest'],
])('%i bytes, %i: %s', async (length, status, line) => {
  const answer = await call(emulator, line)
  expect([answer.bytes.length, answer.status]).toEqual([length, status])
})

test.each([
  [90, 405, 'DELETE /v2/hello-world/manifests/error-digest'],
  [88, 404, 'GET /acr/v1/wrong-name'],
  [88, 404, 'GET /acr/v1/wrong-name/_manifests'],
  [88, 404, 'DELETE /acr/v1/wrong-name'],
  [81, 404, 'GET /acr/v1/hello-world/_tags/wrong-tag'],
  [81, 404, 'DELETE /acr/v1/hello-world/_tags/wrong-tag'],
  [128, 404, 'GET /v2/hello-world/manifests/wrong-tag'],
  [147, 404, `DELETE /v2/hello-world/manifests/${absent}`],
  [70, 404, `GET /acr/v1/hello-world/_manifests/${absent}`],
])('%i bytes, %i, with credentials: %s', async (length, status, line) => {
  const answer = await call(emulator, line, admin)
  expect([answer.bytes.length, answer.status]).toEqual([length, status])
})

test('a locked manifest is refused with the 263 bytes of a lock, not with UNSUPPORTED', async () => {
  const [digest = ''] = emulator.registry.repo('library/hello-world').digests()
  const answer = await call(emulator, `DELETE /v2/library/hello-world/manifests/${digest}`, admin)
  expect([answer.bytes.length, answer.status]).toEqual([263, 405])
  expect(answer.text).toContain('REGISTRY_DISALLOWED_OPERATION')
})

test('the challenge has no space behind its commas and a detail for each action', async () => {
  const answer = await call(emulator, 'PUT /v2/hello-world/manifests/latest')
  const { host } = emulator
  expect(answer.headers['www-authenticate']).toBe(
    `Bearer realm="https://${host}/oauth2/token",service="${host}",scope="repository:hello-world:pull,push"`,
  )
  expect(answer.text).toContain(
    '"detail":[{"Type":"repository","Name":"hello-world","Action":"pull"},{"Type":"repository","Name":"hello-world","Action":"push"}]',
  )
})

test('the catalog asks for the registry scope, the version for none', async () => {
  const catalog = await call(emulator, 'GET /acr/v1/_catalog')
  expect(catalog.headers['www-authenticate']).toContain(',scope="registry:catalog:*"')
  expect(catalog.text).toContain('"detail":[{"Type":"registry","Name":"catalog","Action":"*"}]')
  const version = await call(emulator, 'GET /v2/')
  expect(version.status).toBe(401)
  expect(version.headers['www-authenticate']).toMatch(/^Bearer realm="[^"]+",service="[^"]+"$/)
})

test('names of repositories that do not exist do not leak without credentials', async () => {
  const [there, notThere] = await Promise.all(
    ['hello-world', 'wrong-name'].map((name) => call(emulator, `GET /acr/v1/${name}/_tags`)),
  )
  expect([there?.status, notThere?.status]).toEqual([401, 401])
})

test('a path that is no route is the plain text of the router', async () => {
  for (const line of [
    'GET /',
    'GET /acr/v1/',
    'GET /v2/UPPER/manifests/x',
    'GET /v2/a/manifests/sha256:short',
    'GET /%zz',
  ]) {
    const answer = await call(emulator, line, admin)
    expect([line, answer.status, answer.headers['content-type'], answer.text]).toEqual([
      line,
      404,
      'text/plain; charset=utf-8',
      '404 page not found\n',
    ])
  }
})

test('a method that a path does not know is 405 UNSUPPORTED', async () => {
  const answer = await call(emulator, 'POST /acr/v1/hello-world/_tags', admin)
  expect([answer.status, answer.text]).toEqual([
    405,
    '{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}\n',
  ])
})

test('a repository may have a name that looks like a part of a path', async () => {
  const repository = emulator.registry.repo('manifests/tags/blobs')
  const digest = repository.image({ tag: 'list', format: 'docker' })
  const answer = await call(emulator, 'GET /v2/manifests/tags/blobs/manifests/list', admin)
  expect(answer.headers['docker-content-digest']).toBe(digest)
  const tags = await call(emulator, 'GET /v2/manifests/tags/blobs/tags/list', admin)
  expect(tags.json()).toEqual({ name: 'manifests/tags/blobs', tags: ['list'] })
})
