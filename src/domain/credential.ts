import type { Secret } from './secret.ts'

/** The user name that goes with a refresh token in place of a password (`az acr login --expose-token`). */
export const REFRESH_TOKEN_USER = '00000000-0000-0000-0000-000000000000'

/** The values of the input `credential`. */
export const CREDENTIAL_CHOICES = [
  'auto',
  'oidc',
  'client-secret',
  'password',
  'azure-cli',
  'docker-config',
  'environment',
  'managed-identity',
  'anonymous',
] as const

export type CredentialChoice = (typeof CREDENTIAL_CHOICES)[number]

/** What the inputs say about signing in; complete for the choice that they name, if they name one. */
export interface CredentialInputs {
  readonly choice: CredentialChoice
  readonly username: string | undefined
  readonly password: Secret | undefined
  readonly clientId: string | undefined
  readonly tenantId: string | undefined
  readonly clientSecret: Secret | undefined
  /** The one host outside Azure's suffixes that may get Entra tokens. */
  readonly allowHost: string | undefined
  readonly onMissing: 'fail' | 'skip'
}

/** An identity of Microsoft Entra, and how it proves itself there. */
export type EntraCredential =
  | { readonly kind: 'oidc'; readonly tenantId: string; readonly clientId: string }
  | {
      readonly kind: 'client-secret'
      readonly tenantId: string
      readonly clientId: string
      readonly secret: Secret
    }
  | { readonly kind: 'azure-cli'; readonly tenantId: string | undefined }
  | { readonly kind: 'environment' }
  | { readonly kind: 'managed-identity'; readonly clientId: string | undefined }

/** How the run signs in. */
export type Credential =
  | EntraCredential
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'docker-config' }
  | { readonly kind: 'anonymous' }
