import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  RestError,
  retryPolicy,
  type Pipeline,
  type PipelineRequest,
  type PipelineResponse,
  type RetryStrategy,
  type SendRequest,
} from '@azure/core-rest-pipeline'
import type { Cloud } from '../domain/cloud.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { Management, QueryResult, Question, Row, Sleep } from '../ports.ts'
import type { EntraTokens } from './entra.ts'
import { errorIn, refused, TOO_LARGE, unanswered, unreadable } from './management-failure.ts'

export interface ManagementOptions {
  readonly entra: EntraTokens
  readonly cloud: Cloud
  /** Ends every request and pause. */
  readonly signal: AbortSignal
  readonly sleep: Sleep
  /** When to try again, apart from what Resource Graph says about its quota. */
  readonly retry: RetryStrategy
  readonly maxRetries: number
  /** Told of each request, retries included. */
  readonly onRequest: () => void
  /** `acr-hygiene/1.2.3` */
  readonly userAgent: string
}

/** Opens Azure Resource Manager of the cloud; nothing is sent and no token asked for yet. */
export function openManagement(options: ManagementOptions): Management {
  return new AzureManagement(options)
}

const GRAPH = '/providers/Microsoft.ResourceGraph/resources'
const GRAPH_VERSION = '2022-10-01'

/** The most that Resource Graph gives per page (Microsoft Learn, "Working with large Azure resource data sets"). */
const PAGE_SIZE = 1000

/** Large queries take some seconds. */
const REQUEST_TIMEOUT: Milliseconds = 60_000

/**
 * Two calls with one token: what a management package would add to them is a hundred operations that nobody here asks for
 * (docs/azure.md has the numbers). The address is fixed by the cloud, so that nothing in an answer can lead the token away.
 */
class AzureManagement implements Management {
  readonly #options: ManagementOptions
  readonly #endpoint: URL
  readonly #pipeline: Pipeline
  readonly #httpClient = createDefaultHttpClient()
  readonly #quota: Quota
  #token: Promise<string> | undefined

  constructor(options: ManagementOptions) {
    this.#options = options
    this.#endpoint = new URL(new URL(options.cloud.armScope).origin)
    this.#quota = new Quota(options.sleep)
    this.#pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: options.userAgent },
    })
    const retry = retryPolicy([asQuotaSays, options.retry], { maxRetries: options.maxRetries })
    this.#pipeline.addPolicy(
      {
        name: 'acrHygieneManagement',
        sendRequest: (request, next) => retry.sendRequest(request, (attempt) => this.#attempt(attempt, next)),
      },
      { afterPhase: 'Retry' },
    )
  }

  get(path: string, apiVersion: string, question: Question): Promise<unknown> {
    return this.#ask({ path, apiVersion, question })
  }

  async query(kql: string, question: Question): Promise<QueryResult> {
    const rows: Row[] = []
    const seen = new Set<string>()
    let token = ''
    for (;;) {
      const options = { resultFormat: 'objectArray', $top: PAGE_SIZE, ...(token && { $skipToken: token }) }
      const body = { query: kql, options }
      const page = (await this.#ask({ path: GRAPH, apiVersion: GRAPH_VERSION, question, body })) as Page
      if (!Array.isArray(page.data)) throw unreadable(200, question)
      rows.push(...page.data)
      token = page.$skipToken ?? ''
      if (token === '') return { rows, cut: isCut(page, rows) }
      // Pages that lead in a circle have no end.
      if (seen.has(token)) return { rows, cut: true }
      seen.add(token)
    }
  }

  async #ask(request: Asked): Promise<unknown> {
    const { question } = request
    const host = this.#endpoint.host
    const { signal } = this.#options
    try {
      let response = await this.#send(request)
      if (response.status === 401) {
        // A long run outlives its first token.
        this.#token = undefined
        response = await this.#send(request)
      }
      if (response.status !== 200) throw refused(response, question)
      return parsed(response, question)
    } catch (error) {
      throw unanswered(error, { question, host, signal })
    }
  }

  async #send({ path, apiVersion, body }: Asked): Promise<PipelineResponse> {
    const url = new URL(path, this.#endpoint)
    if (url.origin !== this.#endpoint.origin) throw new Error('a path that leads to another host')
    url.searchParams.set('api-version', apiVersion)
    const { entra, cloud, signal } = this.#options
    // Some credentials start a program for every token.
    this.#token ??= entra.token(cloud.armScope)
    const authorization = await this.#token.catch((error: unknown): never => {
      this.#token = undefined
      throw error
    })
    const headers = { Authorization: `Bearer ${authorization}`, 'Content-Type': 'application/json' }
    return this.#pipeline.sendRequest(
      this.#httpClient,
      createPipelineRequest({
        url: url.href,
        method: body === undefined ? 'GET' : 'POST',
        headers: createHttpHeaders(headers),
        abortSignal: signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  }

  async #attempt(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const { signal, onRequest } = this.#options
    await this.#quota.endOfPause()
    signal.throwIfAborted()
    onRequest()
    // The library forgets the timer of a request's own `timeout` when the request is aborted: that would hold the process.
    request.abortSignal = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT)])
    try {
      const response = await next(request)
      this.#quota.heed(response)
      return response
    } catch (error) {
      const late = error instanceof Error && error.name === 'AbortError' && !signal.aborted
      throw late ? new RestError('no answer in time', { code: 'ETIMEDOUT', request }) : error
    }
  }
}

