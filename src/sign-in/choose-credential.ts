import {
  REFRESH_TOKEN_USER,
  type Credential,
  type CredentialChoice,
  type CredentialInputs,
} from '../domain/credential.ts'
import type { LoginServer } from '../domain/login-server.ts'
import { UsageError } from '../errors.ts'
import type { SignInFacts } from '../ports.ts'

/** How to sign in and why so, or why the run is skipped. */
export type SignInChoice =
  | { readonly credential: Credential; readonly why: string }
  | { readonly skip: string }

/**
 * Takes the credential that the inputs name, or with `auto` the first that is configured. One that is configured and
 * refused is an error: trying the next would sign in as somebody else than the author meant.
 *
 * @throws UsageError when what was named, or anything at all, is not there to sign in with
 */
export async function chooseCredential(
  inputs: CredentialInputs,
  server: LoginServer,
  facts: SignInFacts,
): Promise<SignInChoice> {
  const choice =
    inputs.choice === 'auto' ? await firstConfigured(inputs, server, facts) : named(inputs, inputs.choice)
  if (choice === undefined) return missing(inputs, facts)
  if (choice.credential.kind === 'oidc' && !facts.oidcEndpoint) return withoutEndpoint(inputs, facts)
  if (standsForEntra(choice.credential)) requireAllowedHost(server, inputs)
  return choice
}

interface Chosen {
  readonly credential: Credential
  readonly why: string
}

async function firstConfigured(
  inputs: CredentialInputs,
  server: LoginServer,
  facts: SignInFacts,
): Promise<Chosen | undefined> {
  const { username, password, clientId, clientSecret, tenantId } = inputs
  if (username !== undefined && password !== undefined) {
    return chosen({ kind: 'password', username, password }, 'username and password are given')
  }
  if (clientId !== undefined && tenantId !== undefined) {
    return clientSecret === undefined
      ? chosen({ kind: 'oidc', clientId, tenantId }, 'client-id is given, without client-secret')
      : chosen({ kind: 'client-secret', clientId, tenantId, secret: clientSecret }, 'client-secret is given')
  }
  if (await facts.azureCliLogin())
    return chosen({ kind: 'azure-cli', tenantId }, 'the Azure CLI is logged in')
  if (facts.azureEnvironment)
    return chosen({ kind: 'environment' }, 'the AZURE_* environment variables are complete')
  if (await facts.dockerLogin(server.host)) {
    return chosen({ kind: 'docker-config' }, 'docker is logged in to this registry')
  }
  return undefined
}

/** The inputs have been checked for the choice; only a secret may be missing, where that is to be skipped. */
function named(inputs: CredentialInputs, choice: Exclude<CredentialChoice, 'auto'>): Chosen | undefined {
  const { username, password, clientId = '', tenantId, clientSecret } = inputs
  const why = `credential: ${choice}`
  switch (choice) {
    case 'password':
      if (username === undefined || password === undefined) return undefined
      return chosen({ kind: choice, username, password }, why)
    case 'client-secret':
      if (clientSecret === undefined) return undefined
      return chosen({ kind: choice, clientId, tenantId: tenantId ?? '', secret: clientSecret }, why)
    case 'oidc':
      return chosen({ kind: choice, clientId, tenantId: tenantId ?? '' }, why)
    case 'azure-cli':
      return chosen({ kind: choice, tenantId }, why)
    case 'managed-identity':
      return chosen({ kind: choice, clientId: inputs.clientId }, why)
    case 'environment':
    case 'docker-config':
    case 'anonymous':
      return chosen({ kind: choice }, why)
  }
}

function chosen(credential: Credential, why: string): Chosen {
  return { credential, why }
}

/** @throws UsageError unless the author asked to skip */
function missing({ onMissing, choice }: CredentialInputs, facts: SignInFacts): SignInChoice {
  if (onMissing === 'skip') return { skip: `there is nothing to sign in with${because(facts)}` }
  throw problem(
    'credential',
    choice === 'auto'
      ? 'there is nothing to sign in with. Give client-id and tenant-id (GitHub OIDC), or run azure/login before, or give ' +
          'username and password; credential: anonymous for a registry that allows it.'
      : `is ${choice}, but there is no secret.`,
  )
}

/** @throws UsageError unless the event can have no endpoint and the author asked to skip then */
function withoutEndpoint({ onMissing }: CredentialInputs, facts: SignInFacts): SignInChoice {
  if (onMissing === 'skip' && facts.outsider !== undefined) {
    return { skip: `GitHub gives no OIDC token to this run${because(facts)}` }
  }
  throw problem(
    'client-id',
    facts.outsider === undefined
      ? 'GitHub gives this job no OIDC token: add "permissions: id-token: write" to the job.'
      : `GitHub gives this job no OIDC token${because(facts)}. Set on-missing-credentials: skip for such events.`,
  )
}

function because({ outsider }: SignInFacts): string {
  switch (outsider) {
    case 'fork':
      return ', because the pull request comes from a fork'
    case 'dependabot':
      return ', because Dependabot started it'
    case undefined:
      return ''
  }
}

/** @throws UsageError when an Entra or refresh token would leave Azure for a host that nobody vouched for */
export function requireAllowedHost(server: LoginServer, { allowHost }: CredentialInputs): void {
  if (server.azure || allowHost === server.host) return
  throw problem(
    'allow-host',
    `${server.host} is not under a suffix of Azure Container Registry. Tokens of Microsoft Entra, and refresh tokens that stand for them, are sent there only with ` +
      `allow-host: ${server.host}.`,
  )
}

/** What docker knows is looked at when it is read. */
function standsForEntra(credential: Credential): boolean {
  switch (credential.kind) {
    case 'password':
      return credential.username === REFRESH_TOKEN_USER
    case 'docker-config':
    case 'anonymous':
      return false
    case 'oidc':
    case 'client-secret':
    case 'azure-cli':
    case 'environment':
    case 'managed-identity':
      return true
  }
}

function problem(input: string, message: string): UsageError {
  return new UsageError([{ input, message }])
}
