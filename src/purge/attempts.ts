import type { DeleteStep } from '../domain/delete-step.ts'
import type { Digest } from '../domain/digest.ts'
import type { Outcome } from '../domain/outcome.ts'
import { RegistryError } from '../errors.ts'

/** Attempts whose answer said nothing, each after another look. */
export const RETRIES = 4

/** Turns that were given back because the registry asked for a pause: it has a window of a minute, so this is patience. */
const MOST_PAUSES = 20

const MOST_SLOW_LOOKS = 3

/** What was tried for one manifest so far. */
export class Attempts {
  readonly of: Digest
  unsure = false
  unansweredCount = 0
  /** What it comes to unless a last look shows that it is gone; undefined as long as another attempt is due. */
  exhausted: Outcome | undefined
  #pauses = 0
  #denials = 0
  #slow = 0
  #contradictions = 0
  #unseen = 0
  #absent = false

  readonly #doubtful: boolean

  /** @param doubtful whether it may be gone already because of what this run deleted before */
  constructor({ digest }: DeleteStep, { doubtful }: { readonly doubtful: boolean }) {
    this.of = digest
    this.#doubtful = doubtful
  }

  unanswered(error: Error): void {
    this.unsure = true
    this.unansweredCount += 1
    if (this.unansweredCount > RETRIES) this.exhausted = this.#failed(error.message)
  }

  /** The registry does not know what was to be deleted. */
  absent(): void {
    this.#absent = true
    this.contradicted()
  }

  /** One side of the registry says that it is there, the other that it is not. */
  contradicted(): void {
    this.#contradictions += 1
    if (this.#contradictions > RETRIES)
      throw new Error('The registry says both that it is there and that it is not.')
  }

  /** A look failed. Where the manifest may be gone because of this run, another one is due. */
  unseen(error: unknown): void {
    this.#unseen += 1
    const mayBeGone = this.unsure || this.#doubtful || this.#absent
    if (!mayBeGone || !(error instanceof RegistryError) || this.#unseen > RETRIES) throw error
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
    if (this.#absent) return { kind: 'gone' }
    return this.unsure
      ? this.#failed(`No answer came before the run ended: ${why}`)
      : { kind: 'not-tried', why }
  }

  #failed(error: string): Outcome {
    return { kind: 'failed', error, of: this.of }
  }
}
