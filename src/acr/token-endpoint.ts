import {
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  RestError,
  type HttpClient,
  type PipelinePolicy,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import type { LoginServer } from '../domain/login-server.ts'
import type { TokenRequest } from './access-tokens.ts'
import { explainSignIn, type Parties } from './failure.ts'
import type { RequestLine } from './pipeline.ts'
import { readAccessToken } from './token.ts'

export interface TokenEndpointParts {
  readonly server: LoginServer
  readonly parties: Parties
  readonly line: RequestLine
  readonly httpClient: HttpClient
  readonly userAgent: string
  readonly onSecret: (value: string) => void
}

/**
 * `POST /oauth2/token` of the registry (Azure/acr, docs/AAD-OAuth.md). The address is fixed by the login server: a
 * challenge could name any host, and the credential would follow.
 */
export function tokenEndpoint(parts: TokenEndpointParts): TokenRequest {
  const { server, parties, line, httpClient, userAgent, onSecret } = parts
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: userAgent },
  })
  const limited: PipelinePolicy = {
    name: 'acrHygieneLine',
    sendRequest: (request, next) => line.send(request, next),
  }
  pipeline.addPolicy(limited, { afterPhase: 'Retry' })
  return async (scopes) => {
    try {
      const proof = await parties.credential.proof()
      const form = new URLSearchParams({ service: server.host, scope: scopes.join(' '), ...proof })
      const response = await pipeline.sendRequest(
        httpClient,
        createPipelineRequest({
          url: `${server.endpoint}/oauth2/token`,
          method: 'POST',
          headers: createHttpHeaders({ 'Content-Type': 'application/x-www-form-urlencoded' }),
          body: form.toString(),
        }),
      )
      const value = accessTokenOf(response)
      onSecret(value)
      return readAccessToken(value, Date.parse(response.headers.get('Date') ?? '') || Date.now())
    } catch (error) {
      throw explainSignIn(error, parties)
    }
  }
}

/** @throws RestError with the status of the answer when it holds no token */
function accessTokenOf(response: PipelineResponse): string {
  const { status, request } = response
  if (status === 200) {
    try {
      const body: unknown = JSON.parse(response.bodyAsText ?? '')
      const value = (body as { access_token?: unknown } | null)?.access_token
      if (typeof value === 'string' && value !== '') return value
    } catch {
      // A page of something else than a registry; told apart below.
    }
    throw new RestError('no access token in the answer', { statusCode: 404, request, response })
  }
  throw new RestError('no access token', { statusCode: status, request, response })
}
