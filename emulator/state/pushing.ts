import { digestOf, readManifest, type Manifest, type ManifestContent, type Tag } from './manifest.ts'
import type { Occasion } from './occasion.ts'
import type { RegistryState } from './registry.ts'
import type { Repository } from './repository.ts'

export type PushOutcome =
  | { readonly kind: 'stored'; readonly manifest: Manifest }
  | { readonly kind: 'locked' }
  | { readonly kind: 'soft-deleted' }
  | { readonly kind: 'missing'; readonly digests: readonly string[] }

export interface ManifestPush {
  readonly repository: string
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly tag?: string
}

/** A client's push: what a lock forbids and what a manifest needs is checked before anything changes. */
export function pushManifest(state: RegistryState, push: ManifestPush, { at, rules }: Occasion): PushOutcome {
  const repository = state.repositoryForPush(push.repository, at)
  const digest = digestOf(push.bytes)
  if (refusesPush(repository, { digest, tag: push.tag }, rules)) return { kind: 'locked' }
  if (rules.softDelete && state.softDeleted.has(push.repository, digest)) return { kind: 'soft-deleted' }
  const content = readManifest(push.bytes)
  const missing = content === undefined ? [] : missingParts(repository, content, rules)
  if (missing.length > 0) return { kind: 'missing', digests: missing }
  const isNew = !repository.manifests.has(digest)
  const manifest = repository.put({ bytes: push.bytes, mediaType: push.mediaType, at }, rules)
  if (push.tag !== undefined) repository.tag(push.tag, digest, at)
  if (rules.quarantine && isNew) {
    manifest.attributes = { ...manifest.attributes, quarantineState: 'Quarantined' }
  }
  state.refresh(repository, rules)
  return { kind: 'stored', manifest }
}

/** A tag that came to point at a manifest through the soft-delete restore. */
export function restoreManifest(
  state: RegistryState,
  target: { readonly repository: string; readonly digest: string; readonly tag?: string },
  { at, rules }: Occasion,
): Tag | Manifest | undefined {
  const manifest = state.softDeleted.take(target.repository, target.digest)
  if (manifest === undefined) return undefined
  const repository = state.repositoryForPush(target.repository, at)
  delete manifest.tags
  repository.restore(manifest)
  if (target.tag !== undefined) repository.tag(target.tag, target.digest, at)
  state.refresh(repository, rules)
  return manifest
}

function refusesPush(
  repository: Repository,
  { digest, tag }: { readonly digest: string; readonly tag: string | undefined },
  rules: Occasion['rules'],
): boolean {
  if (!repository.attributes.writeEnabled) return true
  if (tag !== undefined && repository.tags.get(tag)?.attributes.writeEnabled === false) return true
  const present = repository.manifests.get(digest)
  return rules.lockedManifestRefusesTags && present?.attributes.writeEnabled === false
}

function missingParts(
  repository: Repository,
  content: ManifestContent,
  rules: Occasion['rules'],
): readonly string[] {
  const blobs = rules.missingBlobs === 'accept' ? [] : content.blobs
  const children = rules.missingChildren === 'accept' ? [] : (content.children ?? [])
  return [
    ...blobs.filter((digest) => !repository.blobs.has(digest)),
    // An index may list blobs too: BuildKit's cache does.
    ...children
      .map((child) => child.digest)
      .filter((digest) => !repository.manifests.has(digest) && !repository.blobs.has(digest)),
  ]
}
