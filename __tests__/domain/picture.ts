import { createHash } from 'node:crypto'
import { classify } from '../../src/domain/classify.ts'
import { parseDigest, type Digest } from '../../src/domain/digest.ts'
import { parseDuration } from '../../src/domain/duration.ts'
import { buildGraph } from '../../src/domain/graph.ts'
import type { PurgePolicy } from '../../src/domain/lot.ts'
import { kindOf } from '../../src/domain/media-type.ts'
import type { Descriptor, Document, Locks, Manifest, Snapshot } from '../../src/domain/snapshot.ts'
import { surveyOf, type Judgement, type Survey } from '../../src/domain/survey.ts'
import type { Verdict } from '../../src/domain/verdict.ts'

/** The registry's time in every picture. */
export const NOW = Date.parse('2026-11-20T12:00:00Z')

/** As a run without any input has them. */
export const POLICY: PurgePolicy = {
  olderThan: 7 * 86_400_000,
  orphanAge: 'observed',
  purgeOrphanedReferrers: false,
  maxDeletes: 1000,
  maxDeletePercent: undefined,
}

export const RULES: Judgement = {
  now: NOW,
  inFlight: 3_600_000,
  pinnedBy: () => undefined,
  allowEmptyRepository: false,
  keepNewest: 0,
  deleting: true,
  purge: POLICY,
  past: undefined,
  taggedAt: () => undefined,
}

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'

/** One manifest in words. Names stand for digests; a digest tag is written `sha256-{name}.sig`. */
export interface Described {
  readonly type?: string
  readonly tags?: readonly string[]
  /** Since the push; two days if not given. */
  readonly age?: string
  readonly size?: number | 'unknown'
  readonly platform?: string
  /** `hidden`: the service does not show them. */
  readonly locks?: Partial<Locks> | 'hidden'
  /** Names of children; `{ name, type }` where the index claims another type than the manifest has. */
  readonly children?: readonly (string | { readonly name: string; readonly type: string })[]
  readonly subject?: string
}

/** A digest that stands for a name. */
export function digestOf(name: string): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(name).digest('hex')}`)
  if (digest === undefined) throw new Error('not a digest')
  return digest
}

/** What else a scan saw. */
export interface Scanned {
  /** The repository's name; `app` if not given. */
  readonly repository?: string
  /** Names of children that were asked for and answered 404. */
  readonly missing?: readonly string[]
  /** Names of manifests that were listed and gone when read. */
  readonly vanished?: readonly string[]
}

/** A repository from names. Children and subjects that are not described are not in the repository. */
export function picture(
  described: Readonly<Record<string, Described>>,
  { repository = 'app', missing = [], vanished = [] }: Scanned = {},
): Snapshot {
  const manifests = new Map<Digest, Manifest>()
  const documents = new Map<Digest, Document>()
  for (const [name, description] of Object.entries(described)) {
    const manifest = manifestOf(name, description)
    manifests.set(manifest.digest, manifest)
    const { children, subject } = description
    if (children === undefined && subject === undefined) continue
    documents.set(manifest.digest, {
      mediaType: manifest.mediaType,
      entries: (children ?? []).map((child) => descriptorOf(child, described)),
      subject: subject === undefined ? undefined : digestOf(subject),
    })
  }
  return {
    repository,
    manifests,
    documents,
    missing: new Set(missing.map(digestOf)),
    vanished: new Set(vanished.map(digestOf)),
  }
}

function manifestOf(name: string, description: Described): Manifest {
  const { tags = [], age = '2d', size = 1000, platform, locks } = description
  const mediaType = description.type ?? (description.children === undefined ? OCI_IMAGE : OCI_INDEX)
  const kind = kindOf(mediaType)
  return {
    digest: digestOf(name),
    mediaType,
    kind,
    tags: tags.map((tag) =>
      tag.replace(/\{(.+)\}/, (_, named: string) => digestOf(named).slice('sha256:'.length)),
    ),
    pushedAt: NOW - (parseDuration(age) ?? Number.NaN),
    size: size === 'unknown' ? undefined : size,
    platform,
    locks: locks === 'hidden' ? undefined : { delete: true, write: true, read: true, ...locks },
  }
}

function descriptorOf(
  child: string | { readonly name: string; readonly type: string },
  described: Readonly<Record<string, Described>>,
): Descriptor {
  const name = typeof child === 'string' ? child : child.name
  const own = described[name]
  const actual = own?.type ?? (own?.children === undefined ? OCI_IMAGE : OCI_INDEX)
  return {
    digest: digestOf(name),
    mediaType: typeof child === 'string' ? actual : child.type,
    platform: undefined,
  }
}

/** Every verdict in words, by name: `live: tagged v1`, `orphan of index: child-of index`. */
export function verdicts(described: Readonly<Record<string, Described>>): Readonly<Record<string, string>> {
  const snapshot = picture(described)
  const classified = classify(snapshot.manifests, buildGraph(snapshot), RULES).verdicts
  const names = new Map(Object.keys(described).map((name) => [digestOf(name), name]))
  const nameOf = (digest: Digest): string => names.get(digest) ?? digest
  return Object.fromEntries(
    [...names].map(([digest, name]) => [name, verdictWords(classified.get(digest), nameOf)]),
  )
}

function verdictWords(verdict: Verdict | undefined, nameOf: (digest: Digest) => string): string {
  if (verdict === undefined) return 'none'
  const { kind, because } = verdict
  const root = 'root' in verdict ? ` of ${nameOf(verdict.root)}` : ''
  const { rule, ...detail } = because
  const words = Object.values(detail).map((value) => nameOf(value as Digest))
  return [`${kind}${root}: ${rule}`, ...words].join(' ')
}

export function survey(
  described: Readonly<Record<string, Described>>,
  scanned?: Scanned,
  rules: Partial<Judgement> = {},
): Survey {
  return surveyOf(picture(described, scanned), { ...RULES, ...rules })
}
