import { describe, expect, test } from 'vitest'
import { startEmulator, startProxy } from '../../emulator/index.ts'
import { oneOrphan, SECRET, startAzure } from './azure.ts'
import { runAction } from './run-action.ts'

/** Hosts as Azure has them, served from this machine behind a proxy: nothing in the action knows of a test. */
describe.each([
  ['myregistry', 'myregistry.azurecr.io', 'login.microsoftonline.com', 'api://AzureADTokenExchange'],
  [
    'MyRegistry.azurecr.io',
    'myregistry.azurecr.io',
    'login.microsoftonline.com',
    'api://AzureADTokenExchange',
  ],
  [
    'contoso-abc123.azurecr.io',
    'contoso-abc123.azurecr.io',
    'login.microsoftonline.com',
    'api://AzureADTokenExchange',
  ],
  [
    'contoso.westeurope.geo.azurecr.io',
    'contoso.westeurope.geo.azurecr.io',
    'login.microsoftonline.com',
    'api://AzureADTokenExchange',
  ],
  ['contoso.azurecr.us', 'contoso.azurecr.us', 'login.microsoftonline.us', 'api://AzureADTokenExchangeUSGov'],
  [
    'contoso.azurecr.cn',
    'contoso.azurecr.cn',
    'login.partner.microsoftonline.cn',
    'api://AzureADTokenExchangeChina',
  ],
])('registry: %s', (registry, host, ...[authority, audience]) => {
  test('signs in with GitHub OIDC at the Entra of its cloud, through a proxy', async () => {
    await using world = await startAzure()
    const application = world.entra.application('pipeline')
    application.federated = [
      { subject: world.oidc.subject(), issuer: 'https://token.actions.githubusercontent.com', audience },
    ]
    await using emulator = await startEmulator({
      entra: world.entra,
      identities: [world.entra.identity('pipeline', ['AcrPull'])],
      hostNames: [host],
      seed: oneOrphan,
    })
    await using proxy = await startProxy({ hosts: { [host]: emulator, [authority]: world.entra } })
    const step = await runAction(
      { registry, ...world.application, 'protect-deployed': 'off' },
      {
        certificateFile: emulator.certificateFile,
        environment: { ...world.oidc.environment, ...proxy.environment, NO_PROXY: '127.0.0.1' },
      },
    )
    expect(step.outputs).toMatchObject({ orphans: '1', complete: 'true' })
    const hosts = new Set(proxy.requests().map((request) => request.host))
    expect([...hosts].toSorted()).toEqual([authority, host].toSorted())
  })
})

test('a tenant that does not exist is told apart from a network that is down', async () => {
  await using world = await startAzure()
  await using proxy = await startProxy({ hosts: { 'login.microsoftonline.com': world.entra } })
  const step = await runAction(
    {
      registry: 'myregistry',
      'client-id': world.application['client-id'],
      'tenant-id': '99999999-9999-9999-9999-999999999999',
      'client-secret': SECRET,
    },
    { certificateFile: world.entra.certificateFile, environment: proxy.environment },
  )
  expect(step.annotations).toHaveLength(1)
  expect(step.annotations[0]).toContain(
    '(AADSTS90002): there is no such tenant in this cloud. Check tenant-id.',
  )
})
