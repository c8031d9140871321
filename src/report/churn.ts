import { formatBytes } from '../domain/bytes.ts'
import { counted, grouped } from '../domain/count.ts'
import { isRepositoryName } from '../domain/image-reference.ts'
import { isAzureHost, registryName } from '../domain/login-server.ts'
import { code, table } from './markdown.ts'
import type { ChurningTag, Report } from './report.ts'

const MOST_TAGS = 10

/** A tag that names a release is meant to stay where it is: `v1.2.3`, a commit. `1.2` moves with each release. */
const RELEASE = /^v?\d+\.\d+\.\d+(?:[-+][\w.-]+)?$|^sha-[0-9a-f]{7,64}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$/

/** The tags that make the orphans, and what to do about them. */
export function churningTags({ history, host }: Report): readonly string[] {
  const most = history.churn.toSorted((a, b) => b.bytes - a.bytes || b.times - a.times)
  if (most.length === 0) return []
  const more = most.length - MOST_TAGS
  return [
    '### Tags that are overwritten',
    'Each time a tag moves to another image, the one that it leaves becomes an orphan unless another tag keeps it.',
    table(['tag', 'overwritten:', 'since', 'left behind, up to:'], most.slice(0, MOST_TAGS).map(row)),
    ...(more > 0
      ? [
          `These are the ones that left most behind; ${counted(more, 'more tag was', 'more tags were')} overwritten at least.`,
        ]
      : []),
    ...advice(most.slice(0, MOST_TAGS), host),
  ]
}

function row({ repository, tag, times, since, bytes }: ChurningTag): readonly string[] {
  return [
    code(`${repository}:${tag}`),
    times === 1 ? 'once' : `${grouped(times)} times`,
    new Date(since).toISOString().slice(0, 10),
    formatBytes(bytes),
  ]
}

function advice(tags: readonly ChurningTag[], host: string): readonly string[] {
  const fixed = tags.find(
    ({ repository, tag }) => isAzureHost(host) && RELEASE.test(tag) && isRepositoryName(repository),
  )
  const lock =
    fixed === undefined
      ? []
      : [
          'A tag that names a release should never move. Lock it when it is pushed:',
          `\`\`\`sh\naz acr repository update --name ${registryName(host)} --image ${fixed.repository}:${fixed.tag} --write-enabled false\n\`\`\``,
        ]
  const moving = tags.some(({ tag }) => !RELEASE.test(tag))
  const move = moving
    ? [
        'A tag that is meant to move, such as `latest`: deploy by digest or by a tag that is pushed once (`docker/metadata-action` with `type=sha`), and let this action purge what is left behind.',
      ]
    : []
  return [...lock, ...move]
}
