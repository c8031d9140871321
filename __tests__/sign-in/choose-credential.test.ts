import { describe, expect, test } from 'vitest'
import type { CredentialInputs } from '../../src/domain/credential.ts'
import { parseLoginServer, type LoginServer } from '../../src/domain/login-server.ts'
import { Secret } from '../../src/domain/secret.ts'
import { UsageError } from '../../src/errors.ts'
import type { SignInFacts } from '../../src/ports.ts'
import { chooseCredential } from '../../src/sign-in/choose-credential.ts'

const NOTHING: CredentialInputs = {
  choice: 'auto',
  username: undefined,
  password: undefined,
  clientId: undefined,
  tenantId: undefined,
  clientSecret: undefined,
  allowHost: undefined,
  onMissing: 'fail',
}
const PASSWORD = { username: 'ci', password: new Secret('p') }
const APPLICATION = { clientId: 'c', tenantId: 't' }
const SECRET = { clientSecret: new Secret('s') }

interface Around {
  readonly oidc?: boolean
  readonly azureCli?: boolean
  readonly environment?: boolean
  readonly docker?: boolean
  readonly outsider?: SignInFacts['outsider']
}

/** What there is besides the inputs, and which of it was looked at. */
class Facts implements SignInFacts {
  readonly looked: string[] = []
  readonly oidcEndpoint: boolean
  readonly azureEnvironment: boolean
  readonly outsider: SignInFacts['outsider']
  readonly #around: Around

  constructor(around: Around) {
    this.#around = around
    this.oidcEndpoint = around.oidc ?? false
    this.azureEnvironment = around.environment ?? false
    this.outsider = around.outsider
  }

  async azureCliLogin(): Promise<boolean> {
    this.looked.push('azure-cli')
    return this.#around.azureCli ?? false
  }

  async dockerLogin(): Promise<boolean> {
    this.looked.push('docker')
    return this.#around.docker ?? false
  }
}

function server(text: string): LoginServer {
  const parsed = parseLoginServer(text)
  if (parsed === undefined) throw new Error('no login server')
  return parsed
}

async function chosen(
  inputs: Partial<CredentialInputs>,
  around: Around = {},
  host = 'myregistry',
): Promise<string> {
  try {
    const choice = await chooseCredential({ ...NOTHING, ...inputs }, server(host), new Facts(around))
    return 'skip' in choice ? `skip: ${choice.skip}` : choice.credential.kind
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

describe('auto takes the first that is configured', () => {
  const all = { oidc: true, azureCli: true, environment: true, docker: true }
  test.each<[string, [Partial<CredentialInputs>, Around], string]>([
    ['username and password before all else', [{ ...PASSWORD, ...APPLICATION, ...SECRET }, all], 'password'],
    ['a client secret before OIDC', [{ ...APPLICATION, ...SECRET }, all], 'client-secret'],
    ['OIDC before what happens to be logged in', [APPLICATION, all], 'oidc'],
    ['the Azure CLI before the environment', [{}, { ...all }], 'azure-cli'],
    ['the environment before docker', [{}, { environment: true, docker: true }], 'environment'],
    ['docker last', [{}, { docker: true }], 'docker-config'],
    ['the Azure CLI, of a tenant that is named', [{ tenantId: 't' }, { azureCli: true }], 'azure-cli'],
  ])('%s', async (_, [inputs, around], kind) => {
    expect(await chosen(inputs, around)).toBe(kind)
  })

  test('and looks no further', async () => {
    const facts = new Facts({ azureCli: true, docker: true })
    await chooseCredential({ ...NOTHING, ...PASSWORD }, server('myregistry'), facts)
    expect(facts.looked).toEqual([])
    await chooseCredential(NOTHING, server('myregistry'), facts)
    expect(facts.looked).toEqual(['azure-cli'])
  })

  test('never a managed identity, never nobody', async () => {
    expect(await chosen({})).toMatch(/^credential: there is nothing to sign in with/)
  })
})

test.each<[Partial<CredentialInputs>, string]>([
  [{ choice: 'managed-identity' }, 'managed-identity'],
  [{ choice: 'anonymous' }, 'anonymous'],
  [{ choice: 'docker-config' }, 'docker-config'],
  [{ choice: 'azure-cli', ...PASSWORD }, 'azure-cli'],
  [{ choice: 'environment', ...PASSWORD }, 'environment'],
  [{ choice: 'oidc', ...APPLICATION, ...SECRET }, 'oidc'],
])('what is named is taken, whatever else there is: %j', async (inputs, kind) => {
  expect(await chosen(inputs, { oidc: true, azureCli: true, docker: true })).toBe(kind)
})

describe('without OIDC endpoint', () => {
  test('the message names the permission', async () => {
    expect(await chosen(APPLICATION, { azureCli: true })).toBe(
      'client-id: GitHub gives this job no OIDC token: add "permissions: id-token: write" to the job.',
    )
  })

  test('skip is only for events that can have none', async () => {
    const skip = { ...APPLICATION, onMissing: 'skip' } as const
    expect(await chosen(skip, { outsider: 'fork' })).toBe(
      'skip: GitHub gives no OIDC token to this run, because the pull request comes from a fork',
    )
    expect(await chosen(skip, { outsider: 'dependabot' })).toMatch(/^skip: .*Dependabot/)
    expect(await chosen(skip)).toMatch(/id-token: write/)
  })

  test('a fork that is not to be skipped is told how to', async () => {
    expect(await chosen(APPLICATION, { outsider: 'fork' })).toMatch(
      /comes from a fork\. Set on-missing-credentials: skip/,
    )
  })
})

describe('with nothing configured', () => {
  test('skip is for every event', async () => {
    expect(await chosen({ onMissing: 'skip' })).toBe('skip: there is nothing to sign in with')
  })

  test('a secret that the event does not have counts as nothing', async () => {
    expect(await chosen({ username: 'ci', onMissing: 'skip' }, { outsider: 'dependabot' })).toMatch(/^skip: /)
    expect(await chosen({ choice: 'password', username: 'ci', onMissing: 'skip' })).toMatch(/^skip: /)
  })
})

describe('a host outside the Azure suffixes', () => {
  const HOST = 'https://registry.example.com:5000'
  test.each<Partial<CredentialInputs>>([
    APPLICATION,
    { ...APPLICATION, ...SECRET },
    { choice: 'azure-cli' },
    { choice: 'environment' },
    { choice: 'managed-identity' },
    { username: '00000000-0000-0000-0000-000000000000', password: new Secret('refresh token') },
  ])('gets no token of Entra unless it is allowed: %j', async (inputs) => {
    const around = { oidc: true }
    expect(await chosen(inputs, around, HOST)).toMatch(
      /^allow-host: registry\.example\.com:5000 is not under a suffix/,
    )
    expect(await chosen({ ...inputs, allowHost: 'registry.example.com' }, around, HOST)).toMatch(
      /^allow-host: /,
    )
    expect(await chosen({ ...inputs, allowHost: 'registry.example.com:5000' }, around, HOST)).not.toMatch(
      /^allow-host/,
    )
    expect(await chosen(inputs, around, 'myregistry.azurecr.cn')).not.toMatch(/^allow-host/)
  })

  test('gets a password of its own', async () => {
    expect(await chosen(PASSWORD, {}, HOST)).toBe('password')
  })
})
