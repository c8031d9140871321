import pLimit from 'p-limit'
import pMap from 'p-map'
import { classify, type Classification, type Rules } from '../domain/classify.ts'
import { subjectOfDigestTag, type Digest } from '../domain/digest.ts'
import { buildGraph, type Graph } from '../domain/graph.ts'
import { kindOf } from '../domain/media-type.ts'
import { isPlain, PLAIN, type Document, type Manifest, type Snapshot } from '../domain/snapshot.ts'
import { isKept } from '../domain/verdict.ts'
import { RegistryError } from '../errors.ts'
import type { RepositoryReader } from '../ports.ts'
import { NewestImages, type ImageSource } from './newest-images.ts'

export interface RepositoryScanOptions {
  /** Asked for once the first answer is there, since the time is the registry's. */
  readonly rules: () => Rules
  /** Settled when the rules are known; nothing is judged before. */
  readonly ready: Promise<unknown>
  readonly concurrency: number
  /** Told after every page of the list and every manifest read. */
  readonly onProgress: (listed: number) => void
  /** What is known without reading; a digest always stands for the same bytes. */
  readonly known: ReadonlyMap<Digest, Document>
}

/** Reads one repository, no more of it than is needed. */
export class RepositoryScan {
  readonly #reader: RepositoryReader
  readonly #options: RepositoryScanOptions
  readonly #repository: string
  readonly #manifests = new Map<Digest, Manifest>()
  readonly #documents = new Map<Digest, Document>()
  /** Those of them that were read just now, when others were known before. */
  readonly #fresh = new Map<Digest, Document>()
  readonly #vanished = new Set<Digest>()
  readonly #missing = new Set<Digest>()
  /** Asked whether it is still there. */
  readonly #confirmed = new Set<Digest>()
  readonly #newest = new NewestImages()
  #listed = 0

  constructor(repository: string, reader: RepositoryReader, options: RepositoryScanOptions) {
    this.#repository = repository
    this.#reader = reader
    this.#options = options
  }

  get snapshot(): Snapshot {
    return {
      repository: this.#repository,
      manifests: this.#manifests,
      documents: this.#documents,
      vanished: this.#vanished,
      missing: this.#missing,
    }
  }

  /** What was read just now, not known before. */
  get fresh(): ReadonlyMap<Digest, Document> {
    return this.#options.known.size > 0 ? this.#fresh : this.#documents
  }

  /** What some of the newest images say of themselves. */
  get sources(): ReadonlyMap<Digest, ImageSource> {
    return this.#newest.all
  }

  /** How many manifests the list has. */
  get listed(): number {
    return this.#listed
  }

  /**
   * Reads as far as verdicts need it: the whole list, every index, and each untagged manifest that may refer to another and
   * is not live by what is known so far.
   *
   * @throws RegistryError as soon as something could not be read: then nothing in the repository can be judged
   */
  async read(): Promise<void> {
    await this.#readList()
    await this.#options.ready
    await this.#readWhatVerdictsNeed()
  }

  /**
   * Reads whatever else may refer to something: the registry deletes referrers along with their subject, even those that are
   * tagged or listed by an index in use.
   *
   * @throws RegistryError as soon as something could not be read, or may not be: of an index the service still tells the
   * children then, but not what it refers to
   */
  async readAllReferrers(): Promise<void> {
    const closed = this.#manifests
      .values()
      .find(({ kind, locks }) => kind !== 'docker-image' && locks?.read === false)
    if (closed !== undefined) throw this.#closed(closed.digest, 'what it refers to is not known')
    const unread = [...this.#manifests.values()].filter(
      (manifest) => mayRefer(manifest) && !this.#documents.has(manifest.digest),
    )
    await this.#each(unread, (manifest) => this.#read(manifest))
  }

