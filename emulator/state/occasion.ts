import type { Ticks } from '../clock.ts'
import type { Switches } from '../switches.ts'

/** When something happens, and by which rules. */
export interface Occasion {
  readonly at: Ticks
  readonly rules: Switches
}
