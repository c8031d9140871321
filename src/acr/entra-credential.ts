import type { Stopwatch } from '../ports.ts'
import type { Exchange, Refusal, RegistryCredential } from './credential.ts'
import { RenewingToken } from './renewing-token.ts'
import { isFromAbacRegistry, type RefreshToken } from './token.ts'

/** An identity of Microsoft Entra, as far as a registry has to do with it. */
export interface EntraIdentity {
  readonly description: string
  /** Asks Microsoft Entra for a token that the registry takes. */
  readonly entraToken: () => Promise<string>
  /** What it means when the registry takes no token of this identity. */
  readonly refusal: () => Refusal
}

/** Exchanges a token of Microsoft Entra once for a refresh token, and again only when that ends or is refused. */
export function entraCredential(identity: EntraIdentity, elapsed: Stopwatch): RegistryCredential {
  return new EntraCredential(identity, elapsed)
}

class EntraCredential implements RegistryCredential {
  readonly identity = 'entra'
  readonly #identity: EntraIdentity
  readonly #elapsed: Stopwatch
  #refreshToken: RenewingToken<RefreshToken> | undefined
  #abac: boolean | undefined

  constructor(identity: EntraIdentity, elapsed: Stopwatch) {
    this.#identity = identity
    this.#elapsed = elapsed
  }

  get description(): string {
    return this.#identity.description
  }

  abac(): boolean | undefined {
    return this.#abac
  }

  async proof(exchange: Exchange): Promise<Readonly<Record<string, string>>> {
    const obtain = async (): Promise<RefreshToken> => exchange(await this.#identity.entraToken())
    this.#refreshToken ??= new RenewingToken(obtain, this.#elapsed)
    const { value } = await this.#refreshToken.get()
    this.#abac = isFromAbacRegistry(value)
    return { grant_type: 'refresh_token', refresh_token: value }
  }

  renew(): boolean {
    this.#refreshToken = undefined
    return true
  }

  refusal(): Refusal {
    return this.#identity.refusal()
  }
}
