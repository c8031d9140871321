import { createHash } from 'node:crypto'
import type { Instant } from '../clock.ts'

interface ClientSecret {
  readonly value: string
  /** From then on it is refused as expired; without it, it never ends. */
  readonly expires?: Instant
}

/** Whose assertions an application takes for its own. All three are compared exactly, the case of letters included. */
export interface FederatedCredential {
  readonly subject: string
  /** GitHub's without it. */
  readonly issuer?: string
  /** `api://AzureADTokenExchange` without it. */
  readonly audience?: string
}

export interface ApplicationOptions {
  readonly name: string
  /** Made from the name without it, and the same every time. */
  readonly clientId?: string
  /** Of its service principal; made from the name without it. */
  readonly objectId?: string
  readonly secrets?: readonly (string | ClientSecret)[]
  readonly federated?: readonly FederatedCredential[]
}

export interface TenantOptions {
  /** What error messages call it. */
  readonly name: string
  /** Made from the name without it. */
  readonly id?: string
  /** Names that stand for the id: `contoso.onmicrosoft.com`. */
  readonly domains?: readonly string[]
  readonly applications?: readonly ApplicationOptions[]
  /** What tokens can be had for: the registry and the ARM of the public cloud without it. */
  readonly resources?: readonly string[]
}

/** An application with its service principal; a managed identity is one too. What it signs in with can be changed at any time. */
export interface Application {
  readonly name: string
  readonly clientId: string
  readonly objectId: string
  readonly tenant: Tenant
  secrets: readonly ClientSecret[]
  federated: readonly Required<FederatedCredential>[]
}

export interface Tenant {
  readonly name: string
  readonly id: string
  readonly domains: readonly string[]
  resources: readonly string[]
}

export const gitHubIssuer = 'https://token.actions.githubusercontent.com'
const exchangeAudience = 'api://AzureADTokenExchange'

const publicResources = [
  'https://containerregistry.azure.net',
  'https://management.azure.com',
  'https://management.core.windows.net',
]

/** Tenants and their applications. */
export class Directory {
  readonly tenants: readonly Tenant[]
  #applications: readonly Application[]

  constructor(options: readonly TenantOptions[]) {
    const made = options.map((each) => ({ tenant: makeTenant(each), applications: each.applications ?? [] }))
    this.tenants = made.map(({ tenant }) => tenant)
    this.#applications = made.flatMap(({ tenant, applications }) =>
      applications.map((each) => makeApplication(tenant, each)),
    )
  }

  /** By id or domain. */
  tenant(name: string): Tenant | undefined {
    const wanted = name.toLowerCase()
    return this.tenants.find(({ id, domains }) =>
      [id, ...domains].some((each) => each.toLowerCase() === wanted),
    )
  }

  /** The application of this name; an error when there is none, for that is a slip in a test. */
  named(name: string): Application {
    const found = this.#applications.find((application) => application.name === name)
    if (found === undefined) throw new Error(`there is no application ${name}`)
    return found
  }

  withClientId(tenant: Tenant, clientId: string): Application | undefined {
    return this.#applications.find(
      (application) =>
        application.tenant === tenant && application.clientId.toLowerCase() === clientId.toLowerCase(),
    )
  }
}

/** A resource with or without the slash behind it. */
export function knowsResource(tenant: Tenant, resource: string): boolean {
  return tenant.resources.includes(resource.replace(/\/$/, ''))
}

function makeTenant({ name, id, domains, resources }: TenantOptions): Tenant {
  return {
    name,
    id: id ?? guidOf(`tenant ${name}`),
    domains: domains ?? [],
    resources: resources ?? publicResources,
  }
}

function makeApplication(tenant: Tenant, options: ApplicationOptions): Application {
  const { name, clientId, objectId, secrets = [], federated = [] } = options
  return {
    name,
    clientId: clientId ?? guidOf(`client ${name}`),
    objectId: objectId ?? guidOf(`object ${name}`),
    tenant,
    secrets: secrets.map((secret) => (typeof secret === 'string' ? { value: secret } : secret)),
    federated: federated.map(({ subject, issuer = gitHubIssuer, audience = exchangeAudience }) => ({
      subject,
      issuer,
      audience,
    })),
  }
}

/** The same for the same text, in the form of a random one (version 4). */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
