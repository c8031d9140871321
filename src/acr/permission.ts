import type { RegistryCredential } from './credential.ts'

/** What to change so that an identity may do something on the data plane, for the role mode of the registry. */
export function curePermission({ identity, abac }: RegistryCredential, need: 'catalog' | 'read'): string {
  if (identity === 'anonymous') return 'Sign in with an identity that may.'
  if (identity === 'token-or-admin') return need === 'catalog' ? CURES.scopeMapCatalog : CURES.scopeMapRead
  const [role, abacRole] =
    need === 'catalog'
      ? (['AcrPull', 'Container Registry Repository Catalog Lister'] as const)
      : (['AcrPull', 'Container Registry Repository Reader'] as const)
  const instead = need === 'catalog' ? ', or name the repositories with the input repositories' : ''
  if (abac === true) {
    return `Assign it the role ${abacRole} (this registry uses repository permissions, where AcrPull has no effect)${instead}.`
  }
  if (abac === false) return `Assign it the role ${role} on the registry${instead}.`
  return `Assign it the role ${role} on the registry, or ${abacRole} if the registry uses repository permissions (ABAC)${instead}.`
}

const CURES = {
  scopeMapCatalog:
    'A token with a scope map can never list repositories: name them with the input repositories.',
  scopeMapRead: "Add content/read and metadata/read for this repository to the token's scope map.",
}
