import { anonymous, grantsOf, identityName, type Identity } from '../access/identities.ts'
import { allows, permits, type Scope } from '../access/scopes.ts'
import type { Claims } from '../access/tokens.ts'
import { decodePayload, type Claims as JwtClaims } from '../jwt.ts'
import type { Context } from './context.ts'
import { challenge, type ChallengeError } from './errors.ts'
import type { Request, Response } from './message.ts'

/** The user name that goes with a refresh token as password: what `az acr login` stores for docker. */
const tokenUser = '00000000-0000-0000-0000-000000000000'

export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly identity: Identity | undefined; readonly isTokenUser: boolean }
  | { readonly kind: 'bearer'; readonly identity: Identity; readonly claims: Claims }
  | { readonly kind: 'bearer-expired' }
  | { readonly kind: 'bearer-invalid' }

/** Who a request says it comes from. Secrets end here. */
export function credentialOf(context: Context, request: Request): Credential {
  const header = request.headers['authorization'] ?? ''
  const [scheme = '', value = ''] = header.split(/ +/, 2)
  if (scheme.toLowerCase() === 'basic') {
    const [username, password] = splitBasic(value)
    return {
      kind: 'basic',
      identity: identityWithPassword(context, username, password),
      isTokenUser: username === tokenUser,
    }
  }
  if (scheme.toLowerCase() !== 'bearer') return { kind: 'none' }
  const verdict = context.tokens.verify(value)
  if (verdict.kind === 'expired') return { kind: 'bearer-expired' }
  if (verdict.kind === 'invalid' || verdict.claims.grant_type !== 'access_token')
    return { kind: 'bearer-invalid' }
  const identity = identityNamed(context, verdict.claims.sub)
  return identity === undefined
    ? { kind: 'bearer-invalid' }
    : { kind: 'bearer', identity, claims: verdict.claims }
}

/** The 401 that a call gets, or undefined when it may go on. `needed` undefined: any valid credential will do. */
export function refusal(
  context: Context,
  request: Request,
  { credential, needed }: { readonly credential: Credential; readonly needed: Scope | undefined },
): Response | undefined {
  const error = failureOf(context, credential, needed)
  if (error === undefined) return undefined
  return challenge(request.host, needed, error === 'missing' ? undefined : error)
}

export function identityWithPassword(
  context: Context,
  username: string,
  password: string,
): Identity | undefined {
  if (username === tokenUser) return identityOfRefreshToken(context, password)
  return context.identities.find((identity) => {
    if (identity.kind === 'anonymous') return false
    if (identity.kind === 'entra') return identity.appId === username && identity.clientSecret === password
    return identity.username === username && identity.password === password
  })
}

export function identityOfRefreshToken(context: Context, token: string): Identity | undefined {
  const verdict = context.tokens.verify(token)
  if (verdict.kind !== 'valid' || verdict.claims.grant_type !== 'refresh_token') return undefined
  return identityNamed(context, verdict.claims.sub)
}

/** Of all clouds, according to a comment of the JS SDK; with the slash as tokens for `…//.default` have it. */
const ownAudience = /^https:\/\/containerregistry\.azure\.net\/?$/

/** Those of KnownContainerRegistryAudience, and those that the Azure CLI asks for (azure-cli, cloud.py). */
const armAudience =
  /^https:\/\/management\.(?:azure\.com|core\.windows\.net|(?:core\.)?(?:chinacloudapi\.cn|usgovcloudapi\.net))\/?$/

/** Entra tokens are configured strings, or JWTs that name a configured application or object. */
export function identityOfEntraToken(context: Context, token: string): Identity | undefined {
  const claims = decodePayload(token)
  if (claims !== undefined && !isForRegistry(context, token, claims)) return undefined
  return context.identities.find((identity) => {
    if (identity.kind !== 'entra') return false
    if (identity.entraTokens?.includes(token) === true) return true
    if (claims === undefined) return false
    const appId = claims['appid'] ?? claims['azp']
    return (
      (identity.appId !== undefined && identity.appId === appId) ||
      (identity.objectId !== undefined && identity.objectId === claims['oid'])
    )
  })
}

function isForRegistry({ switches, clock, entra }: Context, token: string, claims: JwtClaims): boolean {
  const audience = typeof claims['aud'] === 'string' ? claims['aud'] : ''
  if (!ownAudience.test(audience) && !(armAudience.test(audience) && switches.armAudienceTokens)) return false
  if (switches.homeTenant !== null && claims['tid'] !== switches.homeTenant) return false
  // Whoever issued it says whether it is one of theirs and still good, by their own time.
  if (entra !== undefined) return entra.verify(token).kind === 'valid'
  const expiry = claims['exp']
  return typeof expiry !== 'number' || expiry * 1000 > clock.date().getTime()
}

function failureOf(
  context: Context,
  credential: Credential,
  needed: Scope | undefined,
): ChallengeError | 'missing' | undefined {
  if (credential.kind === 'none') return 'missing'
  if (credential.kind === 'bearer-invalid') return 'invalid_token'
  if (credential.kind === 'bearer-expired') {
    return context.switches.expiredTokenNamesError ? 'invalid_token' : 'missing'
  }
  // A refresh token is a password for the token endpoint only (Azure/acr#98).
  if (credential.identity === undefined || (credential.kind === 'basic' && credential.isTokenUser))
    return 'missing'
  if (needed === undefined) return undefined
  const grants = grantsOf(credential.identity, context.switches)
  const sufficient =
    credential.kind === 'basic'
      ? permits(grants, needed)
      : allows(credential.claims.access ?? [], needed, grants)
  return sufficient ? undefined : 'insufficient_scope'
}

/** Whether the caller may do more than the route asks for, for what depends on that (mounting, seeing locks). */
export function callerMay(context: Context, credential: Credential, needed: Scope): boolean {
  return failureOf(context, credential, needed) === undefined
}

export function callerOf(credential: Credential): Identity | undefined {
  return credential.kind === 'bearer' || credential.kind === 'basic' ? credential.identity : undefined
}

/** Whether the identity has any right at all, without which the exchange is refused. */
export function hasAnyRight(context: Context, identity: Identity): boolean {
  const grants = grantsOf(identity, context.switches)
  return grants.catalog || grants.repositories.some(({ actions }) => actions.length > 0)
}

function splitBasic(value: string): [username: string, password: string] {
  const decoded = Buffer.from(value, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon === -1 ? [decoded, ''] : [decoded.slice(0, colon), decoded.slice(colon + 1)]
}

function identityNamed(context: Context, name: string): Identity | undefined {
  if (name === identityName(anonymous)) return context.switches.anonymousPull ? anonymous : undefined
  return context.identities.find((identity) => identityName(identity) === name)
}
