import type { AuditLine } from '../domain/audit.ts'
import type { RegistrySettings } from '../domain/registry-settings.ts'

/** Names that Azure accepts for registries and their tasks; nothing else is put into a command. */
const REGISTRY_NAME = /^[a-z0-9]{5,50}$/i
const TASK_NAME = /^[a-z0-9_-]{5,50}$/i
const SUBSCRIPTION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The Azure CLI's command for an advice; undefined where there is nothing to change, or no command for it. */
export function auditCommand(
  line: AuditLine,
  { name, subscriptionId }: RegistrySettings,
): string | undefined {
  if (line.verdict !== 'advice' && line.verdict !== 'risk') return undefined
  if (!REGISTRY_NAME.test(name) || !SUBSCRIPTION.test(subscriptionId)) return undefined
  const change = changeOf(line, name)
  return change === undefined ? undefined : `az acr ${change} --subscription ${subscriptionId}`
}

function changeOf(line: AuditLine, name: string): string | undefined {
  switch (line.rule) {
    case 'retention-off':
      return `config retention update --registry ${name} --type UntaggedManifests --status enabled --days 30`
    case 'retention-in-use':
    case 'retention-and-soft-delete':
      return `config retention update --registry ${name} --type UntaggedManifests --status disabled`
    case 'soft-delete-off':
    case 'soft-delete-on':
      return `config soft-delete update --registry ${name} --status enabled --days 7`
    case 'admin-user':
      return `update --name ${name} --admin-enabled false`
    case 'storage':
      return `show-usage --name ${name} --output table`
    case 'purge-task':
      return TASK_NAME.test(line.task.name)
        ? `task update --registry ${name} --name ${line.task.name} --status Disabled`
        : undefined
    case 'sku':
    case 'role-mode':
    case 'retention-not-offered':
    case 'retention-on':
    case 'network':
    case 'no-purge-task':
    case 'unseen-tasks':
    case 'unread':
      return undefined
  }
}
