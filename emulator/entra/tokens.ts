import { randomBytes, randomUUID } from 'node:crypto'
import { epochSeconds, type Clock } from '../clock.ts'
import { checkSignature, decodePayload, encodeJwt, type Claims } from '../jwt.ts'
import type { Application } from './directory.ts'

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresOn: number
  readonly notBefore: number
}

export type EntraVerdict =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'foreign' }

/** Access tokens as the service issues them for a registry: version 1.0, because the registry's own application asks for no other. */
export class EntraTokens {
  readonly #clock: Clock
  readonly #key = randomBytes(32)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(
    application: Application,
    {
      resource,
      seconds,
      by,
    }: {
      readonly resource: string
      readonly seconds: number
      /** What the application showed. */
      readonly by: 'secret' | 'assertion' | 'managed identity'
    },
  ): IssuedToken {
    const now = epochSeconds(this.#clock.now())
    const issuer = `https://sts.windows.net/${application.tenant.id}/`
    const times = { iat: now, nbf: now, exp: now + seconds }
    const claims = {
      aud: resource,
      iss: issuer,
      ...times,
      appid: application.clientId,
      // 1: a secret; 2: a certificate, which assertions of other issuers and managed identities count as (documented).
      appidacr: by === 'secret' ? '1' : '2',
      idp: issuer,
      idtyp: 'app',
      oid: application.objectId,
      sub: application.objectId,
      tid: application.tenant.id,
      uti: randomUUID(),
      ver: '1.0',
    }
    return { token: encodeJwt(claims, this.#key), expiresOn: times.exp, notBefore: now }
  }

  /** Whether a token is one of these, and still good. */
  verify(token: string): EntraVerdict {
    const claims = decodePayload(token)
    if (claims === undefined || checkSignature(token, this.#key) !== 'good') return { kind: 'foreign' }
    const expiry = claims['exp']
    const now = epochSeconds(this.#clock.now())
    return typeof expiry === 'number' && expiry > now ? { kind: 'valid', claims } : { kind: 'expired' }
  }
}
