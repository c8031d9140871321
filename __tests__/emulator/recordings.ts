import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts'
import { call, form, payloadOf, type Answer } from './client.ts'

interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

interface RecordedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Exchange {
  readonly request: RecordedRequest
  readonly response: RecordedResponse
}

const folder = join(import.meta.dirname, '..', 'recordings')
const entraToken = 'an Entra token'

export function recordingFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.json'))
}

export function readRecording(file: string): { exchanges: readonly Exchange[] } {
  return readJson(file) as { exchanges: readonly Exchange[] }
}

/** The body of one recorded answer. */
export function recordedBody(file: string, number: number): object {
  const body = readRecording(file).exchanges[number]?.response.body
  if (typeof body !== 'object' || body === null) throw new Error(`${file} has no body ${number}`)
  return body
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'))
}

/** An emulator in which somebody may do everything, by Entra token. */
export function startRecorded(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({
    identities: [{ kind: 'entra', name: 'recorder', roles: ['Owner'], entraTokens: [entraToken] }],
    ...options,
  })
}

/**
 * Sends what was recorded and compares what comes back: the status, the set of headers and each value, the body byte for byte.
 * What a recording replaced by a placeholder (tokens, ids, the moment) is compared by its form.
 */
export async function replay(emulator: Emulator, { request, response }: Exchange): Promise<void> {
  const url = new URL(request.url)
  // One recorder wrote another host into the addresses than into the bodies.
  const host = (response.body as { registry?: string }).registry ?? url.host
  const answer = await call(emulator, `${request.method} ${url.pathname}${url.search}`, {
    host,
    headers: {
      ...(request.headers?.['Accept'] === undefined ? {} : { accept: request.headers['Accept'] }),
      ...contentType(request),
      ...clientRequestId(response),
    },
    ...(await body(emulator, request, host)),
    ...(await authorization(emulator, response, host)),
  })
  expect(answer.status).toBe(response.status)
  compareBody(answer, response)
  compareHeaders(answer, response)
}

function compareBody(answer: Answer, { body, headers }: RecordedResponse): void {
  if (body === '' || typeof body === 'string') {
    expect(answer.text).toBe(body)
    return
  }
  const tokens = Object.entries(body as object).filter(([, value]) => value === '<redacted>')
  if (tokens.length > 0) {
    expect(Object.keys(answer.json() as object)).toEqual(tokens.map(([key]) => key))
    expect(answer.text).toMatch(/^\{"\w+_token":"[\w-]+\.[\w-]+\.[\w-]*"\}\n$/)
    return
  }
  const isManifest = headers['Docker-Content-Digest'] !== undefined
  expect(answer.text).toBe(isManifest ? manifestText(body) : `${JSON.stringify(body)}\n`)
}

/** As docker writes manifests; these bytes have the recorded digest and length. */
export function manifestText(manifest: unknown): string {
  return JSON.stringify(manifest, null, 3)
}

function compareHeaders(answer: Answer, { headers, body }: RecordedResponse): void {
  const recorded = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  expect(Object.keys(answer.headers).sort()).toEqual(Object.keys(recorded).sort())
  for (const [name, value] of Object.entries(recorded)) {
    const form = forms[name]
    if (form !== undefined) expect(`${name}: ${answer.headers[name]}`).toMatch(form)
    else if (name === 'content-length')
      expect(Number(answer.headers[name])).toBe(lengthOf(Number(value), body))
    else expect(`${name}: ${answer.headers[name]}`).toBe(`${name}: ${value}`)
  }
}

const guid = / [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const forms: Readonly<Record<string, RegExp>> = {
  date: / \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  'x-ms-correlation-request-id': guid,
  'x-ms-request-id': guid,
  'x-ms-ratelimit-remaining-calls-per-second': / \d+(\.\d+)?$/,
  // The recorder of the browser wrote `close` once, which is its own doing.
  connection: / keep-alive$/,
}

/** The recorder of the JavaScript SDK put a host name into the bodies that is one character longer than the real one. */
function lengthOf(recorded: number, body: unknown): number {
  const renamed = (body as { registry?: string }).registry === 'myregistry.azurecr.io'
  return renamed ? recorded + 1 : recorded
}

function contentType({ headers, body }: RecordedRequest): Record<string, string> {
  if (typeof body === 'string') return { 'content-type': 'application/x-www-form-urlencoded' }
  const stated = headers?.['Content-Type']
  return stated === undefined ? {} : { 'content-type': stated }
}

/** The recorded answer repeats the id the client sent. */
function clientRequestId({ headers }: RecordedResponse): Record<string, string> {
  const id = headers['X-Ms-Client-Request-Id'] ?? ''
  return id === '' ? {} : { 'x-ms-client-request-id': id }
}

async function body(emulator: Emulator, request: RecordedRequest, host: string): Promise<{ body?: string }> {
  if (request.body === undefined) return {}
  if (typeof request.body === 'object') {
    const isManifest = request.url.includes('/manifests/')
    return { body: isManifest ? manifestText(request.body) : JSON.stringify(request.body) }
  }
  const secret = request.url.includes('/oauth2/exchange') ? entraToken : await refreshToken(emulator, host)
  return { body: request.body.replace('<redacted>', encodeURIComponent(secret)) }
}

/** A challenge answers a request without a token, or with one that is none of the registry's. */
async function authorization(
  emulator: Emulator,
  { status, headers }: RecordedResponse,
  host: string,
): Promise<{ bearer?: string }> {
  const challenge = headers['WWW-Authenticate']
  if (challenge !== undefined) return challenge.includes('invalid_token') ? { bearer: entraToken } : {}
  return status === 401 ? {} : { bearer: await accessToken(emulator, host) }
}

async function refreshToken(emulator: Emulator, host: string): Promise<string> {
  const fields = { grant_type: 'access_token', service: host, access_token: entraToken }
  const answer = await call(emulator, 'POST /oauth2/exchange', { host, ...form(fields) })
  return (answer.json() as { refresh_token: string }).refresh_token
}

export async function accessToken(emulator: Emulator, host: string): Promise<string> {
  const fields = {
    grant_type: 'refresh_token',
    service: host,
    scope: 'repository:*:* registry:catalog:*',
    refresh_token: await refreshToken(emulator, host),
  }
  const answer = await call(emulator, 'POST /oauth2/token', { host, ...form(fields) })
  const token = (answer.json() as { access_token: string }).access_token
  expect(payloadOf(token)).toHaveProperty('access')
  return token
}
