import type { Bytes } from './bytes.ts'
import type { RunningUntagged } from './deployment.ts'
import type { Plan } from './plan.ts'
import type { PurgeCommand } from './purge-task.ts'
import {
  isUnread,
  type NetworkAccess,
  type RegistrySettings,
  type RegistryTask,
  type Storage,
} from './registry-settings.ts'

/** What came of asking about the registry itself. */
export type Audit =
  | { readonly kind: 'read'; readonly settings: RegistrySettings }
  /** `why`: one or more sentences, with the role or input that is missing. */
  | { readonly kind: 'unread'; readonly why: string }

/** What the scan found, as far as advice depends on it. */
export interface AuditFacts {
  readonly orphans: OrphanTypes
  /** Of all orphans, an upper bound. */
  readonly orphanBytes: Bytes
  /** A purge has manifests to delete, or had. */
  readonly purging: boolean
  /** Manifests that run, have no tag, and are of a Docker type. */
  readonly runningDocker: number
}

/** Orphans by the family of their root's type: the registry's own retention policy tells them apart. */
interface OrphanTypes {
  readonly oci: number
  readonly docker: number
}

/** `risk`: something may be lost. `unknown`: it was not shown, or may not be read. */
export type AuditVerdict = 'ok' | 'advice' | 'risk' | 'unknown'

/** One line of the audit: what is so, what to think of it, and the data for the words. */
export type AuditLine = { readonly verdict: AuditVerdict } & AuditRule

type AuditRule =
  | { readonly rule: 'sku'; readonly sku: string }
  | { readonly rule: 'role-mode'; readonly mode: string }
  | RetentionRule
  | SoftDeleteRule
  | { readonly rule: 'admin-user'; readonly on: boolean }
  | { readonly rule: 'network'; readonly access: NetworkAccess }
  | ({ readonly rule: 'storage'; readonly orphanBytes: Bytes } & Storage)
  | { readonly rule: 'no-purge-task'; readonly tasks: number }
  | { readonly rule: 'purge-task'; readonly task: RegistryTask; readonly purge: PurgeCommand }
  /** Its steps are in a file elsewhere. */
  | { readonly rule: 'unseen-tasks'; readonly count: number }
  | { readonly rule: 'unread'; readonly topic: AuditTopic; readonly why: string | undefined }

export type AuditTopic =
  | 'sku'
  | 'role-mode'
  | 'retention'
  | 'soft-delete'
  | 'admin-user'
  | 'network'
  | 'storage'
  | 'tasks'

type RetentionRule =
  | { readonly rule: 'retention-not-offered'; readonly sku: string }
  /** `blocked`: soft delete is on, so that it cannot be. */
  | {
      readonly rule: 'retention-off'
      readonly orphans: OrphanTypes
      readonly running: number
      readonly blocked: boolean
    }
  | { readonly rule: 'retention-on'; readonly days: number; readonly orphans: OrphanTypes }
  /** It deletes what runs. */
  | { readonly rule: 'retention-in-use'; readonly days: number; readonly running: number }
  /** Both policies are on, which makes neither delete. */
  | { readonly rule: 'retention-and-soft-delete'; readonly days: number }

type SoftDeleteRule =
  /** `blocked`: the retention policy is on, so that it cannot be. */
  | { readonly rule: 'soft-delete-off'; readonly blocked: boolean }
  | { readonly rule: 'soft-delete-on'; readonly days: number }

/** What advice depends on, as it was found: before a purge. */
export function auditFacts({ fates, manifests }: Plan, running: readonly RunningUntagged[]): AuditFacts {
  const orphans = [...fates.keys()].filter(({ kind, kept }) => kind === 'orphan' && !kept)
  const docker = orphans.filter(({ root }) => isDocker(root.mediaType)).length
  return {
    orphans: { docker, oci: orphans.length - docker },
    orphanBytes: orphans.reduce((sum, { size }) => sum + size, 0),
    purging: manifests > 0,
    runningDocker: running.filter(({ mediaType }) => isDocker(mediaType)).length,
  }
}

/** What the retention policy is documented to delete (Microsoft Learn, "Set a retention policy for untagged manifests"). */
function isDocker(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.docker.')
}

