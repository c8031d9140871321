import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { bodyText, empty, json, type Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import { refusalOfAssertion } from './assertions.ts'
import { knowsResource, type Application, type Directory, type Tenant } from './directory.ts'
import * as refusals from './refusals.ts'
import type { EntraTokens } from './tokens.ts'

export interface EntraSwitches {
  /** How long tokens for applications live: an hour by default, as documented. */
  accessTokenSeconds: number
  /**
   * How an assertion that matches no federated credential is refused: with a code for what does not match, as since 2023, or
   * with AADSTS70021 for all.
   */
  federatedErrors: 'specific' | 'generic'
}

export interface EntraContext {
  readonly directory: Directory
  readonly clock: Clock
  readonly tokens: EntraTokens
  readonly switches: EntraSwitches
}

export type EntraRoute = 'token' | 'openid-configuration' | 'instance-discovery' | 'unknown'

/** What a path means, and whose tenant it names. */
export function entraRoute(path: string): { readonly route: EntraRoute; readonly tenant: string } {
  const [, tenant = '', rest = ''] = /^\/([^/]+)\/(.+)$/.exec(path) ?? []
  const route = routes[rest] ?? 'unknown'
  return { route, tenant }
}

const routes: Readonly<Record<string, EntraRoute>> = {
  'oauth2/v2.0/token': 'token',
  'v2.0/.well-known/openid-configuration': 'openid-configuration',
  'discovery/instance': 'instance-discovery',
}

export function answerEntra(context: EntraContext, request: Request): Answered {
  const { route, tenant: name } = entraRoute(request.path)
  if (route === 'instance-discovery') return { response: instances(request) }
  const tenant = context.directory.tenant(name)
  const refuse = (refusal: refusals.Refusal) =>
    refusals.refuse(refusal, { at: context.clock.date(), correlationId: correlationOf(request) })
  if (route === 'openid-configuration') {
    if (tenant === undefined) return refuse(refusals.tenantNotFound(name, 'invalid_tenant'))
    return { response: configuration(request.host, tenant) }
  }
  if (route !== 'token' || request.method !== 'POST') return { response: empty(404) }
  if (tenant === undefined) return refuse(refusals.tenantNotFound(name, 'invalid_request'))
  const outcome = grant(context, tenant, new URLSearchParams(bodyText(request)))
  return 'code' in outcome ? refuse(outcome) : outcome
}

/** The client credentials grant: an application's secret, or an assertion of an issuer it trusts, becomes a token. */
function grant(context: EntraContext, tenant: Tenant, form: URLSearchParams): Answered | refusals.Refusal {
  const type = form.get('grant_type') ?? ''
  if (type !== 'client_credentials') return refusals.grantUnsupported(type)
  const clientId = form.get('client_id') ?? ''
  const application = context.directory.withClientId(tenant, clientId)
  if (application === undefined) return refusals.applicationNotFound(clientId, tenant.name)
  const refusal = refusalOfCredential(context, application, form)
  if (refusal !== undefined) return refusal
  const scope = form.get('scope')?.split(' ')[0] ?? ''
  if (!scope.endsWith('/.default')) return refusals.scopeInvalid(scope)
  const resource = scope.slice(0, -'/.default'.length)
  if (!knowsResource(tenant, resource)) return refusals.resourceNotFound(resource, tenant.name)
  const seconds = context.switches.accessTokenSeconds
  const by = form.has('client_secret') ? 'secret' : 'assertion'
  const { token } = context.tokens.issue(application, { resource, seconds, by })
  // A second less than the token says: recorded for tokens of an hour as 3599.
  const lifetime = Math.max(1, seconds - 1)
  const response = json(200, {
    token_type: 'Bearer',
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
  })
  return { response, identity: application.name }
}

function refusalOfCredential(
  { clock, switches }: EntraContext,
  application: Application,
  form: URLSearchParams,
): refusals.Refusal | undefined {
  const assertion = form.get('client_assertion')
  if (assertion !== null) {
    return refusalOfAssertion(assertion, application, { at: clock.date(), wording: switches.federatedErrors })
  }
  const secret = form.get('client_secret')
  if (secret === null) return refusals.credentialMissing()
  const known = application.secrets.filter(({ value }) => value === secret)
  if (known.length === 0) return refusals.secretInvalid(application.clientId)
  const now = clock.date().getTime()
  const lives = known.some(({ expires }) => expires === undefined || new Date(expires).getTime() > now)
  return lives ? undefined : refusals.secretExpired(application.clientId)
}

/** What @azure/msal-node reads of it, and a little more. Its addresses are this server's, under the name the client used. */
function configuration(host: string, { id }: Tenant) {
  const base = `https://${host}/${id}`
  return json(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    issuer: `https://login.microsoftonline.com/${id}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
  })
}

/** Says of the host that the client asks about that it is one of the service's own. */
function instances(request: Request) {
  const asked = request.query.get('authorization_endpoint') ?? ''
  const { host, pathname } = new URL(asked, `https://${request.host}`)
  const [, tenant = 'common'] = pathname.split('/')
  return json(200, {
    tenant_discovery_endpoint: `https://${host}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  })
}

/** MSAL sends it in the form; others in a header. */
function correlationOf(request: Request): string {
  const inForm = new URLSearchParams(bodyText(request)).get('client-request-id')
  return inForm ?? request.headers['client-request-id'] ?? randomUUID()
}
