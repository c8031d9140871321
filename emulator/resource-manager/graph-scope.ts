import type { Caller } from './callers.ts'
import type { ManagementContext } from './context.ts'
import type { Subscription } from './estate/estate.ts'
import type { GraphRequest } from './graph-request.ts'
import type { GraphDetail } from './refusals.ts'

/**
 * The subscriptions that a query is about: of those asked for, the ones the caller sees anything of; the others are dropped
 * without a word, and only when none is left there is a refusal (measured in August 2026). Without any asked for it is all that
 * the caller sees, which may be none.
 */
export function scopeOf(
  { estate, entra, switches }: ManagementContext,
  caller: Caller,
  { subscriptions, managementGroups }: GraphRequest,
): { readonly subscriptions: readonly Subscription[] } | { readonly problem: GraphDetail } {
  if (subscriptions !== undefined && managementGroups !== undefined) {
    return {
      problem: {
        code: 'InvalidRequestBody',
        message: 'Subscriptions and management groups cannot be used at the same time.',
      },
    }
  }
  const seen = estate.subscriptions.filter(
    (each) => caller.tenantId === entra.tenant.id && estate.sees(caller.objectId, each),
  )
  const wanted = subscriptions?.map((each) => each.toLowerCase())
  const scope = seen.filter(
    (each) =>
      (wanted === undefined || wanted.includes(each.id.toLowerCase())) &&
      (managementGroups === undefined ||
        managementGroups.some((group) => isBelow(each, group, entra.tenant.id))),
  )
  const isWhole = subscriptions === undefined && managementGroups === undefined
  if (scope.length > 0 || (isWhole && switches.nothingReadable === 'no rows')) return { subscriptions: scope }
  return { problem: switches.unreadableSubscriptions === 'AccessDenied' ? denied : noneValid(subscriptions) }
}

/** Azure/aztfexport#410. */
const denied: GraphDetail = {
  code: 'AccessDenied',
  message: 'Access is denied to the requested resource. The user might not have enough permission.',
}

/** Azure/aztfexport#491. */
function noneValid(subscriptions: readonly string[] = []): GraphDetail {
  return {
    code: 'NoValidSubscriptionsInQueryRequest',
    message: `There must be at least one subscription that is eligible to contain resources. Given: '${subscriptions.join(',')}'.`,
  }
}

function isBelow(subscription: Subscription, managementGroup: string, tenantId: string): boolean {
  return managementGroup === tenantId || subscription.managementGroups.includes(managementGroup)
}