  /** Indexes are read while the list still comes. */
  async #readList(): Promise<void> {
    const limit = pLimit(this.#options.concurrency)
    const reading: Promise<void>[] = []
    const failures: unknown[] = []
    const read = async (manifest: Manifest): Promise<void> => {
      if (failures.length > 0) return
      await this.#read(manifest).catch((error: unknown) => failures.push(error))
    }
    for await (const page of this.#reader.manifests()) {
      for (const manifest of page) {
        if (!this.#manifests.has(manifest.digest)) this.#listed += 1
        this.#manifests.set(manifest.digest, manifest)
        const known = this.#options.known.get(manifest.digest)
        // A part of it was all there was to know while reading it was disabled.
        if (known !== undefined && known.partial === undefined) this.#learn(manifest, known)
        else if (mayListManifests(manifest)) reading.push(limit(read, manifest))
      }
      this.#options.onProgress(page.length)
      if (failures.length > 0) break
    }
    await Promise.all(reading)
    if (failures.length > 0) throw failures[0]
  }

  /**
   * What one round reads can make other manifests live, bring hidden ones to light, or show that an index is gone, so
   * rounds follow until nothing new is needed; nearly always the first one finds everything.
   */
  async #readWhatVerdictsNeed(): Promise<void> {
    for (;;) {
      const graph = buildGraph(this.snapshot)
      if (graph.absentChildren.size === 0 && !this.#manifests.values().some(this.#isOpen)) return
      const classification = classify(this.#manifests, graph, this.#options.rules())
      const referrers = this.#possibleReferrers(classification)
      await this.#each(referrers, (manifest) => this.#read(manifest))
      // Which indexes are kept is clear only when all edges are known.
      const learnt = referrers.some(({ digest }) => this.#documents.get(digest) !== PLAIN)
      if (!learnt && !(await this.#askForAbsentChildren(graph, classification))) return
    }
  }

  /** Not tagged, and might refer to something: in a registry of Docker images there is none. */
  readonly #isOpen = (manifest: Manifest): boolean =>
    manifest.tags.every((tag) => subjectOfDigestTag(tag) !== undefined) && this.#isUnreadReferrer(manifest)

  #isUnreadReferrer(manifest: Manifest): boolean {
    return mayRefer(manifest) && manifest.locks?.read !== false && !this.#documents.has(manifest.digest)
  }

  /** A manifest that is live anyway need not be read: whom it refers to does not change its verdict. */
  #possibleReferrers({ verdicts }: Classification): readonly Manifest[] {
    return [...this.#manifests.values()].filter(
      (manifest) => this.#isUnreadReferrer(manifest) && verdicts.get(manifest.digest)?.kind !== 'live',
    )
  }

  /**
   * Asks for children of kept indexes that the list does not have. One that exists is only hidden (`listEnabled` false)
   * and may have children itself; one that does not exist leaves its index broken.
   *
   * @returns whether anything was learnt that changes the picture
   */
  async #askForAbsentChildren({ absentChildren }: Graph, { verdicts }: Classification): Promise<boolean> {
    const kept = [...absentChildren].filter(([index]) => isKept(verdicts.get(index)))
    const isGone = (digest: Digest): boolean => this.#missing.has(digest) || this.#vanished.has(digest)
    const unknown = new Set(kept.flatMap(([, children]) => children.filter((child) => !isGone(child))))
    let learnt = false
    await this.#each([...unknown], async (digest) => {
      const metadata = await this.#reader.metadata(digest)
      if (metadata === undefined) {
        this.#missing.add(digest)
        return
      }
      learnt = true
      this.#manifests.set(digest, metadata.manifest)
      if (mayListManifests(metadata.manifest)) await this.#read(metadata.manifest)
    })
    const suspects = kept.filter(([index, children]) => !this.#confirmed.has(index) && children.some(isGone))
    await this.#each(suspects, async ([index]) => {
      this.#confirmed.add(index)
      // An index that was itself deleted meanwhile is not broken, and nothing needs its children any more.
      if ((await this.#reader.metadata(index)) !== undefined) return
      learnt = true
      this.#forget(index)
    })
    return learnt
  }

  async #read(manifest: Manifest): Promise<void> {
    const { digest } = manifest
    const document =
      manifest.locks?.read === false ? await this.#remembered(manifest) : await this.#document(manifest)
    this.#options.onProgress(0)
    if (document !== undefined) {
      const { config: _, ...learnt } = document
      this.#newest.add(manifest, document)
      this.#learn(manifest, learnt)
      if (this.#options.known.size > 0) this.#fresh.set(digest, this.#documents.get(digest) ?? learnt)
      return
    }
    // Lists are no snapshots: what they name may be gone (dotnet/docker-tools#2202). One 404 alone may also be a replica
    // that lags behind, so both sides of the registry have to agree.
    if ((await this.#reader.metadata(digest)) !== undefined) {
      throw this.#unreadable(digest, 'the registry knows its attributes but does not find its content.')
    }
    this.#forget(digest)
    this.#vanished.add(digest)
  }

  #learn(manifest: Manifest, document: Document): void {
    const { digest } = manifest
    this.#documents.set(digest, isPlain(document) && manifest.mediaType !== '' ? PLAIN : document)
    // An entry without media type is what its content says.
    if (manifest.mediaType !== '') return
    const { mediaType } = document
    this.#manifests.set(digest, { ...manifest, mediaType, kind: kindOf(mediaType) })
  }

  async #document({ digest, kind }: Manifest): Promise<Document | undefined> {
    try {
      return await this.#reader.document(digest)
    } catch (error) {
      // Of an unknown type and not even JSON: it cannot name any manifest.
      if (kind !== 'unknown' || !(error instanceof RegistryError) || error.failure.kind !== 'not-json')
        throw error
      return PLAIN
    }
  }

  /** Reading is disabled on the manifest; the service still tells the children of an index among its attributes. */
  async #remembered({ digest, mediaType }: Manifest): Promise<Document> {
    const { references = [] } = (await this.#reader.metadata(digest)) ?? {}
    if (references.length === 0) {
      throw this.#closed(digest, 'its children are not known')
    }
    const entries = references.map((child) => ({ digest: child, mediaType: '', platform: undefined }))
    return { mediaType, entries, subject: undefined, partial: true }
  }

  #forget(digest: Digest): void {
    this.#manifests.delete(digest)
    this.#documents.delete(digest)
  }

  #closed(digest: Digest, unknown: string): RegistryError {
    const cure = `Allow it: az acr repository update --image ${this.#repository}@${digest} --read-enabled true.`
    return this.#unreadable(digest, `reading it is disabled (readEnabled is false), and ${unknown}.`, cure)
  }

  #unreadable(
    digest: Digest,
    cause: string,
    cure = 'Run the job again later, or look at it with az acr manifest show.',
  ): RegistryError {
    const operation = `read the manifest ${digest}`
    return new RegistryError({ kind: 'server', operation, repository: this.#repository, cause, cure })
  }

  async #each<Item>(items: readonly Item[], action: (item: Item) => Promise<void>): Promise<void> {
    await pMap(items, action, { concurrency: this.#options.concurrency })
  }
}

/** Docker's formats have no subject, and whoever may list manifests is read anyway. */
function mayRefer({ kind }: Manifest): boolean {
  return kind === 'image' || kind === 'artifact'
}

/** By what it is, not by what a parent calls it; of an unknown type nobody knows. */
function mayListManifests({ kind }: Manifest): boolean {
  return kind === 'index' || kind === 'unknown'
}
