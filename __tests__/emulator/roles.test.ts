import { expect, test } from 'vitest'
import { startEmulator, type Identity, type RoleAssignment } from '../../emulator/index.ts'
import { call } from './client.ts'

/** One call for each kind of right. */
const calls = {
  catalog: 'GET /acr/v1/_catalog',
  list: 'GET /acr/v1/app/_manifests',
  pull: 'GET /v2/app/tags/list',
  lock: 'PATCH /acr/v1/app',
  push: 'POST /v2/app/blobs/uploads/',
  delete: 'DELETE /acr/v1/app/_tags/v1',
} as const

type Right = keyof typeof calls

async function rightsOf(identity: Identity, credentials: string, abac = false): Promise<Right[]> {
  await using emulator = await startEmulator({
    abac,
    identities: [identity],
    seed: (registry) => void registry.repo('app').image({ tag: 'v1' }),
  })
  const rights: Right[] = []
  for (const [right, line] of Object.entries(calls)) {
    const answer = await call(emulator, line, { basic: credentials, body: right === 'lock' ? '{}' : '' })
    if (answer.status !== 401) rights.push(right as Right)
  }
  return rights
}

const withRoles = (...roles: RoleAssignment[]): Identity => ({
  kind: 'entra',
  name: 'principal',
  appId: 'id',
  clientSecret: 'secret',
  roles,
})

const all: Right[] = ['catalog', 'list', 'pull', 'lock', 'push', 'delete']
const reading: Right[] = ['catalog', 'list', 'pull']

test.each<[RoleAssignment[], Right[]]>([
  [['AcrPull'], reading],
  [['Reader'], reading],
  [['AcrPush'], [...reading, 'push']],
  [['AcrDelete'], ['delete']],
  [
    ['AcrPull', 'AcrDelete'],
    [...reading, 'delete'],
  ],
  [['Contributor'], all],
  [['Owner'], all],
  [['Container Registry Repository Contributor', 'Container Registry Repository Catalog Lister'], []],
  [[], []],
])('on a registry without ABAC, %j may %j', async (roles, rights) => {
  expect(await rightsOf(withRoles(...roles), 'id:secret')).toEqual(rights)
})

test.each<[RoleAssignment[], Right[]]>([
  [['Container Registry Repository Reader'], ['list', 'pull']],
  [['Container Registry Repository Writer'], ['list', 'pull', 'lock', 'push']],
  [['Container Registry Repository Contributor'], ['list', 'pull', 'lock', 'push', 'delete']],
  [['Container Registry Repository Catalog Lister'], ['catalog']],
  [['Owner', 'AcrPull', 'AcrPush', 'AcrDelete'], []],
  [[{ role: 'Container Registry Repository Reader', repositories: ['app'] }], ['list', 'pull']],
  [[{ role: 'Container Registry Repository Reader', repositories: ['ap*'] }], ['list', 'pull']],
  [[{ role: 'Container Registry Repository Reader', repositories: ['other', 'app/*'] }], []],
])('on a registry with ABAC, %j may %j', async (roles, rights) => {
  expect(await rightsOf(withRoles(...roles), 'id:secret', true)).toEqual(rights)
})

test.each([false, true])('the admin user may everything (ABAC: %j)', async (abac) => {
  expect(await rightsOf({ kind: 'admin', username: 'a', password: 'b' }, 'a:b', abac)).toEqual(all)
})

test('a scope map gives what it says per repository, and never the catalog', async () => {
  const token = (repositories: Extract<Identity, { kind: 'scope-map' }>['repositories']): Identity => ({
    kind: 'scope-map',
    username: 't',
    password: 'p',
    repositories,
  })
  expect(await rightsOf(token({ app: ['content/read'] }), 't:p')).toEqual(['pull'])
  expect(await rightsOf(token({ app: ['metadata/read', 'content/delete'] }), 't:p')).toEqual([
    'list',
    'delete',
  ])
  expect(await rightsOf(token({ app: ['content/read', 'content/write', 'metadata/write'] }), 't:p')).toEqual([
    'pull',
    'lock',
    'push',
  ])
  expect(await rightsOf(token({ other: ['content/read', 'metadata/read'] }), 't:p')).toEqual([])
})
