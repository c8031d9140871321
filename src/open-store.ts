import { resolve } from 'node:path'
import { isOnDefaultBranch, isOnPullRequest } from './github/event.ts'
import type { Inputs } from './inputs/inputs.ts'
import { actionsCache, isCacheOffered } from './memory/actions-cache.ts'
import { stateFile } from './memory/state-file.ts'
import type { Log, StateStore } from './ports.ts'

interface Host {
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
  readonly signal: AbortSignal
}

export interface Stores {
  readonly read: StateStore | undefined
  readonly write: StateStore | undefined
}

/** Where the state is, and whether this run may change it. */
export function openStore({ registry, state }: Inputs, { environment, log, signal }: Host): Stores {
  if (state.kind === 'none') return { read: undefined, write: undefined }
  if (state.kind === 'file') {
    const file = stateFile(resolve(environment['GITHUB_WORKSPACE'] ?? '.', state.path))
    // On a runner of somebody's own the file may be that of all runs, and what a pull request leaves must stay new.
    return { read: file, write: isOnPullRequest(environment) ? undefined : file }
  }
  if (!isCacheOffered(environment)) {
    if (state.kind === 'cache') log.notice('state: cache has no effect, because this runner offers no cache.')
    return { read: undefined, write: undefined }
  }
  const cache = actionsCache(registry.host, { environment, signal })
  const mayWrite = state.kind === 'cache' ? !isOnPullRequest(environment) : isOnDefaultBranch(environment)
  return { read: cache, write: mayWrite ? cache : undefined }
}

/** A purge by observed ages in a place that keeps nothing would wait for ever, and nobody would know why. */
export function warnOfWaiting(
  { purge }: Inputs,
  { read, write }: Stores,
  { knowsNothing, log }: { readonly knowsNothing: boolean; readonly log: Log },
): void {
  const waits = purge.wanted && purge.policy.orphanAge === 'observed' && purge.policy.olderThan > 0
  if (!waits || !knowsNothing || read === undefined || write !== undefined) return
  log.notice(
    'Nothing can become due here: this run keeps no state. With state: auto only runs on the default branch do, with ' +
      'state: cache those on any branch, pull requests never. Run it there, or set orphan-age: pushed.',
  )
}
