import type { Switches } from '../switches.ts'
import { isLocked } from './attributes.ts'
import type { Manifest } from './manifest.ts'
import type { Occasion } from './occasion.ts'
import type { RegistryState } from './registry.ts'
import type { Repository } from './repository.ts'

export type Deletion =
  | { readonly kind: 'absent' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'deleted'; readonly manifests: readonly string[]; readonly tags: readonly string[] }

/** Deletes a manifest, its tags, and whatever the registry deletes along with it. */
export function deleteManifest(
  state: RegistryState,
  target: { readonly repository: Repository; readonly digest: string },
  occasion: Occasion,
): Deletion {
  const { repository, digest } = target
  const { rules } = occasion
  const manifest = repository.manifests.get(digest)
  if (rules.lockBeforeExistence && !repository.attributes.writeEnabled) return { kind: 'locked' }
  if (manifest === undefined) return { kind: 'absent' }
  // deleteEnabled of the repository guards the repository only (product documentation, container-registry-image-lock).
  if (!repository.attributes.writeEnabled || isLocked(manifest.attributes)) return { kind: 'locked' }
  if (rules.lockedTagProtectsManifest && hasLockedTag(repository, manifest)) return { kind: 'locked' }
  return removeAll(state, { repository, manifests: withDependants(repository, manifest, rules) }, occasion)
}

export function deleteTag(
  state: RegistryState,
  target: { readonly repository: Repository; readonly name: string },
  { at, rules }: Occasion,
): Deletion | { readonly kind: 'untagged'; readonly digest: string } {
  const { repository, name } = target
  const tag = repository.tags.get(name)
  if (rules.lockBeforeExistence && !repository.attributes.writeEnabled) return { kind: 'locked' }
  if (tag === undefined) return { kind: 'absent' }
  if (!repository.attributes.writeEnabled || isLocked(tag.attributes)) return { kind: 'locked' }
  repository.untag(name, at, rules)
  if (rules.softDelete) state.softDeleted.keepTag(repository.name, tag, at)
  return { kind: 'untagged', digest: tag.digest }
}

export function deleteRepository(state: RegistryState, repository: Repository, occasion: Occasion): Deletion {
  if (isLocked(repository.attributes)) return { kind: 'locked' }
  const manifests = [...repository.manifests.inKeyOrder(undefined)]
  if (occasion.rules.lockedContentProtectsRepository) {
    const locked = [...manifests, ...repository.tags.values()].some((item) => isLocked(item.attributes))
    if (locked) return { kind: 'locked' }
  }
  const deletion = removeAll(state, { repository, manifests }, occasion)
  state.drop(repository, occasion.rules)
  return deletion
}

function removeAll(
  state: RegistryState,
  target: { readonly repository: Repository; readonly manifests: readonly Manifest[] },
  { at, rules }: Occasion,
): Deletion {
  const tags: string[] = []
  for (const manifest of target.manifests) {
    const gone = target.repository.remove(manifest.digest, at)
    tags.push(...gone.map((tag) => tag.name))
    if (!rules.softDelete) continue
    state.softDeleted.keepManifest(target.repository.name, manifest, at)
    for (const tag of gone) state.softDeleted.keepTag(target.repository.name, tag, at)
  }
  state.refresh(target.repository, rules)
  return {
    kind: 'deleted',
    manifests: target.manifests.map((manifest) => manifest.digest),
    tags: tags.sort(),
  }
}

/** The manifest and, as the rules have it, its referrers and children at any depth. */
function withDependants(repository: Repository, manifest: Manifest, rules: Switches): Manifest[] {
  const found = new Map([[manifest.digest, manifest]])
  for (const each of found.values()) {
    const dependants = [
      ...(rules.cascadeReferrers
        ? repository.referrersOf(each.digest).filter((it) => follows(it, rules))
        : []),
      ...(rules.cascadeChildren ? looseChildren(repository, each, found) : []),
    ]
    for (const dependant of dependants) found.set(dependant.digest, dependant)
  }
  return [...found.values()]
}

function follows(referrer: Manifest, rules: Switches): boolean {
  if (isLocked(referrer.attributes) && !rules.cascadeLockedReferrers) return false
  return referrer.tags === undefined || rules.cascadeTaggedReferrers
}

function looseChildren(
  repository: Repository,
  index: Manifest,
  going: ReadonlyMap<string, Manifest>,
): Manifest[] {
  return (index.children ?? []).flatMap((child) => {
    const held = repository.manifests.get(child.digest)
    if (held === undefined || held.tags !== undefined || isLocked(held.attributes)) return []
    return repository.parentsOf(child.digest).every((parent) => going.has(parent.digest)) ? [held] : []
  })
}

function hasLockedTag(repository: Repository, manifest: Manifest): boolean {
  return [...(manifest.tags ?? [])].some((name) => {
    const tag = repository.tags.get(name)
    return tag !== undefined && isLocked(tag.attributes)
  })
}
