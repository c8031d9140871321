import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Outcome, Request, Response } from '../protocol/message.ts'
import type { Certificate } from './certificate.ts'

/** What answers requests: a service, or the control interface. */
export type Answerer = (
  request: Request,
) => Promise<{ outcome: Outcome; end: (status: number | undefined) => void }>

export interface Serving {
  readonly port: number
  close(): Promise<void>
}

/** Serves on loopback and nowhere else: over TLS, or in the clear without a certificate. */
export async function serve({
  certificate,
  port,
  answerer,
}: {
  readonly certificate: Certificate | undefined
  readonly port: number
  readonly answerer: Answerer
}): Promise<Serving> {
  // Tokens that name many repositories are long.
  const options = { maxHeaderSize: 64 * 1024, keepAliveTimeout: 75_000 }
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void converse(incoming, outgoing, answerer)
  const server =
    certificate === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, key: certificate.key, cert: certificate.chain }, listener)
  await listening(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closed(server),
  }
}

async function converse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answerer: Answerer,
): Promise<void> {
  try {
    const request = await read(incoming)
    const { outcome, end } = await answerer(request)
    if (outcome === 'hang' && !outgoing.destroyed) {
      outgoing.once('close', () => end(undefined))
      return
    }
    if (outcome === 'hang' || outcome === 'drop') {
      end(undefined)
      incoming.socket.destroy()
      return
    }
    // Before the client can see the answer, so that whoever has it finds it in the log.
    end(outcome.status)
    write(outgoing, outcome)
  } catch (error) {
    if (incoming.socket.destroyed) return
    // A bug of the emulator: say so where somebody will look.
    console.error(error)
    incoming.socket.destroy()
  }
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const target = incoming.url ?? '/'
  const mark = target.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
    body: Buffer.concat(chunks),
    host: incoming.headers.host ?? 'localhost',
    address: incoming.socket.remoteAddress ?? '',
  }
}

function write(outgoing: ServerResponse, response: Response): void {
  outgoing.statusCode = response.status
  outgoing.sendDate = false
  for (const [name, value] of Object.entries(response.headers)) {
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  if (outgoing.req.headers.connection?.toLowerCase() === 'close') outgoing.setHeader('Connection', 'close')
  if (response.chunked === true) {
    // Written before the end, or Node would state the length after all.
    outgoing.write(response.body)
    outgoing.end()
    return
  }
  if (response.status !== 204) outgoing.setHeader('Content-Length', response.length ?? response.body.length)
  outgoing.end(response.body)
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
