import { createHash, randomUUID } from 'node:crypto'
import { blobBytes, type Blob, type Upload } from '../state/blobs.ts'
import type { Context } from './context.ts'
import { callerMay, type Credential } from './credentials.ts'
import { disallowed, problem, unsupported } from './errors.ts'
import { bytes, empty, type Request, type Response } from './message.ts'
import { isDigest, storagePath } from './routes.ts'

export interface BlobCall {
  readonly context: Context
  readonly request: Request
  readonly credential: Credential
  readonly repository: string
}

/** HEAD, GET with ranges, DELETE. The real service sends GET to its storage with a redirect: see `blobStorageHost`. */
export function answerBlob({ context, request, repository: name }: BlobCall, digest: string): Response {
  const repository = context.state.repositoryOfBlobs(name)
  const blob = repository?.blobs.get(digest)
  if (repository === undefined || blob === undefined) return blobUnknown(digest)
  if (request.method === 'DELETE') {
    if (!repository.attributes.writeEnabled) return disallowed()
    repository.blobs.delete(digest)
    return empty(202, { 'Docker-Content-Digest': digest })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return unsupported()
  if (!repository.attributes.readEnabled) return disallowed(context.switches.readDisabledStatus)
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Accept-Ranges': 'bytes',
  }
  if (request.method === 'HEAD') return { ...bytes(200, new Uint8Array(), headers), length: blob.size }
  const content = blobBytes(blob)
  if (content === undefined) return blobUnknown(digest)
  const { blobStorageHost: host } = context.switches
  return host === null ? ranged(content, request, headers) : redirected(host, digest)
}

/**
 * What stands behind the storage's name: blobs, for whoever has the address of one. It takes the signature in the address or
 * an Authorization header, never both; the registry's token is none that it knows (spring-attic/spring-cloud-dataflow#4412).
 */
