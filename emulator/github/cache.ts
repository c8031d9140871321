import { randomBytes } from 'node:crypto'
import { Clock, epochSeconds, type Instant } from '../clock.ts'
import type { Faults } from '../faults.ts'
import { checkSignature, decodePayload, encodeJwt } from '../jwt.ts'
import { json, type Request } from '../protocol/message.ts'
import type { Received, RequestLog } from '../request-log.ts'
import { dateHeader, startService, type Answered, type ServiceRules } from '../service.ts'
import { certificateFor, writeAuthority } from '../transport/certificate.ts'
import { answerBlob, isBlobPath, isSignatureGood, signedUrl } from './cache-blobs.ts'
import { CacheEntries, type CacheEntry, type CacheScope } from './cache-entries.ts'
import {
  answerCacheService,
  callOf,
  serviceRouteOf,
  type CacheServiceContext,
  type CacheServiceRoute,
} from './cache-service.ts'
import { Machines, refOf, scopesOf, type WorkflowRun } from './machine.ts'

export interface ActionsCacheOptions {
  readonly switches?: Partial<ActionsCacheSwitches>
  /** The host of the addresses that content is put to and got from, for use behind a proxy; without it that of this server. */
  readonly storageHost?: string
  readonly port?: number
  readonly certificateFile?: string
  readonly time?: Instant
}

/** Can be changed while it serves. */
export interface ActionsCacheSwitches {
  /** No token may write, whatever it says. */
  readOnly: boolean
  /** What downloads are: what was uploaded, as many other bytes, or half of them. */
  downloads: 'whole' | 'corrupt' | 'truncated'
}

interface ActionsCacheWords {
  readonly route: CacheServiceRoute | 'upload' | 'download' | 'unknown'
  readonly class: 'service' | 'blob' | 'other'
  readonly authorization: 'none' | 'bearer' | 'bearer-invalid' | 'signature' | 'signature-invalid'
}

export interface ActionsCache {
  readonly url: string
  readonly port: number
  readonly certificateFile: string
  readonly certificate: string
  readonly switches: ActionsCacheSwitches
  readonly clock: Clock
  readonly faults: Faults<ActionsCacheWords, ActionsCacheSwitches>
  readonly log: RequestLog<ActionsCacheWords>
  /**
   * What a runner gives a step of such a run: the cache and its token, the event and its payload, folders of an empty machine,
   * PATH, and the certificate to trust.
   */
  environment(run?: WorkflowRun): Readonly<Record<string, string>>
  /** Finished entries, the oldest first. */
  entries(): readonly CacheEntry[]
  /** All entries are gone, as if nobody had asked for them for a week. */
  evict(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The cache of GitHub Actions (service v2) for one repository, on loopback. */
export async function startActionsCache(options: ActionsCacheOptions = {}): Promise<ActionsCache> {
  const switches: ActionsCacheSwitches = { readOnly: false, downloads: 'whole', ...options.switches }
  const clock = new Clock()
  if (options.time !== undefined) clock.set(options.time)
  const { storageHost } = options
  const cache: Cache = { entries: new CacheEntries(), switches, clock, key: randomBytes(32), storageHost }
  const certificate = await certificateFor(storageHost === undefined ? [] : [storageHost])
  const service = await startService(rulesOf(cache), {
    scene: switches,
    clock,
    certificate,
    port: options.port ?? 0,
  })
  const file = writeAuthority(certificate, options.certificateFile)
  const machines = new Machines()
  const url = `https://127.0.0.1:${service.port}`
  const close = async () => {
    await service.close()
    machines.remove()
    file.remove()
  }
  return {
    url,
    port: service.port,
    certificateFile: file.path,
    certificate: certificate.authority,
    switches,
    clock,
    faults: service.faults,
    log: service.log,
    environment: (run = {}) => ({
      ...machines.environment(run),
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: `${url}/`,
      ACTIONS_RUNTIME_TOKEN: tokenFor(run, cache),
      NODE_EXTRA_CA_CERTS: file.path,
    }),
    entries: () => cache.entries.list(),
    evict: () => cache.entries.clear(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Cache {
  readonly entries: CacheEntries
  readonly switches: ActionsCacheSwitches
  readonly clock: Clock
  /** Signs tokens and addresses. */
  readonly key: Uint8Array
  readonly storageHost: string | undefined
}

/** A job may last six hours. */
const tokenSeconds = 6 * 3600

/** With the claim that says what it is for (tonistiigi/go-actions-cache reads it): reading is 1, writing 2, both 3. */
function tokenFor(run: WorkflowRun, { clock, key }: Cache): string {
  const now = epochSeconds(clock.now())
  const scopes = scopesOf(run).map(({ ref, permission }) => ({
    Scope: ref,
    Permission: permission === 'write' ? 3 : 1,
  }))
  return encodeJwt(
    { sub: refOf(run), ac: JSON.stringify(scopes), iat: now, nbf: now - 300, exp: now + tokenSeconds },
    key,
  )
}

/** What the token of a request allows; undefined when it has none that is valid. */
function scopesIn(request: Request, { clock, key }: Cache): readonly CacheScope[] | undefined {
  const token = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined || checkSignature(token, key) !== 'good') return undefined
  const { ac, exp } = decodePayload(token) ?? {}
  if (typeof ac !== 'string' || typeof exp !== 'number' || exp <= epochSeconds(clock.now())) return undefined
  const scopes = JSON.parse(ac) as readonly { Scope: string; Permission: number }[]
  return scopes.map(({ Scope, Permission }) => ({
    ref: Scope,
    permission: Permission === 3 ? 'write' : 'read',
  }))
}

function rulesOf(cache: Cache): ServiceRules<ActionsCacheWords> {
  return {
    describe: (request) => describe(request, cache),
    answer: (request) => answerCache(request, cache),
    headers: () => dateHeader(cache.clock),
    faultBody: (status) => json(status, { code: 'unavailable', msg: 'unavailable' }),
  }
}

function answerCache(request: Request, cache: Cache): Answered {
  const { entries, switches, key } = cache
  if (isBlobPath(request.path)) {
    return answerBlob({ entries, key, downloads: switches.downloads }, request)
  }
  const context: CacheServiceContext = {
    entries,
    readOnly: switches.readOnly,
    signedUrl: (id, use) => signedUrl(cache.storageHost ?? request.host, id, { use, key }),
  }
  return answerCacheService(context, request, scopesIn(request, cache))
}

function describe(request: Request, cache: Cache): Received<ActionsCacheWords> {
  const { method, path } = request
  if (isBlobPath(path)) {
    const comp = request.query.get('comp')
    return {
      method,
      path,
      query: comp === null ? {} : { comp },
      route: method === 'PUT' ? 'upload' : 'download',
      class: 'blob',
      identity: undefined,
      authorization: isSignatureGood(request, cache.key) ? 'signature' : 'signature-invalid',
    }
  }
  const route = serviceRouteOf(path)
  const scopes = scopesIn(request, cache)
  const { key, restoreKeys } = callOf(request)
  return {
    method,
    path,
    query: route === undefined ? {} : { key, restore_keys: restoreKeys.join(',') },
    route: route ?? 'unknown',
    class: route === undefined ? 'other' : 'service',
    identity: scopes?.[0]?.ref,
    authorization:
      request.headers['authorization'] === undefined
        ? 'none'
        : scopes === undefined
          ? 'bearer-invalid'
          : 'bearer',
  }
}
