import { parseDigest, type Digest } from '../domain/digest.ts'
import { kindOf } from '../domain/media-type.ts'
import { originOf, type Origin } from '../domain/origin.ts'
import type { RepositoryAttributes } from '../domain/obstacle.ts'
import type { Descriptor, Document, Instant, Locks, Manifest } from '../domain/snapshot.ts'
import type { Metadata, Tag } from '../ports.ts'

/**
 * Answers of the service, made into domain values. Unknown keys are ignored, since the service grows; what is needed and
 * cannot be understood is an error, never a guess.
 */

/** One page of a manifest list. An entry that cannot be understood spoils it: a gap must not look like an absence. */
export function decodePage(body: unknown): readonly Manifest[] {
  return asList(asRecord(body, 'the manifest list')['manifests']).map(decodeManifest)
}

/** The answer for a single manifest; `references` are the children of an index. */
export function decodeMetadata(body: unknown): Metadata {
  const entry = asRecord(asRecord(body, 'the metadata')['manifest'], 'a manifest entry')
  return {
    manifest: decodeManifest(entry),
    references: asList(entry['references']).map((reference) =>
      decodeDigest(asRecord(reference, 'a reference')['digest']),
    ),
  }
}

/** The answer for a repository. */
export function decodeAttributes(body: unknown): RepositoryAttributes {
  const record = asRecord(body, 'the repository')
  const count = record['manifestCount']
  return {
    manifestCount: typeof count === 'number' ? count : undefined,
    locks: decodeLocks(record['changeableAttributes']),
  }
}

/** Those tags of a page that are on this manifest: what follows the first page is not filtered for certain. */
export function decodeTags(body: unknown, digest: Digest): readonly Tag[] {
  return asList(asRecord(body, 'the tag list')['tags'])
    .map((tag) => asRecord(tag, 'a tag'))
    .filter((tag) => tag['digest'] === digest)
    .map((tag) => ({ name: String(tag['name']), locks: decodeLocks(tag['changeableAttributes']) }))
}

/**
 * A manifest's own words about others.
 *
 * @param mediaType of the answer; a list entry may lack it
 * @throws WireError when a child or subject has no digest: an edge would be lost
 */
export function decodeDocument(mediaType: string, content: unknown): Document {
  const record = asRecord(content, 'the manifest')
  const subject = record['subject']
  const origin = originOf(record['annotations'])
  const config = configOf(record)
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(config === undefined ? {} : { config }),
    mediaType,
    entries: asList(record['manifests']).map(decodeDescriptor),
    subject:
      subject === undefined || subject === null
        ? undefined
        : decodeDigest(asRecord(subject, 'the subject')['digest']),
  }
}

/** Artifacts and indexes have none, or one that is no configuration of an image. */
function configOf({ config }: Readonly<Record<string, unknown>>): Digest | undefined {
  const digest = typeof config === 'object' && config !== null ? asRecord(config, '')['digest'] : undefined
  return typeof digest === 'string' ? parseDigest(digest) : undefined
}

/** The labels in an image's configuration. */
export function decodeLabels(content: unknown): Origin {
  const config = asRecord(content, 'the configuration')['config']
  return typeof config === 'object' && config !== null ? (originOf(asRecord(config, '')['Labels']) ?? {}) : {}
}

/** The service's answer could not be understood. */
export class WireError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WireError'
  }
}

/** @throws WireError when the entry has no digest or no times: without them nothing can be said about it */
function decodeManifest(entry: unknown): Manifest {
  const record = asRecord(entry, 'a manifest entry')
  const digest = decodeDigest(record['digest'])
  const created = decodeTime(record['createdTime'])
  const updated = decodeTime(record['lastUpdateTime'])
  if (created === undefined && updated === undefined) throw new WireError(`${digest} has no time of its push`)
  const mediaType = shared(asText(record['mediaType']) ?? '')
  const size = record['imageSize']
  return {
    digest,
    mediaType,
    kind: kindOf(mediaType),
    tags: decodeTagNames(record['tags']),
    pushedAt: Math.max(created ?? -Infinity, updated ?? -Infinity),
    size: typeof size === 'number' && size >= 0 ? size : undefined,
    platform: platformOf(record),
    locks: decodeLocks(record['changeableAttributes']),
  }
}

const NO_TAGS: readonly string[] = []

function decodeTagNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : NO_TAGS
}

/** Far more than there are media types and platforms; whatever a strange registry has beyond them is simply not shared. */
const MOST_WORDS = 1000

const words = new Map<string, string>()

/** The same text, once: a large registry repeats each media type and platform a hundred thousand times. */
function shared(text: string): string {
  const known = words.get(text)
  if (known !== undefined) return known
  if (words.size < MOST_WORDS) words.set(text, text)
  return text
}

function decodeDescriptor(entry: unknown): Descriptor {
  const record = asRecord(entry, 'a child')
  const platform = record['platform']
  return {
    digest: decodeDigest(record['digest']),
    mediaType: shared(asText(record['mediaType']) ?? ''),
    platform:
      typeof platform === 'object' && platform !== null ? platformOf(asRecord(platform, '')) : undefined,
  }
}

function decodeDigest(value: unknown): Digest {
  const digest = typeof value === 'string' ? parseDigest(value) : undefined
  if (digest === undefined) throw new WireError('a digest is missing or malformed')
  return digest
}

function decodeTime(value: unknown): Instant | undefined {
  const instant = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(instant) ? undefined : instant
}

/** Shared by nearly every entry of a large registry. */
const UNLOCKED: Locks = { delete: true, write: true, read: true }

/**
 * An identity that may not see lock attributes gets none of them (Microsoft Learn, "Lock a container image"): then nothing
 * is known, which is not the same as unlocked.
 */
function decodeLocks(value: unknown): Locks | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const attributes = asRecord(value, 'changeableAttributes')
  const locks = {
    delete: attributes['deleteEnabled'] !== false,
    write: attributes['writeEnabled'] !== false,
    read: attributes['readEnabled'] !== false,
  }
  return locks.delete && locks.write && locks.read ? UNLOCKED : locks
}

/** Buildx stores attestations as images for `unknown/unknown`: that is no platform. */
function platformOf(record: Readonly<Record<string, unknown>>): string | undefined {
  const os = asText(record['os'])
  const architecture = asText(record['architecture'])
  if (os === undefined || architecture === undefined || os === 'unknown') return undefined
  const variant = asText(record['variant'])
  return shared([os, architecture, ...(variant === undefined ? [] : [variant])].join('/'))
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError(`${what} is not a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
