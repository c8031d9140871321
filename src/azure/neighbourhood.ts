import type { Management, Neighbourhood } from '../ports.ts'
import { cacheRulesOf } from './cache-rules.ts'
import { deployedBy } from './deployed.ts'
import { findRegistry, type RegistryResource } from './registry-resource.ts'
import { settingsOf } from './registry-settings.ts'
import { isTransient, whyUnread } from './unread.ts'

/**
 * Asks Azure about a registry and what runs its images; the registry is looked for once.
 *
 * @param host a login server of Azure's own
 */
export function neighbourhoodOf(host: string, management: Management): Neighbourhood {
  let found: Promise<RegistryResource | undefined> | undefined
  const registry = (): Promise<RegistryResource | undefined> => (found ??= findRegistry(host, management))
  return {
    deployed: () =>
      deployedBy(host, management).catch((error: unknown) => ({
        kind: 'unchecked',
        why: whyUnread(error),
        transient: isTransient(error),
      })),
    async audit() {
      try {
        const resource = await registry()
        return resource === undefined
          ? { kind: 'unread', why: notFound(host) }
          : { kind: 'read', settings: await settingsOf(resource, management) }
      } catch (error) {
        return { kind: 'unread', why: whyUnread(error) }
      }
    },
    async cacheRules() {
      try {
        const resource = await registry()
        return resource === undefined ? [] : await cacheRulesOf(resource, management)
      } catch (error) {
        whyUnread(error)
        return []
      }
    },
  }
}

function notFound(host: string): string {
  return (
    `Azure shows this identity no registry with the login server ${host}. Assign it the role Reader on the registry; a ` +
    'new role takes some minutes.'
  )
}
