import type {
  DefenderPlan,
  FindingDescription,
  ReaderDescription,
  RegistryDescription,
  SubscriptionDescription,
  WorkloadDescription,
} from './descriptions.ts'
import { findingResources, planResource } from './findings.ts'
import { guidOf } from './guid.ts'
import { registryResources } from './registries.ts'
import { isWithin, sameId, type Resource } from './resource.ts'
import { actionsOfRole, allows, roleDefinitionId, type ManagementRole } from './roles.ts'
import { workloadResources } from './workloads.ts'

export interface Subscription {
  readonly name: string
  readonly id: string
  managementGroups: readonly string[]
}

interface Assignment {
  readonly principalId: string
  readonly role: ManagementRole
  readonly scope: string
}

/** Subscriptions with everything in them, and who may what. Can be changed at any time. */
export class Estate {
  readonly #at: Date
  readonly #objectIdOf: (identity: string) => string
  #subscriptions: readonly Subscription[] = []
  #resources: Resource[] = []
  // Apart, because a registry with ten thousand findings is looked for ten thousand times.
  #registries: readonly Resource[] = []
  readonly #scanned = new Set<string>()
  #assignments: readonly Assignment[] = []

  constructor({ at, objectIdOf }: { at: Date; objectIdOf: (identity: string) => string }) {
    this.#at = at
    this.#objectIdOf = objectIdOf
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions
  }

  get resources(): readonly Resource[] {
    return this.#resources
  }

  addSubscription(description: SubscriptionDescription): Subscription {
    const { name, managementGroups = [], defender = 'on', registries = [], workloads = [] } = description
    const id = description.id ?? guidOf(`subscription ${name}`)
    const subscription: Subscription = { name, id, managementGroups }
    this.#subscriptions = [...this.#subscriptions, subscription]
    this.plan(name, defender)
    for (const each of registries) this.addRegistry(each, name)
    for (const each of workloads) this.addWorkload(each, name)
    return subscription
  }

  addRegistry(description: RegistryDescription, subscription?: string): Resource {
    const subscriptionId = this.subscription(subscription).id
    this.add(...registryResources(description, { subscriptionId, at: this.#at }))
    for (const each of description.findings ?? []) this.addFinding(description.name, each)
    return this.registry(description.name)
  }

  addWorkload(description: WorkloadDescription, subscription?: string): void {
    this.add(...workloadResources(description, this.subscription(subscription).id))
  }

  /** What a scan found, in place of what the one before found in this image. */
  addFinding(registry: string, finding: FindingDescription): void {
    const resource = this.registry(registry)
    const image = `${resource.id} ${finding.digest}`
    if (this.#scanned.has(image)) this.removeFindings(registry, finding.digest)
    this.#scanned.add(image)
    this.add(...findingResources(finding, resource))
  }

  /** As after the image was deleted, or with none given, as before the registry was scanned at all. */
  removeFindings(registry: string, digest = ''): void {
    const { id } = this.registry(registry)
    this.remove(
      (resource) =>
        resource.type === 'Microsoft.Security/assessments' &&
        isWithin(resource.id, id) &&
        JSON.stringify(resource.properties['resourceDetails']).includes(digest),
    )
  }

  /** Defender for Containers of a subscription. */
  plan(subscription: string | undefined, defender: DefenderPlan): void {
    const record = planResource(defender, this.subscription(subscription).id)
    this.remove(({ id }) => sameId(id, record.id))
    this.add(record)
  }

  /** Any resource, those of other types as well. */
  add(...resources: readonly Resource[]): void {
    this.#resources.push(...resources)
    this.#registries = [...this.#registries, ...resources.filter(isRegistry)]
  }

  remove(which: (resource: Resource) => boolean): void {
    this.#resources = this.#resources.filter((resource) => !which(resource))
    this.#registries = this.#resources.filter(isRegistry)
  }

  assign({ identity, role, on }: ReaderDescription): void {
    const principalId = this.#objectIdOf(identity)
    const scopes =
      on === undefined ? this.#subscriptions.map(({ id }) => `/subscriptions/${id}`) : [this.#scopeOf(on)]
    this.#assignments = [...this.#assignments, ...scopes.map((scope) => ({ principalId, role, scope }))]
  }

  /** Takes every role away from somebody. */
  unassign(identity: string): void {
    const principalId = this.#objectIdOf(identity)
    this.#assignments = this.#assignments.filter((each) => each.principalId !== principalId)
  }

  may(principalId: string, action: string, scope: string): boolean {
    return this.#assignments.some(
      (each) =>
        each.principalId === principalId &&
        isWithin(scope, each.scope) &&
        actionsOfRole(each.role).some((pattern) => allows(pattern, action)),
    )
  }

  /** Whoever has any role anywhere in a subscription sees that there is one. */
  sees(principalId: string, { id }: Subscription): boolean {
    const subscription = `/subscriptions/${id}`
    return this.#assignments.some(
      ({ principalId: who, scope }) =>
        who === principalId && (isWithin(scope, subscription) || isWithin(subscription, scope)),
    )
  }

  find(id: string): Resource | undefined {
    return this.#resources.find((resource) => sameId(resource.id, id))
  }

  /** By name, or the first; an error when there is none, for that is a slip in a test. */
  subscription(name?: string): Subscription {
    const found = this.#subscriptions.find((each) => name === undefined || each.name === name)
    if (found === undefined) throw new Error(`there is no subscription ${name ?? 'at all'}`)
    return found
  }

  registry(name: string): Resource {
    const found = this.#registries.find((each) => sameId(each.name, name))
    if (found === undefined) throw new Error(`there is no registry ${name}`)
    return found
  }

  /** Role assignments as Resource Graph has them. */
  assignmentResources(): readonly Resource[] {
    return this.#assignments.map(({ principalId, role, scope }) => {
      const name = guidOf(`assignment ${principalId} ${scope} ${JSON.stringify(role)}`)
      const [, , subscriptionId = ''] = scope.split('/')
      return {
        id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
        name,
        type: 'Microsoft.Authorization/roleAssignments',
        subscriptionId,
        resourceGroup: undefined,
        table: 'authorizationresources',
        properties: {
          principalId,
          principalType: 'ServicePrincipal',
          roleDefinitionId: roleDefinitionId(role),
          scope,
        },
      }
    })
  }

  #scopeOf(on: string): string {
    if (on.startsWith('/')) return on
    const subscription = this.#subscriptions.find(({ name }) => name === on)
    return subscription === undefined ? this.registry(on).id : `/subscriptions/${subscription.id}`
  }
}

function isRegistry({ type }: Resource): boolean {
  return type === 'Microsoft.ContainerRegistry/registries'
}
