import type { RegistryCredential } from './credential.ts'

type Need = 'catalog' | 'read' | 'delete'

/** What to change so that an identity may do something on the data plane, for the role mode of the registry. */
export function permissionCure(credential: RegistryCredential, need: Need): string {
  if (credential.identity === 'anonymous') return 'Sign in with an identity that may.'
  if (credential.identity === 'token-or-admin') return SCOPE_MAP_CURES[need]
  return roleCure(credential.abac(), need)
}

const SCOPE_MAP_CURES: Readonly<Record<Need, string>> = {
  catalog: 'A token with a scope map can never list repositories: name them with the input repositories.',
  read: "Add content/read and metadata/read for this repository to the token's scope map.",
  delete: "Add content/delete for this repository to the token's scope map.",
}

const ABAC_ROLES: Readonly<Record<Need, string>> = {
  catalog: 'Container Registry Repository Catalog Lister',
  read: 'Container Registry Repository Reader',
  delete: 'Container Registry Repository Contributor',
}

const RBAC_ROLES: Readonly<Record<Need, string>> = {
  catalog: 'AcrPull',
  read: 'AcrPull',
  delete: 'AcrDelete (besides AcrPull)',
}

/**
 * The role that an Entra identity lacks (Microsoft Learn, "Azure Container Registry Entra permissions and role
 * assignments").
 *
 * @param abac whether the registry asks for roles per repository; undefined when it is not known
 */
export function roleCure(abac: boolean | undefined, need: Need): string {
  const instead = need === 'catalog' ? ', or name the repositories with the input repositories' : ''
  if (abac === true) {
    return `Assign it the role ${ABAC_ROLES[need]} (this registry uses repository permissions, where AcrPull and AcrDelete have no effect)${instead}.`
  }
  if (abac === false) return `Assign it the role ${RBAC_ROLES[need]} on the registry${instead}.`
  return `Assign it the role ${RBAC_ROLES[need]} on the registry, or ${ABAC_ROLES[need]} if the registry uses repository permissions (ABAC)${instead}.`
}
