import type { AuditLine, AuditTopic } from '../domain/audit.ts'
import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import type { NetworkAccess } from '../domain/registry-settings.ts'
import type { Show } from './wording.ts'

/** How names, and whole sentences, from elsewhere are shown. */
interface Telling {
  readonly show: Show
  readonly say: Show
}

const TOPICS: Readonly<Record<AuditTopic, string>> = {
  sku: 'SKU',
  'role-mode': 'roles',
  retention: 'retention policy',
  'soft-delete': 'soft delete',
  'admin-user': 'admin user',
  network: 'network access',
  storage: 'storage',
  tasks: 'purge tasks',
}

export function auditTopic(line: AuditLine): string {
  return TOPICS[topicOf(line)]
}

function topicOf(line: AuditLine): AuditTopic {
  switch (line.rule) {
    case 'retention-not-offered':
    case 'retention-off':
    case 'retention-on':
    case 'retention-in-use':
    case 'retention-and-soft-delete':
      return 'retention'
    case 'soft-delete-off':
    case 'soft-delete-on':
      return 'soft-delete'
    case 'no-purge-task':
    case 'purge-task':
    case 'unseen-tasks':
      return 'tasks'
    case 'unread':
      return line.topic
    case 'sku':
    case 'role-mode':
    case 'admin-user':
    case 'network':
    case 'storage':
      return line.rule
  }
}

/** What is so, and why it matters. */
export function auditWords(line: AuditLine, { show, say }: Telling): string {
  switch (line.rule) {
    case 'sku':
      return show(line.sku)
    case 'role-mode':
      return roleWords(line.mode, show)
    case 'retention-not-offered':
      return `not offered with the SKU ${show(line.sku)}: what loses its tag stays until something else deletes it`
    case 'retention-off':
      return `off${offWords(line)}`
    case 'retention-on':
      return `on (${days(line.days)})${ignoredWords(line)}`
    case 'retention-in-use':
      return (
        `on (${days(line.days)}), and ${counted(line.running, 'Docker manifest')} without a tag ${line.running === 1 ? 'runs' : 'run'} ` +
        'in Azure by digest: the policy knows tags only, and deletes what has none'
      )
    case 'retention-and-soft-delete':
      return (
        `on (${days(line.days)}) together with soft delete: the two cannot be combined, and where they were, nothing was ` +
        'deleted any more'
      )
    case 'soft-delete-off':
      return softDeleteOffWords(line)
    case 'soft-delete-on':
      return `on (${days(line.days)}): what is deleted can be restored, is billed, and frees nothing for ${days(line.days)}`
    case 'admin-user':
      return line.on
        ? 'on: an account that may do everything, whose password everybody shares, and whose users are throttled as one'
        : 'off'
    case 'network':
      return NETWORK[line.access]
    case 'storage':
      return storageWords(line)
    case 'no-purge-task':
      return line.tasks === 0
        ? 'none'
        : `none: ${counted(line.tasks, 'task')}, none of which runs ${show('acr purge')}`
    case 'purge-task':
      return taskWords(line, show)
    case 'unseen-tasks':
      return `${counted(line.count, 'task')} with steps in a file elsewhere: not looked into`
    case 'unread':
      return line.why === undefined ? 'not shown to this identity' : `not read. ${say(line.why)}`
  }
}

function days(count: number): string {
  return counted(count, 'day')
}

function roleWords(mode: string, show: Show): string {
  switch (mode) {
    case 'AbacRepositoryPermissions':
      return `by repository (ABAC): ${['AcrPull', 'AcrPush', 'AcrDelete'].map((each) => show(each)).join(', ')} have no effect`
    case 'LegacyRegistryPermissions':
      return 'for the whole registry: whoever may delete may do so in every repository'
    default:
      return show(mode)
  }
}

type Rule<Name extends AuditLine['rule']> = Extract<AuditLine, { rule: Name }>

