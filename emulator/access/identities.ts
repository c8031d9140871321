import type { Switches } from '../switches.ts'
import {
  actionsOfScopeMap,
  allActions,
  grantOf,
  type Action,
  type Role,
  type ScopeMapAction,
} from './roles.ts'

/** A role, or a role limited to repositories by a condition: `team/*` stands for everything that begins with `team/`. */
export type RoleAssignment = Role | { readonly role: Role; readonly repositories: readonly string[] }

/** Who may sign in, and how. */
export type Identity =
  | {
      readonly kind: 'admin'
      readonly username: string
      readonly password: string
    }
  | {
      /** A user, service principal or managed identity of Microsoft Entra. */
      readonly kind: 'entra'
      readonly name: string
      readonly roles: readonly RoleAssignment[]
      /** Strings that are taken for an Entra access token of this identity. */
      readonly entraTokens?: readonly string[]
      /** A JWT whose `appid` or `azp` is this is taken for one too. Also the user name that goes with `clientSecret`. */
      readonly appId?: string
      /** The same for `oid`. */
      readonly objectId?: string
      readonly clientSecret?: string
    }
  | {
      /** An ACR token with a scope map. */
      readonly kind: 'scope-map'
      readonly username: string
      readonly password: string
      readonly repositories: Readonly<Record<string, readonly ScopeMapAction[]>>
    }
  | { readonly kind: 'anonymous' }

export const anonymous: Identity = { kind: 'anonymous' }

interface RepositoryGrant {
  /** A name, a prefix with `*` behind it, or `*` for all. */
  readonly pattern: string
  readonly actions: readonly Action[]
}

export interface Grants {
  readonly catalog: boolean
  readonly deletedCatalog: boolean
  readonly repositories: readonly RepositoryGrant[]
}

export function identityName(identity: Identity): string {
  if (identity.kind === 'anonymous') return 'anonymous'
  return identity.kind === 'entra' ? identity.name : identity.username
}

/** What the identity may do now, as its roles and the registry's mode have it. */
export function grantsOf(identity: Identity, switches: Switches): Grants {
  const grants = rawGrants(identity, switches)
  const withheld = new Set<Action>(switches.insufficientScope)
  if (withheld.size === 0) return grants
  return {
    ...grants,
    repositories: grants.repositories.map(({ pattern, actions }) => ({
      pattern,
      actions: actions.filter((action) => !withheld.has(action)),
    })),
  }
}

export function actionsOn(repository: string, grants: Grants): ReadonlySet<Action> {
  return new Set(
    grants.repositories.flatMap((grant) => (covers(grant.pattern, repository) ? grant.actions : [])),
  )
}

export function covers(pattern: string, repository: string): boolean {
  return pattern.endsWith('*') ? repository.startsWith(pattern.slice(0, -1)) : pattern === repository
}

export function mayPullQuarantined(identity: Identity): boolean {
  if (identity.kind === 'admin') return true
  if (identity.kind !== 'entra') return false
  return identity.roles.some((role) => {
    const name = typeof role === 'string' ? role : role.role
    return name === 'AcrQuarantineReader' || name === 'AcrQuarantineWriter'
  })
}

function rawGrants(identity: Identity, switches: Switches): Grants {
  if (identity.kind === 'admin') {
    return { catalog: true, deletedCatalog: true, repositories: [{ pattern: '*', actions: allActions }] }
  }
  if (identity.kind === 'scope-map') return grantsOfScopeMap(identity.repositories)
  if (identity.kind === 'entra') return grantsOfRoles(identity.roles, switches)
  // An anonymous caller reads everything, the catalog too, and does nothing else.
  const repositories: RepositoryGrant[] = [{ pattern: '*', actions: ['pull', 'metadata_read'] }]
  const open = switches.anonymousPull
  return { catalog: open, deletedCatalog: false, repositories: open ? repositories : [] }
}

/** A scope map never opens the catalog (product documentation, token-based-repository-permissions). */
function grantsOfScopeMap(repositories: Readonly<Record<string, readonly ScopeMapAction[]>>): Grants {
  return {
    catalog: false,
    deletedCatalog: false,
    repositories: Object.entries(repositories).map(([pattern, actions]) => ({
      pattern,
      actions: actionsOfScopeMap(actions),
    })),
  }
}

function grantsOfRoles(roles: readonly RoleAssignment[], switches: Switches): Grants {
  const mode = { abac: switches.abac, pushMayUntag: switches.acrPushMayUntag }
  const granted = roles.map((assignment) => {
    const { role, repositories } =
      typeof assignment === 'string' ? { role: assignment, repositories: ['*'] } : assignment
    return { ...grantOf(role, mode), patterns: repositories }
  })
  return {
    catalog: granted.some((grant) => grant.catalog),
    deletedCatalog: granted.some((grant) => grant.actions.includes('deleted_read')),
    repositories: mergePatterns(
      granted.flatMap(({ patterns, actions }) => patterns.map((pattern) => ({ pattern, actions }))),
    ),
  }
}

function mergePatterns(grants: readonly RepositoryGrant[]): RepositoryGrant[] {
  const merged = new Map<string, Set<Action>>()
  for (const { pattern, actions } of grants) {
    merged.set(pattern, new Set([...(merged.get(pattern) ?? []), ...actions]))
  }
  return [...merged].flatMap(([pattern, actions]) =>
    actions.size === 0 ? [] : [{ pattern, actions: allActions.filter((action) => actions.has(action)) }],
  )
}
