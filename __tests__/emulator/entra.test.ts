import { expect, test } from 'vitest'
import { startEmulator, startEntra, startGitHubOidc } from '../../emulator/index.ts'
import { call, form } from './client.ts'
import { exchange, requestToken } from './sign-in.ts'

const applications = [{ name: 'pipeline', secrets: ['the-secret'] }]

test('the token endpoint answers in the words of the service, and refuses other grants', async () => {
  await using entra = await startEntra({ applications })
  const { clientId: client_id } = entra.application('pipeline')
  const ask = (fields: Readonly<Record<string, string>>) =>
    call(entra, `POST /${entra.tenant.id}/oauth2/v2.0/token`, form(fields))
  const credential = { client_id, client_secret: 'the-secret', grant_type: 'client_credentials' }
  const answer = await ask({ ...credential, scope: 'https://management.azure.com//.default' })
  expect(answer.status).toBe(200)
  const { access_token, ...rest } = answer.json() as { access_token: string }
  expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 })
  expect(entra.verify(access_token)).toMatchObject({
    kind: 'valid',
    claims: { aud: 'https://management.azure.com/' },
  })
  const codes = async (fields: Readonly<Record<string, string>>) =>
    ((await ask(fields)).json() as { error_codes: number[] }).error_codes
  expect(await codes({ ...credential, grant_type: 'password' })).toEqual([70003])
  expect(await codes({ client_id, grant_type: 'client_credentials' })).toEqual([7000216])
  expect((await call(entra, `GET /${entra.tenant.id}/oauth2/v2.0/token`)).status).toBe(404)
  expect((await call(entra, 'GET /somewhere/else')).status).toBe(404)
})

test('a refusal has the fields of the service, with the correlation id of the client', async () => {
  await using entra = await startEntra({ applications, time: '2026-11-21T12:00:00Z' })
  entra.clock.freeze('2026-11-21T12:00:00Z')
  const fields = { grant_type: 'client_credentials', client_id: 'unknown', 'client-request-id': 'mine' }
  const answer = await call(entra, `POST /${entra.tenant.id}/oauth2/v2.0/token`, form(fields))
  const body = answer.json() as Readonly<Record<string, unknown>>
  expect(Object.keys(body)).toEqual([
    'error',
    'error_description',
    'error_codes',
    'timestamp',
    'trace_id',
    'correlation_id',
    'error_uri',
  ])
  expect(body).toMatchObject({
    error: 'unauthorized_client',
    error_codes: [700016],
    timestamp: '2026-11-21 12:00:00Z',
    correlation_id: 'mine',
    error_uri: 'https://login.microsoftonline.com/error?code=700016',
  })
  expect(body['error_description']).toMatch(
    / Trace ID: [\da-f-]{36} Correlation ID: mine Timestamp: 2026-11-21 12:00:00Z$/,
  )
})

test('the log says who asked for what and how it ended, and no secret, assertion or token', async () => {
  await using entra = await startEntra({ applications })
  await using oidc = await startGitHubOidc()
  const { clientId: client_id } = entra.application('pipeline')
  const assertion = oidc.token()
  const common = {
    client_id,
    grant_type: 'client_credentials',
    scope: 'https://management.azure.com/.default',
  }
  const path = `POST /${entra.tenant.id}/oauth2/v2.0/token`
  const issued = await call(entra, path, form({ ...common, client_secret: 'the-secret' }))
  await call(entra, path, form({ ...common, client_secret: 'a-wrong-secret' }))
  await call(entra, path, form({ ...common, client_assertion: assertion }))
  expect(entra.log.requests()).toMatchObject([
    { authorization: 'secret', identity: 'pipeline', status: 200, class: 'token' },
    { authorization: 'secret', identity: undefined, status: 401, error: 'AADSTS7000215' },
    {
      authorization: 'assertion',
      status: 401,
      error: 'AADSTS70025',
      query: { client_id, tenant: entra.tenant.id, scope: common.scope, subject: oidc.subject() },
    },
  ])
  const { access_token: token } = issued.json() as { access_token: string }
  const shown = JSON.stringify(entra.log.requests())
  for (const secret of ['the-secret', 'a-wrong-secret', assertion, token]) expect(shown).not.toContain(secret)
})

test('the metadata documents point to this server, by the name the client uses for it', async () => {
  await using entra = await startEntra()
  const path = `/${entra.tenant.id}/v2.0/.well-known/openid-configuration`
  const document = await call(entra, `GET ${path}`, { host: 'login.microsoftonline.com' })
  expect(document.json()).toMatchObject({
    token_endpoint: `https://login.microsoftonline.com/${entra.tenant.id}/oauth2/v2.0/token`,
    issuer: `https://login.microsoftonline.com/${entra.tenant.id}/v2.0`,
  })
  const endpoint = encodeURIComponent(`${entra.url}/${entra.tenant.id}/oauth2/v2.0/authorize`)
  const discovery = await call(
    entra,
    `GET /common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`,
  )
  expect(discovery.json()).toMatchObject({
    tenant_discovery_endpoint: `${entra.url}${path}`,
    metadata: [{ preferred_network: entra.host, aliases: [entra.host] }],
  })
})

