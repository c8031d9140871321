import type { Clock } from '../clock.ts'
import type { RegistryState } from '../state/registry.ts'
import type { Switches } from '../switches.ts'
import type { RepositoryDefaults } from './descriptions.ts'
import { RepositorySeed } from './repository.ts'

/**
 * The registry for those who stand beside it: tests, demos, faults. What happens here asks for no credentials, no locks and no
 * room; it only happens.
 */
export class Registry {
  readonly state: RegistryState
  readonly clock: Clock
  readonly switches: Switches
  readonly #repositories = new Map<string, RepositorySeed>()

  constructor(parts: { readonly state: RegistryState; readonly clock: Clock; readonly switches: Switches }) {
    this.state = parts.state
    this.clock = parts.clock
    this.switches = parts.switches
  }

  /** A repository to look into or to put things into. It exists once it holds a manifest. */
  repo(name: string, defaults?: RepositoryDefaults): RepositorySeed {
    const repository = this.#repositories.get(name) ?? new RepositorySeed(this, name)
    this.#repositories.set(name, repository)
    return defaults === undefined ? repository : repository.withDefaults(defaults)
  }

  repositories(): string[] {
    return [...this.state.names()]
  }
}
