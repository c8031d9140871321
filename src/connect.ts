import {
  anonymousCredential,
  passwordCredential,
  refreshTokenCredential,
  type RegistryCredential,
} from './acr/credential.ts'
import { entraCredential } from './acr/entra-credential.ts'
import { roleCure } from './acr/permission.ts'
import { openRegistry, type OpenRegistry } from './acr/registry.ts'
import { passingFailures, RETRIES } from './acr/retry.ts'
import { isAzureCliLoggedIn } from './azure/azure-cli.ts'
import { entraTokens, type EntraTokens } from './azure/entra.ts'
import { isAzureEnvironmentComplete } from './azure/environment.ts'
import { registryTokens } from './azure/registry-token.ts'
import { hasDockerLogin, readDockerLogin } from './docker/docker-config.ts'
import { cloudOf, type Cloud } from './domain/cloud.ts'
import type { Credential, EntraCredential } from './domain/credential.ts'
import { outsiderOf } from './github/event.ts'
import type { Runner } from './github/runner.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Management, SignInFacts, Sleep, Stopwatch } from './ports.ts'
import { chooseCredential, requireAllowedHost } from './sign-in/choose-credential.ts'

/** What a connection needs from around it. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly runner: Runner
  readonly elapsed: Stopwatch
  readonly sleep: Sleep
  /** Ends every request and pause. */
  readonly signal: AbortSignal
}

/** What a run can reach. */
export interface Connected extends OpenRegistry {
  /** Undefined unless the run signs in with an identity of Microsoft Entra. */
  readonly azure: AzureAccess | undefined
}

/** Azure outside of the registry, by the same identity. */
export interface AzureAccess {
  /** Loaded when first asked for. */
  readonly management: () => Promise<Management>
  /** HTTP requests sent so far, retries included, those for tokens not. */
  readonly requests: () => number
}

/**
 * Chooses how to sign in and opens the registry; nothing is sent to it yet.
 *
 * @returns the reason to skip the run when the author asked for that and there is nothing to sign in with
 */
export async function connect(inputs: Inputs, around: Surroundings): Promise<Connected | { skip: string }> {
  const { registry, credential: wanted, concurrency, purge } = inputs
  const { runner, elapsed, sleep, signal, environment } = around
  for (const secret of [wanted.password, wanted.clientSecret])
    if (secret !== undefined) runner.mask(secret.reveal())
  const choice = await chooseCredential(wanted, registry, factsOf(environment))
  if ('skip' in choice) return choice
  const { credential, azure } = await identityOf(choice.credential, inputs, around)
  runner.info(`Signing in to ${registry.host} as ${credential.description}, because ${choice.why}.`)
  const opened = openRegistry({
    server: registry,
    credential,
    concurrency,
    signal,
    elapsed,
    sleep,
    deleting: purge.wanted,
    onSecret: (value) => runner.mask(value),
    userAgent: USER_AGENT,
  })
  return { ...opened, azure }
}

const USER_AGENT = 'acr-hygiene'

function factsOf(environment: NodeJS.ProcessEnv): SignInFacts {
  return {
    oidcEndpoint: (environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '') !== '',
    azureEnvironment: isAzureEnvironmentComplete(environment),
    outsider: outsiderOf(environment),
    azureCliLogin: () => isAzureCliLoggedIn(environment),
    dockerLogin: (host) => hasDockerLogin(host, environment),
  }
}

interface Identity {
  readonly credential: RegistryCredential
  readonly azure: AzureAccess | undefined
}

async function identityOf(credential: Credential, inputs: Inputs, around: Surroundings): Promise<Identity> {
  switch (credential.kind) {
    case 'password':
      return { credential: passwordCredential(credential.username, credential.password), azure: undefined }
    case 'anonymous':
      return { credential: anonymousCredential(), azure: undefined }
    case 'docker-config':
      return { credential: await dockerCredential(inputs, around), azure: undefined }
    case 'oidc':
    case 'client-secret':
    case 'azure-cli':
    case 'environment':
    case 'managed-identity':
      return entraIdentity(credential, inputs, around)
  }
}

async function dockerCredential(
  { registry, credential }: Inputs,
  { environment, runner }: Surroundings,
): Promise<RegistryCredential> {
  const login = await readDockerLogin(registry.host, environment)
  if (login.kind === 'password') {
    runner.mask(login.password.reveal())
    return passwordCredential(login.username, login.password)
  }
  requireAllowedHost(registry, credential)
  runner.mask(login.token.reveal())
  return refreshTokenCredential(login.token)
}

function entraIdentity(credential: EntraCredential, { registry }: Inputs, around: Surroundings): Identity {
  const { environment, runner, elapsed, signal } = around
  const cloud = cloudOf(registry.host)
  const description = describe(credential)
  const entra = entraTokens({
    credential,
    description,
    cloud,
    environment,
    assertion: (audience) => runner.idToken(audience),
    signal,
    onSecret: (value) => runner.mask(value),
  })
  const tokens = registryTokens(entra, cloud)
  const refusal = (): typeof NO_ROLE => (tokens.forResourceManager ? RESOURCE_MANAGER_REFUSED : NO_ROLE)
  return {
    credential: entraCredential({ description, entraToken: () => tokens.token(), refusal }, elapsed),
    azure: azureAccess(entra, cloud, around),
  }
}

function azureAccess(entra: EntraTokens, cloud: Cloud, { signal, sleep }: Surroundings): AzureAccess {
  let requests = 0
  let opened: Promise<Management> | undefined
  const open = async (): Promise<Management> => {
    const { openManagement } = await import('./azure/management.ts')
    return openManagement({
      entra,
      cloud,
      signal,
      sleep,
      retry: passingFailures(Math.random),
      maxRetries: RETRIES,
      onRequest: () => (requests += 1),
      userAgent: USER_AGENT,
    })
  }
  return { management: () => (opened ??= open()), requests: () => requests }
}

function describe(credential: EntraCredential): string {
  switch (credential.kind) {
    case 'oidc':
      return `the application ${credential.clientId} (GitHub OIDC)`
    case 'client-secret':
      return `the application ${credential.clientId} (client secret)`
    case 'azure-cli':
      return 'whoever the Azure CLI is logged in as'
    case 'environment':
      return 'the identity of the AZURE_* variables'
    case 'managed-identity':
      return credential.clientId === undefined
        ? 'the managed identity of this machine'
        : `the managed identity ${credential.clientId} of this machine`
  }
}

const NO_ROLE = {
  cause:
    'the registry takes no token of this identity: it has no role there, or the registry belongs to another tenant.',
  cure: `${roleCure(undefined, 'read')} A new role takes some minutes. https://aka.ms/acr/authorization`,
}

const RESOURCE_MANAGER_REFUSED = {
  cause: 'this cloud gives only tokens of Azure Resource Manager, and the registry does not take these.',
  cure: 'Allow them: az acr config authentication-as-arm update --status enabled; or use a token of the registry.',
}
