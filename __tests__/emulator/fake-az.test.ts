import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  installFakeAz,
  startEntra,
  startGitHubOidc,
  type AzLogin,
  type Entra,
  type FakeAz,
} from '../../emulator/index.ts'
import { askOne, temporaryFolder } from './identity.ts'

const subject = 'repo:octo-org/octo-repo:ref:refs/heads/main'
const acr = 'https://containerregistry.azure.net'

const start = () =>
  startEntra({
    applications: [
      {
        name: 'pipeline',
        secrets: ['right', { value: 'ended', expires: '2020-01-01T00:00:00Z' }],
        federated: [{ subject }],
      },
    ],
  })

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function az(fake: FakeAz, ...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...fake.environment }
    execFile('az', args, { env, cwd: '/' }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

const tokenFor = (fake: FakeAz, resource: string, ...more: readonly string[]) =>
  az(fake, 'account', 'get-access-token', '--output', 'json', '--resource', resource, ...more)

const profileOf = (fake: FakeAz) => readFileSync(join(fake.configFolder, 'azureProfile.json'), 'utf8')

test('a logged-in az prints a token as az does: keys in order, the instant twice', async () => {
  await using entra = await start()
  const login = { entra, application: 'pipeline', secret: 'right' }
  const fake = installFakeAz(join(temporaryFolder(), 'a folder with spaces'), { login, subscription: 'sub' })
  const { code, stdout, stderr } = await tokenFor(fake, acr)
  expect([code, stderr]).toEqual([0, ''])
  const printed = JSON.parse(stdout) as Readonly<Record<string, unknown>>
  expect(stdout).toBe(`${JSON.stringify(printed, null, 2)}\n`)
  expect(Object.keys(printed)).toEqual([
    'accessToken',
    'expiresOn',
    'expires_on',
    'subscription',
    'tenant',
    'tokenType',
  ])
  expect(printed).toMatchObject({ subscription: 'sub', tenant: entra.tenant.id, tokenType: 'Bearer' })
  expect(entra.verify(String(printed['accessToken']))).toMatchObject({ kind: 'valid', claims: { aud: acr } })
  const { expiresOn, expires_on } = printed as { expiresOn: string; expires_on: number }
  expect(expiresOn).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000000$/)
  // Local time, without saying so.
  expect(new Date(expiresOn.replace(' ', 'T')).getTime()).toBe(expires_on * 1000)
})

test('the profile is as az writes it: a byte order mark, and a tenant in the place of a subscription', async () => {
  await using entra = await start()
  const login = { entra, application: 'pipeline', secret: 'right' }
  const written = profileOf(installFakeAz(temporaryFolder(), { login }))
  expect(written.startsWith('\uFEFF')).toBe(true)
  expect(JSON.parse(written.slice(1))).toMatchObject({
    subscriptions: [
      {
        name: 'Subscription',
        state: 'Enabled',
        user: { name: entra.application('pipeline').clientId, type: 'servicePrincipal' },
        isDefault: true,
        tenantId: entra.tenant.id,
        environmentName: 'AzureCloud',
      },
    ],
  })
  const without = installFakeAz(temporaryFolder(), { login, subscription: null })
  expect(JSON.parse(profileOf(without).slice(1))).toMatchObject({
    subscriptions: [{ id: entra.tenant.id, name: 'N/A(tenant level account)', tenantId: entra.tenant.id }],
  })
  expect((await az(without, 'account', 'show')).stdout).toContain('N/A(tenant level account)')
  const nobody = profileOf(installFakeAz(temporaryFolder()))
  expect(JSON.parse(nobody.slice(1))).toMatchObject({ subscriptions: [] })
})

test('a token is kept for the next call until five minutes before it ends, one for each resource', async () => {
  await using entra = await start()
  const fake = installFakeAz(temporaryFolder(), {
    login: { entra, application: 'pipeline', secret: 'right' },
  })
  for (const resource of [acr, acr, 'https://management.core.windows.net/']) await tokenFor(fake, resource)
  expect(entra.log.requests().map(({ query }) => query['scope'])).toEqual([
    `${acr}/.default`,
    'https://management.core.windows.net//.default',
  ])
  entra.switches.accessTokenSeconds = 299
  const short = installFakeAz(temporaryFolder(), {
    login: { entra, application: 'pipeline', secret: 'right' },
  })
  entra.log.reset()
  for (const resource of [acr, acr]) await tokenFor(short, resource)
  expect(entra.log.counts().total).toBe(2)
})

