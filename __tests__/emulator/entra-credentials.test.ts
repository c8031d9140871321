import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClientSecretCredential } from '@azure/identity'
import { expect, test } from 'vitest'
import {
  installFakeAz,
  startEmulator,
  startEntra,
  startGitHubOidc,
  startManagedIdentity,
  startProxy,
  type Entra,
} from '../../emulator/index.ts'
import { ask, askOne, nobody, temporaryFolder } from './identity.ts'

/** Every way to an Entra token that the real libraries know, each to the end: a refresh token of the registry. */

const subject = 'repo:octo-org/octo-repo:ref:refs/heads/main'

const start = () =>
  startEntra({
    applications: [
      { name: 'pipeline', secrets: ['the-secret'], federated: [{ subject }] },
      { name: 'machine' },
    ],
  })

const registryOf = (entra: Entra) =>
  startEmulator({
    entra,
    identities: ['pipeline', 'machine'].map((name) => entra.identity(name, ['AcrPull'])),
  })

const pipelineOf = (entra: Entra) => ({
  tenant: entra.tenant.id,
  client: entra.application('pipeline').clientId,
})

const requestsOf = ({ log }: Entra) => log.requests().map(({ route, status }) => [route, status])

test('a client secret: one document and one token, for as long as the token lives', async () => {
  await using entra = await start()
  await using registry = await registryOf(entra)
  const question = { kind: 'secret', ...pipelineOf(entra), secret: 'the-secret', times: 3 } as const
  const told = await askOne({ ...question, registry: registry.url }, entra.environment)
  expect(told).toMatchObject({
    claims: {
      aud: 'https://containerregistry.azure.net',
      iss: `https://sts.windows.net/${entra.tenant.id}/`,
      tid: entra.tenant.id,
      appid: entra.application('pipeline').clientId,
      oid: entra.application('pipeline').objectId,
      appidacr: '1',
    },
    exchange: 200,
  })
  expect(requestsOf(entra)).toEqual([
    ['openid-configuration', 200],
    ['token', 200],
  ])
  expect(entra.log.requests({ route: 'token' })).toMatchObject([
    { identity: 'pipeline', authorization: 'secret', query: { grant_type: 'client_credentials' } },
  ])
  expect(registry.log.requests()).toMatchObject([{ route: 'exchange', status: 200, identity: 'pipeline' }])
})

test('a token that lives less than five minutes is asked for each time', async () => {
  await using entra = await start()
  entra.switches.accessTokenSeconds = 20
  const question = { kind: 'secret', ...pipelineOf(entra), secret: 'the-secret', times: 3 } as const
  const told = await askOne(question, entra.environment)
  const { iat, exp } = told.claims as { iat: number; exp: number }
  expect(exp - iat).toBe(20)
  expect(entra.log.counts().byRoute).toEqual({ 'openid-configuration': 1, token: 3 })
})

test('who asks for a token several times at once, asks the service several times', async () => {
  await using entra = await start()
  const { tenant, client } = pipelineOf(entra)
  const credential = new ClientSecretCredential(tenant, client, 'the-secret', {
    authorityHost: entra.url,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: entra.certificate },
  })
  const scope = 'https://containerregistry.azure.net/.default'
  await Promise.all(Array.from({ length: 5 }, () => credential.getToken(scope)))
  expect(entra.log.counts().byRoute).toEqual({ 'openid-configuration': 5, token: 5 })
})

test("GitHub's OIDC token: asked for twice whenever a token is wanted, even one that is there already", async () => {
  await using entra = await start()
  await using registry = await registryOf(entra)
  await using oidc = await startGitHubOidc()
  const question = { kind: 'github', ...pipelineOf(entra), registry: registry.url, times: 2 } as const
  const told = await askOne(question, { ...entra.environment, ...oidc.environment })
  expect(told).toMatchObject({ claims: { appidacr: '2' }, exchange: 200 })
  expect(requestsOf(entra)).toEqual([
    ['openid-configuration', 200],
    ['token', 200],
  ])
  expect(entra.log.requests({ route: 'token' })).toMatchObject([
    { authorization: 'assertion', query: { subject } },
  ])
  expect(oidc.log.requests().map(({ query, status }) => [query['audience'], status])).toEqual(
    Array.from({ length: 4 }, () => ['api://AzureADTokenExchange', 200]),
  )
})

test('the environment: a secret, or the file of a workload identity', async () => {
  await using entra = await start()
  await using registry = await registryOf(entra)
  await using oidc = await startGitHubOidc()
  const { tenant, client } = pipelineOf(entra)
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, oidc.token('api://AzureADTokenExchange'))
  const told = await ask(
    [
      { kind: 'environment', registry: registry.url },
      { kind: 'workload', registry: registry.url },
    ],
    {
      ...entra.environment,
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: client,
      AZURE_CLIENT_SECRET: 'the-secret',
      AZURE_FEDERATED_TOKEN_FILE: file,
    },
  )
  expect(told).toMatchObject([
    { claims: { appidacr: '1' }, exchange: 200 },
    { claims: { appidacr: '2' }, exchange: 200 },
  ])
  expect(oidc.log.counts().total).toBe(0)
})

