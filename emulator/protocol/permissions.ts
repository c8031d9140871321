import type { Action } from '../access/roles.ts'
import type { Scope } from '../access/scopes.ts'
import type { Route, RouteName } from './routes.ts'

type Methods = Readonly<Partial<Record<string, readonly Action[]>>>

/** What each call needs on its repository. A method that is not named is not supported there. */
const needs: Readonly<Record<RouteName, Methods>> = {
  version: { GET: [], HEAD: [] },
  exchange: { POST: [] },
  token: { GET: [], POST: [] },
  unknown: {},
  // Whoever has the address.
  storage: {},
  catalog: { GET: [], HEAD: [] },
  repository: { GET: ['metadata_read'], PATCH: ['metadata_write'], DELETE: ['delete'] },
  tags: { GET: ['metadata_read'] },
  // Documentation says that untagging needs metadata/write; the recorded challenge says delete (js-2021-09-delete-tag).
  tag: { GET: ['metadata_read'], PATCH: ['metadata_write'], DELETE: ['delete'] },
  manifests: { GET: ['metadata_read'] },
  'manifest-metadata': { GET: ['metadata_read'], PATCH: ['metadata_write'] },
  manifest: { GET: ['pull'], HEAD: ['pull'], PUT: ['pull', 'push'], DELETE: ['delete'] },
  referrers: { GET: ['pull'], HEAD: ['pull'] },
  blob: { GET: ['pull'], HEAD: ['pull'], DELETE: ['delete'] },
  uploads: { POST: ['pull', 'push'] },
  upload: {
    GET: ['pull', 'push'],
    PATCH: ['pull', 'push'],
    PUT: ['pull', 'push'],
    DELETE: ['pull', 'push'],
  },
  'deleted-catalog': { GET: [] },
  'deleted-manifests': { GET: ['deleted_read'] },
  'deleted-tags': { GET: ['deleted_read'] },
  'deleted-manifest': { POST: ['deleted_restore'] },
}

export function isSupported(method: string, route: Route): boolean {
  return needs[route.name][method] !== undefined
}

/** Undefined: any credential will do. */
export function neededFor(method: string, route: Route): Scope | undefined {
  if (route.name === 'catalog') return { type: 'registry', name: 'catalog', actions: ['*'] }
  if (route.name === 'deleted-catalog') return { type: 'registry', name: 'deleted_catalog', actions: ['*'] }
  if (!('repository' in route)) return undefined
  if (route.name === 'tags' && route.api === 'v2') return repositoryScope(route.repository, ['pull'])
  const actions = needs[route.name][method] ?? needs[route.name]['GET'] ?? ['pull']
  return repositoryScope(route.repository, actions)
}

export function repositoryScope(repository: string, actions: readonly Action[]): Scope {
  return { type: 'repository', name: repository, actions }
}
