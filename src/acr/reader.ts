import {
  ContainerRegistryClient,
  ContainerRegistryContentClient,
  type ArtifactManifestOrder,
} from '@azure/container-registry'
import { isRestError, type HttpClient, type PipelinePolicy } from '@azure/core-rest-pipeline'
import type { Digest } from '../domain/digest.ts'
import type { Origin } from '../domain/origin.ts'
import type { RepositoryAttributes } from '../domain/obstacle.ts'
import type { Document, Manifest } from '../domain/snapshot.ts'
import type { Metadata, RegistryReader, RepositoryReader, Tag } from '../ports.ts'
import type { AccessTokens } from './access-tokens.ts'
import { codeOf, explain, isBrokenBody, type Parties } from './failure.ts'
import { readLabels } from './image-config.ts'
import type { RequestLine } from './pipeline.ts'
import {
  decodeAttributes,
  decodeDocument,
  decodeMetadata,
  decodePage,
  decodeTags,
  WireError,
} from './wire.ts'

/** The most that the service gives per page; without a size it gives 100 (Azure/acr#749). */
const PAGE_SIZE = 1000

/** Before each DELETE the newest manifests are asked for; nearly always none of them is new. */
const NEWEST_SIZE = 25

/** A body that breaks off is asked for again this often; the request line repeats only what fails before. */
const BODY_RETRIES = 2

/** What reading needs from the rest of this edge. */
export interface ReaderParts {
  readonly endpoint: string
  readonly parties: Parties
  readonly tokens: AccessTokens
  readonly line: RequestLine
  readonly httpClient: HttpClient
  readonly authorization: PipelinePolicy
  readonly userAgent: string
}

