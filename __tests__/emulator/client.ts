import { Agent, request as httpsRequest } from 'node:https'
import type { Emulator } from '../../emulator/index.ts'

export interface Answer {
  readonly status: number
  /** Names in lower case; what came twice is joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly bytes: Buffer
  json(): unknown
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** The Host header: the login server as the client names it. */
  readonly host?: string
  /** `user:password` */
  readonly basic?: string
  readonly bearer?: string
}

/** One request over TLS, as it is: no redirects, no retries, no interpretation. */
export function call(
  emulator: Pick<Emulator, 'port' | 'certificate'>,
  line: string,
  { headers = {}, body, host, basic, bearer }: Call = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const authorization =
    basic === undefined
      ? bearer === undefined
        ? {}
        : { authorization: `Bearer ${bearer}` }
      : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }
  const agent = new Agent({ keepAlive: true })
  return new Promise<Answer>((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: emulator.port,
        ca: emulator.certificate,
        // Checked against this name, whatever the Host header says.
        servername: 'localhost',
        method,
        path,
        agent,
        headers: { host: host ?? `127.0.0.1:${emulator.port}`, ...authorization, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
            ),
            text: bytes.toString('utf8'),
            bytes,
            json: () => JSON.parse(bytes.toString('utf8')) as unknown,
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  }).finally(() => agent.destroy())
}

/** The payload of a JWT. */
export function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >
}

/** A form body. */
export function form(fields: Readonly<Record<string, string>> | readonly [string, string][]): Call {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields as Record<string, string>).toString(),
  }
}
