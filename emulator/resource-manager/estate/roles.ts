/**
 * What built-in roles may do in Resource Manager (product documentation, built-in-roles and container-registry's
 * rbac-built-in-roles-directory-reference), as far as something here asks for it. Roles of the data plane alone may nothing.
 */
const builtIn = {
  Owner: ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', ['*']],
  Contributor: ['b24988ac-6180-42a0-ab88-20f7382dd24c', ['*']],
  Reader: ['acdd72a7-3385-48ef-bd42-f606fba81ae7', ['*/read']],
  'Security Reader': [
    '39bc4728-0917-49c7-9d2c-d95423bc2eb4',
    [
      'Microsoft.Authorization/*/read',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Security/*/read',
    ],
  ],
  // "No permissions for tasks and artifact cache": rules have a reader of their own. What else it reads is not needed here.
  'Container Registry Configuration Reader and Data Access Configuration Reader': [
    '69b07be0-09bf-439a-b9a6-e73de851bd59',
    ['Microsoft.ContainerRegistry/registries/read', 'Microsoft.ContainerRegistry/registries/listUsages/read'],
  ],
  'Container Registry Cache Rule Reader': [
    'c357b964-0002-4b64-a50d-7a28f02edc52',
    ['Microsoft.ContainerRegistry/registries/cacheRules/read'],
  ],
  AcrPull: ['7f951dda-4ed3-4680-a7ca-43fe172d538d', ['Microsoft.ContainerRegistry/registries/pull/read']],
  AcrPush: [
    '8311e382-0749-4cb8-b61a-304f252e45ec',
    ['Microsoft.ContainerRegistry/registries/pull/read', 'Microsoft.ContainerRegistry/registries/push/write'],
  ],
  AcrDelete: [
    'c2f4ef07-c644-48eb-af81-4b1b4947fb11',
    ['Microsoft.ContainerRegistry/registries/artifacts/delete'],
  ],
  'Container Registry Repository Reader': ['b93aa761-3e63-49ed-ac28-beffa264f7ac', []],
  'Container Registry Repository Contributor': ['2efddaa5-3f1f-4df3-97df-af3f13818f4c', []],
  'Container Registry Repository Catalog Lister': ['bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7', []],
} as const satisfies Readonly<Record<string, readonly [string, readonly string[]]>>

type BuiltInRole = keyof typeof builtIn

/** A built-in role, or one of one's own: `{ actions: ['Microsoft.ContainerRegistry/registries/read'] }`. */
export type ManagementRole = BuiltInRole | { readonly actions: readonly string[] }

export function actionsOfRole(role: ManagementRole): readonly string[] {
  return typeof role === 'string' ? builtIn[role][1] : role.actions
}

export function roleDefinitionId(role: ManagementRole): string {
  const guid = typeof role === 'string' ? builtIn[role][0] : '00000000-0000-0000-0000-000000000000'
  return `/providers/Microsoft.Authorization/roleDefinitions/${guid}`
}

/** `*` stands for any run of characters, slashes as well. */
export function allows(pattern: string, action: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`).test(action.toLowerCase())
}
