import { ClientAssertionCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity'
import { expect, test } from 'vitest'
import { startEntra, startGitHubOidc, type Entra, type GitHubOidc } from '../../emulator/index.ts'
import { acrScope, askOne, nobody } from './identity.ts'

/** How each refusal of the token service arrives at who asked through @azure/identity. */

const subject = 'repo:octo-org/octo-repo:ref:refs/heads/main'

const start = () =>
  startEntra({
    tenants: [{ name: 'Contoso', domains: ['contoso.onmicrosoft.com'] }, { name: 'Fabrikam' }],
    applications: [
      {
        name: 'pipeline',
        secrets: ['right', { value: 'ended', expires: '2020-01-01T00:00:00Z' }],
        federated: [{ subject }],
      },
      { name: 'bare' },
    ],
  })

interface Who {
  readonly tenant?: string
  readonly client?: string
}

const optionsOf = (entra: Entra) => ({
  authorityHost: entra.url,
  disableInstanceDiscovery: true,
  tlsOptions: { ca: entra.certificate },
  retryOptions: { maxRetries: 0 },
})

function bySecret(entra: Entra, secret: string, who: Who = {}): TokenCredential {
  const { tenant = entra.tenant.id, client = entra.application('pipeline').clientId } = who
  return new ClientSecretCredential(tenant, client, secret, optionsOf(entra))
}

function byAssertion(entra: Entra, assertion: string, who: Who = {}): TokenCredential {
  const { tenant = entra.tenant.id, client = entra.application('pipeline').clientId } = who
  return new ClientAssertionCredential(tenant, client, () => Promise.resolve(assertion), optionsOf(entra))
}

interface Refusal {
  readonly code: number
  readonly error: string
  readonly status: number
  readonly text: string
}

const layout =
  /^(\w+): Error\(s\): (\d+) - Timestamp: [-\d]+ [:\d]+Z - Description: AADSTS\2: (.+) Trace ID: ([-\da-f]+) Correlation ID: ([-\da-f]+) Timestamp: [-\d]+ [:\d]+Z - Correlation ID: \5 - Trace ID: \4$/

/** What the library says of a refusal, taken apart; the error itself when it does not have the form they all have. */
async function refusalOf(asked: Promise<unknown>): Promise<unknown> {
  const thrown: unknown = await asked.then(
    () => 'no refusal',
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Error) || thrown.name !== 'AuthenticationRequiredError') return thrown
  const { name, message, errorCode, errorNo, status } = thrown.cause as Error &
    Readonly<Record<string, unknown>>
  const [, error, code, text] = layout.exec(thrown.message) ?? []
  const isSame = message === thrown.message && errorCode === error && errorNo === Number(code)
  return name === 'ServerError' && isSame ? { code: errorNo, error, status, text } : thrown
}

/** So that the compiler knows what a refusal has to say. */
const refusal = (each: Refusal): Refusal => each