/** Holds the settings of a registry against what was found in it; nothing is said of what was not read. */
export function auditOf(settings: RegistrySettings, facts: AuditFacts): readonly AuditLine[] {
  const { sku, roleMode, adminUser, network, storage } = settings
  return [
    sku === undefined ? unread('sku') : { verdict: 'ok', rule: 'sku', sku },
    roleMode === undefined ? unread('role-mode') : { verdict: 'ok', rule: 'role-mode', mode: roleMode },
    retentionLine(settings, facts),
    softDeleteLine(settings, facts),
    adminUser === undefined
      ? unread('admin-user')
      : { verdict: adminUser ? 'risk' : 'ok', rule: 'admin-user', on: adminUser },
    network === undefined ? unread('network') : { verdict: 'ok', rule: 'network', access: network },
    isUnread(storage)
      ? unread('storage', storage.unread)
      : {
          verdict: storage.used > storage.limit ? 'advice' : 'ok',
          rule: 'storage',
          ...storage,
          orphanBytes: facts.orphanBytes,
        },
    ...taskLines(settings),
  ]
}

function unread(topic: AuditTopic, why?: string): AuditLine {
  return { verdict: 'unknown', rule: 'unread', topic, why }
}

/** Both policies cannot be on together; where they are, nothing is deleted (MicrosoftDocs/azure-docs#107655). */
function retentionLine(settings: RegistrySettings, { orphans, runningDocker }: AuditFacts): AuditLine {
  const { sku, retention, softDelete } = settings
  if (retention === undefined) return unread('retention')
  const blocked = !isUnread(softDelete) && softDelete.enabled
  const { enabled, days } = retention
  if (!enabled) {
    if (sku !== undefined && sku.toLowerCase() !== 'premium')
      return { verdict: 'ok', rule: 'retention-not-offered', sku }
    // Whoever runs an image by digest must not have it on.
    const useful = orphans.docker > 0 && runningDocker === 0 && !blocked
    return {
      verdict: useful ? 'advice' : 'ok',
      rule: 'retention-off',
      orphans,
      running: runningDocker,
      blocked,
    }
  }
  if (blocked) return { verdict: 'risk', rule: 'retention-and-soft-delete', days }
  if (runningDocker > 0) return { verdict: 'risk', rule: 'retention-in-use', days, running: runningDocker }
  return { verdict: orphans.oci + orphans.docker > 0 ? 'advice' : 'ok', rule: 'retention-on', days, orphans }
}

/** The default (Microsoft Learn, "Recover deleted artifacts with soft delete policy"). */
const USUAL_DAYS = 7

function softDeleteLine({ softDelete, retention }: RegistrySettings, { purging }: AuditFacts): AuditLine {
  if (isUnread(softDelete)) return unread('soft-delete', softDelete.unread)
  const { enabled, days } = softDelete
  if (enabled) return { verdict: days > USUAL_DAYS ? 'advice' : 'ok', rule: 'soft-delete-on', days }
  const blocked = retention?.enabled === true
  return { verdict: purging && !blocked ? 'advice' : 'ok', rule: 'soft-delete-off', blocked }
}

function taskLines({ tasks }: RegistrySettings): readonly AuditLine[] {
  if (isUnread(tasks)) return [unread('tasks', tasks.unread)]
  const unseen = tasks.filter(({ purges }) => purges === undefined).length
  const purging = tasks.flatMap((task) => (task.purges ?? []).map((purge) => taskLine(task, purge)))
  return [
    ...(purging.length === 0
      ? [{ verdict: 'ok', rule: 'no-purge-task', tasks: tasks.length - unseen } as const]
      : purging.toSorted((a, b) => Number(b.verdict === 'risk') - Number(a.verdict === 'risk'))),
    ...(unseen === 0 ? [] : [{ verdict: 'unknown', rule: 'unseen-tasks', count: unseen } as const]),
  ]
}

/**
 * acr-cli 0.16 to 0.18 was seen to delete the children of a locked index, and 0.14 those of nested ones; what the `acr` of a
 * task stands for is not the registry's choice.
 */
function taskLine(task: RegistryTask, purge: PurgeCommand): AuditLine {
  const acts = task.enabled && !purge.dryRun
  const risky = purge.deletes === 'manifests' || purge.includesLocked
  return { verdict: acts && risky ? 'risk' : 'ok', rule: 'purge-task', task, purge }
}
