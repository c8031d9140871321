import { randomUUID } from 'node:crypto'
import type { Application } from '../entra/directory.ts'
import type { Entra } from '../entra/server.ts'
import type { Faults } from '../faults.ts'
import { json, type Request } from '../protocol/message.ts'
import type { Received, RequestLog } from '../request-log.ts'
import { dateHeader, startService, type ServiceRules } from '../service.ts'
import { answerAppService, appServicePath, type AppServiceContext } from './app-service.ts'
import { answerImds, isImdsPath } from './imds.ts'

export interface ManagedIdentityOptions {
  /** Issues the tokens; the identities are applications of it. */
  readonly entra: Entra
  /** The name of the machine's own identity; without it, it has none. */
  readonly systemAssigned?: string
  /** Names of identities that were assigned to it. */
  readonly userAssigned?: readonly string[]
  /** A day without it, as documented. */
  readonly tokenSeconds?: number
  readonly port?: number
}

interface ManagedIdentityWords {
  readonly route: 'imds' | 'app-service' | 'unknown'
  readonly class: 'token' | 'other'
  /** With the header that each protocol wants. */
  readonly authorization: 'none' | 'header'
}

/** Which identities the machine has, by name. Can be changed at any time. */
interface AssignedIdentities {
  systemAssigned: string | undefined
  userAssigned: readonly string[]
}

export interface ManagedIdentity {
  readonly url: string
  readonly port: number
  readonly assigned: AssignedIdentities
  readonly faults: Faults<ManagedIdentityWords, AssignedIdentities>
  readonly log: RequestLog<ManagedIdentityWords>
  /** For clients that look for the metadata service of a virtual machine. */
  readonly imdsEnvironment: Readonly<Record<'AZURE_POD_IDENTITY_AUTHORITY_HOST', string>>
  /** For clients that look for the endpoint of App Service. */
  readonly appServiceEnvironment: Readonly<Record<'IDENTITY_ENDPOINT' | 'IDENTITY_HEADER', string>>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The endpoints of managed identities, in the clear as the real ones are. */
export async function startManagedIdentity(options: ManagedIdentityOptions): Promise<ManagedIdentity> {
  const { entra, systemAssigned, userAssigned = [], tokenSeconds = 86_400, port = 0 } = options
  const assigned: AssignedIdentities = { systemAssigned, userAssigned }
  const secret = randomUUID()
  const context: AppServiceContext = {
    secret,
    find: (asked) => find(entra, assigned, asked),
    issue: ({ name }, resource) => entra.issue(name, resource, tokenSeconds),
  }
  const service = await startService(rulesOf(context, entra), { scene: assigned, clock: entra.clock, port })
  const url = `http://127.0.0.1:${service.port}`
  return {
    url,
    port: service.port,
    assigned,
    faults: service.faults,
    log: service.log,
    imdsEnvironment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: url },
    appServiceEnvironment: { IDENTITY_ENDPOINT: `${url}${appServicePath}`, IDENTITY_HEADER: secret },
    close: () => service.close(),
    [Symbol.asyncDispose]: () => service.close(),
  }
}

/** By client id or object id; nothing asked for means the machine's own. */
function find(
  entra: Entra,
  assigned: AssignedIdentities,
  asked: string | undefined,
): Application | undefined {
  if (asked === undefined) {
    return assigned.systemAssigned === undefined ? undefined : entra.application(assigned.systemAssigned)
  }
  return assigned.userAssigned
    .map((name) => entra.application(name))
    .find(({ clientId, objectId }) => [clientId, objectId].includes(asked.toLowerCase()))
}

function rulesOf(context: AppServiceContext, entra: Entra): ServiceRules<ManagedIdentityWords> {
  return {
    describe,
    answer: (request) =>
      request.path === appServicePath ? answerAppService(context, request) : answerImds(context, request),
    headers: () => dateHeader(entra.clock),
    faultBody: (status) =>
      json(status, {
        error: 'unknown',
        error_description: 'Failed to retrieve token from the Active directory.',
      }),
  }
}

function describe(request: Request): Received<ManagedIdentityWords> {
  const route = isImdsPath(request.path)
    ? 'imds'
    : request.path === appServicePath
      ? 'app-service'
      : 'unknown'
  const header = request.headers['metadata'] ?? request.headers['x-identity-header']
  const shown = ['resource', 'client_id', 'object_id', 'api-version'].flatMap((name) => {
    const value = request.query.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return {
    method: request.method,
    path: request.path,
    query: Object.fromEntries(shown),
    route,
    class: route === 'unknown' ? 'other' : 'token',
    identity: undefined,
    authorization: header === undefined ? 'none' : 'header',
  }
}
