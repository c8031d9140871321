import { auditFacts, auditOf, type AuditLine, type AuditVerdict } from '../domain/audit.ts'
import { runningUntagged } from '../domain/deployment.ts'
import type { RegistrySettings } from '../domain/registry-settings.ts'
import { auditCommand } from './audit-commands.ts'
import { auditTopic, auditWords } from './audit-words.ts'
import type { LogGroup } from './log-lines.ts'
import { code, oneLine, sentence, table } from './markdown.ts'
import type { Report } from './report.ts'

const TITLE = 'Audit of the registry'

const ICON: Readonly<Record<AuditVerdict, string>> = {
  ok: '✅ ok',
  advice: '💡 advice',
  risk: '⚠️ risk',
  unknown: '❔ unknown',
}

/** Tasks beyond these are counted only. */
const MOST_ROWS = 50

/** How the registry is set up, what to think of it, and the command that changes it. */
export function auditSection(report: Report): readonly string[] {
  const { audit } = report
  if (audit === undefined) return []
  const heading = `### ${TITLE}`
  if (audit.kind === 'unread') return [heading, `Not read. ${sentence(audit.why)}`]
  const { settings } = audit
  const lines = linesOf(report, settings)
  const rows = lines.map((line) => [
    ICON[line.verdict],
    auditTopic(line),
    auditWords(line, { show: code, say: sentence }),
    commandCell(line, settings),
  ])
  const more =
    lines.length > MOST_ROWS ? [`And ${lines.length - MOST_ROWS} more, see the log of this step.`] : []
  return [heading, table(['verdict', 'setting', 'what is so', 'command'], rows.slice(0, MOST_ROWS)), ...more]
}

/** The same for the log. */
export function auditGroup(report: Report): readonly LogGroup[] {
  const { audit } = report
  if (audit === undefined) return []
  if (audit.kind === 'unread') return [{ title: TITLE, lines: [oneLine(`Not read. ${audit.why}`)] }]
  const { settings } = audit
  const lines = linesOf(report, settings).map((line) => {
    const command = auditCommand(line, settings)
    const words = `${line.verdict}: ${auditTopic(line)}: ${auditWords(line, { show: oneLine, say: oneLine })}`
    return command === undefined ? words : `${words}. To change it: ${command}`
  })
  return [{ title: TITLE, lines }]
}

function linesOf({ plan, surveys, deployed }: Report, settings: RegistrySettings): readonly AuditLine[] {
  return auditOf(settings, auditFacts(plan, runningUntagged(surveys, deployed)))
}

/** Two names of fifty characters and the id of a subscription: a command that is cut is none. */
const LONGEST_COMMAND = 400

function commandCell(line: AuditLine, settings: RegistrySettings): string {
  const command = auditCommand(line, settings)
  return command === undefined ? '' : code(command, LONGEST_COMMAND)
}
