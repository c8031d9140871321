import { randomBytes, randomUUID } from 'node:crypto'
import { Clock, epochSeconds, type Instant } from '../clock.ts'
import { gitHubIssuer } from '../entra/directory.ts'
import type { Faults } from '../faults.ts'
import { encodeJwt } from '../jwt.ts'
import { empty, json, type Request } from '../protocol/message.ts'
import type { Received, RequestLog } from '../request-log.ts'
import { dateHeader, startService, type Answered, type ServiceRules } from '../service.ts'
import { certificateFor, writeAuthority } from '../transport/certificate.ts'
import { claimsOf, subjectOf, usualAudience, usualJob, type Job } from './job.ts'

export interface GitHubOidcOptions extends Partial<Job> {
  /** 300 without it. */
  readonly tokenSeconds?: number
  /** Another issuer, as GitHub Enterprise Server has one. */
  readonly issuer?: string
  readonly port?: number
  readonly certificateFile?: string
  readonly time?: Instant
}

interface GitHubOidcWords {
  readonly route: 'token' | 'unknown'
  readonly class: 'token' | 'other'
  readonly authorization: 'none' | 'bearer' | 'bearer-invalid'
}

export interface GitHubOidc {
  readonly port: number
  readonly certificateFile: string
  readonly certificate: string
  /** Can be changed at any time. */
  readonly job: Job
  readonly clock: Clock
  readonly faults: Faults<GitHubOidcWords, Job>
  readonly log: RequestLog<GitHubOidcWords>
  /** What the runner gives a job with `id-token: write`, and the certificate to trust. */
  readonly environment: Readonly<
    Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN' | 'NODE_EXTRA_CA_CERTS', string>
  >
  /** The subject that tokens have now. */
  subject(): string
  /** A token without asking for it. */
  token(audience?: string): string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// Of the form that runners have it (published logs); the rest of the path names plan and job.
const path = '/00000000-0000-0000-0000-000000000000/_apis/distributedtask/hubs/build/plans/1/jobs/1/idtoken'

/** The endpoint behind ACTIONS_ID_TOKEN_REQUEST_URL, on loopback. */
export async function startGitHubOidc(options: GitHubOidcOptions = {}): Promise<GitHubOidc> {
  const { tokenSeconds = 300, issuer = gitHubIssuer, port = 0, certificateFile, time, ...given } = options
  const clock = new Clock()
  if (time !== undefined) clock.set(time)
  const job: Job = { ...usualJob, ...given }
  const requestToken = randomUUID()
  const key = randomBytes(32)
  const token = (audience = usualAudience(job)) => {
    const now = epochSeconds(clock.now())
    // Valid from ten minutes before, as in the documented example.
    const times = { nbf: now - 600, exp: now + tokenSeconds, iat: now }
    return encodeJwt({ jti: randomUUID(), ...claimsOf(job), aud: audience, iss: issuer, ...times }, key)
  }
  const certificate = await certificateFor([])
  const service = await startService(rulesOf({ clock, requestToken, token }), {
    scene: job,
    clock,
    certificate,
    port,
  })
  const file = writeAuthority(certificate, certificateFile)
  const close = async () => {
    await service.close()
    file.remove()
  }
  return {
    port: service.port,
    certificateFile: file.path,
    certificate: certificate.authority,
    job,
    clock,
    faults: service.faults,
    log: service.log,
    environment: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `https://127.0.0.1:${service.port}${path}?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      NODE_EXTRA_CA_CERTS: file.path,
    },
    subject: () => subjectOf(job),
    token,
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Issuing {
  readonly clock: Clock
  readonly requestToken: string
  readonly token: (audience?: string) => string
}

function rulesOf(issuing: Issuing): ServiceRules<GitHubOidcWords> {
  return {
    describe: (request) => describe(request, issuing.requestToken),
    answer: (request) => answerOidc(request, issuing),
    headers: () => dateHeader(issuing.clock),
    // What GitHub writes is not known.
    faultBody: (status) => empty(status),
  }
}

function answerOidc(request: Request, { requestToken, token }: Issuing): Answered {
  if (request.path !== path || request.method !== 'GET') return { response: empty(404) }
  if (authorizationOf(request, requestToken) !== 'bearer') return { response: empty(401) }
  const value = token(request.query.get('audience') ?? undefined)
  return { response: json(200, { count: value.length, value }) }
}

function describe(request: Request, requestToken: string): Received<GitHubOidcWords> {
  const isToken = request.path === path
  const audience = request.query.get('audience')
  return {
    method: request.method,
    path: request.path,
    query: audience === null ? {} : { audience },
    route: isToken ? 'token' : 'unknown',
    class: isToken ? 'token' : 'other',
    identity: undefined,
    authorization: authorizationOf(request, requestToken),
  }
}

function authorizationOf(request: Request, requestToken: string): GitHubOidcWords['authorization'] {
  const header = request.headers['authorization']
  if (header === undefined) return 'none'
  return header === `Bearer ${requestToken}` ? 'bearer' : 'bearer-invalid'
}
