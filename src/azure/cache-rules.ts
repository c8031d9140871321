import type { CacheRule } from '../domain/cache-rule.ts'
import type { Management } from '../ports.ts'
import { itemsOf } from './collection.ts'
import { text } from './decode.ts'
import type { RegistryResource } from './registry-resource.ts'

const VERSION = '2025-11-01'

/** The artifact cache of a registry, which Resource Graph does not have. Rejects like `Management`. */
export async function cacheRulesOf(
  { id }: RegistryResource,
  management: Management,
): Promise<readonly CacheRule[]> {
  const rules = await itemsOf(management, {
    path: `${id}/cacheRules`,
    apiVersion: VERSION,
    question: {
      operation: 'list the cache rules of the registry',
      role: 'Reader, or Container Registry Cache Rule Reader, on the registry',
    },
  })
  return rules.flatMap((rule) => {
    const target = text(rule, 'properties', 'targetRepository')
    return target === undefined ? [] : [{ name: text(rule, 'name') ?? '', target }]
  })
}
