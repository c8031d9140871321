import pMap from 'p-map'
import type { Digest } from '../domain/digest.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { Lot } from '../domain/lot.ts'
import type { LotOutcome, Receipt, StepOutcome } from '../domain/outcome.ts'
import type { Plan } from '../domain/plan.ts'
import type { Document, Instant } from '../domain/snapshot.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { RegistryDeleter, RegistryReader, Sleep, Stopwatch } from '../ports.ts'
import { Halting } from './halting.ts'
import type { Progress } from './last-look.ts'
import { purgeLot } from './purge-lot.ts'

export interface PurgeParts {
  readonly reader: RegistryReader
  readonly deleter: RegistryDeleter
  readonly elapsed: Stopwatch
  readonly sleep: Sleep
  readonly random: () => number
  /** When the scan began, by the registry's clock. */
  readonly since: Instant
  /** What the scan read, by repository. */
  readonly documents: ReadonlyMap<string, ReadonlyMap<Digest, Document>>
  readonly concurrency: number
  /** Told of everything as it happens. */
  readonly onOutcome: (outcome: StepOutcome) => void
}

/** With more at once the pace of deletions, not the registry's answers, is what everybody waits for. */
const MOST_AT_ONCE = 8

/** The registry's clock shows whole seconds, and its replicas lag behind a little. */
const MARGIN: Milliseconds = 60_000

/**
 * Carries a plan out. Lots go side by side, but for those that have to wait for another one; each ends in one outcome per
 * manifest, whatever happens to the others.
 */
export async function purge(plan: Plan, parts: PurgeParts): Promise<Receipt> {
  const { deleter, concurrency, onOutcome } = parts
  const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(concurrency / 2)))
  deleter.reserve(atOnce)
  const halting = new Halting()
  const refusals = await refusalsOf(plan, deleter, halting)
  const progress = progressOf(parts)
  const ended = new Map<string, Promise<LotOutcome>>()
  const purgeInTurn = async (lot: Lot): Promise<LotOutcome> => {
    const { repository } = lot.finding
    const refusal = refusals.get(repository)
    if (refusal !== undefined) return notTried(lot, refusal.message, onOutcome)
    // They stand before this one in the plan, so they have begun.
    await Promise.all(lot.after.flatMap((root) => ended.get(keyOf(repository, root)) ?? []))
    return purgeLot(lot, { ...parts, halting, progress: progress(repository) })
  }
  const lots = await pMap(
    plan.lots,
    (lot) => {
      const outcome = purgeInTurn(lot)
      ended.set(keyOf(lot.finding.repository, lot.finding.root.digest), outcome)
      return outcome
    },
    { concurrency: atOnce },
  )
  return { lots, halted: halting.reason }
}

function keyOf(repository: string, root: Digest): string {
  return `${repository}@${root}`
}

/** Where the token tells that deleting is not allowed, nothing is tried. */
async function refusalsOf(
  { lots }: Plan,
  deleter: RegistryDeleter,
  halting: Halting,
): Promise<ReadonlyMap<string, Error>> {
  const refusals = new Map<string, Error>()
  for (const repository of new Set(lots.map(({ finding }) => finding.repository))) {
    try {
      const refusal = await deleter.refusal(repository)
      if (refusal !== undefined) refusals.set(repository, refusal)
    } catch (error) {
      if (error instanceof StoppedError) halting.halt({ kind: 'stopped', why: error.message })
      else if (error instanceof RegistryError) refusals.set(repository, error)
      else throw error
    }
  }
  return refusals
}

function notTried(lot: Lot, why: string, onOutcome: PurgeParts['onOutcome']): LotOutcome {
  const outcomes = lot.steps().map((step): StepOutcome => ({ step, outcome: { kind: 'not-tried', why } }))
  for (const outcome of outcomes) onOutcome(outcome)
  return { lot, outcomes }
}

/** One per repository, shared by its lots. */
function progressOf({ reader, since, documents }: PurgeParts): (repository: string) => Progress {
  const all = new Map<string, Progress>()
  return (repository) => {
    const known = all.get(repository)
    if (known !== undefined) return known
    const progress: Progress = {
      reader: reader.repository(repository),
      gone: new Set(),
      since: since - MARGIN,
      documents: new Map(documents.get(repository)),
    }
    all.set(repository, progress)
    return progress
  }
}
