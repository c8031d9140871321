import type { Digest } from './domain/digest.ts'
import type { Document, Instant, Manifest } from './domain/snapshot.ts'

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
  /** The list entry of one manifest, also of one that lists leave out; undefined when the registry answers 404. */
  metadata(digest: Digest): Promise<Metadata | undefined>
}

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
