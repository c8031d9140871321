import type { DeleteStep } from '../domain/delete-step.ts'
import type { Digest } from '../domain/digest.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { Lot } from '../domain/lot.ts'
import { isPurged, type LotOutcome, type Outcome, type StepOutcome } from '../domain/outcome.ts'
import { StoppedError } from '../errors.ts'
import type { DeleteAnswer, RegistryDeleter, Sleep, Stopwatch } from '../ports.ts'
import type { Halting } from './halting.ts'
import { lastLook, lookAtAll, type Look, type Progress } from './last-look.ts'

export interface LotParts {
  readonly progress: Progress
  readonly deleter: RegistryDeleter
  readonly halting: Halting
  readonly elapsed: Stopwatch
  readonly sleep: Sleep
  /** A number from 0 to 1, so that parallel deletions do not come back in step. */
  readonly random: () => number
  readonly onOutcome: (outcome: StepOutcome) => void
}

/** Deletes one lot, step by step; as soon as one cannot be deleted, the rest stays too. */
export async function purgeLot(lot: Lot, parts: LotParts): Promise<LotOutcome> {
  const steps = lot.steps()
  const purge = new LotPurge(steps, parts)
  const outcomes: StepOutcome[] = []
  for (const step of steps) {
    const outcome = await purge.next(step)
    outcomes.push({ step, outcome })
    parts.onOutcome({ step, outcome })
  }
  return { lot, outcomes }
}

/** Attempts whose answer said nothing, each after another look. */
const RETRIES = 4

/** Turns that were given back because the registry asked for a pause: it has a window of a minute, so this is patience. */
const MOST_PAUSES = 20

/** A look that took longer than this is old before it is used, and is taken again. */
const LONGEST_LOOK: Milliseconds = 5_000
const MOST_SLOW_LOOKS = 3

class LotPurge {
  readonly #parts: LotParts
  readonly #left: Map<Digest, DeleteStep>
  readonly #purged: DeleteStep[] = []
  readonly #whole: boolean
  /** What became of the rest once a step could not be deleted. */
  #rest: Outcome | undefined

  constructor(steps: readonly DeleteStep[], parts: LotParts) {
    this.#parts = parts
    this.#left = new Map(steps.map((step) => [step.digest, step]))
    this.#whole = steps.length > 1
  }

  async next(step: DeleteStep): Promise<Outcome> {
    const outcome = this.#rest ?? (await this.#purge(step))
    if (isPurged(outcome) || outcome.kind === 'gone') {
      this.#left.delete(step.digest)
      this.#parts.progress.gone.add(step.digest)
      if (isPurged(outcome)) this.#purged.push(step)
    } else this.#rest ??= restAfter(step, outcome)
    return outcome
  }

  async #purge(step: DeleteStep): Promise<Outcome> {
    const attempts = new Attempts(step)
    try {
      for (;;) {
        const why = this.#parts.halting.why
        if (why !== undefined) return attempts.unfinished(why)
        const outcome = await this.#attempt(step, attempts)
        if (outcome === undefined) continue
        await this.#lookForDamage(step, outcome)
        return outcome
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (!(error instanceof StoppedError)) return { kind: 'failed', error: error.message, of: step.digest }
      this.#parts.halting.halt({ kind: 'stopped', why: error.message })
      return attempts.unfinished(error.message)
    }
  }

