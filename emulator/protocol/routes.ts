/** What a path means. */
export type Route =
  | { readonly name: 'unknown' }
  | { readonly name: 'version' }
  | { readonly name: 'exchange' }
  | { readonly name: 'token' }
  | { readonly name: 'catalog' }
  | { readonly name: 'repository'; readonly repository: string }
  | { readonly name: 'tags'; readonly api: 'acr' | 'v2'; readonly repository: string }
  | { readonly name: 'tag'; readonly repository: string; readonly tag: string }
  | { readonly name: 'manifests'; readonly repository: string }
  | { readonly name: 'manifest-metadata'; readonly repository: string; readonly digest: string }
  | { readonly name: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly name: 'referrers'; readonly repository: string; readonly digest: string }
  | { readonly name: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly name: 'uploads'; readonly repository: string }
  | { readonly name: 'upload'; readonly repository: string; readonly id: string }
  | { readonly name: 'storage'; readonly digest: string }
  | { readonly name: 'deleted-catalog' }
  | { readonly name: 'deleted-manifests'; readonly repository: string }
  | { readonly name: 'deleted-tags'; readonly repository: string }
  | { readonly name: 'deleted-manifest'; readonly repository: string; readonly digest: string }

export type RouteName = Route['name']

/** The load classes of the service's limits, by which requests are counted and throttled; `storage` is no part of it. */
export type RequestClass = 'read' | 'write' | 'delete' | 'referrers' | 'oauth' | 'storage'

/**
 * `library/hello-world` and `library%2Fhello-world`, `sha256:…` and `sha256%3A…` are equal (recorded: go-2022-12-* against
 * js-2021-09-*), so the path is decoded whole; no name, tag or digest can hold a slash of its own but the repository's.
 */
export function routeOf(path: string): Route {
  const decoded = decodePath(path)
  if (decoded === undefined) return unknown
  if (decoded === '/v2' || decoded === '/v2/') return { name: 'version' }
  if (decoded === '/oauth2/exchange') return { name: 'exchange' }
  if (decoded === '/oauth2/token') return { name: 'token' }
  if (decoded === '/acr/v1/_catalog' || decoded === '/v2/_catalog') return { name: 'catalog' }
  if (decoded.startsWith('/acr/v1/_deleted/')) return deletedRoute(decoded.slice('/acr/v1/_deleted/'.length))
  if (decoded.startsWith('/acr/v1/')) return metadataRoute(decoded.slice('/acr/v1/'.length))
  if (decoded.startsWith('/v2/')) return distributionRoute(decoded.slice('/v2/'.length))
  return unknown
}

/** Where the storage account keeps a blob: the layout is that of distribution (distribution/distribution#3574). */
export function storagePath(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `/registry/docker/registry/v2/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`
}

/** What a path means under the name of the storage account. */
export function storageRouteOf(path: string): Route {
  const [, algorithm = '', hex = ''] = /^\/registry\/.+\/(\w+)\/\w\w\/(\w+)\/data$/.exec(path) ?? []
  const digest = `${algorithm}:${hex}`
  return isDigest(digest) ? { name: 'storage', digest } : unknown
}

export function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

export function classOf(method: string, route: Route): RequestClass {
  if (route.name === 'exchange' || route.name === 'token') return 'oauth'
  if (route.name === 'storage') return 'storage'
  if (route.name === 'referrers') return 'referrers'
  if (method === 'DELETE') return 'delete'
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write'
}

export function isDigest(reference: string): boolean {
  return digestPattern.test(reference)
}

function isTagName(reference: string): boolean {
  return tagPattern.test(reference)
}

const unknown: Route = { name: 'unknown' }
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/
const tagPattern = /^\w[\w.-]{0,127}$/
const namePattern =
  /^(?=.{1,255}$)[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/

function metadataRoute(path: string): Route {
  const parts = /^(.+?)(?:\/(_tags|_manifests)(?:\/(.+))?)?$/.exec(path)
  const [, repository = '', list, item] = parts ?? []
  if (!namePattern.test(repository)) return unknown
  if (list === undefined) return { name: 'repository', repository }
  if (list === '_tags') {
    if (item === undefined) return { name: 'tags', api: 'acr', repository }
    return isTagName(item) ? { name: 'tag', repository, tag: item } : unknown
  }
  if (item === undefined) return { name: 'manifests', repository }
  return isDigest(item) ? { name: 'manifest-metadata', repository, digest: item } : unknown
}

function distributionRoute(path: string): Route {
  const parts = /^(.+)\/(?:(tags\/list)|(manifests|referrers|blobs)\/([^/]+)|blobs\/uploads\/([^/]*))$/.exec(
    path,
  )
  const [, repository = '', tags, kind, item = '', upload] = parts ?? []
  if (!namePattern.test(repository)) return unknown
  if (tags !== undefined) return { name: 'tags', api: 'v2', repository }
  if (upload !== undefined) {
    return upload === '' ? { name: 'uploads', repository } : { name: 'upload', repository, id: upload }
  }
  if (kind === 'manifests') {
    const known = isDigest(item) || isTagName(item)
    return known ? { name: 'manifest', repository, reference: item } : unknown
  }
  if (kind === 'blobs' && item === 'uploads') return { name: 'uploads', repository }
  if (!isDigest(item)) return unknown
  return { name: kind === 'blobs' ? 'blob' : 'referrers', repository, digest: item }
}

function deletedRoute(path: string): Route {
  if (path === '_catalog') return { name: 'deleted-catalog' }
  const parts = /^(.+)\/(_tags|_manifests)(?:\/(.+))?$/.exec(path)
  const [, repository = '', list, item] = parts ?? []
  if (!namePattern.test(repository)) return unknown
  if (list === '_tags') return item === undefined ? { name: 'deleted-tags', repository } : unknown
  if (item === undefined) return { name: 'deleted-manifests', repository }
  return isDigest(item) ? { name: 'deleted-manifest', repository, digest: item } : unknown
}
