import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installFakeAz, installFakeDockerHelper, startManagedIdentity } from '../../emulator/index.ts'
import { SECRET, startAzure, type AzureWorld } from './azure.ts'

const NOBODY = '99999999-9999-9999-9999-999999999999'

/** The only message of a step that is red. */
async function message(
  world: AzureWorld,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const step = await world.run(inputs, environment)
  expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', complete: 'false' } })
  expect(step.annotations).toHaveLength(1)
  expect(step.log).not.toContain('This is a bug')
  return (step.annotations[0] ?? '').replace(/^error: /, '')
}

describe('a federated credential that does not match says what was presented', () => {
  test('the subject without ids', async () => {
    await using world = await startAzure()
    world.oidc.job.ref = 'refs/heads/feature'
    const said = await message(world, world.application, world.oidc.environment)
    expect(said).toContain(
      '(AADSTS700213): no federated credential of this application matches the workflow.',
    )
    expect(said).toContain('the issuer https://token.actions.githubusercontent.com')
    expect(said).toContain('the subject repo:octo-org/octo-repo:ref:refs/heads/feature')
    expect(said).toContain('the audience api://AzureADTokenExchange')
    expect(said).toContain('It has the form without ids')
  })

  test('the subject with ids, which repositories have since July 2026', async () => {
    await using world = await startAzure()
    world.oidc.job.immutableSubject = true
    const said = await message(world, world.application, world.oidc.environment)
    expect(said).toContain('the subject repo:octo-org@65/octo-repo@74:ref:refs/heads/main')
    expect(said).toContain('It has the form with ids')
  })

  test('one that differs in capital letters', async () => {
    await using world = await startAzure()
    world.oidc.job.repository = 'Octo-Org/octo-repo'
    const said = await message(world, world.application, world.oidc.environment)
    expect(said).toContain('(AADSTS7002138)')
    expect(said).toContain('matches the workflow but for capital letters')
    expect(said).toContain('the subject repo:Octo-Org/octo-repo:ref:refs/heads/main')
  })

  test('also in the older wording of Entra, and for an application without any', async () => {
    await using world = await startAzure()
    world.oidc.job.ref = 'refs/heads/feature'
    world.entra.switches.federatedErrors = 'generic'
    expect(await message(world, world.application, world.oidc.environment)).toContain('refs/heads/feature')
    world.entra.application('pipeline').federated = []
    expect(await message(world, world.application, world.oidc.environment)).toContain(
      'no federated credential',
    )
  })
})

describe('each refusal of Entra says what to change', () => {
  test('an application that the tenant does not have', async () => {
    await using world = await startAzure()
    const said = await message(world, { ...world.application, 'client-id': NOBODY, 'client-secret': SECRET })
    expect(said).toContain('the tenant has no such application. Check client-id and tenant-id')
  })

  test('a secret that is wrong, one that has expired', async () => {
    await using world = await startAzure()
    expect(await message(world, { ...world.application, 'client-secret': 'wr0ng-secret' })).toMatch(
      /AADSTS7000215\): the client secret is wrong\. Give the value of the secret, not its id/,
    )
    world.entra.application('pipeline').secrets = [{ value: SECRET, expires: '2020-01-01T00:00:00Z' }]
    expect(await message(world, { ...world.application, 'client-secret': SECRET })).toMatch(
      /AADSTS7000222\): the client secret has expired\./,
    )
  })

  test('too many requests', async () => {
    await using world = await startAzure()
    world.entra.faults.add({ route: 'token' }, { status: 429 })
    const said = await message(world, { ...world.application, 'client-secret': SECRET })
    expect(said).toContain('it answers that there are too many requests. Run the job again later.')
  })

  test('nobody there', async () => {
    await using world = await startAzure()
    const environment = { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' }
    const said = await message(world, { ...world.application, 'client-secret': SECRET }, environment)
    expect(said).toContain('it does not answer this runner. Check the network, and HTTPS_PROXY')
  })
})

