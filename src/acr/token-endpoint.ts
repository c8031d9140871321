import {
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  RestError,
  type HttpClient,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import type { LoginServer } from '../domain/login-server.ts'
import type { Instant } from '../domain/snapshot.ts'
import type { Parties } from './failure.ts'
import type { RequestLine } from './pipeline.ts'
import { explainSignIn } from './sign-in-failure.ts'
import { readAccessToken, readRefreshToken, type AccessToken, type RefreshToken } from './token.ts'

export interface TokenEndpointParts {
  readonly server: LoginServer
  readonly parties: Parties
  readonly line: RequestLine
  readonly httpClient: HttpClient
  readonly userAgent: string
  readonly onSecret: (value: string) => void
}

/**
 * `/oauth2` of the registry (Azure/acr, docs/AAD-OAuth.md). The address is fixed by the login server: a challenge or a
 * redirect could name any host, and the credential would follow.
 */
export class TokenEndpoint {
  readonly #parts: TokenEndpointParts
  readonly #pipeline: Pipeline

  constructor(parts: TokenEndpointParts) {
    this.#parts = parts
    this.#pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: parts.userAgent },
    })
    this.#pipeline.addPolicy(
      { name: 'acrHygieneLine', sendRequest: (request, next) => parts.line.send(request, next) },
      { afterPhase: 'Retry' },
    )
  }

  /** An access token for these scopes, or what of them is granted. */
  async accessToken(scopes: readonly string[]): Promise<AccessToken> {
    const { credential } = this.#parts.parties
    try {
      return await this.#accessToken(scopes)
    } catch (error) {
      // The refresh token may have been revoked: roles or the role mode changed. A fresh one tells.
      const refused = error instanceof RestError && error.statusCode === 401
      if (!refused || !credential.renew()) throw explainSignIn(error, this.#parts.parties)
    }
    try {
      return await this.#accessToken(scopes)
    } catch (error) {
      throw explainSignIn(error, this.#parts.parties)
    }
  }

  async #accessToken(scopes: readonly string[]): Promise<AccessToken> {
    const proof = await this.#parts.parties.credential.proof((token) => this.#exchange(token))
    const { value, now } = await this.#post('/oauth2/token', 'access_token', {
      scope: scopes.join(' '),
      ...proof,
    })
    return readAccessToken(value, now)
  }

  async #exchange(entraToken: string): Promise<RefreshToken> {
    const form = { grant_type: 'access_token', access_token: entraToken }
    try {
      const { value, now } = await this.#post('/oauth2/exchange', 'refresh_token', form)
      return readRefreshToken(value, now)
    } catch (error) {
      // Final: another token of the same identity would be refused too.
      throw explainSignIn(error, this.#parts.parties)
    }
  }

  async #post(
    path: string,
    wanted: 'access_token' | 'refresh_token',
    form: Readonly<Record<string, string>>,
  ): Promise<{ value: string; now: Instant }> {
    const { server, httpClient, onSecret } = this.#parts
    const response = await this.#pipeline.sendRequest(
      httpClient,
      createPipelineRequest({
        url: `${server.endpoint}${path}`,
        method: 'POST',
        headers: createHttpHeaders({ 'Content-Type': 'application/x-www-form-urlencoded' }),
        body: new URLSearchParams({ service: server.host, ...form }).toString(),
      }),
    )
    const value = tokenOf(response, wanted)
    onSecret(value)
    return { value, now: Date.parse(response.headers.get('Date') ?? '') || Date.now() }
  }
}

/** @throws RestError with the status of the answer when it holds no token */
function tokenOf(response: PipelineResponse, wanted: string): string {
  const { status, request } = response
  if (status === 200) {
    try {
      const body: unknown = JSON.parse(response.bodyAsText ?? '')
      const value = (body as Readonly<Record<string, unknown>> | null)?.[wanted]
      if (typeof value === 'string' && value !== '') return value
    } catch {
      // A page of something else than a registry; told apart below.
    }
    throw new RestError('no token in the answer', { statusCode: 404, request, response })
  }
  throw new RestError('no token', { statusCode: status, request, response })
}
