import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { MANIFEST_MEDIA_TYPES } from '../domain/media-type.ts'
import { MissingPermission, type AccessTokens } from './access-tokens.ts'
import type { RequestLine } from './pipeline.ts'
import { CATALOG, type AccessToken, type Need } from './token.ts'

/**
 * Gives every request of the SDK the token it needs before it is sent, so that none is refused first. It stands inside the
 * SDK's own token policy and hides a final 401 from it: that one would try to sign in anonymously.
 */
export function authorizing(tokens: AccessTokens, line: RequestLine): PipelinePolicy {
  return {
    name: 'acrHygieneAuthorization',
    async sendRequest(request, next) {
      const repository = repositoryOf(request.url)
      const tokenFor = (): Promise<AccessToken> =>
        repository === undefined ? tokens.forCatalog() : tokens.forRepository(repository)
      if (request.method === 'DELETE' && repository !== undefined) {
        const token = await tokens.forDeleting(repository)
        const response = await line.sendNow(authorized(request, token), next)
        if (response.status !== 401) return response
        tokens.refused(token, { insufficient: challengeOf(response).includes('insufficient_scope') })
        throw new MissingPermission(needOf(repository), actionsOf(response))
      }
      acceptAnyManifest(request)
      const token = await tokenFor()
      const response = await line.send(authorized(request, token), next)
      if (response.status !== 401) return response
      // Roles may have changed since the token was issued, or it promises more than it gives: once more with another.
      tokens.refused(token, { insufficient: challengeOf(response).includes('insufficient_scope') })
      const second = await line.send(authorized(request, await tokenFor()), next)
      if (second.status === 401) throw new MissingPermission(needOf(repository), actionsOf(second))
      return second
    },
  }
}

function authorized(request: PipelineRequest, { value }: AccessToken): PipelineRequest {
  request.headers.set('Authorization', `Bearer ${value}`)
  return request
}

/**
 * The repository that a request is about; undefined for the catalog. The SDK sends names percent-encoded, links may spell
 * them either way.
 */
function repositoryOf(url: string): string | undefined {
  const { pathname } = new URL(url)
  // A repository may be called manifests or blobs, but no part of a name begins with an underscore.
  const name = (/^\/acr\/v1\/(.+?)(?:\/(?:_manifests|_tags)(?:\/.*)?)?$/.exec(pathname) ??
    /^\/v2\/(.+)\/(?:manifests|blobs)\/[^/]+$/.exec(pathname))?.[1]
  return name === undefined || name === '_catalog' ? undefined : decodeURIComponent(name)
}

/**
 * An OCI manifest is "not found" for who does not accept its type (Azure/acr#764), and the SDK accepts neither kind of
 * artifact manifest.
 */
function acceptAnyManifest(request: PipelineRequest): void {
  if (new URL(request.url).pathname.startsWith('/v2/')) {
    request.headers.set('Accept', [...MANIFEST_MEDIA_TYPES, '*/*'].join(', '))
  }
}

function challengeOf(response: PipelineResponse): string {
  return response.headers.get('WWW-Authenticate') ?? ''
}

function needOf(repository: string | undefined): Need {
  return repository === undefined ? CATALOG : { type: 'repository', name: repository, actions: [] }
}

/** `scope="repository:app:metadata_read"` → `metadata_read`. */
function actionsOf(response: PipelineResponse): readonly string[] {
  return (
    /scope="[^"]*:([^":]*)"/
      .exec(challengeOf(response))?.[1]
      ?.split(',')
      .filter((action) => action !== '') ?? []
  )
}