test("what azure/login leaves behind dies with GitHub's token, but not the tokens that are there already", async () => {
  await using entra = await start()
  await using oidc = await startGitHubOidc()
  const federatedToken = oidc.token('api://AzureADTokenExchange')
  const fake = installFakeAz(temporaryFolder(), { login: { entra, application: 'pipeline', federatedToken } })
  expect((await tokenFor(fake, 'https://management.core.windows.net/')).code).toBe(0)
  entra.clock.advance('6m')
  expect((await tokenFor(fake, 'https://management.core.windows.net/')).code).toBe(0)
  const { code, stderr } = await tokenFor(fake, acr)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^ERROR: AADSTS700024: Client assertion is not within its valid time range\. /)
  const { error } = await askOne({ kind: 'az' }, { ...entra.environment, ...fake.environment })
  expect(error?.message).toBe(plainLogin)
})

/** What az says, and what is left of it when it comes through AzureCliCredential. */
const plainLogin = "Please run 'az login' from a command prompt to authenticate before using this credential."
const advice =
  'Run the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\naz login'
interface Failure {
  readonly login?: (entra: Entra) => AzLogin
  readonly said: RegExp
  readonly arrives: string | RegExp
}

const failures: readonly [string, Failure][] = [
  [
    'nobody is logged in',
    { said: /^ERROR: Please run 'az login' to setup account\.\n$/, arrives: plainLogin },
  ],
  [
    'the secret has ended',
    {
      login: (entra) => ({ entra, application: 'pipeline', secret: 'ended' }),
      said: new RegExp(`^ERROR: AADSTS7000222: .+\n${advice}\n$`),
      arrives: plainLogin,
    },
  ],
  [
    'the secret is wrong',
    {
      login: (entra) => ({ entra, application: 'pipeline', secret: 'wrong' }),
      said: /^ERROR: AADSTS7000215: .+\nThe error may be caused by passing a service principal certificate with --password\./,
      arrives: /^ERROR: AADSTS7000215: Invalid client secret provided\./,
    },
  ],
  [
    'the refresh token of a person has ended',
    {
      login: (entra) => ({ entra, expiredUser: 'jane@contoso.com' }),
      said: new RegExp(`^ERROR: AADSTS700082: .+\n${advice} --tenant ".+" --scope "${acr}/\\.default"\n$`),
      arrives: plainLogin,
    },
  ],
]

test.each(failures)('%s', async (_what, { login, said, arrives }) => {
  await using entra = await start()
  const fake = installFakeAz(temporaryFolder(), login === undefined ? {} : { login: login(entra) })
  const { code, stdout, stderr } = await tokenFor(fake, acr)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(said)
  const { error } = await askOne({ kind: 'az' }, { ...entra.environment, ...fake.environment })
  expect(error?.name).toBe('CredentialUnavailableError')
  const expected: unknown = typeof arrives === 'string' ? arrives : expect.stringMatching(arrives)
  expect(error?.message).toEqual(expected)
})

test('no az on the PATH', async () => {
  const { error } = await askOne({ kind: 'az' }, { PATH: temporaryFolder() })
  expect(error).toMatchObject({
    name: 'CredentialUnavailableError',
    message:
      "Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions and then, once installed, authenticate to your Azure account using 'az login'.",
  })
})

test('az knows one thing or two besides, and says so of others', async () => {
  await using entra = await start()
  const fake = installFakeAz(temporaryFolder(), {
    login: { entra, application: 'pipeline', secret: 'right' },
  })
  expect((await az(fake, 'version')).stdout).toContain('"azure-cli": ')
  expect((await tokenFor(fake, acr, '--subscription', 'another')).stderr).toBe(
    "ERROR: Subscription 'another' not found. Check the spelling and casing and try again.\n",
  )
  const both = ['--subscription', 'a', '--tenant', entra.tenant.id]
  expect((await tokenFor(fake, acr, ...both)).stderr).toBe(
    'ERROR: Please specify only one of subscription and tenant, not both\n',
  )
  const ofTenant = JSON.parse((await tokenFor(fake, acr, '--tenant', entra.tenant.id)).stdout) as object
  expect(ofTenant).not.toHaveProperty('subscription')
  expect(await az(fake, 'acr', 'login')).toMatchObject({
    code: 2,
    stderr: "ERROR: 'acr login' is misspelled or not recognized by the system.\n",
  })
  expect(fake.calls().map((args) => args.slice(0, 2))).toEqual([
    ['version'],
    ...Array.from({ length: 3 }, () => ['account', 'get-access-token']),
    ['acr', 'login'],
  ])
})
