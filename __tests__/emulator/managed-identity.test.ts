import { request } from 'node:http'
import { expect, test } from 'vitest'
import { startEntra, startManagedIdentity, type ManagedIdentity } from '../../emulator/index.ts'
import { payloadOf } from './client.ts'
import { ask, nobody } from './identity.ts'

const resource = 'resource=https%3A%2F%2Fcontainerregistry.azure.net'
const imds = '/metadata/identity/oauth2/token'

interface Plain {
  readonly status: number
  readonly text: string
}

function get(
  machine: ManagedIdentity,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const call = request(`${machine.url}${path}`, { headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    call.on('error', reject).end()
  })
}

const start = async () => {
  const entra = await startEntra({ applications: [{ name: 'machine' }, { name: 'assigned' }] })
  const machine = await startManagedIdentity({ entra, systemAssigned: 'machine', userAssigned: ['assigned'] })
  const end = async () => {
    await machine.close()
    await entra.close()
  }
  return { entra, machine, [Symbol.asyncDispose]: end }
}

test('the metadata service answers in texts, a day at a time', async () => {
  await using all = await start()
  const { entra, machine } = all
  const answer = await get(machine, `${imds}?api-version=2018-02-01&${resource}`, { Metadata: 'true' })
  const { access_token: token, ...rest } = JSON.parse(answer.text) as Readonly<Record<string, string>>
  const verdict = entra.verify(token ?? '')
  expect(verdict).toMatchObject({ kind: 'valid', claims: { appid: entra.application('machine').clientId } })
  const { exp, nbf } = payloadOf(token ?? '') as { exp: number; nbf: number }
  expect(exp - nbf).toBe(86_400)
  expect(rest).toEqual({
    client_id: entra.application('machine').clientId,
    expires_in: '86399',
    expires_on: String(exp),
    ext_expires_in: '86399',
    not_before: String(nbf),
    resource: 'https://containerregistry.azure.net',
    token_type: 'Bearer',
  })
})

test('the metadata service refuses in the recorded words', async () => {
  await using all = await start()
  const { machine } = all
  const refused = (description: string, error = 'invalid_request') => ({
    status: 400,
    text: JSON.stringify({ error, error_description: description }),
  })
  const withoutHeader = await get(machine, imds, {})
  expect(withoutHeader).toEqual(refused('Required metadata header not specified'))
  expect(withoutHeader.text).toHaveLength(88)
  const header = { Metadata: 'true' }
  expect(await get(machine, imds, header)).toEqual(refused("Required query variable 'resource' is missing"))
  expect(await get(machine, `${imds}?${resource}&client_id=${nobody}`, header)).toEqual(
    refused('Identity not found'),
  )
  machine.assigned.systemAssigned = undefined
  expect(await get(machine, `${imds}?${resource}`, header)).toEqual(refused('Identity not found'))
  expect((await get(machine, '/metadata/instance', header)).status).toBe(404)
})

test('App Service wants its header', async () => {
  await using all = await start()
  const { entra, machine } = all
  const { pathname } = new URL(machine.appServiceEnvironment.IDENTITY_ENDPOINT)
  const path = `${pathname}?api-version=2019-08-01&${resource}`
  const header = { 'X-IDENTITY-HEADER': machine.appServiceEnvironment.IDENTITY_HEADER }
  expect((await get(machine, path, { 'X-IDENTITY-HEADER': 'wrong' })).status).toBe(401)
  const answer = await get(machine, path, header)
  expect(JSON.parse(answer.text)).toMatchObject({
    token_type: 'Bearer',
    client_id: entra.application('machine').clientId,
  })
  const shown = JSON.stringify(machine.log.requests())
  expect(shown).not.toContain(machine.appServiceEnvironment.IDENTITY_HEADER)
})

test('how @azure/identity says that there is no such identity', async () => {
  await using all = await start()
  const { entra, machine } = all
  machine.assigned.systemAssigned = undefined
  const questions = [{ kind: 'managed identity' }, { kind: 'managed identity', client: nobody }] as const
  const told = async (env: Readonly<Record<string, string>>) =>
    (await ask(questions, { ...entra.environment, ...env })).map(({ error }) => error)
  const beginning = 'ManagedIdentityCredential: Authentication failed. Message'
  const middle = 'Error(s): Not Available - Timestamp: Not Available - Description:'
  const end = 'Correlation ID: Not Available - Trace ID: Not Available'
  const notFound = {
    name: 'CredentialUnavailableError',
    message: `${beginning} invalid_request: ${middle} Identity not found - ${end}`,
    cause: { name: 'ServerError', errorCode: 'invalid_request', status: 400 },
  }
  expect(await told(machine.imdsEnvironment)).toMatchObject([notFound, notFound])
  const texts = [
    'Unable to load the proper Managed Identity.',
    'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
  ]
  const [system, assigned] = await told(machine.appServiceEnvironment)
  expect(system?.message).toContain(`${beginning} : ${middle} ${texts[0]} - Correlation ID: `)
  expect(assigned?.message).toContain(`${beginning} : ${middle} ${texts[1]} - Correlation ID: `)
  expect(machine.log.counts()).toMatchObject({ total: 4, byStatus: { 400: 4 } })
})

test('no metadata service at all', async () => {
  const [told] = await ask([{ kind: 'managed identity', retries: 0 }], {
    AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1',
  })
  expect(told?.error).toMatchObject({
    name: 'CredentialUnavailableError',
    message:
      'ManagedIdentityCredential: Network unreachable. Message: network_error: See https://aka.ms/msal.js.errors#network_error for details',
  })
})
