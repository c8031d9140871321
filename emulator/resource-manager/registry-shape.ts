import type { ResourceManagerSwitches } from './switches.ts'

/**
 * Which properties a version shows, as the examples of azure-rest-api-specs have them: `anonymousPullEnabled` in previews and from
 * 2025 on, the role assignment mode and the policy for tokens of Resource Manager in 2025-11-01 but not in 2024-11-01-preview.
 * Where exactly between they begin is not known. The soft delete policy is in previews only.
 */
export function showRegistry(
  properties: Readonly<Record<string, unknown>>,
  version: string,
  { softDeletePolicySince }: ResourceManagerSwitches,
): Record<string, unknown> {
  const isPreview = version.endsWith('-preview')
  const isRecent = version >= '2025-03'
  return without(properties, {
    roleAssignmentMode: !isRecent,
    anonymousPullEnabled: !isRecent && !isPreview,
    softDeletePolicy: !isPreview || version < softDeletePolicySince,
    azureADAuthenticationAsArmPolicy: !isRecent,
  })
}

/** What Resource Graph shows of it. */
export function showRegistryInGraph(
  properties: Readonly<Record<string, unknown>>,
  { graphShowsSoftDelete, graphShowsRoleAssignmentMode }: ResourceManagerSwitches,
): Record<string, unknown> {
  return without(properties, {
    softDeletePolicy: !graphShowsSoftDelete,
    roleAssignmentMode: !graphShowsRoleAssignmentMode,
  })
}

/** Properties and policies of these names are left out. */
function without(
  properties: Readonly<Record<string, unknown>>,
  hidden: Readonly<Record<string, boolean>>,
): Record<string, unknown> {
  const keep = (value: unknown) =>
    Object.fromEntries(Object.entries(value as object).filter(([name]) => hidden[name] !== true))
  return { ...keep(properties), policies: keep(properties['policies'] ?? {}) }
}
