import type { Cloud } from '../domain/cloud.ts'
import type { EntraCredential } from '../domain/credential.ts'
import type { Milliseconds } from '../domain/duration.ts'
import { entraFailure } from './entra-failure.ts'
import { isWorkloadIdentity } from './environment.ts'

/** Asks Microsoft Entra for tokens. */
export interface EntraTokens {
  /** @throws RegistryError that says why Entra, or the way to it, refused, and what to change */
  token(scope: string): Promise<string>
}

export interface EntraOptions {
  readonly credential: EntraCredential
  /** For messages, such as `the application 1111… (GitHub OIDC)`. */
  readonly description: string
  readonly cloud: Cloud
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A GitHub OIDC token for the audience. Asked for whenever Entra wants an assertion: each lives for minutes only. */
  readonly assertion: (audience: string) => Promise<string>
  readonly signal: AbortSignal
  readonly onSecret: (value: string) => void
}

/** The Azure CLI is a Python program: its start alone takes a second or two on a busy runner. */
const AZURE_CLI_TIMEOUT = 60_000

/** Entra answers within a second or two; `@azure/identity` itself would wait for ever, and looks at no signal. */
const ENTRA_TIMEOUT: Milliseconds = 120_000

/** Signs in to Microsoft Entra as the credential says; nothing is loaded or sent before the first token is asked for. */
export function entraTokens(options: EntraOptions): EntraTokens {
  const { credential, description, signal, onSecret } = options
  const assertions = new Assertions(options.assertion)
  let source: Promise<TokenSource> | undefined
  return {
    async token(scope) {
      try {
        source ??= tokenSource({ ...options, assertion: (audience) => assertions.get(audience) })
        const asked = source.then((known) => known.getToken(scope))
        const { token } = await inTime(asked, signal)
        onSecret(token)
        return token
      } catch (error) {
        // After some refusals the same object refuses by itself for a while.
        source = undefined
        throw entraFailure(error, {
          description,
          assertion: assertions.presented,
          signal,
          kind: credential.kind,
        })
      }
    },
  }
}

/** Each lives for five minutes, and MSAL asks for one twice per token. */
const ASSERTION_USED_FOR: Milliseconds = 60_000

class Assertions {
  readonly #ask: (audience: string) => Promise<string>
  #held: { readonly token: Promise<string>; readonly until: Milliseconds } | undefined
  #presented: string | undefined

  constructor(ask: (audience: string) => Promise<string>) {
    this.#ask = ask
  }

  /** The last one: who was refused has to know which subject was presented. */
  get presented(): string | undefined {
    return this.#presented
  }

  async get(audience: string): Promise<string> {
    if (this.#held === undefined || performance.now() >= this.#held.until) {
      this.#held = { token: this.#ask(audience), until: performance.now() + ASSERTION_USED_FOR }
    }
    try {
      this.#presented = await this.#held.token
      return this.#presented
    } catch (error) {
      this.#held = undefined
      throw error
    }
  }
}

/** @throws the reason of the signal, or an error that says `timed out` */
async function inTime<Value>(asked: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ENTRA_TIMEOUT)])
  const ended = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('timed out', { cause: deadline.reason }))
    if (deadline.aborted) stop()
    deadline.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([asked, ended])
}

/** What the credentials of `@azure/identity` have in common. */
interface TokenSource {
  getToken(scope: string): Promise<{ readonly token: string }>
}

/**
 * `@azure/identity` with MSAL is larger than all else together, so it is loaded only here. None of its chained credentials
 * is used: they would probe the instance metadata service, where a runner that is an Azure machine itself loses up to 18
 * seconds.
 */
async function tokenSource({
  credential,
  cloud,
  environment,
  assertion,
}: EntraOptions): Promise<TokenSource> {
  const identity = await import('@azure/identity')
  const authority = authorityOptions(cloud, environment)
  switch (credential.kind) {
    case 'oidc':
      return new identity.ClientAssertionCredential(
        credential.tenantId,
        credential.clientId,
        () => assertion(cloud.oidcAudience),
        authority,
      )
    case 'client-secret': {
      const { tenantId, clientId, secret } = credential
      return new identity.ClientSecretCredential(tenantId, clientId, secret.reveal(), authority)
    }
    case 'azure-cli': {
      const tenant = credential.tenantId === undefined ? {} : { tenantId: credential.tenantId }
      return new identity.AzureCliCredential({ ...tenant, processTimeoutInMs: AZURE_CLI_TIMEOUT })
    }
    case 'environment':
      return isWorkloadIdentity(environment)
        ? new identity.WorkloadIdentityCredential(authority)
        : withToken(new identity.EnvironmentCredential(authority))
    case 'managed-identity':
      return new identity.ManagedIdentityCredential(
        credential.clientId === undefined ? {} : { clientId: credential.clientId },
      )
  }
}

interface AuthorityOptions {
  readonly authorityHost: string
  readonly disableInstanceDiscovery: boolean
}

/** An authority that the environment names is taken as it is: private clouds are unknown to Entra's own directory of them. */
function authorityOptions(
  cloud: Cloud,
  { AZURE_AUTHORITY_HOST }: EntraOptions['environment'],
): AuthorityOptions {
  const given =
    AZURE_AUTHORITY_HOST === undefined || AZURE_AUTHORITY_HOST === '' ? undefined : AZURE_AUTHORITY_HOST
  return { authorityHost: given ?? cloud.authorityHost, disableInstanceDiscovery: given !== undefined }
}

/** Its type allows no token at all, though it rejects instead. */
function withToken(credential: {
  getToken(scope: string): Promise<{ readonly token: string } | null>
}): TokenSource {
  return {
    async getToken(scope) {
      const token = await credential.getToken(scope)
      if (token === null) throw new Error('no token')
      return token
    },
  }
}
