import type { Secret } from '../domain/secret.ts'
import { isFromAbacRegistry } from './token.ts'

/**
 * Who signs in, as far as permissions go: an Entra identity has roles, a token of the registry has a scope map, the admin
 * user may do everything.
 */
type IdentityKind = 'entra' | 'token-or-admin' | 'anonymous'

/** Whatever the registry's token endpoint takes for an access token. */
export interface RegistryCredential {
  /** For the log and for messages, such as `the user "ci"`. Holds no secret. */
  readonly description: string
  readonly identity: IdentityKind
  /** Whether the registry asks for roles per repository (ABAC); undefined when the credential does not tell. */
  readonly abac: boolean | undefined
  /** The fields of a token request that prove who asks. Called for every token, so that a proof may be renewed. */
  readonly proof: () => Promise<Readonly<Record<string, string>>>
}

/** The user name that goes with a refresh token in place of a password (`az acr login --expose-token`). */
const REFRESH_TOKEN_USER = '00000000-0000-0000-0000-000000000000'

/** A service principal signs in with its application id, a GUID; names of tokens and of the admin user are none. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Admin user, scope-map token, service principal, or the null GUID with a refresh token of the registry. */
export function passwordCredential(username: string, password: Secret): RegistryCredential {
  if (username === REFRESH_TOKEN_USER) return refreshTokenCredential(password)
  return {
    description: `the user "${username}"`,
    identity: GUID.test(username) ? 'entra' : 'token-or-admin',
    abac: undefined,
    proof: async () => ({ grant_type: 'password', username, password: password.reveal() }),
  }
}

/** What anybody may read, on a registry with anonymous pull. */
export function anonymousCredential(): RegistryCredential {
  return {
    description: 'nobody (anonymous pull)',
    identity: 'anonymous',
    abac: undefined,
    // This is how the Azure SDKs ask for an anonymous token (containerRegistryChallengeHandler of the JavaScript SDK).
    proof: async () => ({ grant_type: 'password', refresh_token: '' }),
  }
}

function refreshTokenCredential(token: Secret): RegistryCredential {
  return {
    description: 'the refresh token given as password',
    identity: 'entra',
    abac: isFromAbacRegistry(token.reveal()),
    proof: async () => ({ grant_type: 'refresh_token', refresh_token: token.reveal() }),
  }
}