function offWords({ orphans, running, blocked }: Rule<'retention-off'>): string {
  const all = orphans.oci + orphans.docker
  if (all === 0) return ''
  if (orphans.docker === 0)
    return `; it would touch none of the orphans: it ignores OCI manifests, and ${allOf(all)}`
  if (running > 0)
    return `, and has to stay so: ${counted(running, 'Docker manifest')} without a tag run by digest`
  if (blocked) return '; it cannot be switched on while soft delete is on'
  return (
    `; ${grouped(orphans.docker)} of ${counted(all, 'orphan')} ${orphans.docker === 1 ? 'is' : 'are'} of a Docker type: the next ones it would delete, ` +
    'those there now not. It ignores OCI manifests. Leave it off if anything runs by digest: it cannot know'
  )
}

/** `all 41 are such`. */
function allOf(count: number): string {
  return count === 1 ? 'the only one is such' : `all ${grouped(count)} are such`
}

function ignoredWords({ days: length, orphans }: Rule<'retention-on'>): string {
  const { oci, docker } = orphans
  const all = oci + docker
  if (all === 0) return ''
  const late = `${docker === 1 ? 'has' : 'have'} been without a tag for less than ${days(length)}, or since before it was switched on: then it never deletes them`
  if (oci === 0) return `; ${counted(all, 'orphan')} of a Docker type ${late}`
  const ignored = `${oci === 1 ? 'is an OCI manifest' : 'are OCI manifests'}, which it ignores`
  if (docker === 0) return `, but ${all === 1 ? 'the only orphan' : `all ${grouped(all)} orphans`} ${ignored}`
  return `, but ${grouped(oci)} of ${counted(all, 'orphan')} ${ignored}; the ${docker === 1 ? 'other' : 'others'} ${late}`
}

function softDeleteOffWords({ verdict, blocked }: Rule<'soft-delete-off'>): string {
  const off = 'off: what is deleted cannot be restored'
  if (blocked) return `${off}; it cannot be switched on while the retention policy is on`
  return verdict === 'advice'
    ? `${off}. Switched on before a purge, all of it can be undone for 7 days, during which nothing is freed; not possible with ` +
        'geo-replication or artifact cache'
    : off
}

const NETWORK: Readonly<Record<NetworkAccess, string>> = {
  all: 'from all networks',
  selected: 'from selected networks: a GitHub-hosted runner is refused unless its address is among them',
  private: 'from private endpoints only: a GitHub-hosted runner is refused',
}

function storageWords({ used, limit, orphanBytes }: Rule<'storage'>): string {
  const over = used > limit ? ': what is over is billed by the GiB' : ''
  const orphans = orphanBytes > 0 ? `; orphans: up to ${formatBytes(orphanBytes)}` : ''
  return `${formatBytes(used)} used, limit ${formatBytes(limit)}${over}${orphans}`
}

function taskWords({ task, purge }: Rule<'purge-task'>, show: Show): string {
  const when =
    task.schedules.length === 0
      ? 'without a schedule'
      : `at ${task.schedules
          .slice(0, MOST_SCHEDULES)
          .map((each) => show(each))
          .join(', ')} (UTC)`
  const name = `the task ${show(task.name)}`
  if (!task.enabled) return `${name} is switched off`
  if (purge.dryRun) return `${name} runs ${show('acr purge --dry-run')} ${when}: it deletes nothing`
  if (purge.deletes === 'tags' && !purge.includesLocked)
    return `${name} runs ${show('acr purge')} ${when}: it removes tags and leaves their images behind, as orphans`
  const harm = [
    ...(purge.deletes === 'manifests'
      ? [
          'deletes children of locked indexes (seen with acr-cli 0.16 to 0.18) and images that run by digest',
          ...(purge.hasAge ? [] : ['waits for no age, so that half of a push may go']),
        ]
      : []),
    ...(purge.includesLocked ? ['unlocks what is locked, and deletes it'] : []),
  ]
  const flags = [
    'acr purge',
    ...(purge.deletes === 'manifests' ? ['--untagged'] : []),
    ...(purge.includesLocked ? ['--include-locked'] : []),
  ]
  return `${name} runs ${show(flags.join(' '))} ${when}: it ${harm.join('; it ')}`
}

const MOST_SCHEDULES = 3
