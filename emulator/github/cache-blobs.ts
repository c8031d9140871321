import { createHash, createHmac } from 'node:crypto'
import { bytes, empty, headOnly, type Headers, type Request, type Response } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import type { CacheEntries } from './cache-entries.ts'

/** The storage account behind the cache, as far as it is needed. */
export interface CacheBlobsContext {
  readonly entries: CacheEntries
  /** Of signed addresses. */
  readonly key: Uint8Array
  readonly downloads: 'whole' | 'corrupt' | 'truncated'
}

const container = '/actions-cache/'
/** Addresses without a host name of the account have it in the path. */
const account = '/productionresultssa0'

export function isBlobPath(path: string): boolean {
  return path.startsWith(container) || path.startsWith(`${account}${container}`)
}

/** In the form of a shared access signature; it never ends. */
export function signedUrl(host: string, id: number, { use, key }: { use: Use; key: Uint8Array }): string {
  const permissions = use === 'upload' ? 'cw' : 'r'
  const query = new URLSearchParams({
    sig: signatureOf(id, permissions, key),
    sp: permissions,
    spr: 'https',
    sr: 'b',
    sv: '2025-11-05',
  })
  const path = host.endsWith('.blob.core.windows.net') ? container : `${account}${container}`
  return `https://${host}${path}${id}?${query.toString()}`
}

type Use = 'upload' | 'download'

export function isSignatureGood(request: Request, key: Uint8Array): boolean {
  const wanted = request.method === 'PUT' ? 'cw' : 'r'
  return (
    request.query.get('sp') === wanted && request.query.get('sig') === signatureOf(idOf(request), wanted, key)
  )
}

/**
 * Put Blob, Put Block, Put Block List, Get Blob Properties and Get Blob with ranges (Azure Blob Storage REST API). The answers
 * have what @azure/storage-blob reads.
 */
export function answerBlob(context: CacheBlobsContext, request: Request): Answered {
  if (!isSignatureGood(request, context.key)) return refused(403, 'AuthenticationFailed')
  switch (request.method) {
    case 'PUT':
      return put(context.entries, request)
    case 'HEAD':
    case 'GET':
      return get(context, request)
    default:
      return refused(405, 'UnsupportedHttpVerb')
  }
}

function put(entries: CacheEntries, request: Request): Answered {
  const id = idOf(request)
  const body = Buffer.from(request.body)
  switch (request.query.get('comp')) {
    case null: {
      if (request.headers['x-ms-blob-type'] !== 'BlockBlob') return refused(400, 'MissingRequiredHeader')
      return stored(entries.upload(id, body), body)
    }
    case 'block': {
      const block = request.query.get('blockid') ?? ''
      return stored(entries.uploadBlock(id, { block, content: body }), body)
    }
    case 'blocklist': {
      const blocks = [...body.toString('utf8').matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]*)</g)].map(
        ([, block = '']) => block,
      )
      return stored(entries.joinBlocks(id, blocks), body)
    }
    default:
      return refused(400, 'InvalidQueryParameterValue')
  }
}

function stored(done: boolean, content: Buffer): Answered {
  // What the real storage says when the service takes the right to write away is not known.
  if (!done) return refused(409, 'BlobImmutableDueToPolicy')
  return { response: empty(201, { ...common, ...describing(content) }) }
}

function get({ entries, downloads }: CacheBlobsContext, request: Request): Answered {
  const content = entries.contentOf(idOf(request))
  if (content === undefined) return refused(404, 'BlobNotFound')
  const shown = damaged(content, downloads)
  const whole = bytes(200, shown, { ...common, ...describing(shown), 'x-ms-blob-type': 'BlockBlob' })
  if (request.method === 'HEAD') return { response: headOnly(whole) }
  return { response: partOf(whole, request.headers['x-ms-range'] ?? request.headers['range']) }
}

function partOf(whole: Response, range: string | undefined): Response {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined) return whole
  const { length } = whole.body
  const start = Number(first)
  const end = Math.min(last === undefined || last === '' ? length : Number(last) + 1, length)
  if (start >= length) return refused(416, 'InvalidRange').response
  return {
    ...whole,
    status: 206,
    body: whole.body.subarray(start, end),
    headers: { ...whole.headers, 'Content-Range': `bytes ${start}-${end - 1}/${length}` },
  }
}

function damaged(content: Buffer, downloads: CacheBlobsContext['downloads']): Buffer {
  if (downloads === 'truncated') return content.subarray(0, content.length / 2)
  return downloads === 'corrupt' ? Buffer.from(content.map((byte) => byte ^ 0x55)) : content
}

const common: Headers = {
  'x-ms-request-id': '00000000-0000-0000-0000-000000000000',
  'x-ms-version': '2025-11-05',
}

function describing(content: Buffer): Headers {
  return {
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
    ETag: `"0x${createHash('sha256').update(content).digest('hex').slice(0, 15).toUpperCase()}"`,
    'Last-Modified': new Date(0).toUTCString(),
    'x-ms-server-encrypted': 'true',
  }
}

function refused(status: number, code: string): { response: Response; error: string } {
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`
  const headers = { ...common, 'Content-Type': 'application/xml', 'x-ms-error-code': code }
  return { response: bytes(status, Buffer.from(xml), headers), error: code }
}

function signatureOf(id: number, permissions: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`${id} ${permissions}`).digest('base64')
}

function idOf({ path }: Request): number {
  return Number(path.slice(path.indexOf(container) + container.length))
}
