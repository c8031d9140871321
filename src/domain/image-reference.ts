import { parseDigest } from './digest.ts'

/** What `docker push` was given: `host/repository[:tag][@digest]`. */
export interface ImageReference {
  /** The text as it was given. */
  readonly text: string
  /** Undefined when the reference names no host: docker then means Docker Hub. */
  readonly host: string | undefined
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** What `parseImageReference` accepts, for messages. */
export const IMAGE_REFERENCE_GRAMMAR = 'image references such as myregistry.azurecr.io/team/app:1.2'

/** A host name or address, with its port. */
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/i
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[\w][\w.-]{0,127}$/

/** @returns the parts of the reference, or undefined when it is none; the grammar is that of the distribution project */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = '', digest, ...more] = text.split('@')
  if (more.length > 0 || (digest !== undefined && parseDigest(digest) === undefined)) return undefined
  const slash = named.indexOf('/')
  const first = named.slice(0, Math.max(slash, 0))
  const host = /[.:]|^localhost$/.test(first) ? first.toLowerCase() : undefined
  if (host !== undefined && !HOST.test(host)) return undefined
  const path = host === undefined ? named : named.slice(slash + 1)
  const colon = path.lastIndexOf(':')
  const tag = colon >= 0 ? path.slice(colon + 1) : undefined
  const repository = colon >= 0 ? path.slice(0, colon) : path
  if (!isRepositoryName(repository) || (tag !== undefined && !TAG.test(tag))) return undefined
  return { text, host, repository, tag, digest }
}

/** Whether a text can be the name of a repository (OCI distribution specification). */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && REPOSITORY.test(text)
}
