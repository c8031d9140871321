import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Milliseconds } from '../domain/duration.ts'

/** Nothing that is kept is worth a longer wait: the toolkit itself would try for half a minute, and hang for many. */
const PATIENCE: Milliseconds = 15_000

let running = 0

/** Whether the toolkit still does something that nobody waits for any more. It would hold the process for minutes. */
export function isToolkitBusy(): boolean {
  return running > 0
}

/**
 * Does something with the toolkit, for as long as that is reasonable and the run goes on. What it would show as warning or
 * error of the step is what this rejects with instead: the toolkit tells its failures to nobody else (actions/toolkit,
 * cache.ts), and none of them is a reason to alarm anybody.
 */
export async function withToolkit<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const complaints: string[] = []
  const worked = heard.run(complaints, async () => {
    listen()
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
    }
  })
  const over = new AbortController()
  try {
    const result = await Promise.race([worked, patience(AbortSignal.any([signal, over.signal]), signal)])
    if (complaints[0] !== undefined) throw new Error(complaints[0])
    return result
  } finally {
    over.abort()
  }
}

async function patience(until: AbortSignal, signal: AbortSignal): Promise<never> {
  try {
    await pause(PATIENCE, undefined, { signal: until })
  } catch {
    throw signal.reason
  }
  throw new Error(`there is no answer after ${PATIENCE / 1000} seconds`)
}

const heard = new AsyncLocalStorage<string[]>()
let isListening = false

/** All commands of the toolkit are written to the standard output in one piece (actions/toolkit, command.ts). */
function listen(): void {
  if (isListening) return
  isListening = true
  const write = process.stdout.write.bind(process.stdout) as (...all: unknown[]) => boolean
  process.stdout.write = (...all: unknown[]): boolean => {
    const complaints = heard.getStore()
    const complaint = complaints === undefined ? undefined : complaintIn(String(all[0]))
    if (complaint === undefined) return write(...all)
    complaints?.push(complaint)
    return true
  }
}

function complaintIn(text: string): string | undefined {
  const [, message] = /^::(?:warning|error)(?: [^:]*)?::(.*)/.exec(text) ?? []
  // Only the first line: advice on networks of one's own follows on more.
  return message
    ?.split(/%0[AD]/)[0]
    ?.replaceAll('%25', '%')
    .replace(/^Failed to (?:restore|save): /, '')
}
