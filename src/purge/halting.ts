import type { Halt } from '../domain/outcome.ts'

/** Ends a purge for everybody who takes part in it; the first reason stands. */
export class Halting {
  #halt: Halt | undefined

  get reason(): Halt | undefined {
    return this.#halt
  }

  get why(): string | undefined {
    return this.#halt?.why
  }

  halt(halt: Halt): void {
    this.#halt ??= halt
  }
}
