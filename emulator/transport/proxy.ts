import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ProxyOptions {
  /** Which server of this machine stands in for a host, whatever the port. */
  readonly hosts?: Readonly<Record<string, { readonly port: number }>>
  /** `user:password`, when the proxy asks for them. */
  readonly credentials?: string
  readonly port?: number
}

/** What somebody asked the proxy for. What is inside a tunnel, it cannot see. */
export interface ProxiedRequest {
  readonly kind: 'tunnel' | 'plain'
  readonly host: string
  readonly port: number
  /** Of plain requests. */
  readonly path?: string
  readonly outcome: 'passed' | 'refused' | 'unauthorized'
}

export interface Proxy {
  readonly url: string
  readonly port: number
  readonly environment: Readonly<Record<'HTTPS_PROXY' | 'HTTP_PROXY', string>>
  /** In the order of arrival. */
  requests(): readonly ProxiedRequest[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A proxy on loopback, through which clients reach emulated servers under the names of the real ones. It passes on to the
 * hosts it was told of and to loopback; whoever asks for another gets 502, so that nothing leaves the machine.
 */
export async function startProxy({ hosts = {}, credentials, port = 0 }: ProxyOptions = {}): Promise<Proxy> {
  const seen: ProxiedRequest[] = []
  const sockets = new Set<Duplex>()
  const admit: Admit = (request, wanted) => {
    const target = isLoopback(wanted.host) ? wanted.port : hosts[wanted.host]?.port
    const welcome = credentials === undefined || request.headers['proxy-authorization'] === basic(credentials)
    const outcome = welcome ? (target === undefined ? 'refused' : 'passed') : 'unauthorized'
    seen.push({ ...wanted, outcome })
    return { outcome, target }
  }
  const server = createServer((request, response) => forward(request, response, admit))
  server.on('connect', (request, socket) => tunnel(request, socket, { admit, sockets }))
  server.on('connection', (socket) => keep(sockets, socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const url = `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${bound}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    url,
    port: bound,
    environment: { HTTPS_PROXY: url, HTTP_PROXY: url },
    requests: () => seen,
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Admit = (
  request: IncomingMessage,
  wanted: Omit<ProxiedRequest, 'outcome'>,
) => { readonly outcome: ProxiedRequest['outcome']; readonly target: number | undefined }

function tunnel(
  request: IncomingMessage,
  client: Duplex,
  { admit, sockets }: { readonly admit: Admit; readonly sockets: Set<Duplex> },
): void {
  const { hostname: host, port } = new URL(`https://${request.url ?? ''}`)
  const { outcome, target } = admit(request, { kind: 'tunnel', host, port: Number(port || 443) })
  if (outcome !== 'passed' || target === undefined) {
    client.end(`HTTP/1.1 ${reasons[outcome]}\r\n${challengeOf(outcome)}\r\n`)
    return
  }
  const upstream: Socket = connect(target, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    upstream.pipe(client)
    client.pipe(upstream)
  })
  keep(sockets, upstream)
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
}

/** A plain request, which comes with the whole address: the metadata service of a virtual machine is asked so. */
function forward(request: IncomingMessage, response: ServerResponse, admit: Admit): void {
  const { hostname: host, port, pathname, search } = new URL(request.url ?? '/', 'http://unknown')
  const { outcome, target } = admit(request, {
    kind: 'plain',
    host,
    port: Number(port || 80),
    path: pathname,
  })
  if (outcome !== 'passed' || target === undefined) {
    if (outcome === 'unauthorized') response.setHeader('Proxy-Authenticate', 'Basic')
    response.writeHead(Number.parseInt(reasons[outcome], 10)).end()
    return
  }
  const { method, headers } = request
  const options = { host: '127.0.0.1', port: target, path: `${pathname}${search}`, method, headers }
  const passed = httpRequest(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  passed.on('error', () => response.destroy())
  request.pipe(passed)
}

const reasons = {
  passed: '200 OK',
  refused: '502 Bad Gateway',
  unauthorized: '407 Proxy Authentication Required',
} as const

function challengeOf(outcome: ProxiedRequest['outcome']): string {
  return outcome === 'unauthorized' ? 'Proxy-Authenticate: Basic\r\n' : ''
}

function keep(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.')
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
