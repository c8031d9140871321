import { ContainerRegistryContentClient } from '@azure/container-registry'
import { isRestError } from '@azure/core-rest-pipeline'
import type { Digest } from '../domain/digest.ts'
import { RegistryError, StoppedError } from '../errors.ts'
import type { DeleteAnswer, RegistryDeleter } from '../ports.ts'
import { MissingPermission } from './access-tokens.ts'
import { codeOf, explain } from './failure.ts'
import type { Pace } from './pace.ts'
import { NOT_SENT } from './pipeline.ts'
import { sdkOptions, type ReaderParts } from './reader.ts'
import { isPassing, retryAfter } from './retry.ts'
import type { Throttle } from './throttle.ts'

interface DeleterParts extends ReaderParts {
  readonly throttle: Throttle
  readonly pace: Pace
}

/** Deletes manifests by digest, one attempt at a time. Made only for a run that was asked to purge. */
export class AzureRegistryDeleter implements RegistryDeleter {
  readonly #parts: DeleterParts
  readonly #clients = new Map<string, ContainerRegistryContentClient>()

  constructor(parts: DeleterParts) {
    this.#parts = parts
  }

  reserve(count: number): void {
    this.#parts.throttle.reserve(count)
  }

  async refusal(repository: string): Promise<RegistryError | undefined> {
    try {
      await this.#parts.tokens.forDeleting(repository)
      return undefined
    } catch (error) {
      const explained = this.#explained(error, 'delete manifests', repository)
      if (explained instanceof RegistryError && explained.failure.kind === 'permission') return explained
      throw explained
    }
  }

  /** The pace counts what was sent, so the pause has to be over before a turn is taken. */
  async turn(): Promise<void> {
    await this.#parts.throttle.endOfPause('delete')
    await this.#parts.pace.turn()
  }

  async delete(repository: string, digest: Digest): Promise<DeleteAnswer> {
    // Another DELETE was refused while this one was prepared: what was looked at would be old once the pause is over.
    if (this.#parts.throttle.isPaused('delete')) return { kind: 'not-now' }
    let status = 0
    try {
      await this.#client(repository).deleteManifest(digest, {
        onResponse: (response) => {
          status = response.status
        },
      })
      return { kind: status === 404 ? 'absent' : 'deleted' }
    } catch (error) {
      return this.#refused(error, { repository, digest })
    }
  }

  #refused(
    error: unknown,
    { repository, digest }: { readonly repository: string; readonly digest: Digest },
  ): DeleteAnswer {
    const explained = this.#explained(error, `delete ${digest}`, repository)
    if (!(explained instanceof Error)) throw explained
    if (explained instanceof RegistryError && explained.failure.kind === 'permission')
      return { kind: 'denied', error: explained }
    if (!isRestError(error)) {
      // Stopped before it was sent, or refused: nothing was done. Torn off on its way, who knows; anything else is a bug.
      if (error instanceof StoppedError || error instanceof MissingPermission) throw explained
      if (explained instanceof StoppedError) return { kind: 'unknown', error: explained, wait: undefined }
      throw explained
    }
    if (error.code === NOT_SENT) throw explained
    const { statusCode, response } = error
    if (statusCode === 405 && codeOf(error) === LOCKED) return { kind: 'locked' }
    if (statusCode === 429) return { kind: 'not-now' }
    if (!isPassing(response, error)) return { kind: 'failed', error: explained }
    return { kind: 'unknown', error: explained, wait: retryAfter(response) }
  }

  #client(repository: string): ContainerRegistryContentClient {
    const { endpoint } = this.#parts
    const known = this.#clients.get(repository)
    const noToken = { getToken: async () => null }
    const client =
      known ?? new ContainerRegistryContentClient(endpoint, repository, noToken, sdkOptions(this.#parts))
    this.#clients.set(repository, client)
    return client
  }

  #explained(error: unknown, operation: string, repository: string): unknown {
    return explain(error, { operation, repository }, this.#parts.parties)
  }
}

/** On the manifest, one of its tags or its repository (Microsoft Learn, "Lock a container image"). */
const LOCKED = 'REGISTRY_DISALLOWED_OPERATION'