test('managed identities: of the metadata service and of App Service, with one request each', async () => {
  await using entra = await start()
  await using registry = await registryOf(entra)
  await using machine = await startManagedIdentity({
    entra,
    systemAssigned: 'machine',
    userAssigned: ['pipeline'],
  })
  const { client } = pipelineOf(entra)
  const questions = [
    { kind: 'managed identity', registry: registry.url },
    { kind: 'managed identity', registry: registry.url, client },
  ] as const
  for (const [route, env] of [
    ['imds', machine.imdsEnvironment],
    ['app-service', machine.appServiceEnvironment],
  ] as const) {
    machine.log.reset()
    const told = await ask(questions, { ...entra.environment, ...env })
    expect(told).toMatchObject([
      { claims: { appid: entra.application('machine').clientId }, exchange: 200 },
      { claims: { appid: client }, exchange: 200 },
    ])
    expect(machine.log.requests()).toMatchObject([
      { route, status: 200, identity: 'machine', authorization: 'header' },
      { route, status: 200, identity: 'pipeline', query: { client_id: client } },
    ])
  }
  expect(entra.log.counts().total).toBe(0)
})

test('the Azure CLI: a process for each token, and a request only when it has none', async () => {
  await using entra = await start()
  await using registry = await registryOf(entra)
  const az = installFakeAz(temporaryFolder(), {
    login: { entra, application: 'pipeline', secret: 'the-secret' },
  })
  const question = { kind: 'az', registry: registry.url, times: 2 } as const
  const told = await askOne(question, { ...entra.environment, ...az.environment })
  expect(told).toMatchObject({ exchange: 200 })
  const call = ['account', 'get-access-token', '--output', 'json', '--resource']
  expect(az.calls()).toEqual(
    Array.from({ length: 2 }, () => [...call, 'https://containerregistry.azure.net']),
  )
  expect(requestsOf(entra)).toEqual([['token', 200]])
})

test('behind a proxy the service answers under its own name, and costs one request', async () => {
  await using entra = await start()
  await using machine = await startManagedIdentity({ entra, systemAssigned: 'machine' })
  await using registry = await startEmulator({
    entra,
    identities: [entra.identity('pipeline', ['AcrPull'])],
    hostNames: ['myregistry.azurecr.io'],
  })
  await using proxy = await startProxy({
    hosts: {
      'login.microsoftonline.com': entra,
      'login.partner.microsoftonline.cn': entra,
      'myregistry.azurecr.io': registry,
      '169.254.169.254': machine,
    },
  })
  // The certificate of one server is enough for all of them; the last variable is for fetch, which asks the registry.
  const env = { ...proxy.environment, NODE_EXTRA_CA_CERTS: registry.certificateFile, NODE_USE_ENV_PROXY: '1' }
  const question = {
    kind: 'secret',
    ...pipelineOf(entra),
    secret: 'the-secret',
    discoverInstance: true,
  } as const
  const [known, unknown, metadata] = await ask(
    [
      { ...question, registry: 'https://myregistry.azurecr.io' },
      { ...question, tenant: nobody },
      { kind: 'managed identity' },
    ],
    env,
  )
  expect(known).toMatchObject({ claims: { tid: entra.tenant.id }, exchange: 200 })
  expect(unknown).toMatchObject({ error: { cause: { errorNo: 90002, status: 400 } } })
  expect(metadata).toMatchObject({ claims: { appid: entra.application('machine').clientId } })
  expect(requestsOf(entra)).toEqual([
    ['token', 200],
    ['token', 400],
  ])
  expect(proxy.requests().map(({ kind, host, outcome }) => [kind, host, outcome])).toEqual([
    ['tunnel', 'login.microsoftonline.com', 'passed'],
    ['tunnel', 'myregistry.azurecr.io', 'passed'],
    ['tunnel', 'login.microsoftonline.com', 'passed'],
    ['plain', '169.254.169.254', 'passed'],
  ])
  // login.chinacloudapi.cn is an alias: the library goes to the name it prefers.
  const china = { ...env, AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn' }
  expect(await askOne(question, china)).toMatchObject({ claims: { tid: entra.tenant.id } })
  expect(proxy.requests().at(-1)).toMatchObject({
    host: 'login.partner.microsoftonline.cn',
    outcome: 'passed',
  })
})

test('DefaultAzureCredential asks the metadata service whether it is there, and then for a token', async () => {
  await using entra = await start()
  await using machine = await startManagedIdentity({ entra, systemAssigned: 'machine' })
  await using proxy = await startProxy({ hosts: { '169.254.169.254': machine } })
  const told = await askOne({ kind: 'default' }, { ...proxy.environment, ...entra.environment })
  expect(told).toMatchObject({ claims: { appid: entra.application('machine').clientId } })
  expect(machine.log.requests()).toMatchObject([
    { route: 'imds', authorization: 'none', status: 400 },
    { route: 'imds', authorization: 'header', status: 200 },
  ])
})
