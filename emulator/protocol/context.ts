import type { Identity } from '../access/identities.ts'
import type { Tokens } from '../access/tokens.ts'
import type { Clock } from '../clock.ts'
import type { EntraVerdict } from '../entra/tokens.ts'
import type { Occasion } from '../state/occasion.ts'
import type { RegistryState } from '../state/registry.ts'
import type { Switches } from '../switches.ts'

/** What an answer depends on besides the request. */
export interface Context {
  readonly state: RegistryState
  readonly clock: Clock
  readonly switches: Switches
  readonly identities: readonly Identity[]
  readonly tokens: Tokens
  /** Who issues Entra tokens; without it, the registry believes what a token says. */
  readonly entra: { verify(token: string): EntraVerdict } | undefined
}

export function occasionOf(context: Context): Occasion {
  return { at: context.clock.now(), rules: context.switches }
}
