import type { AzureAccess } from './connect.ts'
import { inTime, lateWords } from './deadline.ts'
import { MINUTE, type Milliseconds } from './domain/duration.ts'
import { isUnhurried } from './github/event.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Neighbourhood, Sleep } from './ports.ts'

interface Host {
  /** Undefined unless the run signs in with an identity of Microsoft Entra. */
  readonly azure: AzureAccess | undefined
  readonly environment: NodeJS.ProcessEnv
  readonly sleep: Sleep
}

const SERVICE = 'Azure Resource Manager'

/** Azure answers within seconds. A runner that may not reach it must not hold up a gate; a purge and an audit can wait. */
const HURRIED: Milliseconds = 10_000
const PATIENT: Milliseconds = 2 * MINUTE

/** What a run asks Azure about, by its inputs and by what it signs in with; nothing is sent yet. */
export function neighbourhoodFor(inputs: Inputs, { azure, environment, sleep }: Host): Neighbourhood {
  const { registry, purge, audit } = inputs
  const wantsAudit = audit === 'on' || (audit === 'auto' && isUnhurried(environment))
  const opened = openNeighbourhood(registry, azure)
  return {
    deployed: async () => {
      if (purge.protectDeployed === 'off') return { kind: 'off' }
      if (!purge.wanted && isHurried(inputs, environment)) return { kind: 'not-asked' }
      const limit = purge.wanted ? PATIENT : HURRIED
      const late = { kind: 'unchecked', why: lateWords(SERVICE, limit), transient: true } as const
      return inTime((await opened()).deployed(), late, sleep(limit))
    },
    audit: async () => {
      if (!wantsAudit) return undefined
      const late = { kind: 'unread', why: lateWords(SERVICE, PATIENT) } as const
      return inTime((await opened()).audit(), late, sleep(PATIENT))
    },
    cacheRules: async () => inTime((await opened()).cacheRules(), [], sleep(HURRIED)),
  }
}

/** A step after a push, or on a pull request, deletes nothing and must not wait for anybody but the registry. */
function isHurried({ images, audit }: Inputs, environment: NodeJS.ProcessEnv): boolean {
  if (audit === 'on' || isUnhurried(environment)) return false
  return images !== undefined || (environment['GITHUB_EVENT_NAME'] ?? '') !== ''
}

function openNeighbourhood(
  { host, azure: isAzures }: Inputs['registry'],
  azure: AzureAccess | undefined,
): () => Promise<Neighbourhood> {
  if (azure === undefined) return closed(NO_IDENTITY)
  // A host of somebody's own is in nobody's settings, so that what runs its images cannot be found.
  if (!isAzures) return closed(`Azure knows registries by their login servers, and ${host} is none.`)
  let open: Promise<Neighbourhood> | undefined
  const load = async (): Promise<Neighbourhood> => {
    const { neighbourhoodOf } = await import('./azure/neighbourhood.ts')
    return neighbourhoodOf(host, await azure.management())
  }
  return () => (open ??= load())
}

function closed(why: string): () => Promise<Neighbourhood> {
  const neighbourhood: Neighbourhood = {
    deployed: () => Promise.resolve({ kind: 'unchecked', why }),
    audit: () => Promise.resolve({ kind: 'unread', why }),
    cacheRules: () => Promise.resolve([]),
  }
  return () => Promise.resolve(neighbourhood)
}

const NO_IDENTITY =
  'It takes an identity of Microsoft Entra with the role Reader, and this run signs in without one: see client-id and ' +
  'tenant-id.'
