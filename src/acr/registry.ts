import { createDefaultHttpClient } from '@azure/core-rest-pipeline'
import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { LoginServer } from '../domain/login-server.ts'
import type { RegistryReader, Stopwatch } from '../ports.ts'
import { AccessTokens } from './access-tokens.ts'
import { authorizing } from './authorize.ts'
import type { RegistryCredential } from './credential.ts'
import { RequestLine } from './pipeline.ts'
import { AzureRegistryReader } from './reader.ts'
import { Throttle } from './throttle.ts'
import { TokenEndpoint } from './token-endpoint.ts'

interface RegistryOptions {
  readonly server: LoginServer
  readonly credential: RegistryCredential
  readonly concurrency: number
  /** Ends every request and pause of the run. */
  readonly signal: AbortSignal
  readonly elapsed: Stopwatch
  /** Told of every token before it is used, so that no log can show it. */
  readonly onSecret: (value: string) => void
  /** `acr-hygiene/1.2.3` */
  readonly userAgent: string
}

/** Puts the parts of this edge together; nothing is sent yet. */
export function openRegistry(options: RegistryOptions): RegistryReader {
  const { server, credential, concurrency, signal, elapsed, userAgent } = options
  // One listener per request under way is no leak.
  setMaxListeners(0, signal)
  const httpClient = createDefaultHttpClient()
  const sleep = (length: number): Promise<void> => pause(length, undefined, { signal })
  const line = new RequestLine({
    endpoint: server.endpoint,
    throttle: new Throttle(concurrency, sleep),
    signal,
  })
  const parties = { host: server.host, credential, signal }
  const endpoint = new TokenEndpoint({
    server,
    parties,
    line,
    httpClient,
    userAgent,
    onSecret: options.onSecret,
  })
  const tokens = new AccessTokens((scopes) => endpoint.accessToken(scopes), elapsed)
  const authorization = authorizing(tokens, line)
  return new AzureRegistryReader({
    endpoint: server.endpoint,
    parties,
    tokens,
    line,
    httpClient,
    authorization,
    userAgent,
  })
}
