import { counted, grouped } from './count.ts'
import type { Locks } from './snapshot.ts'

/** What stands against deleting anything in a repository. */
export interface Obstacle {
  /** `unknown`: what has to be known cannot be seen. */
  readonly kind: 'locked' | 'hidden' | 'unknown'
  /** One or more sentences. */
  readonly why: string
}

/** What the registry says about a repository as a whole. */
export interface RepositoryAttributes {
  /** All manifests, hidden ones included. */
  readonly manifestCount: number | undefined
  /** Undefined when the service does not show them to this identity. */
  readonly locks: Locks | undefined
}

/** Why nothing in a repository can be deleted safely, by what the registry says of it as a whole. */
export function obstacleOf(
  attributes: RepositoryAttributes | undefined,
  listed: number,
): Obstacle | undefined {
  if (attributes === undefined) return { kind: 'unknown', why: 'The repository was deleted meanwhile.' }
  const { manifestCount, locks } = attributes
  if (locks === undefined) return { kind: 'unknown', why: LOCKS_UNKNOWN }
  if (!locks.write) {
    return {
      kind: 'locked',
      why: 'The repository is locked (writeEnabled is false): nothing in it can be deleted.',
    }
  }
  if (manifestCount === undefined) {
    return { kind: 'unknown', why: 'The registry does not say how many manifests the repository holds.' }
  }
  if (listed < manifestCount) {
    const why =
      `The repository holds ${counted(manifestCount, 'manifest')} and lists ${grouped(listed)}: what is hidden ` +
      '(listEnabled is false) may need any of the others.'
    return { kind: 'hidden', why }
  }
  return undefined
}

/** AcrPull is documented not to see lock policies (Microsoft Learn, "Lock a container image"). */
export const LOCKS_UNKNOWN =
  'The registry does not show this identity whether something is locked. Sign in with one that sees it: the role ' +
  'Container Registry Repository Contributor where repository permissions are used, else AcrPush besides AcrDelete, or a ' +
  'token whose scope map has metadata/write.'