describe('before Entra', () => {
  test('a job without id-token: write', async () => {
    await using world = await startAzure()
    expect(await message(world, world.application)).toBe(
      'Input client-id: GitHub gives this job no OIDC token: add "permissions: id-token: write" to the job.',
    )
  })

  test('a GitHub that gives no token', { timeout: 120_000 }, async () => {
    await using world = await startAzure()
    world.oidc.faults.add({}, { status: 200, body: { value: '' } })
    expect(await message(world, world.application, world.oidc.environment)).toContain(
      'GitHub did not give an OIDC token.',
    )
  })

  test('an Azure CLI whose login has ended, or that is not there', async () => {
    await using world = await startAzure()
    const login = { entra: world.entra, expiredUser: 'jane@contoso.com' }
    const az = installFakeAz(world.folder, { login })
    expect(await message(world, {}, az.environment)).toMatch(
      /the Azure CLI gave no token: .*az login.* Run azure\/login earlier in the same job/,
    )
    expect(await message(world, { credential: 'azure-cli' })).toContain('the Azure CLI is not on the PATH.')
  })

  test('a machine without managed identity', async () => {
    await using world = await startAzure()
    await using machine = await startManagedIdentity({ entra: world.entra })
    const said = await message(world, { credential: 'managed-identity' }, machine.imdsEnvironment)
    expect(said).toContain('this machine gives no token for a managed identity. Run on an Azure machine')
  })

  test('an incomplete environment', async () => {
    await using world = await startAzure()
    const said = await message(
      world,
      { credential: 'environment' },
      { AZURE_TENANT_ID: world.entra.tenant.id },
    )
    expect(said).toMatch(/get a token from Microsoft Entra as the identity of the AZURE_\* variables: /)
  })

  test('a docker configuration without this registry, a helper that is not there, one that keeps nothing', async () => {
    await using world = await startAzure()
    const config = (content: object): Readonly<Record<string, string>> => {
      writeFileSync(join(world.folder, 'config.json'), JSON.stringify(content))
      return { DOCKER_CONFIG: world.folder }
    }
    const inputs = { credential: 'docker-config' }
    expect(await message(world, inputs, config({}))).toContain(
      `there is nothing for ${world.registry.host}. Log in before`,
    )
    const helpers = config({ credHelpers: { [world.registry.host]: 'vault' } })
    expect(await message(world, inputs, helpers)).toContain(
      'its credential helper docker-credential-vault is not on the PATH.',
    )
    const helper = installFakeDockerHelper(world.folder, 'vault', {})
    expect(await message(world, inputs, { ...helpers, ...helper.environment })).toContain(
      'there is nothing for',
    )
  })
})

describe('at the registry', () => {
  test('an identity without any role, by its name in both role modes, after one exchange', async () => {
    await using world = await startAzure({ roles: [] })
    const said = await message(world, { ...world.application, 'client-secret': SECRET })
    expect(said).toContain(
      '(401 UNAUTHORIZED): the registry takes no token of this identity: it has no role there',
    )
    expect(said).toContain('AcrPull')
    expect(said).toContain('Container Registry Repository Reader')
    expect(world.registry.log.counts().byRoute).toMatchObject({ exchange: 1 })
  })

  test('a role that cannot list repositories, named for the role mode that the exchange told', async () => {
    for (const [abac, role] of [
      [false, 'the role AcrPull on the registry'],
      [true, 'the role Container Registry Repository Catalog Lister'],
    ] as const) {
      const roles = abac ? (['Container Registry Repository Reader'] as const) : (['AcrDelete'] as const)
      await using world = await startAzure({ roles, registry: { abac } })
      const said = await message(world, { ...world.application, 'client-secret': SECRET })
      expect(said).toContain(`Assign it ${role}`)
      expect(said).toContain('or name the repositories with the input repositories')
    }
  })

  test('tokens of Azure Resource Manager, where the cloud gives no others and the registry refuses them', async () => {
    const tenants = [{ name: 'Contoso', resources: ['https://management.azure.com'] }]
    await using world = await startAzure({
      entra: { tenants },
      registry: { switches: { armAudienceTokens: true } },
    })
    const inputs = { ...world.application, 'client-secret': SECRET }
    expect((await world.run(inputs)).outputs['orphans']).toBe('1')
    world.registry.switches.armAudienceTokens = false
    expect(await message(world, inputs)).toContain(
      'az acr config authentication-as-arm update --status enabled',
    )
  })

  test('tokens that are revoked in the middle, because roles changed: a new exchange, and on it goes', async () => {
    await using world = await startAzure()
    world.registry.faults.before({ route: 'manifests', nth: 1 }, () => world.registry.revokeTokens())
    const step = await world.run({ ...world.application, 'client-secret': SECRET })
    expect(step.outputs).toMatchObject({ orphans: '1', complete: 'true' })
    expect(world.registry.log.counts().byRoute).toMatchObject({ exchange: 2 })
  })

  test('a token endpoint that throttles is waited for', async () => {
    await using world = await startAzure()
    for (const route of ['exchange', 'token'] as const) {
      world.registry.faults.add({ route, nth: 1 }, { status: 429, retryAfter: 1 })
    }
    expect((await world.run({ ...world.application, 'client-secret': SECRET })).outputs['orphans']).toBe('1')
  })

  test('a firewall', async () => {
    await using world = await startAzure({ registry: { switches: { firewall: true } } })
    expect(await message(world, { ...world.application, 'client-secret': SECRET })).toContain(
      'https://aka.ms/acr/firewall',
    )
  })
})
