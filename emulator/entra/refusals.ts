import { randomUUID } from 'node:crypto'
import type { Answered } from '../service.ts'
import { json } from '../protocol/message.ts'

/** Why the token service says no. */
export interface Refusal {
  readonly code: number
  readonly status: 400 | 401 | 503
  /** OAuth's word for it. */
  readonly error: string
  readonly text: string
  /** Published answers about federated credentials of 2024 and later have no `error_uri`; all others have one. */
  readonly withoutUri?: true
}

/**
 * The wording is that of published answers of the service, each named with its function. Which of several reasons the service
 * names first is not known.
 */
const wrongTenant =
  'This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.'

/** james-gould/azure-keyvault-emulator#324 (August 2025). The metadata document says `invalid_tenant`, the token endpoint `invalid_request`. */
export function tenantNotFound(name: string, error: 'invalid_tenant' | 'invalid_request'): Refusal {
  return {
    code: 90002,
    status: 400,
    error,
    text: `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  }
}

/** Azure-Samples/azure-health-data-and-ai-samples#100 (July 2023). */
export function applicationNotFound(clientId: string, tenantName: string): Refusal {
  return {
    code: 700016,
    status: 400,
    error: 'unauthorized_client',
    text: `Application with identifier '${clientId}' was not found in the directory '${tenantName}'. ${wrongTenant} You may have sent your authentication request to the wrong tenant.`,
  }
}

/** OfficeDev/microsoft-365-agents-toolkit#8621 (May 2023). */
export function secretInvalid(clientId: string): Refusal {
  return {
    code: 7000215,
    status: 401,
    error: 'invalid_client',
    text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  }
}

/** Budibase/budibase#15843 (March 2025). */
export function secretExpired(clientId: string): Refusal {
  return {
    code: 7000222,
    status: 401,
    error: 'invalid_client',
    text: `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
  }
}

/** cljung/B2C-AppRoles#2 (June 2022). */
export function credentialMissing(): Refusal {
  return {
    code: 7000216,
    status: 401,
    error: 'invalid_client',
    text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  }
}

/** gbwisx/msal_mobile#6 and others; with the tenant's name since about 2023. */
export function resourceNotFound(resource: string, tenantName: string): Refusal {
  return {
    code: 500011,
    status: 400,
    error: 'invalid_resource',
    text: `The resource principal named ${resource} was not found in the tenant named ${tenantName}. ${wrongTenant} You might have sent your authentication request to the wrong tenant.`,
  }
}

/** Documented for the client credentials flow (learn.microsoft.com, v2-oauth2-client-creds-grant-flow). */
export function scopeInvalid(scope: string): Refusal {
  return {
    code: 1002012,
    status: 400,
    error: 'invalid_scope',
    text: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  }
}

/** Documented (learn.microsoft.com, reference-error-codes). */
export function grantUnsupported(grant: string): Refusal {
  return {
    code: 70003,
    status: 400,
    error: 'unsupported_grant_type',
    text: `The app requested an unsupported grant type '${grant}'.`,
  }
}

/** The documented code for a passing fault (learn.microsoft.com, reference-error-codes). */
export function passingFault(): Refusal {
  return {
    code: 90033,
    status: 503,
    error: 'temporarily_unavailable',
    text: 'A transient error has occurred. Please try again.',
  }
}

/** `correlationId` is the client's, as the service gives it back. */
export function refuse(
  refusal: Refusal,
  { at, correlationId }: { readonly at: Date; readonly correlationId: string },
): Answered {
  const { code, status, error, text, withoutUri } = refusal
  const timestamp = at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
  const traceId = randomUUID()
  const response = json(status, {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    ...(withoutUri === true ? {} : { error_uri: `https://login.microsoftonline.com/error?code=${code}` }),
  })
  return { response, error: `AADSTS${code}` }
}
