import { randomBytes, randomUUID } from 'node:crypto'
import { epochSeconds, type Clock } from '../clock.ts'
import { checkSignature, decodePayload, encodeJwt } from '../jwt.ts'
import type { Switches } from '../switches.ts'
import { actionsOn, grantsOf, identityName, type Identity } from './identities.ts'
import type { Access } from './scopes.ts'

/** Tokens look older than they are: recorded ones have iat and nbf 15 minutes before they were issued. */
const backDatedSeconds = 900

export interface Claims {
  readonly sub: string
  readonly exp: number
  readonly rid: string
  readonly grant_type: 'refresh_token' | 'access_token'
  readonly access?: readonly Access[]
}

export type Verdict =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' }

export class Tokens {
  readonly #clock: Clock
  readonly #switches: Switches
  #key = randomBytes(32)
  // Stands for the registry in the tokens; a new one makes the unsigned tokens invalid too.
  #registryId: string = randomUUID()
  readonly #verified = new Map<string, Claims>()

  constructor(clock: Clock, switches: Switches) {
    this.#clock = clock
    this.#switches = switches
  }

  refreshToken(identity: Identity, host: string): string {
    const { abac, refreshTokenSeconds } = this.#switches
    return this.#sign({
      ...this.#head(identity, host, refreshTokenSeconds),
      version: '1.0',
      rid: this.#registryId,
      grant_type: 'refresh_token',
      appid: appIdOf(identity),
      ...(abac
        ? { aad_identity: appIdOf(identity) }
        : { permissions: { Actions: permissions(identity, this.#switches), NotActions: null } }),
      roles: [],
    })
  }

  accessToken(identity: Identity, host: string, access: readonly Access[]): string {
    return this.#sign({
      ...this.#head(identity, host, this.#switches.accessTokenSeconds),
      version: this.#switches.abac ? '2.0' : '1.0',
      rid: this.#registryId,
      access,
      roles: [],
      grant_type: 'access_token',
      appid: appIdOf(identity),
    })
  }

  verify(token: string): Verdict {
    const claims = this.#verified.get(token) ?? this.#read(token)
    if (claims === undefined) return { kind: 'invalid' }
    this.#verified.set(token, claims)
    return claims.exp > this.#now() ? { kind: 'valid', claims } : { kind: 'expired' }
  }

  /** Every token issued so far is invalid from now on. */
  revokeAll(): void {
    this.#key = randomBytes(32)
    this.#registryId = randomUUID()
    this.#verified.clear()
  }

  #head(identity: Identity, host: string, lifetimeSeconds: number) {
    const now = this.#now()
    return {
      jti: randomUUID(),
      sub: identityName(identity),
      nbf: now - backDatedSeconds,
      exp: now + lifetimeSeconds,
      iat: now - backDatedSeconds,
      iss: 'Azure Container Registry',
      aud: host,
    }
  }

  #now(): number {
    return this.#switches.tokenTimes === 'machine'
      ? Math.floor(Date.now() / 1000)
      : epochSeconds(this.#clock.now())
  }

  #sign(claims: object): string {
    return encodeJwt(claims, this.#switches.tokenSigning === 'none' ? undefined : this.#key)
  }

  #read(token: string): Claims | undefined {
    const signature = checkSignature(token, this.#key)
    if (signature === 'bad') return undefined
    if (signature === 'none' && this.#switches.tokenSigning !== 'none') return undefined
    const claims = decodePayload(token) as unknown as Claims | undefined
    return claims?.rid === this.#registryId ? claims : undefined
  }
}

function permissions(identity: Identity, switches: Switches): string[] {
  // Asked for a name that only a grant for everything covers.
  const actions = actionsOn('', { ...grantsOf(identity, switches) })
  return [
    ...(actions.has('pull') ? ['read'] : []),
    ...(actions.has('push') ? ['write'] : []),
    ...(actions.has('delete') ? ['delete'] : []),
    ...(actions.has('deleted_read') ? ['deleted/read'] : []),
    ...(actions.has('deleted_restore') ? ['deleted/restore/action'] : []),
  ]
}

function appIdOf(identity: Identity): string {
  return identity.kind === 'entra' ? (identity.appId ?? identity.name) : identityName(identity)
}
