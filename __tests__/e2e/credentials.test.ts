import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installFakeAz, installFakeDockerHelper, startManagedIdentity } from '../../emulator/index.ts'
import { SECRET, startAzure, type AzureWorld } from './azure.ts'

const NULL_GUID = '00000000-0000-0000-0000-000000000000'

/** Writes docker's configuration; the entry is for the registry of the world. */
function dockerConfig(world: AzureWorld, config: (host: string) => object): Readonly<Record<string, string>> {
  const folder = join(world.folder, 'docker')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config(world.registry.host)))
  return { DOCKER_CONFIG: folder }
}

function basic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

/** A refresh token of the registry, as `az acr login` would leave it. */
async function refreshToken({ entra, registry }: AzureWorld): Promise<string> {
  const form = {
    grant_type: 'access_token',
    service: registry.host,
    access_token: entra.issue('pipeline').token,
  }
  const { request } = await import('node:https')
  return new Promise((done, failed) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const call = request(
      `${registry.url}/oauth2/exchange`,
      { method: 'POST', ca: registry.certificate, headers },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (text: string) => (body += text))
        answer.on('end', () => done((JSON.parse(body) as { refresh_token: string }).refresh_token))
      },
    )
    call.on('error', failed).end(new URLSearchParams(form).toString())
  })
}

describe('every credential runs', () => {
  test('GitHub OIDC: one OIDC token, one token of Entra, one exchange, one access token', async () => {
    await using world = await startAzure()
    const step = await world.run(world.application, world.oidc.environment)
    expect(step.outputs).toMatchObject({ orphans: '1', complete: 'true' })
    expect(step.log).toContain(
      `as the application ${world.application['client-id']} (GitHub OIDC), because client-id is given, without client-secret.`,
    )
    expect(world.oidc.log.counts().total).toBe(1)
    expect(world.entra.log.requests({ route: 'token' })).toHaveLength(1)
    expect(world.registry.log.counts().byRoute).toMatchObject({ exchange: 1, token: 1 })
  })

  test('a client secret', async () => {
    await using world = await startAzure()
    const step = await world.run({ ...world.application, 'client-secret': SECRET }, world.oidc.environment)
    expect(step.outputs['orphans']).toBe('1')
    expect(step.log).toContain('(client secret), because client-secret is given.')
    expect(world.oidc.log.counts().total).toBe(0)
  })

  test("the Azure CLI's login, one call of az", async () => {
    await using world = await startAzure()
    const az = installFakeAz(world.folder, {
      login: { entra: world.entra, application: 'pipeline', secret: SECRET },
    })
    const step = await world.run({}, az.environment)
    expect(step.outputs['orphans']).toBe('1')
    expect(step.log).toContain(
      'as whoever the Azure CLI is logged in as, because the Azure CLI is logged in.',
    )
    expect(az.calls()).toHaveLength(1)
    expect(az.calls()[0]).toContain('https://containerregistry.azure.net')
  })

  test('a complete Azure environment, with a secret or a federated token', async () => {
    await using world = await startAzure()
    const { 'client-id': AZURE_CLIENT_ID, 'tenant-id': AZURE_TENANT_ID } = world.application
    const identity = { AZURE_CLIENT_ID, AZURE_TENANT_ID }
    expect((await world.run({}, { ...identity, AZURE_CLIENT_SECRET: SECRET })).outputs['orphans']).toBe('1')
    const file = join(world.folder, 'token')
    writeFileSync(file, world.oidc.token('api://AzureADTokenExchange'))
    const step = await world.run({}, { ...identity, AZURE_FEDERATED_TOKEN_FILE: file })
    expect(step.outputs['orphans']).toBe('1')
    expect(step.log).toContain('because the AZURE_* environment variables are complete.')
  })

  test('a managed identity, when it is named', async () => {
    await using world = await startAzure()
    await using machine = await startManagedIdentity({
      entra: world.entra,
      systemAssigned: 'machine',
      userAssigned: ['pipeline'],
    })
    for (const client of [{}, { 'client-id': world.application['client-id'] }]) {
      const step = await world.run({ credential: 'managed-identity', ...client }, machine.imdsEnvironment)
      expect(step.outputs['orphans']).toBe('1')
    }
    expect(machine.log.counts().total).toBe(2)
  })

  test('what docker login left: user name and password', async () => {
    await using world = await startAzure({
      registry: { identities: [{ kind: 'admin', username: 'ci', password: 'pa:ss' }] },
    })
    for (const address of ['', 'https://']) {
      const environment = dockerConfig(world, (host) => ({
        auths: { [`${address}${host}`]: { auth: basic('ci', 'pa:ss') } },
      }))
      const step = await world.run({}, environment)
      expect(step.outputs['orphans']).toBe('1')
      expect(step.log).toContain('as the user "ci", because docker is logged in to this registry.')
    }
  })

  test('what az acr login left: a refresh token', async () => {
    await using world = await startAzure()
    const identitytoken = await refreshToken(world)
    const environment = dockerConfig(world, (host) => ({
      auths: { [host]: { auth: basic(NULL_GUID, ''), identitytoken } },
    }))
    expect((await world.run({}, environment)).outputs['orphans']).toBe('1')
    const refused = await world.run({ 'allow-host': '' }, environment)
    expect(refused.annotations[0]).toMatch(/^error: Input allow-host: .* is not under a suffix/)
  })

  test('what a credential helper keeps: a password, a refresh token', async () => {
    await using world = await startAzure({
      registry: { identities: [{ kind: 'admin', username: 'ci', password: 'kept' }] },
    })
    const helper = installFakeDockerHelper(world.folder, 'vault', {
      [world.registry.host]: { username: 'ci', secret: 'kept' },
    })
    for (const config of [
      (host: string) => ({ credHelpers: { [host]: 'vault' } }),
      (host: string) => ({ auths: { [host]: {} }, credsStore: 'vault' }),
    ]) {
      const step = await world.run({}, { ...dockerConfig(world, config), ...helper.environment })
      expect(step.outputs['orphans']).toBe('1')
    }
    await using other = await startAzure()
    const token = installFakeDockerHelper(other.folder, 'vault', {
      [other.registry.host]: { username: '<token>', secret: await refreshToken(other) },
    })
    const environment = {
      ...dockerConfig(other, (host) => ({ credHelpers: { [host]: 'vault' } })),
      ...token.environment,
    }
    expect((await other.run({}, environment)).outputs['orphans']).toBe('1')
  })
})

