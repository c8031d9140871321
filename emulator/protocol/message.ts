/** A request as it arrived, without the transport. */
export interface Request {
  readonly method: string
  /** As spelled by the client, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** The login server, as the client names it. */
  readonly host: string
  readonly address: string
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Uint8Array
  /** The length a HEAD answer states, whose body stays away. */
  readonly length?: number
  readonly chunked?: boolean
}

export type Headers = Response['headers']

/** What becomes of a request: an answer, a cut connection, or nothing at all. */
export type Outcome = Response | 'drop' | 'hang'

const nothing = new Uint8Array()

// Go's server sends bodies up to this size with a length and larger ones in chunks (recorded lists and objects agree).
const chunkedFrom = 2048

/** Compact JSON in the order of the keys, and one newline: the recorded lengths are of this form to the byte. */
export function json(status: number, value: unknown, headers: Headers = {}): Response {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body,
    chunked: body.length > chunkedFrom,
  }
}

export function empty(status: number, headers: Headers = {}): Response {
  return { status, headers, body: nothing }
}

export function bytes(status: number, body: Uint8Array, headers: Headers): Response {
  return { status, headers, body }
}

export function text(status: number, body: string, contentType = 'text/plain; charset=utf-8'): Response {
  return { status, headers: { 'Content-Type': contentType }, body: Buffer.from(body) }
}

/** The answer to HEAD: the same head, no body. */
export function headOnly(response: Response): Response {
  return { ...response, body: nothing, length: response.body.length, chunked: false }
}

export function bodyText(request: Request): string {
  return Buffer.from(request.body).toString('utf8')
}

/** The body as a JSON object; undefined when it is none. */
export function bodyObject(request: Request): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bodyText(request))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
