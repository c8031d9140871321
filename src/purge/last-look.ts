import type { DeleteStep } from '../domain/delete-step.ts'
import { subjectOfDigestTag, type Digest } from '../domain/digest.ts'
import type { SkipReason } from '../domain/outcome.ts'
import type { Document, Instant, Manifest } from '../domain/snapshot.ts'
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
  const [itself, ...others] = await Promise.all([
    lookAt(step, progress),
    ...along.map((referrer) => lookAt(referrer, progress)),
    ...step.listedBy.map((index) => lookForIndex(step, index, progress)),
    lookForNews(left, progress),
  ])
  const changed = [itself, ...others].find((look) => look.kind === 'changed')
  return changed ?? itself
}

/**
 * Looks at every manifest of a lot, before the first of them is deleted: then it goes as a whole or not at all.
 *
 * @returns how the first one is, when nothing has changed
 */
export async function lookAtAll(left: ReadonlyMap<Digest, DeleteStep>, progress: Progress): Promise<Look> {
  const looks = await Promise.all([
    ...[...left.values()].map((step) => lookAt(step, progress)),
    ...[...left.values()].flatMap((step) =>
      // Those of this lot are deleted before what they list.
      step.listedBy.filter((index) => !left.has(index)).map((index) => lookForIndex(step, index, progress)),
    ),
    lookForNews(left, progress),
  ])
  return looks.find((look) => look.kind === 'changed') ?? looks[0] ?? UNCHANGED
}

const UNCHANGED: Look = { kind: 'unchanged' }

async function lookAt({ digest, expected }: DeleteStep, { reader, gone }: Progress): Promise<Look> {
  if (gone.has(digest)) return { kind: 'gone' }
  const changed = (because: SkipReason): Look => ({ kind: 'changed', because, of: digest })
  // Digest tags are edges, not tags that keep alive; but lists cut tags, and a tag has locks of its own.
  const [metadata, tags] = await Promise.all([
    reader.metadata(digest),
    expected.tags.length > 0 ? reader.tagsOf(digest) : [],
  ])
  if (metadata === undefined) return { kind: 'gone' }
  const { manifest } = metadata
  const names = [...manifest.tags, ...tags.map(({ name }) => name)]
  const ordinary = names.find((tag) => subjectOfDigestTag(tag) === undefined)
  if (ordinary !== undefined) return changed({ rule: 'tagged', tag: ordinary })
  const added = names.find((tag) => !expected.tags.includes(tag))
  if (added !== undefined) return changed({ rule: 'tagged', tag: added })
  if (!isUnlocked(manifest)) return changed({ rule: 'locked' })
  const lockedTag = tags.find(({ locks }) => locks?.delete !== true || !locks.write)
  if (lockedTag !== undefined) return changed({ rule: 'locked', tag: lockedTag.name })
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
  if (gone.has(index) || (await reader.metadata(index)) === undefined) return UNCHANGED
  return { kind: 'changed', because: { rule: 'listed', by: index }, of: digest }
}

/** By time, whether the scan knew the digest or not: the same bytes can be pushed again. */
async function lookForNews(left: ReadonlyMap<Digest, DeleteStep>, progress: Progress): Promise<Look> {
  for await (const page of progress.reader.newest()) {
    const news = page.filter(({ pushedAt }) => pushedAt >= progress.since)
    const looks = await Promise.all(news.map((manifest) => lookAtNews(manifest, left, progress)))
    const changed = looks.find((look) => look.kind === 'changed')
    if (changed !== undefined) return changed
    if (news.length < page.length) break
  }
  return UNCHANGED
}

async function lookAtNews(
  { digest, kind, tags }: Manifest,
  left: ReadonlyMap<Digest, DeleteStep>,
  { reader, documents }: Progress,
): Promise<Look> {
  const bySubjectTag = tags
    .map(subjectOfDigestTag)
    .find((subject) => subject !== undefined && left.has(subject))
  if (bySubjectTag !== undefined && !left.has(digest))
    return { kind: 'changed', because: { rule: 'referred', by: digest }, of: bySubjectTag }
  // The format of Docker images names nothing but layers.
  if (kind === 'docker-image') return UNCHANGED
  const document = documents.get(digest) ?? (await reader.document(digest))
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
