import type { DeleteStep } from '../domain/delete-step.ts'
import { subjectOfDigestTag, type Digest } from '../domain/digest.ts'
import type { SkipReason } from '../domain/outcome.ts'
import type { Document, Instant, Manifest } from '../domain/snapshot.ts'
import { RegistryError } from '../errors.ts'
import type { RepositoryReader } from '../ports.ts'

/** What was found right before a DELETE. */
export type Look =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed'; readonly because: SkipReason; readonly of: Digest }

/** What a purge knows of one repository while it works on it. */
export interface Progress {
  readonly reader: RepositoryReader
  /** Manifests that are not there any more, because this run deleted them or found them gone. */
  readonly gone: Set<Digest>
  /** What was pushed at this time or later may have come behind the scan's back. */
  readonly since: Instant
  /** Documents read in this run. */
  readonly documents: Map<Digest, Document>
}

/** What is about to be deleted, and what else goes because of it. */
export interface Target {
  readonly step: DeleteStep
  /** Every step of its lot that is not done yet, this one included. */
  readonly left: ReadonlyMap<Digest, DeleteStep>
}

/**
 * The last look before a DELETE, which the registry offers no condition for: at the manifest itself, at everything that the
 * registry would delete with it, at every index of the scan that lists it, and at all that was pushed since the scan began.
 * Everything is asked for at once, so that the time up to the DELETE is that of one answer.
 */
export async function lastLook(target: Target, progress: Progress): Promise<Look> {
  const { step, left } = target
  const along = step.referrers.flatMap((digest) => left.get(digest) ?? [])
  const [news, itself, ...others] = await Promise.all([
    lookForNews(left, progress),
    lookAt(step, left, progress),
    ...along.map((referrer) => lookAt(referrer, left, progress)),
    ...step.listedBy.map((index) => lookForIndex(step, index, progress)),
  ])
  return summaryOf([itself, ...others], news)
}

/**
 * Looks at every manifest of a lot, before the first of them is deleted: then it goes as a whole or not at all.
 *
 * @returns how the first one is, when nothing has changed
 */
export async function lookAtAll(left: Target['left'], progress: Progress): Promise<Look> {
  const [news, ...looks] = await Promise.all([
    lookForNews(left, progress),
    ...[...left.values()].map((step) => lookAt(step, left, progress)),
    ...[...left.values()].flatMap((step) =>
      // Those of this lot are deleted before what they list.
      step.listedBy.filter((index) => !left.has(index)).map((index) => lookForIndex(step, index, progress)),
    ),
  ])
  return summaryOf(looks, news)
}

const UNCHANGED: Look = { kind: 'unchanged' }
const GONE: Look = { kind: 'gone' }

/**
 * What looks at a manifest and at others come to. One that is gone is gone, whatever became of the others: they have their
 * own turn.
 *
 * @throws RegistryError when the registry lists nothing of a repository that still holds something
 */
function summaryOf(looks: readonly Look[], news: Look): Look {
  const [itself = UNCHANGED] = looks
  if (itself.kind === 'gone') return itself
  if (news.kind === 'gone') {
    throw new RegistryError({
      kind: 'server',
      operation: 'list the newest manifests',
      cause: 'the registry lists nothing, though it holds what is to be deleted.',
      cure: 'Run the job again later.',
    })
  }
  return [...looks, news].find(({ kind }) => kind === 'changed') ?? itself
}

async function lookAt(
  { digest, expected }: DeleteStep,
  left: Target['left'],
  { reader, gone, documents }: Progress,
): Promise<Look> {
  if (gone.has(digest)) return GONE
  const changed = (because: SkipReason): Look => ({ kind: 'changed', because, of: digest })
  const subject = documents.get(digest)?.subject
  const wasAbsent = subject !== undefined && !left.has(subject) && !gone.has(subject)
  // Digest tags are edges, not tags that keep alive; but lists cut tags, and a tag has locks of its own. A subject that the
  // scan did not find may be there now: pushed, or restored with its old time.
  const [metadata, tags, came] = await Promise.all([
    reader.metadata(digest),
    expected.tags.length > 0 ? reader.tagsOf(digest) : [],
    wasAbsent ? reader.metadata(subject) : undefined,
  ])
  if (metadata === undefined) return GONE
  if (came !== undefined) return changed({ rule: 'together', stays: came.manifest.digest })
  const { manifest } = metadata
  const locksOf = new Map(tags.map(({ name, locks }) => [name, locks]))
  const names = [...new Set([...manifest.tags, ...locksOf.keys()])]
  const ordinary = names.find((tag) => subjectOfDigestTag(tag) === undefined)
  if (ordinary !== undefined) return changed({ rule: 'tagged', tag: ordinary })
  const added = names.find((tag) => !expected.tags.includes(tag))
  if (added !== undefined) return changed({ rule: 'tagged', tag: added })
  if (!isUnlocked(manifest)) return changed({ rule: 'locked' })
  // One that the tag list leaves out may be locked, too.
  const lockedTag = names.find((tag) => {
    const locks = locksOf.get(tag)
    return locks?.delete !== true || !locks.write
  })
  if (lockedTag !== undefined) return changed({ rule: 'locked', tag: lockedTag })
  if (manifest.pushedAt !== expected.pushedAt) return changed({ rule: 'changed' })
  return UNCHANGED
}