/** Reads a registry with Azure's SDK, whose own tokens, retries and redirects are switched off. */
export class AzureRegistryReader implements RegistryReader {
  readonly #parts: ReaderParts
  readonly #client: ContainerRegistryClient

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#client = new ContainerRegistryClient(parts.endpoint, sdkOptions(parts))
  }

  async catalog(): Promise<readonly string[]> {
    try {
      const names: string[] = []
      const pages = this.#client.listRepositoryNames().byPage({ maxPageSize: PAGE_SIZE })
      for await (const page of neverRepeating(pages, ([first]) => first)) names.push(...page)
      return names
    } catch (error) {
      throw explain(error, { operation: 'list the repositories' }, this.#parts.parties)
    }
  }

  expect(repositories: readonly string[]): void {
    this.#parts.tokens.expect(repositories)
  }

  repository(name: string): RepositoryReader {
    return new AzureRepositoryReader(name, this.#client, this.#parts)
  }

  now(): number {
    // Before any answer nothing has been read that could have an age.
    return this.#parts.line.now ?? 0
  }

  requests(): number {
    return this.#parts.line.requests
  }
}

class AzureRepositoryReader implements RepositoryReader {
  readonly #name: string
  readonly #parts: ReaderParts
  readonly #client: ContainerRegistryClient
  #content: ContainerRegistryContentClient | undefined

  constructor(name: string, client: ContainerRegistryClient, parts: ReaderParts) {
    this.#name = name
    this.#client = client
    this.#parts = parts
  }

  async *manifests(): AsyncGenerator<readonly Manifest[]> {
    try {
      yield* this.#list(PAGE_SIZE)
    } catch (error) {
      throw this.#explained(error, 'list the manifests')
    }
  }

  async *newest(): AsyncGenerator<readonly Manifest[]> {
    try {
      yield* this.#list(NEWEST_SIZE, 'LastUpdatedOnDescending')
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return
      throw this.#explained(error, 'list the newest manifests')
    }
  }

  async *#list(maxPageSize: number, order?: ArtifactManifestOrder): AsyncGenerator<readonly Manifest[]> {
    let page: readonly Manifest[] = []
    const pages = this.#client
      .getRepository(this.#name)
      .listManifestProperties({
        onResponse: ({ request, status }) => {
          if (status === 200) page = decodePage(JSON.parse(takeBody(request)))
        },
        ...(order === undefined ? {} : { order }),
      })
      .byPage({ maxPageSize })
    for await (const _ of neverRepeating(pages, () => page[0]?.digest)) yield page
  }

  async attributes(): Promise<RepositoryAttributes | undefined> {
    let body = ''
    try {
      await this.#client
        .getRepository(this.#name)
        .getProperties({ onResponse: ({ bodyAsText }) => (body = bodyAsText ?? '') })
      return decodeAttributes(JSON.parse(body))
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return undefined
      throw this.#explained(error, 'read the attributes')
    }
  }

  async tagsOf(digest: Digest): Promise<readonly Tag[]> {
    let body = ''
    // The SDK knows nothing of this filter of the service, and lists all tags of the repository without it.
    const filter = {
      digest,
      onResponse: (response: { readonly bodyAsText?: string | null }) => (body = response.bodyAsText ?? ''),
    }
    const pages = this.#client
      .getRepository(this.#name)
      .getArtifact(digest)
      .listTagProperties(filter)
      .byPage({ maxPageSize: PAGE_SIZE })
    const tags: Tag[] = []
    try {
      for await (const _ of neverRepeating(pages, ([first]) => first?.name))
        tags.push(...decodeTags(JSON.parse(body), digest))
      return tags
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return []
      throw this.#explained(error, `list the tags of ${digest}`)
    }
  }

  /** Made when needed: most repositories of a registry hold plain images only. */
  #contents(): ContainerRegistryContentClient {
    this.#content ??= new ContainerRegistryContentClient(
      this.#parts.endpoint,
      this.#name,
      { getToken: async () => null },
      sdkOptions(this.#parts),
    )
    return this.#content
  }

  async labels(config: Digest): Promise<Origin> {
    try {
      return await readLabels(this.#contents(), config, this.#parts.httpClient)
    } catch (error) {
      throw this.#explained(error, `read the labels in ${config}`)
    }
  }

  async document(digest: Digest): Promise<Document | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { mediaType, manifest } = await this.#contents().getManifest(digest)
        return decodeDocument(mediaType, manifest)
      } catch (error) {
        if (isRestError(error) && error.statusCode === 404 && codeOf(error) === 'MANIFEST_UNKNOWN')
          return undefined
        if (attempt < BODY_RETRIES && isBrokenBody(error)) continue
        throw this.#explained(error, `read the manifest ${digest}`)
      }
    }
  }

  async metadata(digest: Digest): Promise<Metadata | undefined> {
    let body = ''
    try {
      await this.#client
        .getRepository(this.#name)
        .getArtifact(digest)
        .getManifestProperties({ onResponse: ({ bodyAsText }) => (body = bodyAsText ?? '') })
      return decodeMetadata(JSON.parse(body))
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return undefined
      throw this.#explained(error, `read the attributes of ${digest}`)
    }
  }

  #explained(error: unknown, operation: string): unknown {
    return explain(error, { operation, repository: this.#name }, this.#parts.parties)
  }
}

const bodies = new WeakMap<object, string>()

/**
 * Keeps the pages of manifest lists from the SDK: it drops the media type, and takes three times as long to make objects of
 * a page as reading it does. It only has to follow the links.
 */
const keepingPages: PipelinePolicy = {
  name: 'acrHygienePages',
  async sendRequest(request, next) {
    const response = await next(request)
    if (request.method !== 'GET' || response.status !== 200) return response
    if (!new URL(request.url).pathname.endsWith('/_manifests')) return response
    bodies.set(request, response.bodyAsText ?? '')
    return { ...response, bodyAsText: NO_MANIFESTS }
  },
}

const NO_MANIFESTS = '{"manifests":[]}'

function takeBody(request: object): string {
  const body = bodies.get(request) ?? ''
  bodies.delete(request)
  return body
}

/** What every client of the SDK is made with. */
export function sdkOptions({ authorization, httpClient, userAgent }: ReaderParts): object {
  return {
    additionalPolicies: [
      { policy: authorization, position: 'perRetry' },
      { policy: keepingPages, position: 'perCall' },
    ],
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: userAgent },
  }
}

/**
 * Links between pages are followed as the service gives them. Combined wrongly they have led clients in circles
 * (Azure/acr-cli#72), so a page that begins like an earlier one ends the listing.
 */
async function* neverRepeating<Page>(
  pages: AsyncIterable<Page>,
  firstOf: (page: Page) => string | undefined,
): AsyncGenerator<Page> {
  const seen = new Set<string>()
  for await (const page of pages) {
    const first = firstOf(page)
    if (first !== undefined && seen.has(first)) throw new WireError('the registry repeats pages of the list')
    if (first !== undefined) seen.add(first)
    yield page
  }
}
