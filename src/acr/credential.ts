import { REFRESH_TOKEN_USER } from '../domain/credential.ts'
import { shortHost } from '../domain/login-server.ts'
import type { Secret } from '../domain/secret.ts'
import { isFromAbacRegistry, type RefreshToken } from './token.ts'

/**
 * Who signs in, as far as permissions go: an Entra identity has roles, a token of the registry has a scope map, the admin
 * user may do everything.
 */
type IdentityKind = 'entra' | 'token-or-admin' | 'anonymous'

/** Takes a token of Microsoft Entra to the registry and brings a refresh token of the registry back. */
export type Exchange = (entraToken: string) => Promise<RefreshToken>

/** Whatever the registry's token endpoint takes for an access token. */
export interface RegistryCredential {
  /** For the log and for messages, such as `the user "ci"`. Holds no secret. */
  readonly description: string
  readonly identity: IdentityKind
  /** Whether the registry asks for roles per repository (ABAC); undefined as long as nothing tells. */
  abac(): boolean | undefined
  /** The fields of a token request that prove who asks. Called for every token, so that a proof may be renewed. */
  proof(exchange: Exchange): Promise<Readonly<Record<string, string>>>
  /** The registry refused the proof. @returns whether the next one will be another */
  renew(): boolean
  /** What it means when the registry refuses the proof. */
  refusal(host: string): Refusal
}

/** Why a registry refuses, and what to do. */
export interface Refusal {
  readonly cause: string
  readonly cure: string
}

/** A service principal signs in with its application id, a GUID; names of tokens and of the admin user are none. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Admin user, scope-map token, service principal, or the null GUID with a refresh token of the registry. */
export function passwordCredential(username: string, password: Secret): RegistryCredential {
  if (username === REFRESH_TOKEN_USER) return refreshTokenCredential(password)
  return {
    description: `the user "${username}"`,
    identity: GUID.test(username) ? 'entra' : 'token-or-admin',
    abac: () => undefined,
    proof: async () => ({ grant_type: 'password', username, password: password.reveal() }),
    renew: () => false,
    refusal: () => ({
      cause: 'the registry does not accept this user name and password.',
      cure:
        'Check the secret behind the input password: it may have expired or been regenerated, the token may be ' +
        'disabled, the admin user switched off.',
    }),
  }
}

/** A refresh token of the registry, as `az acr login` leaves it. */
export function refreshTokenCredential(token: Secret): RegistryCredential {
  return {
    description: 'the owner of the given refresh token',
    identity: 'entra',
    abac: () => isFromAbacRegistry(token.reveal()),
    proof: async () => ({ grant_type: 'refresh_token', refresh_token: token.reveal() }),
    renew: () => false,
    refusal: () => ({
      cause: 'the registry does not accept this refresh token.',
      cure:
        'It lives three hours and is good for one registry: get a new one with az acr login, or sign in with ' +
        'client-id and tenant-id (GitHub OIDC), which lasts.',
    }),
  }
}

/** What anybody may read, on a registry with anonymous pull. */
export function anonymousCredential(): RegistryCredential {
  return {
    description: 'nobody (anonymous pull)',
    identity: 'anonymous',
    abac: () => undefined,
    // This is how the Azure SDKs ask for an anonymous token (containerRegistryChallengeHandler of the JavaScript SDK).
    proof: async () => ({ grant_type: 'password', refresh_token: '' }),
    renew: () => false,
    refusal: (host) => ({
      cause: 'the registry does not allow anonymous pull.',
      cure: `Sign in, or allow it: az acr update --name ${shortHost(host)} --anonymous-pull-enabled.`,
    }),
  }
}
