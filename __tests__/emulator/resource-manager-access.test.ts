import { expect, test } from 'vitest'
import { startEntra, startResourceManager, type ReaderDescription } from '../../emulator/index.ts'
import { call } from './client.ts'
import { armScope, digestOf, errorIn, graphPath, startWorld } from './resource-manager-world.ts'

/** Who gets in, and what each of them may read. */

const registries = [{ name: 'myregistry', tasks: [{ name: 'purge', command: 'acr purge' }] }]

const settings = (arm: { estate: { registry: (name: string) => { id: string } } }) =>
  `${arm.estate.registry('myregistry').id}?api-version=2025-11-01`

test('a token for Resource Manager is taken, by either of its names', async () => {
  await using world = await startWorld({ registries })
  for (const scope of [
    armScope,
    'https://management.azure.com//.default',
    'https://management.core.windows.net/.default',
    'https://management.core.windows.net//.default',
  ]) {
    const token = await world.tokenOf('pipeline', scope)
    expect((await world.get(settings(world.arm), token)).status).toBe(200)
    expect((await world.post({ query: 'Resources' }, token)).status).toBe(200)
  }
})

test('a token for a registry is refused, with the audiences that there are and a challenge', async () => {
  await using world = await startWorld({ registries })
  const token = await world.tokenOf('pipeline', 'https://containerregistry.azure.net/.default')
  for (const answer of [
    await world.get(settings(world.arm), token),
    await world.post({ query: '' }, token),
  ]) {
    expect(answer.status).toBe(401)
    expect(answer.json()).toEqual({
      error: {
        code: 'InvalidAuthenticationTokenAudience',
        message:
          "The access token has been obtained for wrong audience or resource 'https://containerregistry.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.",
      },
    })
    expect(answer.headers['www-authenticate']).toMatch(
      new RegExp(
        `^Bearer authorization_uri="https://login.windows.net/${world.entra.tenant.id}", error="invalid_token", error_description=".+"$`,
      ),
    )
  }
})

test('no token, one of somebody else, one that has ended: each is told apart', async () => {
  await using world = await startWorld({ registries })
  const codeOf = async (bearer?: string) => {
    const answer = await call(world.arm, `GET ${settings(world.arm)}`, bearer === undefined ? {} : { bearer })
    return [answer.status, errorIn(answer).code]
  }
  const anonymous = await call(world.arm, `GET ${settings(world.arm)}`)
  expect(errorIn(anonymous)).toEqual({
    code: 'AuthenticationFailed',
    message: "Authentication failed. The 'Authorization' header is missing.",
  })
  expect(anonymous.headers['www-authenticate']).toContain(
    `error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."`,
  )
  await using foreign = await startEntra({ applications: [{ name: 'pipeline' }] })
  const { token } = foreign.issue('pipeline', 'https://management.azure.com')
  expect(await codeOf(token)).toEqual([401, 'InvalidAuthenticationToken'])
  expect(await codeOf('not-a-token')).toEqual([401, 'InvalidAuthenticationToken'])
  const own = await world.tokenOf()
  world.entra.clock.advance('2h')
  expect(await codeOf(own)).toEqual([401, 'ExpiredAuthenticationToken'])
  expect(errorIn(await world.get(settings(world.arm), own)).message).toMatch(
    /^The access token expiry UTC time '[\d/]+ [\d:]+ [AP]M' is earlier than current UTC time '.+'\.$/,
  )
})

test('a token of another tenant: 401 for a subscription, nothing in Resource Graph', async () => {
  await using entra = await startEntra({
    tenants: [{ name: 'Contoso' }, { name: 'Fabrikam', applications: [{ name: 'guest' }] }],
  })
  await using arm = await startResourceManager({
    entra,
    registries,
    readers: [{ identity: 'guest', role: 'Owner' }],
  })
  const { token } = entra.issue('guest', 'https://management.azure.com')
  const [home, other] = entra.directory.tenants
  const answer = await call(arm, `GET ${settings(arm)}`, { bearer: token })
  expect([answer.status, errorIn(answer).code]).toEqual([401, 'InvalidAuthenticationTokenTenant'])
  expect(errorIn(answer).message).toContain(`from the wrong issuer 'https://sts.windows.net/${other?.id}/'`)
  expect(answer.headers['www-authenticate']).toContain(`https://login.windows.net/${home?.id}`)
  const rows = await call(arm, `POST ${graphPath}`, {
    bearer: token,
    headers: { 'content-type': 'application/json' },
    body: '{"query":"Resources"}',
  })
  expect(rows.json()).toMatchObject({ totalRecords: 0 })
})

