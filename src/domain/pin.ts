import { parseDigest, type Digest } from './digest.ts'
import { isRepositoryName } from './image-reference.ts'

/** A manifest that is in use although no tag says so. */
export interface Pin {
  readonly digest: Digest
  /** Undefined: in every repository. */
  readonly repository: string | undefined
  /** Who says so, for the report: an input, a file. */
  readonly source: string
}

export const PIN_GRAMMAR = 'sha256:<64 hex digits>, alone or behind a repository: app@sha256:…'

const SHA256 = /^sha256:[0-9a-f]{64}$/

/** @returns undefined for anything but `sha256:…` or `repository@sha256:…` */
export function parsePin(text: string, source: string): Pin | undefined {
  const at = text.lastIndexOf('@')
  const repository = at < 0 ? undefined : text.slice(0, at)
  const digest = parseDigest(text.slice(at + 1))
  if (digest === undefined || !SHA256.test(digest)) return undefined
  if (repository !== undefined && !isRepositoryName(repository)) return undefined
  return { digest, repository, source }
}

/** Every digest that a text names, each once. */
export function digestsIn(text: string): readonly Digest[] {
  const found = new Set<Digest>()
  for (const [match] of text.matchAll(/sha256:[0-9a-f]{64}(?![0-9a-f])/gi)) {
    const digest = parseDigest(match.toLowerCase())
    if (digest !== undefined) found.add(digest)
  }
  return [...found]
}

/**
 * People copy the whole reference of a running image. What looks like a host may be the first part of a name, too: then both
 * are meant, since protecting more does no harm.
 */
function namesOf(repository: string): readonly string[] {
  const slash = repository.indexOf('/')
  const host = repository.slice(0, Math.max(slash, 0))
  return host.includes('.') ? [repository, repository.slice(slash + 1)] : [repository]
}

/** All pins of a run, ready to be asked for. */
export class Pins {
  readonly #everywhere = new Map<Digest, string>()
  readonly #inOne = new Map<string, string>()
  /** How many there are, each counted once. */
  readonly size: number

  /** The first who pins a manifest is the one who is named. */
  constructor(pins: Iterable<Pin>) {
    const given = new Set<string>()
    for (const { digest, repository, source } of pins) {
      given.add(`${repository ?? ''}@${digest}`)
      if (repository === undefined) {
        if (!this.#everywhere.has(digest)) this.#everywhere.set(digest, source)
        continue
      }
      for (const name of namesOf(repository)) {
        const key = `${name}@${digest}`
        if (!this.#inOne.has(key)) this.#inOne.set(key, source)
      }
    }
    this.size = given.size
  }

  /** Who pins the manifest; undefined when nobody does. */
  sourceOf(repository: string, digest: Digest): string | undefined {
    return this.#everywhere.get(digest) ?? this.#inOne.get(`${repository}@${digest}`)
  }
}
