import { wrongTenant, type Caller } from './callers.ts'
import type { Answered } from '../service.ts'
import type { Address } from './addresses.ts'
import type { ManagementContext } from './context.ts'
import type { Subscription } from './estate/estate.ts'
import { isWithin, sameId, type Resource } from './estate/resource.ts'
import * as refusals from './refusals.ts'
import { showRegistry } from './registry-shape.ts'
import { isVersion, subscriptionVersions, typeNamed, type ResourceType } from './types.ts'

type Readable = Exclude<Address, { kind: 'graph' | 'unknown' }>
type Below = Extract<Address, { kind: 'resource' | 'collection' }>

/** A GET of Resource Manager: who may not is told so before who asks for what is not there. */
export function read(
  context: ManagementContext,
  caller: Caller,
  { address, version }: { readonly address: Readable; readonly version: string },
): Answered {
  if (address.kind === 'subscriptions') return withVersion(version, () => listSubscriptions(context, caller))
  const { estate, entra, quotas } = context
  const subscription = estate.subscriptions.find(({ id }) => sameId(id, address.subscriptionId))
  if (subscription === undefined) return refusals.subscriptionNotFound(address.subscriptionId)
  if (caller.tenantId !== entra.tenant.id) return wrongTenant(entra.tenant.id, caller)
  const { remaining, wait } = quotas.admitRead(subscription.id, caller.objectId)
  const answer =
    wait > 0
      ? refusals.readsThrottled(subscription.id, caller.objectId, wait)
      : address.kind === 'subscription'
        ? withVersion(version, () => readSubscription(context, caller, subscription))
        : readBelow(context, caller, { address, version })
  const headers = { 'x-ms-ratelimit-remaining-subscription-reads': String(remaining) }
  return { ...answer, response: { ...answer.response, headers: { ...headers, ...answer.response.headers } } }
}

function withVersion(version: string, answer: () => Answered): Answered {
  return subscriptionVersions.includes(version)
    ? answer()
    : refusals.versionMalformed(version, subscriptionVersions)
}

function listSubscriptions({ estate, entra }: ManagementContext, caller: Caller): Answered {
  const visible = estate.subscriptions.filter(
    (each) => caller.tenantId === entra.tenant.id && estate.sees(caller.objectId, each),
  )
  const value = visible.map((each) => shownSubscription(each, entra.tenant.id))
  return ok({ value, count: { type: 'Total', value: value.length } })
}

function readSubscription(
  { estate, entra }: ManagementContext,
  caller: Caller,
  subscription: Subscription,
): Answered {
  const scope = `/subscriptions/${subscription.id}`
  if (!estate.sees(caller.objectId, subscription)) {
    return refusals.unauthorized(caller.objectId, 'Microsoft.Resources/subscriptions/read', scope)
  }
  return ok(shownSubscription(subscription, entra.tenant.id))
}

function shownSubscription({ id, name }: Subscription, tenantId: string) {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId,
    displayName: name,
    state: 'Enabled',
  }
}

function readBelow(
  context: ManagementContext,
  caller: Caller,
  { address, version }: { readonly address: Below; readonly version: string },
): Answered {
  const known = typeNamed(address.type)
  if (known === undefined) {
    const [namespace = '', ...types] = address.type.split('/')
    return refusals.typeNotFound(namespace, types.join('/'), version)
  }
  const scope = address.kind === 'resource' ? address.id : address.scope
  const action = `${known.type}/read`
  if (!context.estate.may(caller.objectId, action, scope)) {
    return refusals.unauthorized(caller.objectId, action, scope)
  }
  const missing = missingAbove(context, address)
  if (missing !== undefined) return missing
  if (!isVersion(version)) return refusals.versionMalformed(version, known.versions)
  if (!known.versions.includes(version)) {
    return refusals.versionUnsupported({ type: known.type, location: 'westeurope', version }, known.versions)
  }
  return address.kind === 'resource'
    ? readResource(context, address, version)
    : readCollection(context, { address, known, version })
}

/** The resource group and the resource that a collection belongs to have to be there. */
function missingAbove({ estate }: ManagementContext, address: Below): Answered | undefined {
  const { resourceGroup, subscriptionId, names } = address
  if (resourceGroup !== undefined) {
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
    if (!estate.resources.some(({ id }) => isWithin(id, group))) {
      return refusals.resourceGroupNotFound(resourceGroup)
    }
  }
  if (address.kind === 'resource' || names.length === 0) return undefined
  return estate.find(address.scope) === undefined ? notFound(address) : undefined
}

function readResource(
  { estate, switches }: ManagementContext,
  address: Extract<Address, { kind: 'resource' }>,
  version: string,
): Answered {
  const resource = estate.find(address.id)
  return resource === undefined ? notFound(address) : ok(shown(resource, version, switches))
}

function readCollection(
  { estate, switches }: ManagementContext,
  {
    address,
    known,
    version,
  }: {
    readonly address: Extract<Address, { kind: 'collection' }>
    readonly known: ResourceType
    readonly version: string
  },
): Answered {
  if (known.type.endsWith('/listUsages')) return ok({ value: estate.find(address.scope)?.usages ?? [] })
  const value = estate.resources
    .filter(({ id, type }) => type === known.type && isWithin(id, address.scope))
    .map((resource) => shown(resource, version, switches))
  return ok({ value })
}

function shown(resource: Resource, version: string, switches: ManagementContext['switches']) {
  const { id, name, type, location, kind, tags, sku, identity, properties } = resource
  const isRegistry = type === 'Microsoft.ContainerRegistry/registries'
  return {
    id,
    name,
    type,
    location,
    kind,
    tags,
    sku,
    identity,
    properties: isRegistry ? showRegistry(properties, version, switches) : properties,
  }
}

function notFound({ type, names, resourceGroup = '' }: Below): Answered {
  const [namespace = '', ...types] = type.split('/')
  const path = names.map((name, at) => `${types[at] ?? ''}/${name}`).join('/')
  return refusals.resourceNotFound(`${namespace}/${path}`, resourceGroup)
}

function ok(value: unknown): Answered {
  return { response: refusals.plainJson(200, value) }
}
