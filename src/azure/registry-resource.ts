import { registryHost } from '../domain/login-server.ts'
import type { Management, Row } from '../ports.ts'
import { text } from './decode.ts'
import { literal } from './kql.ts'

/** A registry as Resource Graph has it. */
export interface RegistryResource {
  /** `/subscriptions/…`, fit for a path. */
  readonly id: string
  readonly row: Row
}

const ID =
  /^\/subscriptions\/[\w-]+\/resourceGroups\/[^/?#\s]+\/providers\/Microsoft\.ContainerRegistry\/registries\/\w+$/i

/** Looks a registry up by its login server, which need not begin with its name. Rejects like `Management`. */
export async function findRegistry(
  host: string,
  management: Management,
): Promise<RegistryResource | undefined> {
  const { rows } = await management.query(
    `resources
| where type =~ 'microsoft.containerregistry/registries' and properties.loginServer =~ ${literal(registryHost(host))}
| project id, name, subscriptionId, sku=sku.name, policies=properties.policies, roleMode=properties.roleAssignmentMode, admin=properties.adminUserEnabled, access=properties.publicNetworkAccess, otherNetworks=properties.networkRuleSet.defaultAction
| order by id asc`,
    { operation: 'find the registry in Azure Resource Graph', role: 'Reader on the registry' },
  )
  const [row] = rows
  const id = text(row, 'id')
  return row === undefined || id === undefined || !ID.test(id) ? undefined : { id, row }
}