describe('auto, with several at once', () => {
  test('takes the first in the order of the contract, and asks nobody else', async () => {
    await using world = await startAzure({
      registry: {
        identities: [{ kind: 'admin', username: 'ci', password: 'right' }],
      },
    })
    await using machine = await startManagedIdentity({ entra: world.entra, systemAssigned: 'machine' })
    const az = installFakeAz(world.folder, {
      login: { entra: world.entra, application: 'pipeline', secret: SECRET },
    })
    const { 'client-id': AZURE_CLIENT_ID, 'tenant-id': AZURE_TENANT_ID } = world.application
    const everything = {
      ...world.oidc.environment,
      ...machine.imdsEnvironment,
      ...az.environment,
      AZURE_CLIENT_ID,
      AZURE_TENANT_ID,
      AZURE_CLIENT_SECRET: SECRET,
      ...dockerConfig(world, (host) => ({ auths: { [host]: { auth: basic('docker', 'x') } } })),
    }
    const password = { username: 'ci', password: 'right' }
    expect((await world.run({ ...world.application, ...password }, everything)).outputs['orphans']).toBe('1')
    expect(world.entra.log.counts().total + world.oidc.log.counts().total + az.calls().length).toBe(0)

    await world.run({ ...world.application, 'client-secret': SECRET }, everything)
    expect(world.entra.log.requests({ route: 'token', authorization: 'secret' })).toHaveLength(1)
    await world.run(world.application, everything)
    expect(world.oidc.log.counts().total).toBe(1)
    expect(az.calls()).toHaveLength(0)
    await world.run({}, everything)
    expect(az.calls()).toHaveLength(1)

    const withoutAz = { ...everything, PATH: '', AZURE_CONFIG_DIR: '' }
    expect((await world.run({}, withoutAz)).log).toContain(
      'because the AZURE_* environment variables are complete.',
    )
    const onlyDocker = { ...withoutAz, AZURE_CLIENT_SECRET: '' }
    expect((await world.run({}, onlyDocker)).log).toContain(
      'as the user "docker", because docker is logged in',
    )
    const nothing = { ...onlyDocker, DOCKER_CONFIG: world.folder }
    expect((await world.run({}, nothing)).annotations[0]).toMatch(
      /^error: Input credential: there is nothing to sign in with/,
    )
    // Not one of all these runs looked for a managed identity.
    expect(machine.log.counts().total).toBe(0)
  })

  test('never tries the next when the first is refused', async () => {
    await using world = await startAzure()
    const az = installFakeAz(world.folder, {
      login: { entra: world.entra, application: 'pipeline', secret: SECRET },
    })
    const step = await world.run(
      { ...world.application, 'client-secret': 'wrong' },
      { ...world.oidc.environment, ...az.environment },
    )
    expect(step.status).toBe(1)
    expect(world.oidc.log.counts().total).toBe(0)
    expect(az.calls()).toHaveLength(0)
    expect(world.registry.log.counts().total).toBe(0)
  })

  test('an Azure CLI that is there but logged out is not taken', async () => {
    await using world = await startAzure()
    const az = installFakeAz(world.folder)
    const step = await world.run({}, az.environment)
    expect(step.annotations[0]).toMatch(/there is nothing to sign in with/)
    expect(az.calls()).toHaveLength(0)
  })
})

test('no secret and no token is shown, however much is logged', async () => {
  await using world = await startAzure()
  const debug = { RUNNER_DEBUG: '1', AZURE_LOG_LEVEL: 'verbose' }
  for (const [inputs, environment] of [
    [world.application, world.oidc.environment],
    [{ ...world.application, 'client-secret': SECRET }, {}],
  ] as const) {
    const step = await world.run(inputs, { ...environment, ...debug })
    const masked = [...step.log.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value ?? '')
    // The secret or the OIDC token, the token of Entra, the refresh token, the access token.
    expect(masked.length).toBeGreaterThanOrEqual(4)
    const shown = step.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    const everything = [...shown, step.summary, ...Object.values(step.outputs)].join('\n')
    for (const value of masked) expect(everything).not.toContain(value)
  }
})
