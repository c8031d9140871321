import pMap from 'p-map'
import { counted } from '../domain/count.ts'
import { deploymentsOn, type Deployed, type Workload } from '../domain/deployment.ts'
import { registryHost } from '../domain/login-server.ts'
import { ManagementError } from '../errors.ts'
import type { Management, Question, Row } from '../ports.ts'
import { itemsOf } from './collection.ts'
import { list, number } from './decode.ts'
import { literal, literals } from './kql.ts'
import { whyUnread } from './unread.ts'
import { imagesIn, innerPartOf, isSite, WORKLOAD_TYPES, workloadName, type InnerPart } from './workload.ts'

/** Asked one by one of Resource Manager, which lets 250 through at once; some seconds for a gate that waits for ten. */
const MOST_INNER_PARTS = 200
const AT_A_TIME = 8

/**
 * Finds out what Azure runs by digest of a registry's images. Rejects like `Management` when nothing can be found out.
 *
 * Whole lists of containers are fetched and taken apart here: Resource Graph's `mv-expand` ends at 400 silently. References to
 * regional endpoints, and in any case, are found too.
 */
export async function deployedBy(host: string, management: Management): Promise<Deployed> {
  const [found, seen] = await Promise.all([
    management.query(workloadsQuery(host), QUESTION),
    seenBy(management),
  ])
  const inner = await innerWorkloads(found.rows, management)
  return {
    kind: 'checked',
    deployments: deploymentsOn(host, [...found.rows.flatMap(workloadsOf), ...inner.workloads]),
    seen,
    gaps: [
      ...(found.cut ? ['Azure has more workloads than it told of.'] : []),
      ...hiddenImages(found.rows),
      ...inner.gaps,
    ],
    transient: found.cut || inner.failed,
  }
}

const QUESTION: Question = {
  operation: 'ask Azure Resource Graph what runs',
  role: 'Reader on the subscriptions with the workloads',
}

const OF_ANY_TYPE = `resources | where type in~ (${literals(WORKLOAD_TYPES)})`

/** Nothing tells what may not be seen; that anything is seen at all is the best that can be known. No pin hangs on it. */
async function seenBy(management: Management): Promise<number | undefined> {
  try {
    const { rows } = await management.query(`${OF_ANY_TYPE} | summarize seen=count()`, QUESTION)
    return number(rows[0], 'seen')
  } catch (error) {
    whyUnread(error)
    return undefined
  }
}

/** The first label is common to all endpoints of a registry; what else it matches is left out later. */
function workloadsQuery(host: string): string {
  const [label = ''] = registryHost(host).split('.')
  return `${OF_ANY_TYPE}
| extend images = strcat(tostring(properties.template), tostring(properties.containers), tostring(properties.initContainers), tostring(properties.siteProperties))
| extend revisions = tostring(properties.configuration.activeRevisionsMode), latest = tostring(properties.latestRevisionName), ready = tostring(properties.latestReadyRevisionName)
| where images contains ${literal(`${label}.`)} or images contains 'COMPOSE|' or images contains 'KUBE|' or images contains 'sitecontainers'
    or (type =~ 'microsoft.app/containerapps' and (revisions !~ 'Single' or latest != ready)) or (type startswith 'microsoft.web/' and kind contains 'container' and isnull(properties.siteProperties.properties))
| project id, type, kind, revisions, latest, ready, template=properties.template, containers=properties.containers, initContainers=properties.initContainers, site=properties.siteProperties.properties
| order by id asc`
}

function workloadsOf(row: Row): readonly Workload[] {
  const name = workloadName(row)
  return imagesIn(row).map((image) => ({ name, image }))
}

interface InnerWorkloads {
  readonly workloads: readonly Workload[]
  readonly gaps: readonly string[]
  /** Resource Manager failed, as opposed to refusing. */
  readonly failed: boolean
}

/**
 * What Resource Graph does not have: older revisions of apps, sidecars of sites. When Resource Manager fails, as opposed to
 * refusing one of them, the rest are not asked either: what is known already must not be lost by waiting.
 */
async function innerWorkloads(rows: readonly Row[], management: Management): Promise<InnerWorkloads> {
  const parts = rows.flatMap((row) => innerPartOf(row) ?? [])
  const workloads: Workload[] = []
  let [unread, failed, why] = [0, false, '']
  const read = async (part: InnerPart): Promise<void> => {
    try {
      if (!failed) workloads.push(...(await innerImages(part, management)))
      else unread += 1
    } catch (error) {
      why ||= whyUnread(error)
      unread += 1
      failed ||= !(error instanceof ManagementError && error.failure.kind === 'permission')
    }
  }
  await pMap(parts.slice(0, MOST_INNER_PARTS), read, { concurrency: AT_A_TIME })
  const left = unread + Math.max(0, parts.length - MOST_INNER_PARTS)
  const apps = counted(
    left,
    'app with several revisions or sidecars was',
    'apps with several revisions or sidecars were',
  )
  return { workloads, failed, gaps: left === 0 ? [] : [`${apps} not looked into. ${why}`.trim()] }
}

async function innerImages(part: InnerPart, management: Management): Promise<readonly Workload[]> {
  const { name, path, apiVersion, imagesOf } = part
  const question: Question = { operation: `read what ${part.what} run`, role: QUESTION.role }
  try {
    const items = await itemsOf(management, { path, apiVersion, question })
    return items.flatMap(imagesOf).map((image) => ({ name, image }))
  } catch (error) {
    // Deleted meanwhile: it runs nothing.
    if (error instanceof ManagementError && error.failure.kind === 'not-found') return []
    throw error
  }
}

/** A site that says it runs a container, and not which. */
function hiddenImages(rows: readonly Row[]): readonly string[] {
  const hidden = rows.filter((row) => isSite(row) && list(row, 'site').length === 0)
  return hidden.length === 0
    ? []
    : [`Azure Resource Graph does not tell the image of ${counted(hidden.length, 'site')}.`]
}
