import type { Switches } from '../switches.ts'
import { actionsOn, covers, type Grants, type Identity } from './identities.ts'
import { allActions, type Action } from './roles.ts'

/** What a call needs, or what a client asks for: `repository:app:pull,push`, `registry:catalog:*`. */
export interface Scope {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

/** One entry of the `access` claim of an access token. */
export interface Access {
  readonly Type: string
  readonly Name: string
  readonly Actions: readonly string[]
}

/** Each parameter may hold several scopes, separated by spaces. What is no scope is left out. */
export function parseScopes(parameters: readonly string[]): Scope[] {
  return parameters
    .flatMap((parameter) => parameter.split(' '))
    .flatMap((text) => {
      const parts = /^([a-z]+(?:\([a-z]+\))?):(.+):([^:]*)$/.exec(text)
      if (parts === null) return []
      const [, type = '', name = '', actions = ''] = parts
      return [{ type, name, actions: actions.split(',').filter((action) => action !== '') }]
    })
}

export function formatScope(scope: Scope): string {
  return `${scope.type}:${scope.name}:${scope.actions.join(',')}`
}

/** The part of the scopes that the identity has. The rest is dropped without a word, as the service does. */
export function grantScopes(
  scopes: readonly Scope[],
  holder: { readonly identity: Identity; readonly grants: Grants },
  switches: Switches,
): Access[] {
  return scopes.flatMap((scope) => {
    if (scope.type === 'registry') return registryAccess(scope, holder.grants)
    if (scope.type !== 'repository') return []
    if (scope.name === '*') return wildcardAccess(scope, holder, switches)
    const granted = actionsOn(scope.name, holder.grants)
    return entry(
      scope.name,
      allActions.filter((action) => granted.has(action) && asks(scope, action)),
    )
  })
}

/** Whether an access token with these claims allows the actions, of an identity with these rights. */
export function allows(access: readonly Access[], needed: Scope, grants: Grants): boolean {
  return needed.actions.every((action) =>
    access.some((each) => {
      if (each.Type !== needed.type) return false
      if (needed.type === 'registry') return each.Name === needed.name
      if (!covers(each.Name, needed.name)) return false
      if (each.Actions.includes(action)) return true
      return each.Actions.includes('*') && actionsOn(needed.name, grants).has(action as Action)
    }),
  )
}

/** The same for rights that need no token. */
export function permits(grants: Grants, needed: Scope): boolean {
  if (needed.type === 'registry') {
    return needed.name === 'catalog' ? grants.catalog : grants.deletedCatalog
  }
  const granted = actionsOn(needed.name, grants)
  return needed.actions.every((action) => granted.has(action as Action))
}

function registryAccess(scope: Scope, grants: Grants): Access[] {
  const granted = permits(grants, scope) && (scope.name === 'catalog' || scope.name === 'deleted_catalog')
  return granted ? [{ Type: 'registry', Name: scope.name, Actions: ['*'] }] : []
}

function wildcardAccess(
  scope: Scope,
  { identity, grants }: { readonly identity: Identity; readonly grants: Grants },
  switches: Switches,
): Access[] {
  // A registry with ABAC repository permissions ignores the wildcard (Azure/acr-cli, internal/api/acrsdk.go).
  if (switches.abac) return []
  if (identity.kind === 'scope-map' && switches.wildcardOfScopeMap === 'dropped') return []
  return grants.repositories.flatMap(({ pattern, actions }) => {
    const granted = actions.filter((action) => asks(scope, action))
    if (granted.length === 0) return []
    const asksAll = scope.actions.includes('*')
    return entry(pattern, asksAll && switches.wildcardActions === 'star' ? ['*'] : granted)
  })
}

function asks(scope: Scope, action: Action): boolean {
  return scope.actions.includes('*') || scope.actions.includes(action)
}

function entry(name: string, actions: readonly string[]): Access[] {
  return actions.length === 0 ? [] : [{ Type: 'repository', Name: name, Actions: actions }]
}
