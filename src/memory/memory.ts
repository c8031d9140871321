import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { emptyMemory, type Memory } from '../domain/memory.ts'
import { merged } from '../domain/merge.ts'
import { isChanged } from '../domain/remember.ts'
import { StoppedError } from '../errors.ts'
import type { Log, StateStore } from '../ports.ts'
import { decodeMemory, encodeMemory } from './codec.ts'
import { UnusableState } from './words.ts'

/** What earlier runs left; undefined without a state. */
export type Recalled = () => Promise<Memory | undefined>

/**
 * Begins to fetch what earlier runs left. It is understood when it is asked for first, which takes a large state a while that
 * no request should wait for. Never a reason to fail: whatever is wrong with it is said, and the run begins anew.
 *
 * @param store undefined: nothing is kept between runs
 */
export function recall(store: StateStore | undefined, host: string, log: Log): Recalled {
  if (store === undefined) return async () => undefined
  const loading = store.load()
  // A run may end before it asks.
  loading.catch(() => undefined)
  let memory: Promise<Memory> | undefined
  return () => (memory ??= understood(loading, { store, host, log }))
}

interface Recalling {
  readonly store: StateStore
  readonly host: string
  readonly log: Log
}

async function understood(
  loading: ReturnType<StateStore['load']>,
  { store, host, log }: Recalling,
): Promise<Memory> {
  try {
    const bytes = await loading
    if (bytes !== undefined) {
      const memory = decodeMemory(bytes, host)
      sources.set(memory, hashOf(bytes))
      return memory
    }
    log.info(`There is no state yet in ${store.description}.`)
  } catch (error) {
    // The run is over, and says so itself.
    if (error instanceof StoppedError) return emptyMemory(host)
    if (!(error instanceof UnusableState)) failing.add(store)
    const why = error instanceof UnusableState ? error.message : `it cannot be read: ${messageOf(error)}`
    log.notice(`The state in ${store.description} is not used, because ${why}. This run begins anew.`)
  }
  return emptyMemory(host)
}

/** Stores that could not be read: they are not waited for once more. */
const failing = new WeakSet<StateStore>()

/** Of which bytes a memory was read. */
const sources = new WeakMap<Memory, string>()

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Keeps what the run learnt, if it learnt anything, or found the state to be wrong; with what others kept meanwhile. */
export async function keep(
  store: StateStore | undefined,
  { before, after }: { readonly before: Memory; readonly after: Memory },
  log: Log,
): Promise<void> {
  if (store === undefined || !(isChanged(before, after) || isCorrected(before, after))) return
  try {
    await store.save(encodeMemory(merged(after, await meanwhile(store, before))))
  } catch (error) {
    log.notice(`The state could not be kept in ${store.description}: ${messageOf(error)}.`)
  }
}

/** What another run kept since this one began; undefined when none did. */
async function meanwhile(store: StateStore, before: Memory): Promise<Memory | undefined> {
  if (failing.has(store)) return undefined
  try {
    const bytes = await store.load()
    const isSame = bytes === undefined || hashOf(bytes) === sources.get(before)
    return isSame ? undefined : decodeMemory(bytes, before.host)
  } catch {
    // Whatever was said about it when the run began holds still.
    return undefined
  }
}

/** Whether something that was read again is not what was remembered. A digest stands for the same bytes for ever. */
function isCorrected(before: Memory, after: Memory): boolean {
  return after.repositories.entries().some(([repository, { documents }]) => {
    const known = before.repositories.get(repository)?.documents
    return documents.entries().some(([digest, document]) => {
      const was = known?.get(digest)
      return was !== undefined && was !== document && !isDeepStrictEqual(was, document)
    })
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