export function answerStorage(context: Context, request: Request, digest: string): Response {
  if (request.headers['authorization'] !== undefined) {
    const message =
      'Authentication information is not given in the correct format. Check the value of Authorization header.'
    return storageRefusal(400, 'InvalidAuthenticationInfo', message)
  }
  if (request.query.get('sig') !== signatureOf(digest)) {
    const message = 'Server failed to authenticate the request.'
    return storageRefusal(403, 'AuthenticationFailed', message)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return storageRefusal(405, 'UnsupportedHttpVerb', 'The resource does not support this verb.')
  }
  const content = [...context.state.names()].flatMap((name) => {
    const blob = context.state.repositoryOfBlobs(name)?.blobs.get(digest)
    return blob === undefined ? [] : (blobBytes(blob) ?? [])
  })[0]
  return content === undefined
    ? storageRefusal(404, 'BlobNotFound', 'The specified blob does not exist.')
    : ranged(content, request, { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes' })
}

/** POST: begins an upload, or does it at once (`?digest=`), or links a blob of another repository (`?mount=&from=`). */
export function answerNewUpload(call: BlobCall): Response {
  const { context, request, repository: name } = call
  if (request.method !== 'POST') return unsupported()
  const repository = context.state.repositoryForPush(name, context.clock.now())
  if (!repository.attributes.writeEnabled) return disallowed()
  const mounted = mountable(call)
  if (mounted !== undefined) {
    repository.blobs.set(mounted.digest, mounted)
    return blobCreated(name, mounted.digest)
  }
  const upload = context.state.uploads.begin(randomUUID(), name)
  const digest = request.query.get('digest')
  if (digest !== null && request.body.length > 0) return finish(call, upload, digest)
  return uploadState(202, upload)
}

export function answerUpload(call: BlobCall, id: string): Response {
  const { context, request } = call
  const { uploads } = context.state
  const upload = uploads.find(id, call.repository)
  if (upload === undefined) {
    return problem(404, 'BLOB_UPLOAD_UNKNOWN', { message: 'blob upload unknown to registry' })
  }
  switch (request.method) {
    case 'GET':
      return uploadState(204, upload)
    case 'DELETE':
      uploads.cancel(upload)
      return empty(204)
    case 'PATCH':
      if (isOutOfOrder(request, upload)) return uploadState(416, upload)
      uploads.append(upload, request.body)
      return uploadState(202, upload)
    case 'PUT': {
      const digest = request.query.get('digest')
      if (digest === null || !isDigest(digest)) return digestInvalid()
      if (isOutOfOrder(request, upload)) return uploadState(416, upload)
      return finish(call, upload, digest)
    }
    default:
      return unsupported()
  }
}

function finish({ context, request, repository: name }: BlobCall, upload: Upload, digest: string): Response {
  context.state.uploads.append(upload, request.body)
  const blob = context.state.uploads.finish(upload, digest)
  if (blob === undefined) return digestInvalid()
  context.state.repositoryForPush(name, context.clock.now()).blobs.set(digest, blob)
  return blobCreated(name, digest)
}

/** Only a repository the caller may pull from is looked into; otherwise the upload simply begins. */
function mountable({ context, request, credential }: BlobCall): Blob | undefined {
  const digest = request.query.get('mount')
  const from = request.query.get('from')
  if (digest === null || from === null) return undefined
  const mayRead = callerMay(context, credential, { type: 'repository', name: from, actions: ['pull'] })
  return mayRead ? context.state.repositoryOfBlobs(from)?.blobs.get(digest) : undefined
}

function isOutOfOrder(request: Request, upload: Upload): boolean {
  const range = /^(?:bytes[ =])?(\d+)-(\d+)/.exec(request.headers['content-range'] ?? '')
  return range !== null && Number(range[1]) !== upload.size
}

function uploadState(status: number, upload: Upload): Response {
  // The query stands for the state that the service puts there: clients have to send it back as it is.
  return empty(status, {
    Location: `/v2/${upload.repository}/blobs/uploads/${upload.id}?_nouploadcache=false&_state=${upload.id}`,
    'Docker-Upload-Uuid': upload.id,
    Range: `0-${Math.max(0, upload.size - 1)}`,
  })
}

function blobCreated(repository: string, digest: string): Response {
  return empty(201, {
    'Docker-Content-Digest': digest,
    Location: `/v2/${repository}/blobs/${digest}`,
  })
}

function ranged(content: Uint8Array, request: Request, headers: Record<string, string>): Response {
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers['range'] ?? '')
  if (range === null) return bytes(200, content, headers)
  const [, from = '', to = ''] = range
  const start = from === '' ? Math.max(0, content.length - Number(to)) : Number(from)
  const end = from === '' || to === '' ? content.length - 1 : Math.min(Number(to), content.length - 1)
  if (start > end) return empty(416, { 'Content-Range': `bytes */${content.length}` })
  return bytes(206, content.subarray(start, end + 1), {
    ...headers,
    'Content-Range': `bytes ${start}-${end}/${content.length}`,
  })
}

/** In the form of a shared access signature; it never ends. */
function redirected(host: string, digest: string): Response {
  const query = new URLSearchParams({ sig: signatureOf(digest), sp: 'r', sr: 'b', sv: '2025-11-05' })
  return empty(307, {
    'Docker-Content-Digest': digest,
    Location: `https://${host}${storagePath(digest)}?${query.toString()}`,
  })
}

function signatureOf(digest: string): string {
  return createHash('sha256').update(`may read ${digest}`).digest('base64')
}

function storageRefusal(status: number, code: string, message: string): Response {
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return bytes(status, Buffer.from(xml), { 'Content-Type': 'application/xml', 'x-ms-error-code': code })
}

function blobUnknown(digest: string): Response {
  return problem(404, 'BLOB_UNKNOWN', { message: 'blob unknown to registry', detail: { Digest: digest } })
}

function digestInvalid(): Response {
  return problem(400, 'DIGEST_INVALID', { message: 'provided digest did not match uploaded content' })
}
