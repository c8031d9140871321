import type { Stopwatch } from '../ports.ts'
import { RenewingToken } from './renewing-token.ts'
import { CATALOG, missingActions, scopeOf, type AccessToken, type Need } from './token.ts'

/** Asks the registry's token endpoint once. */
export type TokenRequest = (scopes: readonly string[]) => Promise<AccessToken>

/** All that looking needs. */
const READ = ['metadata_read', 'pull']

/** Asked for along with it by a run that may delete, and by no other. */
const DELETE = 'delete'

const ALL_REPOSITORIES = 'repository:*:*'

/** acr-cli asks for ten repositories per token on registries that ignore wildcards (its ABAC_BATCH_SIZE). */
const REPOSITORIES_PER_TOKEN = 10

/** The identity may not do what is needed; which actions it lacks. */
export class MissingPermission extends Error {
  readonly need: Need
  readonly actions: readonly string[]

  constructor(need: Need, actions: readonly string[]) {
    super(`no permission for ${scopeOf({ ...need, actions })}`)
    this.name = 'MissingPermission'
    this.need = need
    this.actions = actions
  }
}

/**
 * Access tokens, one per set of scopes, shared by all requests of a run. The Azure SDK keeps a single token for all scopes
 * and pays a refused request and a new token whenever the repository changes (measured with 1.1.2).
 */
export class AccessTokens {
  readonly #request: TokenRequest
  readonly #elapsed: Stopwatch
  readonly #cache = new Map<string, RenewingToken<AccessToken>>()
  readonly #batches = new Map<string, readonly string[]>()
  #wholeScopes: readonly string[] = [scopeOf(CATALOG), ALL_REPOSITORIES]
  readonly #actions: readonly string[]
  #wildcard = true

  constructor(
    request: TokenRequest,
    { elapsed, deleting }: { readonly elapsed: Stopwatch; readonly deleting: boolean },
  ) {
    this.#request = request
    this.#elapsed = elapsed
    this.#actions = deleting ? [...READ, DELETE] : READ
  }

  /**
   * Says which repositories will be read. Up to ten are asked for by name, which every registry honours; more are asked
   * for by a wildcard first and, should the registry ignore it, ten by ten.
   */
  expect(repositories: readonly string[]): void {
    for (let start = 0; start < repositories.length; start += REPOSITORIES_PER_TOKEN) {
      const batch = repositories.slice(start, start + REPOSITORIES_PER_TOKEN)
      const scopes = batch.map((name) => scopeOf(needOf(name, this.#actions)))
      for (const name of batch) this.#batches.set(name, scopes)
    }
    // After a catalog there is a token for all that a wildcard gives already.
    if (this.#cache.has(this.#wholeScopes.join(' '))) return
    this.#wholeScopes = [ALL_REPOSITORIES]
    this.#wildcard = repositories.length > REPOSITORIES_PER_TOKEN
  }

  /** @throws MissingPermission when the identity may not list repositories */
  async forCatalog(): Promise<AccessToken> {
    const token = await this.#get(this.#wholeScopes)
    return granting(token, CATALOG)
  }

  /** @throws MissingPermission when neither a wildcard nor the repository's own scope is granted */
  forRepository(name: string): Promise<AccessToken> {
    return this.#forNeed(needOf(name, READ))
  }

  /** @throws MissingPermission when the identity may not delete in the repository, as far as its tokens tell */
  forDeleting(name: string): Promise<AccessToken> {
    return this.#forNeed(needOf(name, [DELETE]))
  }

  async #forNeed(need: Need): Promise<AccessToken> {
    const { name } = need
    if (this.#wildcard) {
      const token = await this.#get(this.#wholeScopes)
      if (missingActions(token, need).length === 0) return token
      this.#wildcard = false
    }
    const scopes = this.#batches.get(name) ?? [scopeOf(needOf(name, this.#actions))]
    return granting(await this.#get(scopes), need)
  }

  /**
   * The registry refused a token: nobody uses it again. One that allows less than it said cannot be asked for in the same
   * way, so wildcards are not trusted any more.
   */
  refused({ value }: AccessToken, { insufficient }: { readonly insufficient: boolean }): void {
    for (const cached of this.#cache.values()) cached.forget(value)
    if (insufficient) this.#wildcard = false
  }

  #get(scopes: readonly string[]): Promise<AccessToken> {
    const key = scopes.join(' ')
    const cached = this.#cache.get(key) ?? new RenewingToken(() => this.#request(scopes), this.#elapsed)
    this.#cache.set(key, cached)
    return cached.get()
  }
}

function needOf(name: string, actions: readonly string[]): Need {
  return { type: 'repository', name, actions }
}

function granting(token: AccessToken, need: Need): AccessToken {
  const missing = missingActions(token, need)
  if (missing.length > 0) throw new MissingPermission(need, missing)
  return token
}