  /** @returns undefined when another attempt is due */
  async #attempt(step: DeleteStep, attempts: Attempts): Promise<Outcome | undefined> {
    const { deleter, elapsed, progress } = this.#parts
    await deleter.turn()
    const began = elapsed()
    const look = await this.#look(step)
    if (look.kind === 'changed') return { kind: 'skipped', because: look.because, of: look.of }
    if (look.kind === 'gone') return this.#gone(step, attempts)
    if (elapsed() - began > LONGEST_LOOK) return attempts.tooSlow()
    const answer = await deleter.delete(step.repository, step.digest)
    if (answer.kind === 'deleted') return { kind: 'deleted', answered: true }
    if (answer.kind === 'absent') {
      progress.gone.add(step.digest)
      return this.#gone(step, attempts)
    }
    return await this.#refused(answer, attempts)
  }

  /** Before the first DELETE everything in the lot is looked at, later what the next one concerns. */
  #look(step: DeleteStep): Promise<Look> {
    const { progress } = this.#parts
    if (this.#whole && this.#purged.length === 0) return lookAtAll(this.#left, progress)
    return lastLook({ step, left: this.#left }, progress)
  }

  #gone(step: DeleteStep, { unsure }: Attempts): Outcome {
    if (unsure) return { kind: 'deleted', answered: false }
    const along = this.#purged.find(
      ({ digest, referrers }) => referrers.includes(step.digest) || step.listedBy.includes(digest),
    )
    return along === undefined ? { kind: 'gone' } : { kind: 'cascaded', along: along.digest }
  }

  async #refused(
    answer: Exclude<DeleteAnswer, { kind: 'deleted' | 'absent' }>,
    attempts: Attempts,
  ): Promise<Outcome | undefined> {
    const { halting, sleep, random } = this.#parts
    switch (answer.kind) {
      case 'locked':
        return { kind: 'skipped', because: { rule: 'locked' }, of: attempts.of }
      case 'not-now':
        return attempts.paused()
      case 'failed':
        return { kind: 'failed', error: answer.error.message, of: attempts.of }
      case 'denied':
        // The token may have been revoked since it was issued; a new one tells.
        if (attempts.denied() === undefined) return undefined
        halting.halt({ kind: 'denied', why: answer.error.message })
        return { kind: 'failed', error: answer.error.message, of: attempts.of }
      case 'unknown': {
        const failed = attempts.unanswered(answer.error)
        if (failed === undefined) await sleep(answer.wait ?? growingPause(attempts.unansweredCount, random))
        return failed
      }
    }
  }

  /** The registry must not have deleted what the index listed and others need; if it did, nothing more is deleted. */
  async #lookForDamage(step: DeleteStep, outcome: Outcome): Promise<void> {
    const [kept] = step.leaves
    if (kept === undefined || !isPurged(outcome)) return
    const { progress, halting } = this.#parts
    if ((await progress.reader.metadata(kept)) !== undefined) return
    const why = `The registry deleted ${kept} along with the index ${step.digest}, though something else needs it.`
    halting.halt({ kind: 'damage', why })
  }
}

/** What was tried for one manifest so far. */
class Attempts {
  readonly of: Digest
  unsure = false
  unansweredCount = 0
  #pauses = 0
  #denials = 0
  #slow = 0

  constructor({ digest }: DeleteStep) {
    this.of = digest
  }

  unanswered(error: Error): Outcome | undefined {
    this.unsure = true
    this.unansweredCount += 1
    return this.unansweredCount > RETRIES ? this.#failed(error.message) : undefined
  }

  paused(): Outcome | undefined {
    this.#pauses += 1
    return this.#pauses > MOST_PAUSES
      ? this.#failed('The registry kept refusing deletions as too many.')
      : undefined
  }

  denied(): Outcome | undefined {
    this.#denials += 1
    return this.#denials > 1 ? this.#failed('') : undefined
  }

  tooSlow(): Outcome | undefined {
    this.#slow += 1
    return this.#slow > MOST_SLOW_LOOKS
      ? this.#failed('The registry answers too slowly to look and delete safely.')
      : undefined
  }

  /** The run ends; whether an attempt without an answer was done is not known. */
  unfinished(why: string): Outcome {
    return this.unsure
      ? this.#failed(`No answer came before the run ended: ${why}`)
      : { kind: 'not-tried', why }
  }

  #failed(error: string): Outcome {
    return { kind: 'failed', error, of: this.of }
  }
}

function restAfter({ digest }: DeleteStep, outcome: Outcome): Outcome {
  if (outcome.kind === 'skipped' || outcome.kind === 'not-tried') return outcome
  return { kind: 'skipped', because: { rule: 'together', stays: digest }, of: digest }
}

/** Half of an exponentially growing pause for certain, the other half by chance. */
function growingPause(attempt: number, random: () => number): Milliseconds {
  const full = Math.min(500 * 2 ** attempt, 30_000)
  return full / 2 + (full / 2) * random()
}
