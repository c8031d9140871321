/** What a path of Resource Manager is about. */
export type Address =
  | { readonly kind: 'subscriptions' }
  | { readonly kind: 'subscription'; readonly subscriptionId: string }
  | {
      /** One resource. */
      readonly kind: 'resource'
      readonly subscriptionId: string
      readonly resourceGroup: string | undefined
      readonly type: string
      readonly names: readonly string[]
      readonly id: string
    }
  | {
      /** All of a type below a scope: a subscription, a resource group or another resource. */
      readonly kind: 'collection'
      readonly subscriptionId: string
      readonly resourceGroup: string | undefined
      readonly type: string
      readonly names: readonly string[]
      readonly scope: string
    }
  | { readonly kind: 'graph' }
  | { readonly kind: 'unknown' }

/** Nothing but names is compared with its letters' case: `resourcegroups` is as good as `resourceGroups`. */
export function addressOf(path: string): Address {
  const segments = path.split('/').filter((segment) => segment !== '')
  if (/^providers\/microsoft\.resourcegraph\/resources$/i.test(segments.join('/'))) return { kind: 'graph' }
  if (segments[0]?.toLowerCase() !== 'subscriptions') return { kind: 'unknown' }
  const [, subscriptionId] = segments
  if (subscriptionId === undefined) return { kind: 'subscriptions' }
  if (segments.length === 2) return { kind: 'subscription', subscriptionId }
  const inGroup = segments[2]?.toLowerCase() === 'resourcegroups'
  const resourceGroup = inGroup ? segments[3] : undefined
  const [word = '', namespace, ...rest] = segments.slice(inGroup ? 4 : 2)
  if (word.toLowerCase() !== 'providers' || namespace === undefined || rest.length === 0) {
    return { kind: 'unknown' }
  }
  const type = [namespace, ...rest.filter((_, at) => at % 2 === 0)].join('/')
  const names = rest.filter((_, at) => at % 2 === 1)
  const common = { subscriptionId, resourceGroup, type, names }
  if (rest.length % 2 === 0) return { kind: 'resource', ...common, id: `/${segments.join('/')}` }
  const above = names.length === 0 ? segments.slice(0, inGroup ? 4 : 2) : segments.slice(0, -1)
  return { kind: 'collection', ...common, scope: `/${above.join('/')}` }
}
