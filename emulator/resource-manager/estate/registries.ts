import type { CacheRuleDescription, RegistryDescription, TaskDescription } from './descriptions.ts'
import type { Resource, Usage } from './resource.ts'

export interface Place {
  readonly subscriptionId: string
  readonly at: Date
}

/** The registry with its tasks and cache rules, in the shapes of the examples of azure-rest-api-specs (2025-11-01 and 2019-06-01-preview). */
export function registryResources(registry: RegistryDescription, { subscriptionId, at }: Place): Resource[] {
  const { name, resourceGroup = 'registries', location = 'westeurope', sku = 'Standard' } = registry
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`
  const resource: Resource = {
    id,
    name,
    type: 'Microsoft.ContainerRegistry/registries',
    subscriptionId,
    resourceGroup,
    table: 'resources',
    location,
    tags: { ...registry.tags },
    sku: { name: sku, tier: sku },
    properties: propertiesOf(registry, at),
    usages: usagesOf(registry),
  }
  const tasks = (registry.tasks ?? []).map((task) => taskResource(task, resource, at))
  const rules = (registry.cacheRules ?? []).map((rule) => cacheRuleResource(rule, resource, at))
  return [resource, ...tasks, ...rules]
}

function propertiesOf(registry: RegistryDescription, at: Date): Record<string, unknown> {
  const created = at.toISOString()
  return {
    loginServer: registry.loginServer ?? `${registry.name.toLowerCase()}.azurecr.io`,
    creationDate: created,
    provisioningState: 'Succeeded',
    adminUserEnabled: registry.adminUserEnabled ?? false,
    networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
    policies: {
      quarantinePolicy: { status: registry.quarantine ?? 'disabled' },
      trustPolicy: { type: 'Notary', status: 'disabled' },
      retentionPolicy: { ...daysOf(registry.retention, 'days'), lastUpdatedTime: created },
      exportPolicy: { status: 'enabled' },
      azureADAuthenticationAsArmPolicy: { status: registry.azureADAuthenticationAsArm ?? 'enabled' },
      softDeletePolicy: { ...daysOf(registry.softDelete, 'retentionDays'), lastUpdatedTime: created },
    },
    encryption: { status: 'disabled' },
    dataEndpointEnabled: false,
    dataEndpointHostNames: [],
    privateEndpointConnections: [],
    publicNetworkAccess: registry.publicNetworkAccess ?? 'Enabled',
    networkRuleBypassOptions: 'AzureServices',
    zoneRedundancy: registry.zoneRedundancy ?? 'Disabled',
    anonymousPullEnabled: registry.anonymousPullEnabled ?? false,
    roleAssignmentMode: registry.roleAssignmentMode ?? 'LegacyRegistryPermissions',
  }
}

/** Seven days is the documented default of either policy, which they show while they are disabled too. */
function daysOf(policy: number | 'disabled' = 'disabled', name: 'days' | 'retentionDays') {
  return policy === 'disabled' ? { [name]: 7, status: 'disabled' } : { [name]: policy, status: 'enabled' }
}

const gibibyte = 1024 ** 3

/** Included storage and webhooks of each SKU (product documentation, container-registry-skus). */
const included = {
  Basic: { storage: 10 * gibibyte, webhooks: 2 },
  Standard: { storage: 100 * gibibyte, webhooks: 10 },
  Premium: { storage: 500 * gibibyte, webhooks: 500 },
} as const

function usagesOf({ sku = 'Standard', usedBytes = 0, usages }: RegistryDescription): readonly Usage[] {
  if (usages !== undefined) return usages
  const { storage, webhooks } = included[sku]
  return [
    { name: 'Size', limit: storage, currentValue: usedBytes, unit: 'Bytes' },
    { name: 'Webhooks', limit: webhooks, currentValue: 0, unit: 'Count' },
  ]
}

/** What `az acr task create --cmd … --context /dev/null` leaves behind: a task file with the command, encoded. */
function taskResource(task: TaskDescription, registry: Resource, at: Date): Resource {
  const file = `version: v1.1.0\nsteps:\n  - cmd: ${task.command}\n    disableWorkingDirectoryOverride: true\n    timeout: 3600\n`
  const status = task.enabled === false ? 'Disabled' : 'Enabled'
  const schedules = task.schedule === undefined ? [] : [task.schedule].flat()
  return {
    id: `${registry.id}/tasks/${task.name}`,
    name: task.name,
    type: 'Microsoft.ContainerRegistry/registries/tasks',
    subscriptionId: registry.subscriptionId,
    resourceGroup: registry.resourceGroup,
    table: 'resources',
    ...(registry.location === undefined ? {} : { location: registry.location }),
    tags: {},
    properties: {
      provisioningState: 'Succeeded',
      creationDate: at.toISOString(),
      status,
      platform: { os: 'Linux', architecture: 'amd64' },
      agentConfiguration: { cpu: 2 },
      timeout: 3600,
      step: {
        type: 'EncodedTask',
        contextPath: '/dev/null',
        encodedTaskContent: Buffer.from(file).toString('base64'),
        values: [],
      },
      trigger: {
        timerTriggers: schedules.map((schedule, index) => ({ name: `t${index + 1}`, status, schedule })),
        sourceTriggers: [],
        baseImageTrigger: null,
      },
    },
  }
}

/** Children that are no resources of their own in Resource Graph. */
function cacheRuleResource(rule: CacheRuleDescription, registry: Resource, at: Date): Resource {
  return {
    id: `${registry.id}/cacheRules/${rule.name}`,
    name: rule.name,
    type: 'Microsoft.ContainerRegistry/registries/cacheRules',
    subscriptionId: registry.subscriptionId,
    resourceGroup: registry.resourceGroup,
    table: undefined,
    properties: {
      credentialSetResourceId: null,
      sourceRepository: rule.source,
      targetRepository: rule.target,
      creationDate: at.toISOString(),
      provisioningState: 'Succeeded',
    },
  }
}
