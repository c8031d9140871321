import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { CredentialInputs } from '../../src/domain/credential.ts'
import { readInputs } from '../../src/inputs/inputs.ts'
import { environmentOf, refusal, type Written } from './reading.ts'

const PASSWORD = 'tr0ub4dor&3'
const BOTH = { username: 'ci', password: PASSWORD }
const CLIENT = '11111111-2222-3333-4444-555555555555'
const TENANT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
const APPLICATION = { 'client-id': CLIENT, 'tenant-id': TENANT }

function credential(written: Written): CredentialInputs {
  return readInputs(environmentOf({ registry: 'myregistry', ...written })).credential
}

function wrong(written: Written): readonly string[] {
  return refusal({ registry: 'myregistry', ...written }).problems.map(
    ({ input, message }) => `${input}: ${message}`,
  )
}

describe('signing in', () => {
  test('is chosen by the action, and fails without a way, unless the inputs say otherwise', () => {
    expect(credential({})).toEqual({ choice: 'auto', onMissing: 'fail' })
    expect(
      credential({ credential: 'oidc', ...APPLICATION, 'on-missing-credentials': 'skip' }),
    ).toMatchObject({
      choice: 'oidc',
      clientId: CLIENT,
      tenantId: TENANT,
      onMissing: 'skip',
    })
  })

  test('drops the line end that a pasted secret has', () => {
    expect(credential({ ...BOTH, password: `${PASSWORD}\n` }).password?.reveal()).toBe(PASSWORD)
    expect(credential({ ...APPLICATION, 'client-secret': `${PASSWORD}\r\n` }).clientSecret?.reveal()).toBe(
      PASSWORD,
    )
  })

  test.each([
    ['registry.example.com', 'registry.example.com'],
    ['https://Registry.example.com:5000', 'registry.example.com:5000'],
  ])('takes %s as the host that is allowed', (given, host) => {
    expect(credential({ 'allow-host': given }).allowHost).toBe(host)
  })

  test('takes a tenant by its domain', () => {
    expect(credential({ 'client-id': CLIENT, 'tenant-id': 'contoso.onmicrosoft.com' }).tenantId).toBe(
      'contoso.onmicrosoft.com',
    )
  })
})

describe('signing in is refused', () => {
  test.each<[string, Written, string]>([
    ['with a username alone', { username: 'ci' }, 'password: is missing: username and password go together'],
    [
      'with a password alone',
      { password: PASSWORD },
      'username: is missing: username and password go together',
    ],
    [
      'with an empty password, as a missing secret is',
      { username: 'ci', password: '' },
      'password: is missing',
    ],
    [
      'with a username alone, though password is chosen',
      { credential: 'password', username: 'ci' },
      'password: is missing: username, password go together with credential: password (is the secret set',
    ],
    [
      'with a way that there is not',
      { ...BOTH, credential: 'passwort' },
      'credential: got "passwort", accepted: auto, oidc, client-secret, ',
    ],
    [
      'with a client and no tenant',
      { 'client-id': CLIENT },
      'tenant-id: is missing: it goes together with client-id',
    ],
    [
      'with oidc and no tenant',
      { credential: 'oidc', 'client-id': CLIENT },
      'tenant-id: is missing: client-id, tenant-id go together with credential: oidc.',
    ],
    [
      'with client-secret and no secret',
      { credential: 'client-secret', ...APPLICATION },
      'client-secret: is missing: client-id, tenant-id, client-secret go together',
    ],
    [
      'with a client that is no GUID',
      { 'client-id': 'my-app', 'tenant-id': TENANT },
      'client-id: got "my-app", accepted: the application (client) id, a GUID.',
    ],
    [
      'with an allowed host that is none',
      { 'allow-host': 'http://x y' },
      'allow-host: got "http://x y", accepted: a host',
    ],
    [
      'when it is anonymous and a username is given',
      { credential: 'anonymous', username: 'ci' },
      'credential: is anonymous, but there are inputs to sign in with',
    ],
    [
      'when it is anonymous and a client is given',
      { credential: 'anonymous', 'client-id': CLIENT },
      'credential: is anonymous, but there are inputs to sign in with',
    ],
    [
      'when missing credentials are to be ignored',
      { 'on-missing-credentials': 'ignore' },
      'on-missing-credentials: got "ignore", accepted: fail, skip.',
    ],
  ])('%s', (_, written, problem) => {
    expect(wrong(written)[0]).toContain(problem)
  })

  test('with a mistyped choice: that is one problem, not two', () => {
    expect(wrong({ credential: 'anonymus' })).toHaveLength(1)
  })

  test('not for a secret that an event does not have, where that is to be skipped', () => {
    const skip = { 'on-missing-credentials': 'skip' }
    expect(credential({ username: 'ci', password: '', ...skip }).password).toBeUndefined()
    expect(credential({ credential: 'client-secret', ...APPLICATION, ...skip }).clientSecret).toBeUndefined()
  })
})

describe('a secret is never shown', () => {
  const shown = (value: unknown): string =>
    `${JSON.stringify(value)} ${String(value)} ${inspect(value, { depth: null, showHidden: true })}`

  test('by the inputs', () => {
    const inputs = readInputs(environmentOf({ registry: 'myregistry', ...BOTH }))
    expect(shown(inputs)).not.toContain(PASSWORD)
    expect(JSON.stringify(inputs)).toContain('[redacted]')
  })

  test.each<[string, Written]>([
    ['about something else', { ...BOTH, 'max-orphans': 'x' }],
    ['about its missing username', { password: PASSWORD }],
    ['about anonymous', { credential: 'anonymous', password: PASSWORD }],
    ['about the credential', { ...BOTH, credential: 'none' }],
    ['about its missing client', { 'client-secret': PASSWORD }],
    [
      'about a registry whose URL holds it',
      { credential: 'anonymous', registry: `https://ci:${PASSWORD}@myregistry.azurecr.io` },
    ],
    [
      'about an image whose URL holds it',
      { credential: 'anonymous', images: `https://ci:${PASSWORD}@myregistry.azurecr.io/app` },
    ],
  ])('by an error %s', (_, written) => {
    expect(shown(refusal({ registry: 'myregistry', ...written }))).not.toContain(PASSWORD)
  })
})
