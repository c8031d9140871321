import { setTimeout as pause } from 'node:timers/promises'
import { formatDuration } from './domain/duration.ts'
import { StoppedError } from './errors.ts'
import type { Sleep } from './ports.ts'

/** What Node's timers hold, almost 25 days; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The runner sends these when a job is cancelled, one after the other (actions/runner, ProcessInvoker.cs). */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Ends a run early, cleanly: by the time limit, or because the job is cancelled. */
export class Stop {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #cancel = (): void => this.#stop('The job was cancelled.')

  constructor(timeLimit: number) {
    const late = (): void => this.#stop(`The time limit of ${formatDuration(timeLimit)} was reached.`)
    this.#timer = setTimeout(late, Math.min(timeLimit, LONGEST_TIMER))
    for (const signal of SIGNALS) process.on(signal, this.#cancel)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly sleep: Sleep = (length) =>
    pause(length, undefined, { signal: this.signal }).catch((): never => {
      throw this.signal.reason
    })

  /** Requests that are still under way after a failure would only delay the end. */
  end(): void {
    clearTimeout(this.#timer)
    this.#stop('The run has ended.')
    // From here on the report is written, which a signal must not tear off; it takes no time.
  }

  #stop(why: string): void {
    this.#controller.abort(new StoppedError(why))
  }
}
