import { counted, grouped } from '../domain/count.ts'
import { runningUntagged, type Deployed, type RunningUntagged } from '../domain/deployment.ts'
import { shortDigest } from '../domain/digest.ts'
import { isRepositoryName } from '../domain/image-reference.ts'
import { isAzureHost, registryName } from '../domain/login-server.ts'
import type { LogGroup } from './log-lines.ts'
import { code, listed, oneLine, sentence, table } from './markdown.ts'
import type { Report } from './report.ts'
import type { Show } from './wording.ts'

const MOST_ROWS = 50
const MOST_COMMANDS = 10
const MOST_NAMES = 5

/** What Azure runs although no tag says so, and what is known of what it runs. */
export function runningSection(report: Report): readonly string[] {
  const running = runningUntagged(report.surveys, report.deployed)
  const known = knownWords(report, sentence)
  if (running.length === 0) return known === undefined ? [] : ['### Running in Azure', known]
  const rows = running.map(({ repository, digest, workloads }) => [
    code(repository),
    code(shortDigest(digest)),
    listed(workloads, MOST_NAMES, code),
  ])
  return [
    '### Running, but untagged',
    `Azure runs ${counted(running.length, 'manifest')} by digest that no tag names any more. This action protects them, with all that they need; ` +
      'whatever else cleans up by tags deletes them. Give them a tag again; a lock helps too, though some tools delete the ' +
      'platforms of a locked index.',
    table(['repository', 'digest', 'run by'], rows.slice(0, MOST_ROWS)),
    ...(rows.length > MOST_ROWS
      ? [`And ${grouped(rows.length - MOST_ROWS)} more, see the log of this step.`]
      : []),
    ...lockCommands(report.host, running),
    ...(known === undefined ? [] : [known]),
  ]
}

/** In a block of its own, where nothing is cut; only for names that mean nothing to a shell. */
function lockCommands(host: string, running: readonly RunningUntagged[]): readonly string[] {
  if (!isAzureHost(host)) return []
  const commands = running
    .filter(({ repository }) => isRepositoryName(repository))
    .slice(0, MOST_COMMANDS)
    .map(
      ({ repository, digest }) =>
        `az acr repository update --name ${registryName(host)} --image ${repository}@${digest} --delete-enabled false --write-enabled false`,
    )
  return commands.length === 0 ? [] : [`\`\`\`sh\n${commands.join('\n')}\n\`\`\``]
}

/** Where nothing can be lost nobody needs to know what is not known. */
function knownWords({ deployed, plan, purge }: Report, say: Show): string | undefined {
  if (plan.fates.size === 0 && purge === undefined) return undefined
  if (deployed.kind === 'not-asked' && plan.manifests === 0) return undefined
  return deployedWords(deployed, say)
}

/** What was looked at, or why nothing was; undefined when nobody asked. */
function deployedWords(deployed: Deployed, say: Show): string | undefined {
  switch (deployed.kind) {
    case 'off':
      return undefined
    case 'not-asked':
      return 'What Azure runs was not looked at in this run; a purge does, and so does a run on schedule or workflow_dispatch.'
    case 'unchecked':
      return deployed.transient === true
        ? `What Azure runs is not known, and nothing is deleted without knowing it. ${say(deployed.why)}`
        : `What Azure runs was not looked at, so that a purge knows only the pins that it was given. ${say(deployed.why)}`
    case 'checked': {
      const { deployments, seen, gaps } = deployed
      const digests = new Set(deployments.map(({ repository, digest }) => `${repository}@${digest}`)).size
      const among = seen === undefined ? '' : `, ${counted(seen, 'workload')}`
      const looked =
        seen === 0
          ? 'Azure shows this identity nothing that runs images: either there is nothing, or it lacks the role Reader on the subscriptions with the workloads.'
          : `Of what this identity sees in Azure${among}, ${counted(digests, 'image')} of this registry ${digests === 1 ? 'runs' : 'run'} by digest and ${digests === 1 ? 'is' : 'are'} protected.`
      return [looked, ...gaps.map((gap) => say(gap)), KUBERNETES].join(' ')
    }
  }
}

/** There is no table of pods in Resource Graph. */
const KUBERNETES = 'Clusters are not among them: see protect-digests-from.'

/** The same for the log. */
export function runningGroup(report: Report): readonly LogGroup[] {
  const running = runningUntagged(report.surveys, report.deployed)
  const known = knownWords(report, oneLine)
  const lines = running.map(
    ({ repository, digest, workloads }) =>
      `${oneLine(repository, 200)}@${digest}: run by ${listed(workloads, MOST_NAMES, (name) => oneLine(name, 200))}`,
  )
  if (lines.length === 0) return known === undefined ? [] : [{ title: 'Running in Azure', lines: [known] }]
  const title = `Running, but untagged: ${counted(running.length, 'manifest')}`
  return [{ title, lines: [...lines, ...(known === undefined ? [] : [known])] }]
}
