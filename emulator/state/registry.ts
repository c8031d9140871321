import type { Ticks } from '../clock.ts'
import type { Switches } from '../switches.ts'
import { openAttributes } from './attributes.ts'
import { Uploads } from './blobs.ts'
import { compareText } from './collection.ts'
import { SoftDeleted } from './soft-deleted.ts'
import { Repository } from './repository.ts'
import { SortedIndex } from './sorted-index.ts'

/** Everything the registry holds. Time and rules come in with each event. */
export class RegistryState {
  readonly uploads = new Uploads()
  readonly softDeleted = new SoftDeleted()
  readonly #repositories = new Map<string, Repository>()
  readonly #names = new SortedIndex<string>(compareText)
  readonly #listed = new Set<string>()

  /** A repository exists while it holds a manifest. */
  repository(name: string): Repository | undefined {
    const repository = this.#repositories.get(name)
    return repository === undefined || repository.manifests.size === 0 ? undefined : repository
  }

  /** Also one that holds nothing but blobs yet: what a first push works on. */
  repositoryForPush(name: string, at: Ticks): Repository {
    const present = this.#repositories.get(name)
    if (present !== undefined) {
      if (present.manifests.size === 0) {
        present.createdAt = at
        present.updatedAt = at
        present.attributes = openAttributes
      }
      return present
    }
    const repository = new Repository(name, at)
    this.#repositories.set(name, repository)
    return repository
  }

  /** For reading blobs and locks where the repository may not have a manifest yet. */
  repositoryOfBlobs(name: string): Repository | undefined {
    return this.#repositories.get(name)
  }

  /** Enters a repository into the catalog, or takes an emptied one out of it. To be called after every change of contents. */
  refresh(repository: Repository, rules: Switches): void {
    const { name } = repository
    const holds = repository.manifests.size > 0
    if (holds && !this.#listed.has(name)) {
      this.#listed.add(name)
      this.#names.add(name)
    } else if (!holds && this.#listed.has(name) && !rules.emptiedRepositoryRemains) {
      this.#listed.delete(name)
      this.#names.delete(name)
    }
  }

  /** Emptied, yet not gone (MicrosoftDocs/SupportArticles-docs, azure-container-registry/delete-operation-issues.md). */
  isRemainder(name: string): boolean {
    return this.#listed.has(name) && this.repository(name) === undefined
  }

  names(after?: string): Iterable<string> {
    return this.#names.from((name) => after === undefined || name > after)
  }

  drop(repository: Repository, rules: Switches): void {
    this.#repositories.delete(repository.name)
    if (rules.emptiedRepositoryRemains) return
    this.#listed.delete(repository.name)
    this.#names.delete(repository.name)
  }

  get repositoryCount(): number {
    return this.#listed.size
  }
}
