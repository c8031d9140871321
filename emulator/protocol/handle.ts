import { answerBlob, answerNewUpload, answerStorage, answerUpload } from './blobs.ts'
import { commonHeaders } from './common-headers.ts'
import type { Context } from './context.ts'
import { callerMay, refusal, type Credential } from './credentials.ts'
import { answerDeleted } from './deleted.ts'
import { firewallDenied, pageNotFound, unsupported } from './errors.ts'
import { answerCatalog, answerManifests, answerTags } from './lists.ts'
import { answerManifest } from './manifests.ts'
import { headOnly, text, type Request, type Response } from './message.ts'
import { answerManifestMetadata, answerRepository, answerTag, type MetadataCall } from './metadata.ts'
import { exchange, issueToken } from './oauth.ts'
import { isSupported, neededFor, repositoryScope } from './permissions.ts'
import { answerReferrers } from './referrers.ts'
import type { Route } from './routes.ts'

export interface Arrival {
  readonly request: Request
  readonly route: Route
  readonly credential: Credential
}

/** The registry's answer to a request, with all its headers. */
export function handle(context: Context, arrival: Arrival): Response {
  const { request, route } = arrival
  const answer = answerTo(context, arrival)
  const headers = { ...commonHeaders(request, route, answer.status), ...answer.headers }
  const response = { ...answer, headers }
  return request.method === 'HEAD' && response.length === undefined ? headOnly(response) : response
}

/**
 * The recorded order: the route (a malformed digest is a 404 of the router even without credentials), then authentication, then
 * existence and locks, then the action.
 */
function answerTo(context: Context, arrival: Arrival): Response {
  const { request, route, credential } = arrival
  if (route.name === 'storage') return answerStorage(context, request, route.digest)
  if (context.switches.firewall) return firewallDenied(request.address)
  if (route.name === 'unknown') return pageNotFound()
  if (route.name === 'exchange') return exchange(context, request)
  if (route.name === 'token') return issueToken(context, request)
  const refused = refusal(context, request, { credential, needed: neededFor(request.method, route) })
  if (refused !== undefined) return refused
  return isSupported(request.method, route) ? answerAllowed(context, arrival, route) : unsupported()
}

type DataRoute = Exclude<Route, { name: 'unknown' | 'exchange' | 'token' | 'storage' }>

function answerAllowed(context: Context, arrival: Arrival, route: DataRoute): Response {
  const { request } = arrival
  const call = { context, request, credential: arrival.credential }
  switch (route.name) {
    case 'version':
      return text(200, '{}', 'application/json; charset=utf-8')
    case 'catalog':
      return answerCatalog(context, request)
    case 'repository':
      return answerRepository(metadataCall(context, arrival, route), route.repository)
    case 'tags':
      return answerTags(metadataCall(context, arrival, route), route)
    case 'tag':
      return answerTag(metadataCall(context, arrival, route), route)
    case 'manifests':
      return answerManifests(metadataCall(context, arrival, route), route.repository)
    case 'manifest-metadata':
      return answerManifestMetadata(metadataCall(context, arrival, route), route)
    case 'manifest':
      return answerManifest({ ...call, ...route })
    case 'referrers':
      return answerReferrers(call, route)
    case 'blob':
      return answerBlob({ ...call, repository: route.repository }, route.digest)
    case 'uploads':
      return answerNewUpload({ ...call, repository: route.repository })
    case 'upload':
      return answerUpload({ ...call, repository: route.repository }, route.id)
    case 'deleted-catalog':
    case 'deleted-manifests':
    case 'deleted-tags':
    case 'deleted-manifest':
      break
  }
  return answerDeleted(call, route)
}

function metadataCall(
  context: Context,
  { request, credential }: Arrival,
  { repository }: { readonly repository: string },
): MetadataCall {
  const { switches } = context
  // Readers can neither manage nor view lock policies, the documentation says; what they get instead is not known.
  const showsLocks =
    !switches.hideLocksFromReaders ||
    callerMay(context, credential, repositoryScope(repository, ['metadata_write']))
  return { context, request, view: { switches, showsLocks } }
}