test('a wrong, an ended and no secret', async () => {
  await using entra = await start()
  const { clientId } = entra.application('pipeline')
  expect(await refusalOf(bySecret(entra, 'wrong').getToken(acrScope))).toEqual(
    refusal({
      code: 7000215,
      error: 'invalid_client',
      status: 401,
      text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    }),
  )
  expect(await refusalOf(bySecret(entra, 'ended').getToken(acrScope))).toEqual(
    refusal({
      code: 7000222,
      error: 'invalid_client',
      status: 401,
      text: `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
    }),
  )
  expect(() => bySecret(entra, '')).toThrow('ClientSecretCredential: clientSecret is a required parameter.')
})

test('a secret that ends while it is in use, and one that is taken away', async () => {
  await using entra = await start()
  entra.switches.accessTokenSeconds = 20
  const pipeline = entra.application('pipeline')
  const credential = bySecret(entra, 'right')
  await credential.getToken(acrScope)
  pipeline.secrets = [{ value: 'right', expires: entra.clock.date() }]
  await expect(credential.getToken(acrScope)).rejects.toMatchObject({ cause: { errorNo: 7000222 } })
  pipeline.secrets = []
  await expect(credential.getToken(acrScope)).rejects.toMatchObject({ cause: { errorNo: 7000215 } })
})

test('an application that is not there, or in another tenant', async () => {
  await using entra = await start()
  const wrongTenant =
    'This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.'
  expect(await refusalOf(bySecret(entra, 'right', { client: nobody }).getToken(acrScope))).toEqual(
    refusal({
      code: 700016,
      error: 'unauthorized_client',
      status: 400,
      text: `Application with identifier '${nobody}' was not found in the directory 'Contoso'. ${wrongTenant}`,
    }),
  )
  const fabrikam = entra.directory.tenants[1]?.id ?? ''
  expect(await refusalOf(bySecret(entra, 'right', { tenant: fabrikam }).getToken(acrScope))).toEqual(
    refusal({
      code: 700016,
      error: 'unauthorized_client',
      status: 400,
      text: `Application with identifier '${entra.application('pipeline').clientId}' was not found in the directory 'Fabrikam'. ${wrongTenant}`,
    }),
  )
})

test('a tenant may be named by a domain', async () => {
  await using entra = await start()
  const { token } = (await bySecret(entra, 'right', { tenant: 'contoso.onmicrosoft.com' }).getToken(
    acrScope,
  )) ?? {
    token: '',
  }
  expect(entra.verify(token)).toMatchObject({ kind: 'valid', claims: { tid: entra.tenant.id } })
})

test('a tenant that is not there: at an address that is none of the known ones, already its metadata are refused', async () => {
  await using entra = await start()
  await expect(bySecret(entra, 'right', { tenant: nobody }).getToken(acrScope)).rejects.toMatchObject({
    name: 'CredentialUnavailableError',
    message:
      'endpoints_resolution_error: See https://aka.ms/msal.js.errors#endpoints_resolution_error for details',
  })
  expect(entra.log.requests()).toMatchObject([
    { route: 'openid-configuration', status: 400, error: 'AADSTS90002' },
  ])
})

test('a resource that the tenant does not have, and a scope that is none', async () => {
  await using entra = await start()
  expect(await refusalOf(bySecret(entra, 'right').getToken('https://vault.azure.net/.default'))).toEqual(
    refusal({
      code: 500011,
      error: 'invalid_resource',
      status: 400,
      text: 'The resource principal named https://vault.azure.net was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
    }),
  )
  expect(await refusalOf(bySecret(entra, 'right').getToken('https://containerregistry.azure.net'))).toEqual(
    refusal({
      code: 1002012,
      error: 'invalid_scope',
      status: 400,
      text: 'The provided value for scope https://containerregistry.azure.net is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
    }),
  )
})

const audience = 'api://AzureADTokenExchange'
const check =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion.'
const documentation = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation'
const noMatch = 'No matching federated identity record found for presented assertion'

/** What GitHub says, what Entra expects, and what does not match of it. */
const mismatches: readonly [string, (oidc: GitHubOidc) => string, { code: number; text: string }][] = [
  [
    'the subject of another event',
    (oidc) => {
      oidc.job.eventName = 'pull_request'
      return oidc.token(audience)
    },
    {
      code: 700213,
      text: `${noMatch} subject 'repo:octo-org/octo-repo:pull_request'. ${check} ${documentation}`,
    },
  ],
  [
    'the subject with ids',
    (oidc) => {
      oidc.job.immutableSubject = true
      return oidc.token(audience)
    },
    {
      code: 700213,
      text: `${noMatch} subject 'repo:octo-org@65/octo-repo@74:ref:refs/heads/main'. ${check} ${documentation}`,
    },
  ],
  [
    'the subject in another case',
    (oidc) => {
      oidc.job.repository = 'Octo-Org/octo-repo'
      return oidc.token(audience)
    },
    {
      code: 7002138,
      text: `${noMatch} subject 'repo:Octo-Org/octo-repo:ref:refs/heads/main'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${check} See documentation at: ${documentation}. See breaking change notification and remediation at: https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.`,
    },
  ],
  [
    'the audience',
    (oidc) => oidc.token('api://AzureADTokenExchangeChina'),
    {
      code: 700212,
      text: `${noMatch} audience 'api://AzureADTokenExchangeChina'. ${check} ${documentation}`,
    },
  ],
]

test.each(mismatches)('an assertion that does not match: %s', async (_what, assertionOf, { code, text }) => {
  await using entra = await start()
  await using oidc = await startGitHubOidc()
  const asked = byAssertion(entra, assertionOf(oidc)).getToken(acrScope)
  expect(await refusalOf(asked)).toEqual(refusal({ code, error: 'invalid_client', status: 401, text }))
})

test('an assertion of another issuer, of one that has none to trust, and one that is no JWT', async () => {
  await using entra = await start()
  await using server = await startGitHubOidc({ issuer: 'https://github.example.com/_services/token' })
  expect(await refusalOf(byAssertion(entra, server.token(audience)).getToken(acrScope))).toEqual(
    refusal({
      code: 700211,
      error: 'invalid_client',
      status: 401,
      text: `${noMatch} issuer 'https://github.example.com/_services/token'. ${check} ${documentation}`,
    }),
  )
  const { clientId } = entra.application('bare')
  expect(
    await refusalOf(byAssertion(entra, server.token(audience), { client: clientId }).getToken(acrScope)),
  ).toEqual(
    refusal({
      code: 70025,
      error: 'invalid_client',
      status: 401,
      text: `The client '${clientId}'(bare) has no configured federated identity credentials.`,
    }),
  )
  expect(await refusalOf(byAssertion(entra, 'nonsense').getToken(acrScope))).toEqual(
    refusal({
      code: 50027,
      error: 'invalid_request',
      status: 400,
      text: 'JWT token is invalid or malformed.',
    }),
  )
})

test('as it was until 2023, one code for whatever does not match', async () => {
  await using entra = await start()
  entra.switches.federatedErrors = 'generic'
  await using oidc = await startGitHubOidc({ environment: 'prod' })
  expect(await refusalOf(byAssertion(entra, oidc.token(audience)).getToken(acrScope))).toEqual(
    refusal({
      code: 70021,
      error: 'invalid_request',
      status: 400,
      text: `${noMatch}. Assertion Issuer: 'https://token.actions.githubusercontent.com'. Assertion Subject: 'repo:octo-org/octo-repo:environment:prod'. Assertion Audience: '${audience}'. https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation`,
    }),
  )
})

test('an assertion that has ended', async () => {
  await using entra = await startEntra({
    applications: [{ name: 'pipeline', federated: [{ subject }] }],
    time: '2026-11-21T12:00:00Z',
  })
  await using oidc = await startGitHubOidc({ time: '2026-11-21T11:00:00Z' })
  entra.clock.freeze()
  oidc.clock.freeze('2026-11-21T11:00:00Z')
  const now = entra.clock.date().toISOString().replace('Z', '0000Z')
  expect(await refusalOf(byAssertion(entra, oidc.token(audience)).getToken(acrScope))).toEqual(
    refusal({
      code: 700024,
      error: 'invalid_client',
      status: 401,
      text: `Client assertion is not within its valid time range. Current time: ${now}, assertion valid from 2026-11-21T10:50:00.0000000Z, expiry time of assertion 2026-11-21T11:05:00.0000000Z. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .`,
    }),
  )
})

test('throttled: retried as long as the service says when, and then said with the whole answer', async () => {
  await using entra = await start()
  const told = async (retries: number) =>
    (
      await askOne(
        {
          kind: 'secret',
          tenant: entra.tenant.id,
          client: entra.application('pipeline').clientId,
          secret: 'right',
          retries,
        },
        entra.environment,
      )
    ).error
  entra.faults.add({ route: 'token' }, { status: 429, retryAfter: 1 })
  expect(await told(1)).toMatchObject({
    name: 'AuthenticationRequiredError',
    message: expect.stringContaining(
      'client_error: Error(s): Not Available - Timestamp: Not Available - Description: A client error occured.\nHttp status code: 429\nHttp status message: Too Many Requests\nHeaders: {',
    ) as string,
    cause: { errorCode: 'client_error', status: 429 },
  })
  expect(entra.log.counts().byStatus).toEqual({ 200: 1, 429: 2 })
  entra.faults.clear()
  entra.log.reset()
  entra.faults.add({ route: 'token' }, { status: 429 })
  expect(await told(3)).toMatchObject({ cause: { status: 429 } })
  expect(entra.log.counts().byStatus).toEqual({ 200: 1, 429: 1 })
})

test('after a 429 or 5xx a credential asks no more until it may, for a minute without being told when, and says so in other words', async () => {
  await using entra = await start()
  entra.faults.add({ route: 'token', nth: 1 }, { status: 429, retryAfter: 1 })
  entra.faults.add({ route: 'token', nth: 3 }, { status: 503 })
  const told = bySecret(entra, 'right')
  await expect(told.getToken(acrScope)).rejects.toMatchObject({ cause: { status: 429 } })
  await expect(told.getToken(acrScope)).rejects.toMatchObject({
    message: expect.stringMatching(/^: A client error occured\.\nHttp status code: 429\n/) as string,
    cause: { errorCode: '', status: undefined },
  })
  expect(entra.log.counts().byRoute).toMatchObject({ token: 1 })
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await expect(told.getToken(acrScope)).resolves.toHaveProperty('token')
  const untold = bySecret(entra, 'right')
  await expect(untold.getToken(acrScope)).rejects.toMatchObject({ cause: { errorNo: 90033, status: 503 } })
  await expect(untold.getToken(acrScope)).rejects.toMatchObject({
    message: expect.stringMatching(/^90033: AADSTS90033: /) as string,
    cause: { errorCode: '90033', errorNo: undefined, status: undefined },
  })
  expect(entra.log.counts().byRoute).toMatchObject({ token: 3 })
  await expect(bySecret(entra, 'right').getToken(acrScope)).resolves.toHaveProperty('token')
})

test('a credential waits for ever, whatever signal or time limit it is given', async () => {
  const entra = await start()
  entra.faults.add({ route: 'token' }, { hang: true })
  const limits = { abortSignal: AbortSignal.timeout(50), requestOptions: { timeout: 50 } }
  const asked = bySecret(entra, 'right')
    .getToken(acrScope, limits)
    .then(
      () => 'a token',
      (error: unknown) => error,
    )
  const late = new Promise((resolve) => setTimeout(() => resolve('nothing'), 500))
  expect(await Promise.race([asked, late])).toBe('nothing')
  await entra.close()
  expect(await asked).toMatchObject({ cause: { errorCode: 'network_error' } })
})

test('a passing fault and a cut connection', async () => {
  await using entra = await start()
  entra.faults.add({ route: 'token', nth: 1 }, { status: 503 })
  entra.faults.add({ route: 'token', nth: 2 }, { drop: 'before' })
  expect(await refusalOf(bySecret(entra, 'right').getToken(acrScope))).toEqual(
    refusal({
      code: 90033,
      error: 'temporarily_unavailable',
      status: 503,
      text: 'A transient error has occurred. Please try again.',
    }),
  )
  await expect(bySecret(entra, 'right').getToken(acrScope)).rejects.toMatchObject({
    name: 'AuthenticationRequiredError',
    message: 'network_error: See https://aka.ms/msal.js.errors#network_error for details',
    cause: { name: 'ClientAuthError', errorCode: 'network_error' },
  })
  await expect(bySecret(entra, 'right').getToken(acrScope)).resolves.toHaveProperty('token')
})

test('EnvironmentCredential says the same with other words around it, and loses the number', async () => {
  await using entra = await start()
  const told = await askOne(
    { kind: 'environment' },
    {
      ...entra.environment,
      AZURE_TENANT_ID: entra.tenant.id,
      AZURE_CLIENT_ID: entra.application('pipeline').clientId,
      AZURE_CLIENT_SECRET: 'wrong',
    },
  )
  expect(told.error).toMatchObject({ name: 'AuthenticationError', statusCode: 400 })
  expect(told.error).not.toHaveProperty('cause')
  expect(told.error?.message).toMatch(
    /^EnvironmentCredential authentication failed\. To troubleshoot, visit https:\/\/aka\.ms\/azsdk\/js\/identity\/environmentcredential\/troubleshoot\. Status code: 400\nMore details:\ninvalid_client: Error\(s\): 7000215 .*AADSTS7000215: /,
  )
})
