import type { DeleteStep } from '../domain/delete-step.ts'
import type { Digest } from '../domain/digest.ts'
import type { Milliseconds } from '../domain/duration.ts'
import type { Lot } from '../domain/lot.ts'
import { isPurged, type LotOutcome, type Outcome, type StepOutcome } from '../domain/outcome.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { DeleteAnswer, RegistryDeleter, Sleep, Stopwatch } from '../ports.ts'
import { Attempts, RETRIES } from './attempts.ts'
import type { Halting } from './halting.ts'
import { hasContent, isThere, lastLook, lookAtAll, type Look, type Progress } from './last-look.ts'

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

/** A look that took longer than this is old before it is used, and is taken again. */
const LONGEST_LOOK: Milliseconds = 5_000

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
    const outcome =
      this.#rest === undefined ? await this.#purge(step) : await this.#leftUnlessAlong(step, this.#rest)
    if (isPurged(outcome) || outcome.kind === 'gone') {
      this.#left.delete(step.digest)
      this.#parts.progress.gone.add(step.digest)
      if (isPurged(outcome)) {
        this.#purged.push(step)
        await this.#lookForDamage(step)
      }
    } else this.#rest ??= restAfter(step, outcome)
    return outcome
  }

  async #purge(step: DeleteStep): Promise<Outcome> {
    const attempts = new Attempts(step, { doubtful: this.#leaderOf(step) !== undefined })
    try {
      for (;;) {
        const why = this.#parts.halting.why
        if (why !== undefined) return attempts.unfinished(why)
        const outcome = await this.#attempt(step, attempts)
        if (outcome !== undefined) return outcome
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
    const { deleter, elapsed, halting } = this.#parts
    await deleter.turn()
    const began = elapsed()
    const look = await this.#look(step, attempts)
    if (look === undefined) return undefined
    if (look.kind === 'changed') return { kind: 'skipped', because: look.because, of: look.of }
    if (look.kind === 'gone') return this.#gone(step, attempts)
    if (attempts.exhausted !== undefined) return attempts.exhausted
    if (elapsed() - began > LONGEST_LOOK) return attempts.tooSlow()
    // The purge may have ended while this one waited for its turn or looked.
    if (halting.why !== undefined) return undefined
    const answer = await deleter.delete(step.repository, step.digest)
    if (answer.kind === 'deleted') return { kind: 'deleted', answered: true }
    return await this.#refused(answer, attempts)
  }

  /** @returns undefined when it has to be taken again */
  async #look(step: DeleteStep, attempts: Attempts): Promise<Look | undefined> {
    const { sleep, random } = this.#parts
    try {
      const look = await this.#lookOnce(step)
      // One 404 alone may be a mistake of something in between: both sides of the registry have to agree.
      if (look.kind !== 'gone' || !(await hasContent(step.digest, this.#parts.progress.reader))) return look
      attempts.contradicted()
    } catch (error) {
      attempts.unseen(error)
    }
    await sleep(growingPause(1, random))
    return undefined
  }

  /** Before the first DELETE everything in the lot is looked at, later what the next one concerns. */
  #lookOnce(step: DeleteStep): Promise<Look> {
    const { progress } = this.#parts
    if (this.#whole && this.#purged.length === 0) return lookAtAll(this.#left, progress)
    return lastLook({ step, left: this.#left }, progress)
  }

  #gone(step: DeleteStep, { unsure }: Attempts): Outcome {
    if (unsure) return { kind: 'deleted', answered: false }
    const along = this.#leaderOf(step)
    return along === undefined ? { kind: 'gone' } : { kind: 'cascaded', along }
  }

  /** A manifest deleted before, with which the registry may have deleted this one. */
  #leaderOf(step: DeleteStep): Digest | undefined {
    return this.#purged.find(
      ({ digest, referrers }) => referrers.includes(step.digest) || step.listedBy.includes(digest),
    )?.digest
  }

  /** The rest stays; but the registry may have deleted some of it along with what went before. */
  async #leftUnlessAlong(step: DeleteStep, rest: Outcome): Promise<Outcome> {
    const along = this.#leaderOf(step)
    if (along === undefined) return rest
    try {
      return (await this.#isThere(step.digest)) ? rest : { kind: 'cascaded', along }
    } catch (error) {
      const unknown = `Whether the registry deleted it along with ${along} is not known.`
      if (error instanceof StoppedError) return { kind: 'not-tried', why: `${error.message} ${unknown}` }
      if (!(error instanceof RegistryError)) throw error
      return { kind: 'failed', error: `${unknown} ${error.message}`, of: step.digest }
    }
  }

  async #refused(
    answer: Exclude<DeleteAnswer, { kind: 'deleted' }>,
    attempts: Attempts,
  ): Promise<Outcome | undefined> {
    const { halting, sleep, random } = this.#parts
    switch (answer.kind) {
      case 'absent':
        // The next look tells whether that is so.
        attempts.absent()
        return undefined
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
        attempts.unanswered(answer.error)
        // After the last one only a look follows.
        const growth = attempts.exhausted === undefined ? attempts.unansweredCount : 1
        await sleep(answer.wait ?? growingPause(growth, random))
        return undefined
      }
    }
  }

  /**
   * The registry must not have deleted what the index listed and others need; if it did, or nobody can tell, nothing more is
   * deleted. What the step itself came to stands.
   */
  async #lookForDamage({ digest, leaves }: DeleteStep): Promise<void> {
    const [kept] = leaves
    if (kept === undefined) return
    const { halting } = this.#parts
    try {
      if (await this.#isThere(kept)) return
      const why = `The registry deleted ${kept} along with the index ${digest}, though something else needs it.`
      halting.halt({ kind: 'damage', why })
    } catch (error) {
      if (error instanceof StoppedError) halting.halt({ kind: 'stopped', why: error.message })
      else if (!(error instanceof RegistryError)) throw error
      else {
        const unknown = `Whether the registry deleted ${kept} along with the index ${digest} is not known`
        halting.halt({ kind: 'stopped', why: `${unknown}: ${error.message}` })
      }
    }
  }

  /** Asked again where the answer is an error: a purge is not ended for one of them. */
  async #isThere(digest: Digest): Promise<boolean> {
    const { progress, sleep, random } = this.#parts
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await isThere(digest, progress.reader)
      } catch (error) {
        if (!(error instanceof RegistryError) || attempt > RETRIES) throw error
      }
      // The reader itself waits longer and longer for what may pass.
      await sleep(growingPause(1, random))
    }
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