interface Asked {
  readonly path: string
  readonly apiVersion: string
  readonly question: Question
  readonly body?: object
}

interface Page {
  readonly data?: readonly Row[]
  readonly totalRecords?: number
  readonly resultTruncated?: string
  readonly $skipToken?: string
}

/** Without a token for the rest, what is missing stays missing. */
function isCut({ resultTruncated, totalRecords = 0 }: Page, rows: readonly Row[]): boolean {
  return resultTruncated === 'true' || totalRecords > rows.length
}

function parsed(response: PipelineResponse, question: Question): unknown {
  try {
    const body: unknown = JSON.parse(response.bodyAsText ?? '')
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Told below.
  }
  throw unreadable(response.status, question)
}

/** The documented windows are seconds long; a longer wait is a mistake of something in between. */
const LONGEST_PAUSE: Milliseconds = 120_000

/** When the quota begins anew, as `hh:mm:ss` (Microsoft Learn, "Guidance for throttled requests in Azure Resource Graph"). */
function quotaResetsAfter(response: PipelineResponse | undefined): Milliseconds | undefined {
  const text = response?.headers.get('X-Ms-User-Quota-Resets-After') ?? ''
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d)/.exec(text) ?? []
  if (hours === undefined) return undefined
  const length = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return Math.min(length, LONGEST_PAUSE)
}

/** What Resource Graph says itself goes before any guess; `Retry-After` goes before both. */
const asQuotaSays: RetryStrategy = {
  name: 'asQuotaSays',
  retry: ({ response }) => {
    if (response !== undefined && errorIn(response)?.code === TOO_LARGE) {
      // The same query would fail again; whoever asks makes it smaller.
      return { errorToThrow: new RestError('too large', { response }) }
    }
    const wait = response?.status === 429 ? quotaResetsAfter(response) : undefined
    if (wait === undefined || response?.headers.get('Retry-After') !== undefined)
      return { skipStrategy: true }
    return { retryAfterInMs: wait }
  },
}

/** One pause for all queries of the run: a quota that is used up is used up for each of them. */
class Quota {
  readonly #sleep: Sleep
  #pause: Promise<void> | undefined

  constructor(sleep: Sleep) {
    this.#sleep = sleep
  }

  async endOfPause(): Promise<void> {
    while (this.#pause !== undefined) await this.#pause
  }

  heed(response: PipelineResponse): void {
    const left = response.headers.get('X-Ms-User-Quota-Remaining')
    const length = left === '0' ? quotaResetsAfter(response) : undefined
    if (length === undefined || this.#pause !== undefined) return
    this.#pause = this.#sleep(length)
      // A stopped run ends the pause early; whoever waited for it finds out.
      .catch(() => undefined)
      .finally(() => (this.#pause = undefined))
  }
}
