import { parseDigest, type Digest } from './digest.ts'
import { registryHost } from './login-server.ts'
import type { Pin } from './pin.ts'
import type { Survey } from './survey.ts'

/** Something in Azure and the image that it runs, as its settings have it. */
export interface Workload {
  /** Such as `container app shop`; the name is Azure's. */
  readonly name: string
  readonly image: string
}

/** A workload that runs an image of the registry by its digest. */
export interface Deployment {
  readonly repository: string
  readonly digest: Digest
  /** As in `Workload`. */
  readonly workload: string
}

/** What is known of what Azure runs. */
export type Deployed =
  /** Nobody asked. */
  | { readonly kind: 'off' }
  /** Somebody waits for the run, and it deletes nothing. */
  | { readonly kind: 'not-asked' }
  /** `why`: one or more sentences, with the role or input that is missing. */
  | { readonly kind: 'unchecked'; readonly why: string; readonly transient?: boolean }
  | {
      readonly kind: 'checked'
      readonly deployments: readonly Deployment[]
      /** Workloads that this identity may see at all, whatever they run; undefined when nobody could count them. */
      readonly seen: number | undefined
      /** What was left out, one sentence each. */
      readonly gaps: readonly string[]
      /** Some of it was left out because Azure failed, not because it may not be read: another run may find out. */
      readonly transient?: boolean
    }

/** Why nothing may be deleted: Azure was to say what runs, and failed to. What this identity may not read is another matter. */
export function whyUnsafe(deployed: Deployed): string | undefined {
  if ((deployed.kind !== 'unchecked' && deployed.kind !== 'checked') || deployed.transient !== true)
    return undefined
  const why = deployed.kind === 'unchecked' ? deployed.why : deployed.gaps.join(' ')
  return `It is not known what Azure runs by digest. ${why} Run it again, or set protect-deployed: off.`
}

/** `host/repository[:tag]@sha256:…`; settings take any case, and App Service an address. */
const BY_DIGEST = /^(?:https?:\/\/)?([^/@\s]{1,300})\/([^@\s]{1,300})@(sha256:[0-9a-f]{64})$/i

/** Those that run an image of this registry by its digest. A reference by tag needs no pin: its tag keeps it alive. */
export function deploymentsOn(host: string, workloads: readonly Workload[]): readonly Deployment[] {
  const own = registryHost(host)
  return workloads.flatMap(({ name, image }) => {
    const [, where = '', path = '', text = ''] = BY_DIGEST.exec(image.trim()) ?? []
    const digest = parseDigest(text.toLowerCase())
    if (digest === undefined || registryHost(where.toLowerCase().replace(/:443$/, '')) !== own) return []
    return [{ repository: path.toLowerCase().replace(/:[^/:]*$/, ''), digest, workload: name }]
  })
}

/** What is deployed stays, with all that it needs. */
export function pinsOf(deployed: Deployed): readonly Pin[] {
  return deploymentsIn(deployed).map(({ repository, digest, workload }) => ({
    repository,
    digest,
    source: workload,
  }))
}

/** A manifest that runs although no tag says so. */
export interface RunningUntagged {
  readonly repository: string
  readonly digest: Digest
  readonly mediaType: string
  /** Sorted, each once. */
  readonly workloads: readonly string[]
}

/** Of the manifests that only a pin keeps, those that Azure runs: whoever looks at tags alone would delete them. */
export function runningUntagged(surveys: readonly Survey[], deployed: Deployed): readonly RunningUntagged[] {
  const key = (repository: string, digest: Digest): string => `${repository}@${digest}`
  const running = Map.groupBy(deploymentsIn(deployed), (each) => key(each.repository, each.digest))
  return surveys.flatMap(({ repository, pinned }) =>
    pinned.flatMap(({ digest, mediaType }) => {
      const workloads = running.get(key(repository, digest))?.map(({ workload }) => workload) ?? []
      return workloads.length === 0
        ? []
        : [{ repository, digest, mediaType, workloads: [...new Set(workloads)].sort() }]
    }),
  )
}

function deploymentsIn(deployed: Deployed): readonly Deployment[] {
  return deployed.kind === 'checked' ? deployed.deployments : []
}