test('who may not is told which action on which scope', async () => {
  await using world = await startWorld({ registries }, [{ identity: 'pipeline', role: 'AcrPull' }])
  const { id } = world.arm.estate.registry('myregistry')
  const { objectId } = world.entra.application('pipeline')
  const answer = await world.get(settings(world.arm))
  expect(answer.status).toBe(403)
  expect(answer.json()).toEqual({
    error: {
      code: 'AuthorizationFailed',
      message: `The client '${objectId}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/read' over scope '${id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    },
  })
  const usages = errorIn(await world.get(`${id}/listUsages?api-version=2025-11-01`))
  expect(usages.message).toContain("'Microsoft.ContainerRegistry/registries/listUsages/read'")
  // Whether something is there is nothing for somebody without rights.
  expect((await world.get(`${id}x?api-version=2025-11-01`)).status).toBe(403)
})

const least = [
  'Microsoft.ContainerRegistry/registries/read',
  'Microsoft.ContainerRegistry/registries/listUsages/read',
]
const configurationReader = 'Container Registry Configuration Reader and Data Access Configuration Reader'

test.each<{ reads: string; role: ReaderDescription['role']; on?: string }>([
  { role: 'Reader', reads: 'settings usages tasks row findings' },
  { role: 'Reader', on: 'myregistry', reads: 'settings usages tasks row findings' },
  { role: 'Security Reader', reads: 'findings' },
  { role: configurationReader, on: 'myregistry', reads: 'settings usages row' },
  { role: 'AcrPull', on: 'myregistry', reads: '' },
  { role: 'Container Registry Repository Reader', on: 'myregistry', reads: '' },
  { role: { actions: least }, on: 'myregistry', reads: 'settings usages row' },
])('$role on $on reads what it may, and of the rest there are no rows', async ({ role, on, reads }) => {
  const finding = {
    repository: 'app',
    digest: digestOf('a'),
    packages: [{ software: 'zlib', cves: [{ id: 'CVE-2025-1', severity: 'High' }] }],
  } as const
  await using world = await startWorld(
    { registries: registries.map((each) => ({ ...each, findings: [finding] })) },
    [{ identity: 'pipeline', role, ...(on === undefined ? {} : { on }) }],
  )
  const { id } = world.arm.estate.registry('myregistry')
  const found = async (path: string) => (await world.get(`${id}${path}`)).status === 200
  const hasRow = async (query: string) => (await world.query(query)).totalRecords === 1
  const seen = {
    settings: await found('?api-version=2025-11-01'),
    usages: await found('/listUsages?api-version=2025-11-01'),
    tasks: await found('/tasks?api-version=2019-06-01-preview'),
    row: await hasRow("Resources | where type == 'microsoft.containerregistry/registries'"),
    findings: await hasRow("SecurityResources | where type == 'microsoft.security/assessments'"),
  }
  const names = Object.entries(seen).flatMap(([name, isSeen]) => (isSeen ? [name] : []))
  expect(names.join(' ')).toBe(reads)
})

test('rights can be given and taken while it runs', async () => {
  await using world = await startWorld({ registries }, [])
  const path = settings(world.arm)
  expect((await world.get(path)).status).toBe(403)
  world.arm.estate.assign({ identity: 'pipeline', role: 'Reader', on: 'myregistry' })
  expect((await world.get(path)).status).toBe(200)
  world.arm.estate.unassign('pipeline')
  expect((await world.get(path)).status).toBe(403)
})

test('the log has what was asked for and by whom, and no token', async () => {
  await using world = await startWorld({ registries })
  await world.query('Resources | take 1', { options: { $top: 5 } })
  await world.get(settings(world.arm))
  await world.get('/subscriptions', 'secret-token')
  expect(world.arm.log.requests()).toMatchObject([
    {
      route: 'graph',
      class: 'query',
      identity: 'pipeline',
      query: { 'api-version': '2022-10-01', query: 'Resources | take 1', $top: '5' },
      authorization: 'bearer',
      status: 200,
    },
    { route: 'resource', class: 'read', identity: 'pipeline', status: 200 },
    { route: 'subscriptions', status: 401, error: 'InvalidAuthenticationToken' },
  ])
  expect(JSON.stringify(world.arm.log.requests())).not.toContain('secret-token')
})

test('faults: a scripted answer, a cut connection, a change just before', async () => {
  await using world = await startWorld({ registries })
  world.arm.faults.add({ route: 'graph', nth: 1 }, { status: 503, retryAfter: 7 })
  world.arm.faults.add({ route: 'graph', nth: 2 }, { drop: 'before' })
  world.arm.faults.before({ route: 'graph', nth: 3 }, (estate) => estate.unassign('pipeline'))
  const first = await world.post({ query: 'Resources' })
  expect([first.status, first.headers['retry-after'], errorIn(first).code]).toEqual([
    503,
    '7',
    'InternalServerError',
  ])
  await expect(world.post({ query: 'Resources' })).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(await world.query('Resources')).toMatchObject({ totalRecords: 0 })
})
