import type { Clock } from '../clock.ts'
import type { Entra } from '../entra/server.ts'
import type { Estate } from './estate/estate.ts'
import type { Quotas } from './quotas.ts'
import type { ResourceManagerSwitches } from './switches.ts'

export interface ManagementContext {
  readonly entra: Pick<Entra, 'tenant' | 'verify' | 'directory' | 'clock'>
  readonly estate: Estate
  readonly clock: Clock
  readonly switches: ResourceManagerSwitches
  readonly quotas: Quotas
}