test('ids follow from names unless given, and a name that is not there is an error', async () => {
  await using entra = await startEntra({
    applications: [...applications, { name: 'other', clientId: 'given' }],
  })
  await using again = await startEntra({ applications })
  expect(again.tenant.id).toBe(entra.tenant.id)
  expect(again.application('pipeline')).toMatchObject({
    clientId: entra.application('pipeline').clientId,
    objectId: entra.application('pipeline').objectId,
  })
  expect(entra.application('pipeline').clientId).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/)
  expect(entra.application('other').clientId).toBe('given')
  expect(() => entra.application('nobody')).toThrow('there is no application nobody')
})

test('a registry takes the tokens of its own Entra, as long as they live by that clock, and no others', async () => {
  const options = {
    tenants: [
      { name: 'Contoso', applications },
      { name: 'Fabrikam', applications: [{ name: 'guest' }] },
    ],
  }
  await using entra = await startEntra(options)
  await using stranger = await startEntra(options)
  await using registry = await startEmulator({
    entra,
    time: '2001-01-01T00:00:00Z',
    identities: [entra.identity('pipeline', ['AcrPull']), entra.identity('guest', ['AcrPull'])],
  })
  expect(registry.switches.homeTenant).toBe(entra.tenant.id)
  const status = async (token: string) => (await exchange(registry, token)).status
  expect(await status(entra.issue('pipeline').token)).toBe(200)
  expect(await status(entra.issue('pipeline', 'https://containerregistry.azure.net/').token)).toBe(200)
  expect(await status(entra.issue('pipeline', 'https://management.core.windows.net/').token)).toBe(200)
  expect(await status(entra.issue('pipeline', 'https://vault.azure.net').token)).toBe(401)
  expect(await status(stranger.issue('pipeline').token)).toBe(401)
  expect(await status(entra.issue('guest').token)).toBe(401)
  registry.switches.homeTenant = null
  expect(await status(entra.issue('guest').token)).toBe(200)
  registry.switches.armAudienceTokens = false
  expect(await status(entra.issue('pipeline', 'https://management.azure.com').token)).toBe(401)
  const { token } = entra.issue('pipeline', undefined, 60)
  entra.clock.advance('61s')
  expect(entra.verify(token)).toEqual({ kind: 'expired' })
  expect(await status(token)).toBe(401)
})

test('all servers of a process are trusted through the certificate of one', async () => {
  await using entra = await startEntra()
  await using oidc = await startGitHubOidc()
  await using registry = await startEmulator({ hostNames: ['myregistry.azurecr.io'] })
  expect(oidc.certificate).toBe(entra.certificate)
  expect(registry.certificate).toBe(entra.certificate)
  expect((await call({ ...registry, certificate: entra.certificate }, 'GET /v2/')).status).toBe(401)
})

test('faults happen to Entra as to the registry: something before, a cut connection after, an answer of choice', async () => {
  await using entra = await startEntra({ applications })
  const { clientId: client_id } = entra.application('pipeline')
  const fields = {
    client_id,
    client_secret: 'the-secret',
    grant_type: 'client_credentials',
    scope: 'https://management.azure.com/.default',
  }
  const ask = () => call(entra, `POST /${entra.tenant.id}/oauth2/v2.0/token`, form(fields))
  entra.faults.before({ nth: 1 }, (directory) => {
    directory.named('pipeline').secrets = []
  })
  entra.faults.add({ nth: 3 }, { drop: 'after' })
  entra.faults.add({ nth: 4 }, { status: 502, body: 'nothing' })
  entra.faults.add({ nth: 5 }, { delayMs: 200 })
  expect((await ask()).status).toBe(401)
  entra.application('pipeline').secrets = [{ value: 'the-secret' }]
  expect((await ask()).status).toBe(200)
  await expect(ask()).rejects.toThrow('socket hang up')
  expect(await ask()).toMatchObject({ status: 502, text: 'nothing' })
  const started = performance.now()
  expect((await ask()).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(199)
  expect(entra.log.requests().map(({ fault, identity }) => [fault, identity])).toEqual([
    [undefined, undefined],
    [undefined, 'pipeline'],
    ['dropped after the effect', 'pipeline'],
    ['answered 502', undefined],
    [undefined, 'pipeline'],
  ])
})

test('a service principal of Entra signs in to a registry with its secret too, if the registry is told of it', async () => {
  await using entra = await startEntra({ applications })
  const identity = { ...entra.identity('pipeline', ['AcrPull']), clientSecret: 'the-secret' }
  await using registry = await startEmulator({ entra, identities: [identity] })
  const { clientId: username } = entra.application('pipeline')
  const answer = await requestToken(registry, { grant_type: 'password', username, password: 'the-secret' })
  expect(answer.status).toBe(200)
})
