import { anonymous, grantsOf, type Identity } from '../access/identities.ts'
import { grantScopes, parseScopes } from '../access/scopes.ts'
import type { Context } from './context.ts'
import {
  credentialOf,
  hasAnyRight,
  identityOfEntraToken,
  identityOfRefreshToken,
  identityWithPassword,
} from './credentials.ts'
import { problem, unauthorized, unsupported } from './errors.ts'
import { bodyText, json, type Request, type Response } from './message.ts'

/** POST /oauth2/exchange: an Entra access token becomes a refresh token of the registry. */
export function exchange(context: Context, request: Request): Response {
  if (request.method !== 'POST') return unsupported()
  const form = new URLSearchParams(bodyText(request))
  if (form.get('grant_type') !== 'access_token') return badGrant(form.get('grant_type'))
  const identity = identityOfEntraToken(context, form.get('access_token') ?? '')
  if (identity === undefined || !hasAnyRight(context, identity)) return unauthorized()
  return token('refresh_token', context.tokens.refreshToken(identity, request.host))
}

/** POST and GET /oauth2/token: an access token for the scopes asked for, as far as the caller has them. */
export function issueToken(context: Context, request: Request): Response {
  if (request.method === 'GET') return accessToken(context, request, identityOfHeader(context, request))
  if (request.method !== 'POST') return unsupported()
  const form = new URLSearchParams(bodyText(request))
  const grantType = form.get('grant_type')
  if (grantType !== 'refresh_token' && grantType !== 'password') return badGrant(grantType)
  return accessToken(context, request, identityOfForm(context, form), form)
}

function accessToken(
  context: Context,
  request: Request,
  ...[identity, form = request.query]: [identity: Identity | undefined, form?: URLSearchParams]
): Response {
  if (identity === undefined) return unauthorized()
  const grants = grantsOf(identity, context.switches)
  const scopes = parseScopes(form.getAll('scope'))
  const access = grantScopes(scopes, { identity, grants }, context.switches)
  return token('access_token', context.tokens.accessToken(identity, request.host, access))
}

function identityOfForm(context: Context, form: URLSearchParams): Identity | undefined {
  if (form.get('grant_type') === 'refresh_token') {
    return identityOfRefreshToken(context, form.get('refresh_token') ?? '')
  }
  const username = form.get('username')
  // The SDKs ask for an anonymous token with the password grant and an empty refresh token.
  if (username === null || username === '') return anonymousIfAllowed(context)
  return identityWithPassword(context, username, form.get('password') ?? '')
}

function identityOfHeader(context: Context, request: Request): Identity | undefined {
  const credential = credentialOf(context, request)
  if (credential.kind === 'none') return anonymousIfAllowed(context)
  return credential.kind === 'basic' ? credential.identity : undefined
}

function anonymousIfAllowed(context: Context): Identity | undefined {
  return context.switches.anonymousPull ? anonymous : undefined
}

/** `{"access_token"}` and nothing else, no lifetime; recorded in chunks. */
function token(key: 'access_token' | 'refresh_token', value: string): Response {
  return { ...json(200, { [key]: value }), chunked: true }
}

// No recording. The deprecated grants of early clients are not emulated.
function badGrant(grantType: string | null): Response {
  return problem(400, 'UNSUPPORTED', { message: `grant type ${JSON.stringify(grantType)} is not supported` })
}
