import { randomUUID } from 'node:crypto'
import { blobBytes, type Blob, type Upload } from '../state/blobs.ts'
import type { Context } from './context.ts'
import { callerMay, type Credential } from './credentials.ts'
import { disallowed, problem, unsupported } from './errors.ts'
import { bytes, empty, type Request, type Response } from './message.ts'
import { isDigest } from './routes.ts'

export interface BlobCall {
  readonly context: Context
  readonly request: Request
  readonly credential: Credential
  readonly repository: string
}

/** HEAD, GET with ranges, DELETE. The real service sends GET to its storage with a redirect. */
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
  return content === undefined ? blobUnknown(digest) : ranged(content, request, headers)
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

function blobUnknown(digest: string): Response {
  return problem(404, 'BLOB_UNKNOWN', { message: 'blob unknown to registry', detail: { Digest: digest } })
}

function digestInvalid(): Response {
  return problem(400, 'DIGEST_INVALID', { message: 'provided digest did not match uploaded content' })
}
