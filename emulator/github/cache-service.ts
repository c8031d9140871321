import { bodyObject, json, type Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import type { CacheEntries, CacheScope } from './cache-entries.ts'

/** What the results service needs to answer. */
export interface CacheServiceContext {
  readonly entries: CacheEntries
  /** Where the content of an entry is put or got. */
  signedUrl(id: number, use: 'upload' | 'download'): string
  /** Tokens allow no writing, whatever they say. */
  readonly readOnly: boolean
}

const service = '/twirp/github.actions.results.api.v1.CacheService/'

const routes = {
  CreateCacheEntry: 'reserve',
  FinalizeCacheEntryUpload: 'finish',
  GetCacheEntryDownloadURL: 'find',
} as const

export type CacheServiceRoute = (typeof routes)[keyof typeof routes]

export function serviceRouteOf(path: string): CacheServiceRoute | undefined {
  if (!path.startsWith(service)) return undefined
  const method = path.slice(service.length)
  return method in routes ? routes[method as keyof typeof routes] : undefined
}

/** What a call asks for; fields that are missing or of another type are empty, as in protocol buffers. */
export interface CacheCall {
  readonly key: string
  readonly restoreKeys: readonly string[]
  readonly version: string
  readonly size: number
}

/** In the names of the toolkit's client, which writes those of the .proto file (useProtoFieldName). */
export function callOf(request: Request): CacheCall {
  const body = bodyObject(request) ?? {}
  const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
  const restoreKeys = body['restore_keys']
  return {
    key: textOf(body['key']),
    restoreKeys: Array.isArray(restoreKeys) ? restoreKeys.map(textOf) : [],
    version: textOf(body['version']),
    // 64-bit numbers are strings in the JSON of protocol buffers.
    size: Number(body['size_bytes'] ?? 0),
  }
}

/**
 * Twirp's JSON. Shapes and the words of refusals that clients look for are those of @actions/cache 6.3.0, the 409 is in the
 * logs of actions/cache#1541, the refusal to write in Mic92/hestia#84.
 *
 * @param scopes of the token, in the order in which they are searched; undefined when it is none
 */
export function answerCacheService(
  context: CacheServiceContext,
  request: Request,
  scopes: readonly CacheScope[] | undefined,
): Answered {
  if (scopes === undefined) return refused(401, 'unauthenticated', 'authentication failed')
  const call = callOf(request)
  if (call.key === '' || call.version === '') {
    return refused(400, 'invalid_argument', 'key and version are required')
  }
  switch (serviceRouteOf(request.path)) {
    case 'reserve':
      return reserve(context, scopes, call)
    case 'finish':
      return finish(context, scopes, call)
    case 'find':
      return find(context, scopes, call)
    case undefined:
      return refused(404, 'bad_route', `no handler for path "${request.path}"`)
  }
}

type Called = (context: CacheServiceContext, scopes: readonly CacheScope[], call: CacheCall) => Answered

const reserve: Called = (context, scopes, { key, version }) => {
  const ref = writableIn(context, scopes)
  if (ref === undefined) {
    const message = 'cache write denied: token has no writable scopes'
    return {
      response: json(200, { ok: false, signed_upload_url: '', message }),
      error: 'cache write denied',
    }
  }
  const id = context.entries.reserve({ ref, key, version })
  if (id === undefined) {
    const words = 'cache entry with the same key, version, and scope already exists'
    return refused(409, 'already_exists', words)
  }
  const url = context.signedUrl(id, 'upload')
  return { response: json(200, { ok: true, signed_upload_url: url, message: '' }) }
}

const finish: Called = (context, scopes, { key, version, size }) => {
  const ref = writableIn(context, scopes)
  const id = ref === undefined ? undefined : context.entries.finish({ ref, key, version }, size)
  if (id === undefined) return refused(404, 'not_found', 'cache entry not found')
  return { response: json(200, { ok: true, entry_id: String(id), message: '' }) }
}

const find: Called = (context, scopes, { key, restoreKeys, version }) => {
  if (scopes.length === 0) {
    return refused(403, 'permission_denied', 'cache read denied: token has no readable scopes')
  }
  const refs = scopes.map(({ ref }) => ref)
  const found = context.entries.find(refs, [key, ...restoreKeys], version)
  if (found === undefined) {
    return { response: json(200, { ok: false, signed_download_url: '', matched_key: '' }) }
  }
  const url = context.signedUrl(found.id, 'download')
  return { response: json(200, { ok: true, signed_download_url: url, matched_key: found.key }) }
}

/** A run writes to one ref, its own. */
function writableIn({ readOnly }: CacheServiceContext, scopes: readonly CacheScope[]): string | undefined {
  return readOnly ? undefined : scopes.find(({ permission }) => permission === 'write')?.ref
}

function refused(status: number, code: string, msg: string): Answered {
  return { response: json(status, { code, msg }), error: code }
}
