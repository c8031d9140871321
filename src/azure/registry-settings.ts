import { Buffer } from 'node:buffer'
import { purgeCommandsIn } from '../domain/purge-task.ts'
import type {
  DayPolicy,
  NetworkAccess,
  RegistrySettings,
  RegistryTask,
  Storage,
  Unread,
} from '../domain/registry-settings.ts'
import type { Management, Question } from '../ports.ts'
import { itemsOf } from './collection.ts'
import { field, list, number, text } from './decode.ts'
import type { RegistryResource } from './registry-resource.ts'
import { whyUnread } from './unread.ts'

/** Stable versions leave the soft delete policy out (azure-rest-api-specs). */
const PREVIEW_VERSION = '2025-05-01-preview'
const STABLE_VERSION = '2025-11-01'
/** The last one that the Azure CLI and the management packages used for tasks. */
const TASKS_VERSION = '2019-06-01-preview'

/** Reads how a registry is set up. Each part that may not be read says so; throws only what is a bug. */
export async function settingsOf(
  resource: RegistryResource,
  management: Management,
): Promise<RegistrySettings> {
  const { row } = resource
  const [hidden, storage, tasks] = await Promise.all([
    hiddenInGraph(resource, management),
    orUnread(storageOf(resource, management)),
    orUnread(tasksOf(resource, management)),
  ])
  const admin = field(row, 'admin')
  return {
    name: text(row, 'name') ?? '',
    subscriptionId: text(row, 'subscriptionId') ?? '',
    sku: text(row, 'sku'),
    roleMode: text(row, 'roleMode') ?? hidden.roleMode,
    retention: dayPolicy(field(row, 'policies', 'retentionPolicy'), 'days'),
    softDelete: hidden.softDelete,
    adminUser: typeof admin === 'boolean' ? admin : undefined,
    network: networkOf(text(row, 'access'), text(row, 'otherNetworks')),
    storage,
    tasks,
  }
}

function dayPolicy(policy: unknown, days: 'days' | 'retentionDays'): DayPolicy | undefined {
  const status = text(policy, 'status')
  return status === undefined
    ? undefined
    : { enabled: status.toLowerCase() === 'enabled', days: number(policy, days) ?? 7 }
}

function networkOf(access: string | undefined, others: string | undefined): NetworkAccess | undefined {
  if (access?.toLowerCase() === 'disabled') return 'private'
  if (others?.toLowerCase() === 'deny') return 'selected'
  return access === undefined ? undefined : 'all'
}

interface Hidden {
  readonly roleMode: string | undefined
  readonly softDelete: DayPolicy | Unread
}

/** Whether Resource Graph shows these is not documented; Resource Manager does, in a preview. */
async function hiddenInGraph({ id, row }: RegistryResource, management: Management): Promise<Hidden> {
  const shown = dayPolicy(field(row, 'policies', 'softDeletePolicy'), 'retentionDays')
  if (shown !== undefined && text(row, 'roleMode') !== undefined)
    return { roleMode: undefined, softDelete: shown }
  const read = await orUnread(management.get(id, PREVIEW_VERSION, question('read the registry')))
  if (isFailed(read)) return { roleMode: undefined, softDelete: shown ?? read }
  const policy = dayPolicy(field(read, 'properties', 'policies', 'softDeletePolicy'), 'retentionDays')
  return {
    roleMode: text(read, 'properties', 'roleAssignmentMode'),
    softDelete: shown ?? policy ?? { unread: 'Azure does not show it.' },
  }
}

async function storageOf({ id }: RegistryResource, management: Management): Promise<Storage | Unread> {
  const answer = await management.get(
    `${id}/listUsages`,
    STABLE_VERSION,
    question('read the usage of the registry'),
  )
  const size = list(answer, 'value').find((usage) => text(usage, 'name')?.toLowerCase() === 'size')
  const [used, limit] = [number(size, 'currentValue'), number(size, 'limit')]
  return used === undefined || limit === undefined ? { unread: 'Azure does not show it.' } : { used, limit }
}

async function tasksOf({ id }: RegistryResource, management: Management): Promise<readonly RegistryTask[]> {
  const tasks = await itemsOf(management, {
    path: `${id}/tasks`,
    apiVersion: TASKS_VERSION,
    question: question('list the tasks of the registry'),
  })
  return tasks.map(taskOf)
}

function taskOf(task: unknown): RegistryTask {
  const timers = list(task, 'properties', 'trigger', 'timerTriggers').filter(isOn)
  return {
    name: text(task, 'name') ?? '',
    enabled: isOn(field(task, 'properties')),
    schedules: timers.flatMap((timer) => text(timer, 'schedule') ?? []),
    purges: purgesOf(field(task, 'properties', 'step')),
  }
}

/** What says nothing is on. */
function isOn(trigger: unknown): boolean {
  return text(trigger, 'status')?.toLowerCase() !== 'disabled'
}

function purgesOf(step: unknown): RegistryTask['purges'] {
  const content = text(step, 'encodedTaskContent')
  if (content !== undefined) return purgeCommandsIn(Buffer.from(content, 'base64').toString('utf8'))
  return text(step, 'type')?.toLowerCase() === 'filetask' ? undefined : []
}

function question(operation: string): Question {
  return { operation, role: 'Reader on the registry' }
}

async function orUnread<Value>(reading: Promise<Value>): Promise<Value | Unread> {
  try {
    return await reading
  } catch (error) {
    return { unread: whyUnread(error) }
  }
}

function isFailed(read: unknown): read is Unread {
  return text(read, 'unread') !== undefined
}
