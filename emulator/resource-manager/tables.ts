import type { Caller } from './callers.ts'
import type { ManagementContext } from './context.ts'
import type { Subscription } from './estate/estate.ts'
import type { GraphTable, Resource } from './estate/resource.ts'
import type { Bag, Column, Row, Table, Value } from './kql/values.ts'
import { showRegistryInGraph } from './registry-shape.ts'

/** All tables have the same columns (learn.microsoft.com, resource-graph/concepts/explore-resources). */
const columns: readonly Column[] = [
  ...[
    'id',
    'name',
    'type',
    'tenantId',
    'kind',
    'location',
    'resourceGroup',
    'subscriptionId',
    'managedBy',
  ].map((name): Column => ({ name, type: 'string' })),
  ...['sku', 'plan', 'properties', 'tags', 'identity', 'zones', 'extendedLocation'].map((name): Column => ({
    name,
    type: 'dynamic',
  })),
]

const tables: readonly GraphTable[] = [
  'resources',
  'resourcecontainers',
  'securityresources',
  'authorizationresources',
]

/**
 * A table as the caller sees it: of the subscriptions asked for, what it may read. What it may not read is not there, and
 * nothing says so.
 */
export function tableFor(
  name: string,
  context: ManagementContext,
  { caller, scope }: { readonly caller: Caller; readonly scope: readonly Subscription[] },
): Table | undefined {
  const wanted = tables.find((each) => each === name.toLowerCase())
  if (wanted === undefined) return undefined
  const inScope = new Set(scope.map(({ id }) => id))
  const resources = resourcesIn(wanted, context).filter(
    (each) =>
      inScope.has(each.subscriptionId) &&
      (wanted === 'resourcecontainers' || context.estate.may(caller.objectId, `${each.type}/read`, each.id)),
  )
  const seen = wanted === 'resourcecontainers' ? containersSeen(resources, context, caller) : resources
  return { columns, rows: seen.map((each) => rowOf(each, context)) }
}

function resourcesIn(table: GraphTable, { estate }: ManagementContext): readonly Resource[] {
  if (table === 'authorizationresources') return estate.assignmentResources()
  const own = estate.resources.filter((resource) => resource.table === table)
  return table === 'resourcecontainers'
    ? [...own, ...estate.subscriptions.flatMap((each) => containersOf(each, estate.resources))]
    : own
}

/** A subscription with nothing in it has a row too (measured in August 2026). */
function containersOf({ id, name }: Subscription, resources: readonly Resource[]): readonly Resource[] {
  const common = { subscriptionId: id, table: 'resourcecontainers', properties: {} } as const
  const groups = new Set(
    resources
      .filter(({ subscriptionId }) => subscriptionId === id)
      .flatMap(({ resourceGroup }) => resourceGroup ?? []),
  )
  return [
    {
      ...common,
      id: `/subscriptions/${id}`,
      name,
      type: 'Microsoft.Resources/subscriptions',
      resourceGroup: undefined,
    },
    ...[...groups].map((group) => ({
      ...common,
      id: `/subscriptions/${id}/resourceGroups/${group}`,
      name: group,
      type: 'Microsoft.Resources/subscriptions/resourceGroups',
      resourceGroup: group,
      properties: { provisioningState: 'Succeeded' },
    })),
  ]
}

/** A subscription is seen by whoever has a role in it; a group by whoever may read it. */
function containersSeen(
  containers: readonly Resource[],
  { estate }: ManagementContext,
  { objectId }: Caller,
): readonly Resource[] {
  return containers.filter(
    ({ type, id }) =>
      type === 'Microsoft.Resources/subscriptions' || estate.may(objectId, `${type}/read`, id),
  )
}

/** Types, places and resource groups are in lower case. */
function rowOf(resource: Resource, { entra, switches }: ManagementContext): Row {
  const { id, name, type, subscriptionId, resourceGroup = '', properties } = resource
  const isRegistry = type === 'Microsoft.ContainerRegistry/registries'
  const shown = isRegistry ? showRegistryInGraph(properties, switches) : properties
  return {
    id,
    name,
    type: type.toLowerCase(),
    tenantId: entra.tenant.id,
    kind: resource.kind ?? '',
    location: resource.location?.toLowerCase() ?? '',
    resourceGroup: resourceGroup.toLowerCase(),
    subscriptionId,
    managedBy: '',
    sku: (resource.sku ?? null) as Value,
    plan: null,
    properties: shown as Bag,
    tags: resource.tags ?? null,
    identity: (resource.identity ?? null) as Value,
    zones: null,
    extendedLocation: null,
  }
}
