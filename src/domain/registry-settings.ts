import type { Bytes } from './bytes.ts'
import type { PurgeCommand } from './purge-task.ts'

/** What could not be read, and why: one or more sentences, with the role that is missing if one is. */
export interface Unread {
  readonly unread: string
}

/** A policy that acts after so many days. */
export interface DayPolicy {
  readonly enabled: boolean
  readonly days: number
}

/** Where a registry takes connections from. */
export type NetworkAccess = 'all' | 'selected' | 'private'

/** How a registry is set up, as Azure Resource Manager says. What is undefined was not shown. */
export interface RegistrySettings {
  /** Of the resource; a login server may say another. */
  readonly name: string
  readonly subscriptionId: string
  readonly sku: string | undefined
  readonly roleMode: string | undefined
  readonly retention: DayPolicy | undefined
  readonly softDelete: DayPolicy | Unread
  readonly adminUser: boolean | undefined
  readonly network: NetworkAccess | undefined
  readonly storage: Storage | Unread
  readonly tasks: readonly RegistryTask[] | Unread
}

/** What is stored, and what the SKU includes. */
export interface Storage {
  readonly used: Bytes
  readonly limit: Bytes
}

/** Something that the registry runs by itself. */
export interface RegistryTask {
  readonly name: string
  readonly enabled: boolean
  /** Cron expressions, in UTC, of the timers that are on. */
  readonly schedules: readonly string[]
  /** Every kind of `acr purge` in it; undefined when its steps are in a file elsewhere. */
  readonly purges: readonly PurgeCommand[] | undefined
}

/** Tells what was read from what was not. */
export function isUnread(part: object): part is Unread {
  return 'unread' in part
}
