import type { Audit } from './domain/audit.ts'
import type { CacheRule } from './domain/cache-rule.ts'
import type { Deployed } from './domain/deployment.ts'
import type { Digest } from './domain/digest.ts'
import type { Milliseconds } from './domain/duration.ts'
import type { Origin } from './domain/origin.ts'
import type { RepositoryAttributes } from './domain/obstacle.ts'
import type { Document, Instant, Locks, Manifest } from './domain/snapshot.ts'
import type { DataNeed, Vulnerabilities } from './domain/vulnerability.ts'

/** Reads a registry. Every call may reject with a RegistryError, or with a StoppedError once the run is stopped. */
export interface RegistryReader {
  /** All repositories that the registry shows, in its order. */
  catalog(): Promise<readonly string[]>
  /** Says which repositories will be read, so that permissions are asked for in as few requests as possible. */
  expect(repositories: readonly string[]): void
  repository(name: string): RepositoryReader
  /** The registry's clock as of its first answer. */
  now(): Instant
  requests(): number
}

/** Reads one repository. */
export interface RepositoryReader {
  /** The manifest list, page by page. Rejects with a RegistryError of kind `not-found` when there is no such repository. */
  manifests(): AsyncIterable<readonly Manifest[]>
  /** The manifest itself; undefined when the registry answers 404. */
  document(digest: Digest): Promise<Document | undefined>
  /** What the labels in the configuration of an image say about where it comes from; empty when they say nothing. */
  labels(config: Digest): Promise<Origin>
  /** The list entry of one manifest, also of one that lists leave out; undefined when the registry answers 404. */
  metadata(digest: Digest): Promise<Metadata | undefined>
  /** What the registry says about the repository as a whole; undefined when it answers 404. */
  attributes(): Promise<RepositoryAttributes | undefined>
  /** Every tag of one manifest, also where lists cut them. */
  tagsOf(digest: Digest): Promise<readonly Tag[]>
  /** The manifest list again, the last updated first; ends at once when there is no such repository any more. */
  newest(): AsyncIterable<readonly Manifest[]>
}

export interface Tag {
  readonly name: string
  /** Undefined when the service does not show them to this identity. */
  readonly locks: Locks | undefined
}

/**
 * Deletes manifests. Only a run that was asked to purge has one. No call sends more than one DELETE: nothing is known of a
 * manifest any more once a request has failed, so whoever calls looks again before the next attempt.
 */
export interface RegistryDeleter {
  /** Keeps room for so many deletions at a time among the requests of the run. */
  reserve(count: number): void
  /** Why this identity may not delete in a repository, as far as its token tells; costs no DELETE. */
  refusal(repository: string): Promise<Error | undefined>
  /** Waits until one more manifest may be deleted without going over what the registry allows. */
  turn(): Promise<void>
  /** Rejects with a StoppedError once the run is stopped and nothing was sent. */
  delete(repository: string, digest: Digest): Promise<DeleteAnswer>
}

export type DeleteAnswer =
  | { readonly kind: 'deleted' }
  /** It was not there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'locked' }
  /** Not tried, or refused as one too many: take another turn. */
  | { readonly kind: 'not-now' }
  /** The token does not allow it. */
  | { readonly kind: 'denied'; readonly error: Error }
  /** No answer, or one that says nothing about whether it was done. `wait`: as long as the registry asked to wait. */
  | { readonly kind: 'unknown'; readonly error: Error; readonly wait: Milliseconds | undefined }
  | { readonly kind: 'failed'; readonly error: Error }

/** What the registry says about one manifest without showing it. */
export interface Metadata {
  readonly manifest: Manifest
  /** Children of an index as the service remembers them; needs no right to read the manifest. */
  readonly references: readonly Digest[]
}

/** What there is to sign in with besides the inputs. Looking costs no request. */
export interface SignInFacts {
  /** GitHub gives this job OIDC tokens. */
  readonly oidcEndpoint: boolean
  /** The AZURE_* variables name a tenant, a client, and a secret, certificate or federated token. */
  readonly azureEnvironment: boolean
  /** Who started the run can have no secrets and no OIDC tokens. */
  readonly outsider: 'fork' | 'dependabot' | undefined
  /** The Azure CLI is there and logged in. */
  azureCliLogin(): Promise<boolean>
  /** Docker's configuration has something for the host. */
  dockerLogin(host: string): Promise<boolean>
}

/** Where the run says what it does. Everything is shown as plain text, whatever it contains. */
export interface Log {
  info(text: string): void
  notice(text: string): void
}

/** Milliseconds since some point in the past; never goes back. */
export type Stopwatch = () => number

/** Waits. Rejects with a StoppedError when the run is stopped first. */
export type Sleep = (length: Milliseconds) => Promise<void>

/** Where the state is kept between runs. */
export interface StateStore {
  /** For the log: `the file …`. */
  readonly description: string
  /** Undefined when there is none yet. */
  load(): Promise<Uint8Array | undefined>
  save(bytes: Uint8Array): Promise<void>
}

/**
 * Azure Resource Manager and Resource Graph. Every call may reject with a ManagementError, with a RegistryError when there is
 * no token, or with a StoppedError once the run is stopped.
 */
export interface Management {
  /** One resource or collection, `/subscriptions/…`, as decoded from JSON. */
  get(path: string, apiVersion: string, question: Question): Promise<unknown>
  /** All pages of a query, over every subscription that the identity can read. */
  query(kql: string, question: Question): Promise<QueryResult>
}

/** Says what is known of vulnerabilities; rejects only with what is a bug. */
export interface VulnerabilitySource {
  /** Of at least one manifest. */
  of(digests: readonly Digest[]): Promise<Vulnerabilities>
}

/** Microsoft Defender, in a run that asks it. */
export interface Defender {
  readonly source: VulnerabilitySource
  readonly need: DataNeed
}

/** What a request is for; for the message when it fails. */
export interface Question {
  /** As in "Could not …". */
  readonly operation: string
  /** What the identity needs, as in "Assign it the role …". */
  readonly role: string
}

export type Row = Readonly<Record<string, unknown>>

export interface QueryResult {
  readonly rows: readonly Row[]
  /** The service has more rows than it gives. */
  readonly cut: boolean
}

/** What Azure says around the registry. What may not be read, or failed, is part of an answer; nothing rejects but bugs. */
export interface Neighbourhood {
  /** What Azure runs by digest of the registry's images. */
  deployed(): Promise<Deployed>
  /** How the registry itself is set up; undefined when that was not to be looked at. */
  audit(): Promise<Audit | undefined>
  /** Which repositories the registry fills from elsewhere; none when that may not be read. */
  cacheRules(): Promise<readonly CacheRule[]>
}
