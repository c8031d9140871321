import type { Milliseconds } from '../domain/duration.ts'
import type { Instant } from '../domain/snapshot.ts'

/** What an access token allows on one repository, or on all (`*`), or on the registry's catalog. */
interface Grant {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

/** An access token of the registry with what its payload says; the signature is the registry's business. */
export interface AccessToken {
  readonly value: string
  /** Undefined when the token is not readable: then only an answer tells what it allows. */
  readonly grants: readonly Grant[] | undefined
  /** Time left when it was issued; undefined when the token does not say. */
  readonly lifetime: Milliseconds | undefined
}

/** A refresh token of the registry: proves for three hours who asks for access tokens. */
export interface RefreshToken {
  readonly value: string
  readonly lifetime: Milliseconds | undefined
}

/** What a request needs: the catalog, or actions on a repository. */
export interface Need {
  readonly type: 'registry' | 'repository'
  readonly name: string
  readonly actions: readonly string[]
}

export const CATALOG: Need = { type: 'registry', name: 'catalog', actions: ['*'] }

/** The scope text of the token endpoint: `repository:app:metadata_read,pull`. */
export function scopeOf({ type, name, actions }: Need): string {
  return `${type}:${name}:${actions.join(',')}`
}

/**
 * The actions of a need that a token does not grant. Scopes that are not granted are dropped without a word: only the
 * token's own `access` list tells.
 */
export function missingActions({ grants }: AccessToken, need: Need): readonly string[] {
  if (grants === undefined) return []
  const granted = new Set(
    grants
      .filter(({ type, name }) => type === need.type && (name === need.name || name === '*'))
      .flatMap(({ actions }) => actions),
  )
  return granted.has('*') ? [] : need.actions.filter((action) => !granted.has(action))
}

/** @param now the registry's clock when it issued the token: the runner's may be wrong */
export function readAccessToken(value: string, now: Instant): AccessToken {
  const claims = readClaims(value)
  return { value, grants: readGrants(claims?.['access']), lifetime: timeLeft(claims, now) }
}

/** @param now the registry's clock when it issued the token */
export function readRefreshToken(value: string, now: Instant): RefreshToken {
  return { value, lifetime: timeLeft(readClaims(value), now) }
}

/**
 * Whether a refresh token comes from a registry that asks for roles per repository (ABAC): those tokens carry
 * `aad_identity` (acr-cli, internal/api/acrsdk.go). Undocumented, so undefined when the token is not readable.
 */
export function isFromAbacRegistry(refreshToken: string): boolean | undefined {
  const claims = readClaims(refreshToken)
  return claims === undefined ? undefined : 'aad_identity' in claims
}

type Claims = Readonly<Record<string, unknown>>

function readClaims(jwt: string): Claims | undefined {
  const payload = jwt.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return isRecord(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

function readGrants(access: unknown): readonly Grant[] | undefined {
  if (!Array.isArray(access)) return undefined
  return access.filter(isRecord).map((grant) => ({
    type: text(field(grant, 'Type')),
    name: text(field(grant, 'Name')),
    actions: strings(field(grant, 'Actions')),
  }))
}

/** The service writes `Type`; the distribution specification writes `type`. */
function field(record: Claims, key: string): unknown {
  return record[key] ?? record[key.toLowerCase()]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function timeLeft(claims: Claims | undefined, now: Instant): Milliseconds | undefined {
  const expires = claims?.['exp']
  return typeof expires === 'number' ? Math.max(0, expires * 1000 - now) : undefined
}

function isRecord(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