/** What the service does not show is not unlocked. */
function isUnlocked({ locks }: Manifest): boolean {
  return locks !== undefined && locks.delete && locks.write && locks.read
}

async function lookForIndex(
  { digest }: DeleteStep,
  index: Digest,
  { reader, gone }: Progress,
): Promise<Look> {
  if (gone.has(index) || !(await isThere(index, reader))) return UNCHANGED
  return { kind: 'changed', because: { rule: 'listed', by: index }, of: digest }
}

/** One 404 alone may be a replica that lags behind: both sides of the registry have to agree. */
export async function isThere(digest: Digest, reader: RepositoryReader): Promise<boolean> {
  return (await reader.metadata(digest)) !== undefined || (await hasContent(digest, reader))
}

/** Asks the other side of the registry than the one that has the metadata. */
export async function hasContent(digest: Digest, reader: RepositoryReader): Promise<boolean> {
  try {
    return (await reader.document(digest)) !== undefined
  } catch (error) {
    // With its last manifest the repository goes.
    if (error instanceof RegistryError && error.failure.kind === 'not-found') return false
    throw error
  }
}

/**
 * By time, whether the scan knew the digest or not: the same bytes can be pushed again.
 *
 * @returns `gone` when nothing at all is listed
 */
async function lookForNews(left: Target['left'], progress: Progress): Promise<Look> {
  let listed = 0
  for await (const page of progress.reader.newest()) {
    listed += page.length
    const news = page.filter(({ pushedAt }) => pushedAt >= progress.since)
    const looks = await Promise.all(news.map((manifest) => lookAtNews(manifest, left, progress)))
    const changed = looks.find((look) => look.kind === 'changed')
    if (changed !== undefined) return changed
    if (news.length < page.length) break
  }
  return listed === 0 ? GONE : UNCHANGED
}

async function lookAtNews(
  { digest, kind, tags }: Manifest,
  left: Target['left'],
  { reader, documents }: Progress,
): Promise<Look> {
  const referrer = left.values().find((step) => subjectsOf(step, documents).includes(digest))
  if (referrer !== undefined && !left.has(digest))
    return { kind: 'changed', because: { rule: 'together', stays: digest }, of: referrer.digest }
  const bySubjectTag = tags
    .map(subjectOfDigestTag)
    .find((subject) => subject !== undefined && left.has(subject))
  if (bySubjectTag !== undefined && !left.has(digest))
    return { kind: 'changed', because: { rule: 'referred', by: digest }, of: bySubjectTag }
  // The format of Docker images names nothing but layers.
  if (kind === 'docker-image') return UNCHANGED
  const known = documents.get(digest)
  const document = known?.partial === undefined && known !== undefined ? known : await reader.document(digest)
  const [first] = left.keys()
  if (document === undefined) {
    // Pushed and deleted again is nothing; listed and not readable may be anything.
    if (first === undefined || (await reader.metadata(digest)) === undefined) return UNCHANGED
    return { kind: 'changed', because: { rule: 'unclear', by: digest }, of: first }
  }
  documents.set(digest, document)
  const child = document.entries.find((entry) => left.has(entry.digest))
  if (child !== undefined)
    return { kind: 'changed', because: { rule: 'listed', by: digest }, of: child.digest }
  const { subject } = document
  if (subject !== undefined && left.has(subject) && !left.has(digest))
    return { kind: 'changed', because: { rule: 'referred', by: digest }, of: subject }
  return UNCHANGED
}

function subjectsOf({ digest, expected }: DeleteStep, documents: Progress['documents']): readonly Digest[] {
  const subjects = [documents.get(digest)?.subject, ...expected.tags.map(subjectOfDigestTag)]
  return subjects.filter((subject) => subject !== undefined)
}
