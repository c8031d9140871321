import { createDefaultHttpClient } from '@azure/core-rest-pipeline'
import { setMaxListeners } from 'node:events'
import type { LoginServer } from '../domain/login-server.ts'
import type { RegistryDeleter, RegistryReader, Sleep, Stopwatch } from '../ports.ts'
import { AccessTokens } from './access-tokens.ts'
import { authorizing } from './authorize.ts'
import type { RegistryCredential } from './credential.ts'
import { AzureRegistryDeleter } from './deleter.ts'
import { Pace } from './pace.ts'
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
  readonly sleep: Sleep
  /** Told of every token before it is used, so that no log can show it. */
  readonly onSecret: (value: string) => void
  /** Whether to ask for the right to delete at all. */
  readonly deleting: boolean
  /** `acr-hygiene/1.2.3` */
  readonly userAgent: string
}

/** What a run can do with a registry. */
export interface OpenRegistry {
  readonly reader: RegistryReader
  /** Undefined unless the run may delete. */
  readonly deleter: RegistryDeleter | undefined
}

/**
 * The documented limit is 500 deletions a minute and identity on Basic and Standard (Microsoft Learn, "Azure Container
 * Registry SKU features and limits"); whoever sends a few less is never refused.
 */
const DELETES_PER_SECOND = 8

/** Puts the parts of this edge together; nothing is sent yet. */
export function openRegistry(options: RegistryOptions): OpenRegistry {
  const { server, credential, concurrency, signal, elapsed, sleep, userAgent, deleting } = options
  // One listener per request under way is no leak.
  setMaxListeners(0, signal)
  const httpClient = createDefaultHttpClient()
  const throttle = new Throttle(concurrency, sleep)
  const line = new RequestLine({ endpoint: server.endpoint, throttle, signal })
  const parties = { host: server.host, credential, signal }
  const endpoint = new TokenEndpoint({
    server,
    parties,
    line,
    httpClient,
    userAgent,
    onSecret: options.onSecret,
  })
  const tokens = new AccessTokens((scopes) => endpoint.accessToken(scopes), { elapsed, deleting })
  const authorization = authorizing(tokens, line)
  const parts = {
    endpoint: server.endpoint,
    parties,
    tokens,
    line,
    httpClient,
    authorization,
    userAgent,
  }
  const pace = new Pace(DELETES_PER_SECOND, { elapsed, sleep })
  return {
    reader: new AzureRegistryReader(parts),
    deleter: deleting ? new AzureRegistryDeleter({ ...parts, throttle, pace }) : undefined,
  }
}
