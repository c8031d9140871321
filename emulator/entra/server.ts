import { randomUUID } from 'node:crypto'
import type { Identity, RoleAssignment } from '../access/identities.ts'
import { Clock, type Instant } from '../clock.ts'
import type { Faults } from '../faults.ts'
import { bodyText, text, type Request } from '../protocol/message.ts'
import type { Received, RequestLog } from '../request-log.ts'
import { dateHeader, startService, type ServiceRules } from '../service.ts'
import { certificateFor, writeAuthority } from '../transport/certificate.ts'
import { subjectOf } from './assertions.ts'
import {
  Directory,
  type Application,
  type ApplicationOptions,
  type Tenant,
  type TenantOptions,
} from './directory.ts'
import {
  answerEntra,
  entraRoute,
  type EntraContext,
  type EntraRoute,
  type EntraSwitches,
} from './endpoints.ts'
import { passingFault, refuse } from './refusals.ts'
import { EntraTokens, type EntraVerdict, type IssuedToken } from './tokens.ts'

export interface EntraOptions {
  /** Without it one tenant, Contoso. */
  readonly tenants?: readonly TenantOptions[]
  /** Of the first tenant, besides those that it names itself. */
  readonly applications?: readonly ApplicationOptions[]
  readonly switches?: Partial<EntraSwitches>
  readonly port?: number
  /** DNS names besides localhost and those of the service. */
  readonly hostNames?: readonly string[]
  readonly certificateFile?: string
  /** Its time at the start; without it the machine's. */
  readonly time?: Instant
}

interface EntraWords {
  readonly route: EntraRoute
  readonly class: 'token' | 'metadata'
  readonly authorization: 'none' | 'secret' | 'assertion'
}

export interface Entra {
  /** For `authorityHost` and AZURE_AUTHORITY_HOST. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly certificateFile: string
  readonly certificate: string
  /** The first tenant. */
  readonly tenant: Tenant
  readonly directory: Directory
  readonly clock: Clock
  readonly switches: EntraSwitches
  readonly faults: Faults<EntraWords, Directory>
  readonly log: RequestLog<EntraWords>
  /** What a process needs to find and trust it. */
  readonly environment: Readonly<Record<'AZURE_AUTHORITY_HOST' | 'NODE_EXTRA_CA_CERTS', string>>
  application(name: string): Application
  /** The application as somebody who may sign in to a registry. */
  identity(name: string, roles: readonly RoleAssignment[]): Identity
  /** A token without asking for it. */
  issue(name: string, resource?: string, seconds?: number): IssuedToken
  verify(token: string): EntraVerdict
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The names under which clients know the service, so that it can stand in for them behind a proxy. */
const authorityHosts = [
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
]

/** Microsoft Entra's token service on loopback. */
export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const context = assemble(options)
  const { directory, clock, switches, tokens } = context
  const certificate = await certificateFor([...authorityHosts, ...(options.hostNames ?? [])])
  const service = await startService(rulesOf(context), {
    scene: directory,
    clock,
    certificate,
    port: options.port ?? 0,
  })
  const file = writeAuthority(certificate, options.certificateFile)
  const host = `127.0.0.1:${service.port}`
  const url = `https://${host}`
  const close = async () => {
    await service.close()
    file.remove()
  }
  return {
    url,
    host,
    port: service.port,
    certificateFile: file.path,
    certificate: certificate.authority,
    tenant: firstOf(directory.tenants),
    directory,
    clock,
    switches,
    faults: service.faults,
    log: service.log,
    environment: { AZURE_AUTHORITY_HOST: url, NODE_EXTRA_CA_CERTS: file.path },
    application: (name) => directory.named(name),
    identity: (name, roles) => {
      const { clientId: appId, objectId } = directory.named(name)
      return { kind: 'entra', name, roles, appId, objectId }
    },
    issue: (name, resource = 'https://containerregistry.azure.net', seconds = switches.accessTokenSeconds) =>
      tokens.issue(directory.named(name), { resource, seconds, by: 'managed identity' }),
    verify: (token) => tokens.verify(token),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function assemble({
  tenants = [{ name: 'Contoso' }],
  applications = [],
  ...options
}: EntraOptions): EntraContext {
  const clock = new Clock()
  if (options.time !== undefined) clock.set(options.time)
  const directory = new Directory(
    tenants.map((tenant, at) =>
      at === 0 ? { ...tenant, applications: [...(tenant.applications ?? []), ...applications] } : tenant,
    ),
  )
  const switches: EntraSwitches = {
    accessTokenSeconds: 3600,
    federatedErrors: 'specific',
    ...options.switches,
  }
  return { directory, clock, switches, tokens: new EntraTokens(clock) }
}

function rulesOf(context: EntraContext): ServiceRules<EntraWords> {
  return {
    describe,
    answer: (request) => answerEntra(context, request),
    headers: () => ({
      'Cache-Control': 'no-store, no-cache',
      Pragma: 'no-cache',
      'X-Content-Type-Options': 'nosniff',
      ...dateHeader(context.clock),
    }),
    faultBody: (status) => {
      // The body of a throttled request as published in AzureAD/microsoft-authentication-library-for-dotnet#2855.
      if (status === 429) return text(429, 'Too Many Requests')
      const { response } = refuse(passingFault(), { at: context.clock.date(), correlationId: randomUUID() })
      return { ...response, status }
    },
  }
}

function describe(request: Request): Received<EntraWords> {
  const form = new URLSearchParams(request.method === 'POST' ? bodyText(request) : '')
  const { route, tenant } = entraRoute(request.path)
  const assertion = form.get('client_assertion')
  const shown = ['client_id', 'grant_type', 'scope'].flatMap((name) => {
    const value = form.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const subject = assertion === null ? undefined : subjectOf(assertion)
  return {
    method: request.method,
    path: request.path,
    query: Object.fromEntries([
      ...(tenant === '' ? [] : [['tenant', tenant] as const]),
      ...shown,
      ...(subject === undefined ? [] : [['subject', subject] as const]),
    ]),
    route,
    class: route === 'token' ? 'token' : 'metadata',
    identity: undefined,
    authorization: assertion !== null ? 'assertion' : form.has('client_secret') ? 'secret' : 'none',
  }
}

function firstOf(tenants: readonly Tenant[]): Tenant {
  const [first] = tenants
  if (first === undefined) throw new Error('there is no tenant')
  return first
}
