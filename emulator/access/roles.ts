/** What a token can allow on a repository, in the words of the wire. */
export type Action =
  | 'pull'
  | 'push'
  | 'delete'
  | 'metadata_read'
  | 'metadata_write'
  | 'deleted_read'
  | 'deleted_restore'

export const allActions: readonly Action[] = [
  'pull',
  'push',
  'delete',
  'metadata_read',
  'metadata_write',
  'deleted_read',
  'deleted_restore',
]

type RegistryRole = 'AcrPull' | 'AcrPush' | 'AcrDelete' | 'Reader' | 'Contributor' | 'Owner'
type RepositoryRole =
  | 'Container Registry Repository Reader'
  | 'Container Registry Repository Writer'
  | 'Container Registry Repository Contributor'
  | 'Container Registry Repository Catalog Lister'
type QuarantineRole = 'AcrQuarantineReader' | 'AcrQuarantineWriter'
export type Role = RegistryRole | RepositoryRole | QuarantineRole

export type ScopeMapAction =
  | 'content/read'
  | 'content/write'
  | 'content/delete'
  | 'metadata/read'
  | 'metadata/write'

export interface RoleGrant {
  readonly actions: readonly Action[]
  readonly catalog: boolean
}

/**
 * On a registry in the mode "RBAC + ABAC repository permissions" the registry-wide roles, Owner included, give nothing on the
 * data plane; elsewhere the repository roles give nothing (product documentation, container-registry-rbac-built-in-roles-directory-reference).
 */
export function grantOf(
  role: Role,
  mode: { readonly abac: boolean; readonly pushMayUntag: boolean },
): RoleGrant {
  const { abac, ...grant } = roleGrants[role]
  if (abac !== mode.abac) return { actions: [], catalog: false }
  return role === 'AcrPush' && mode.pushMayUntag ? { ...grant, actions: [...grant.actions, 'delete'] } : grant
}

export function actionsOfScopeMap(actions: readonly ScopeMapAction[]): readonly Action[] {
  return actions.map((action) => scopeMapActions[action])
}

const reading: readonly Action[] = ['pull', 'metadata_read']

const roleGrants: Readonly<Record<Role, RoleGrant & { readonly abac: boolean }>> = {
  AcrPull: { abac: false, actions: reading, catalog: true },
  Reader: { abac: false, actions: reading, catalog: true },
  AcrPush: { abac: false, actions: [...reading, 'push'], catalog: true },
  AcrDelete: { abac: false, actions: ['delete'], catalog: false },
  Contributor: { abac: false, actions: allActions, catalog: true },
  Owner: { abac: false, actions: allActions, catalog: true },
  AcrQuarantineReader: { abac: false, actions: [], catalog: false },
  AcrQuarantineWriter: { abac: false, actions: [], catalog: false },
  'Container Registry Repository Reader': { abac: true, actions: reading, catalog: false },
  'Container Registry Repository Writer': {
    abac: true,
    actions: [...reading, 'push', 'metadata_write'],
    catalog: false,
  },
  'Container Registry Repository Contributor': { abac: true, actions: allActions, catalog: false },
  'Container Registry Repository Catalog Lister': { abac: true, actions: [], catalog: true },
}

const scopeMapActions: Readonly<Record<ScopeMapAction, Action>> = {
  'content/read': 'pull',
  'content/write': 'push',
  'content/delete': 'delete',
  'metadata/read': 'metadata_read',
  'metadata/write': 'metadata_write',
}
