import type { Clock } from '../clock.ts'
import type { Entra } from '../entra/server.ts'
import type { Faults } from '../faults.ts'
import { bodyObject, type Request } from '../protocol/message.ts'
import type { Received, RequestLog } from '../request-log.ts'
import { dateHeader, startService, type Answered, type ServiceRules } from '../service.ts'
import { certificateFor, writeAuthority } from '../transport/certificate.ts'
import { addressOf, type Address } from './addresses.ts'
import { identify } from './callers.ts'
import type { ManagementContext } from './context.ts'
import type {
  DefenderPlan,
  ReaderDescription,
  RegistryDescription,
  SubscriptionDescription,
  WorkloadDescription,
} from './estate/descriptions.ts'
import { Estate } from './estate/estate.ts'
import { answerQuery } from './graph.ts'
import { Quotas } from './quotas.ts'
import { read } from './reading.ts'
import { correlationHeaders, plainJson, refuse, versionMalformed, versionMissing } from './refusals.ts'
import { defaultResourceManagerSwitches, type ResourceManagerSwitches } from './switches.ts'
import { graphVersions } from './types.ts'

export interface ResourceManagerOptions {
  /** Issues the tokens; the subscriptions belong to its first tenant. */
  readonly entra: Pick<Entra, 'tenant' | 'verify' | 'application' | 'clock' | 'directory'>
  readonly subscriptions?: readonly SubscriptionDescription[]
  /** Of the first subscription; without one described there is one named Production. */
  readonly registries?: readonly RegistryDescription[]
  readonly workloads?: readonly WorkloadDescription[]
  readonly defender?: DefenderPlan
  /** Who may read what: nobody anything without it. */
  readonly readers?: readonly ReaderDescription[]
  readonly switches?: Partial<ResourceManagerSwitches>
  readonly port?: number
  /** DNS names besides localhost and those of the service. */
  readonly hostNames?: readonly string[]
  readonly certificateFile?: string
}

interface ResourceManagerWords {
  readonly route: Address['kind']
  readonly class: 'query' | 'read' | 'other'
  /** Never with what. */
  readonly authorization: 'none' | 'bearer'
}

export interface ResourceManager {
  /** In place of https://management.azure.com. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly certificateFile: string
  readonly certificate: string
  /** What there is. */
  readonly estate: Estate
  readonly clock: Clock
  readonly switches: ResourceManagerSwitches
  readonly faults: Faults<ResourceManagerWords, Estate>
  readonly log: RequestLog<ResourceManagerWords>
  /** What a process needs to trust it. */
  readonly environment: Readonly<Record<'NODE_EXTRA_CA_CERTS', string>>
  /** Every quota is as on the first day. */
  resetQuotas(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The names under which clients know the service, so that it can stand in for them behind a proxy. */
const serviceHosts = ['management.azure.com', 'management.usgovcloudapi.net', 'management.chinacloudapi.cn']

/** Azure Resource Manager and Azure Resource Graph on loopback. */
export async function startResourceManager(options: ResourceManagerOptions): Promise<ResourceManager> {
  const { entra, port = 0, hostNames = [] } = options
  const switches: ResourceManagerSwitches = { ...defaultResourceManagerSwitches, ...options.switches }
  const estate = estateOf(options)
  const quotas = new Quotas(switches)
  const context: ManagementContext = { entra, estate, clock: entra.clock, switches, quotas }
  const certificate = await certificateFor([...serviceHosts, ...hostNames])
  const service = await startService(rulesOf(context), {
    scene: estate,
    clock: entra.clock,
    certificate,
    port,
  })
  const file = writeAuthority(certificate, options.certificateFile)
  const host = `127.0.0.1:${service.port}`
  const close = async () => {
    await service.close()
    file.remove()
  }
  return {
    url: `https://${host}`,
    host,
    port: service.port,
    certificateFile: file.path,
    certificate: certificate.authority,
    estate,
    clock: entra.clock,
    switches,
    faults: service.faults,
    log: service.log,
    environment: { NODE_EXTRA_CA_CERTS: file.path },
    resetQuotas: () => quotas.reset(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Names are those of applications of Entra; a GUID is taken for an object id. */
function estateOf({ entra, subscriptions, readers = [], ...first }: ResourceManagerOptions): Estate {
  const estate = new Estate({
    at: entra.clock.date(),
    objectIdOf: (identity) =>
      /^[\da-f-]{36}$/i.test(identity) ? identity : entra.application(identity).objectId,
  })
  const [described = { name: 'Production' }, ...others] = subscriptions ?? []
  const { registries = [], workloads = [], defender } = first
  estate.addSubscription({
    ...described,
    registries: [...(described.registries ?? []), ...registries],
    workloads: [...(described.workloads ?? []), ...workloads],
    ...(defender === undefined ? {} : { defender }),
  })
  for (const each of others) estate.addSubscription(each)
  for (const each of readers) estate.assign(each)
  return estate
}

function rulesOf(context: ManagementContext): ServiceRules<ResourceManagerWords> {
  return {
    describe: (request) => describe(request),
    answer: (request) => answer(context, request),
    headers: () => ({
      'Cache-Control': 'no-cache',
      Pragma: 'no-cache',
      Expires: '-1',
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
      'X-Content-Type-Options': 'nosniff',
      ...correlationHeaders(),
      ...dateHeader(context.clock),
    }),
    faultBody: (status) =>
      plainJson(status, {
        error:
          status === 429
            ? { code: 'TooManyRequests', message: 'Too many requests. Please try again later.' }
            : { code: 'InternalServerError', message: 'Encountered internal server error.' },
      }),
  }
}

/** Tokens come first, then the version, then whatever is asked for. In which order the service looks at the first two is not known. */
function answer(context: ManagementContext, request: Request): Answered {
  const caller = identify(request, context)
  if ('response' in caller) return caller
  const address = addressOf(decoded(request.path))
  const version = request.query.get('api-version') ?? ''
  const answered = (): Answered => {
    if (version === '') return versionMissing()
    if (address.kind === 'unknown') return refuse(404, nothingThere)
    if (request.method !== (address.kind === 'graph' ? 'POST' : 'GET')) return refuse(405, notAllowed)
    if (address.kind !== 'graph') return read(context, caller, { address, version })
    return graphVersions.includes(version)
      ? answerQuery(context, caller, request)
      : versionMalformed(version, graphVersions)
  }
  return { ...answered(), identity: caller.name }
}

const nothingThere = { code: 'NotFound', message: 'The emulator knows nothing of this path.' }
const notAllowed = { code: 'MethodNotAllowed', message: 'The emulator only reads.' }

/** As spelled where it cannot be decoded. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function describe(request: Request): Received<ResourceManagerWords> {
  const path = decoded(request.path)
  const { kind } = addressOf(path)
  const body = kind === 'graph' ? bodyObject(request) : undefined
  const options = (body?.['options'] ?? {}) as Readonly<Record<string, unknown>>
  const version = request.query.get('api-version')
  const shown = Object.entries({
    'api-version': version,
    query: body?.['query'],
    subscriptions: body?.['subscriptions'],
    managementGroups: body?.['managementGroups'],
    $top: options['$top'],
    $skipToken: options['$skipToken'],
  }).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
  )
  return {
    method: request.method,
    path,
    query: Object.fromEntries(shown) as Record<string, string>,
    route: kind,
    class: kind === 'graph' ? 'query' : kind === 'unknown' ? 'other' : 'read',
    identity: undefined,
    authorization: request.headers['authorization'] === undefined ? 'none' : 'bearer',
  }
}
