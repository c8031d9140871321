import { formatTicks } from '../clock.ts'
import { openAttributes, type Attributes } from '../state/attributes.ts'
import { readManifest, type Manifest, type Tag } from '../state/manifest.ts'
import type { Repository } from '../state/repository.ts'
import type { Switches } from '../switches.ts'

/** The objects of /acr/v1, their keys in the recorded order, absent keys really absent. */

export interface View {
  readonly switches: Switches
  /** False for callers who may not see locks. */
  readonly showsLocks: boolean
}

export function repositoryShape(host: string, repository: Repository, view: View): object {
  const { switches } = view
  const hidden = switches.manifestCountHidden ? 0 : countHidden(repository)
  return {
    registry: host,
    imageName: repository.name,
    createdTime: formatTicks(repository.createdAt),
    lastUpdateTime: formatTicks(repository.updatedAt),
    manifestCount: repository.manifests.size - hidden + switches.manifestCountOffset,
    tagCount: repository.tags.size,
    ...attributesShape(repository.attributes, view),
  }
}

export function tagShape(tag: Tag, view: View): object {
  return {
    name: tag.name,
    digest: tag.digest,
    createdTime: formatTicks(tag.createdAt),
    lastUpdateTime: formatTicks(tag.updatedAt),
    // False for an image signed with cosign too (sathpal/regulated-k8s-reference, outputs of 2026).
    signed: false,
    ...attributesShape(tag.attributes, view),
  }
}

/** An entry of the manifest list: never with the children of an index. */
export function manifestShape(manifest: Manifest, view: View): object {
  const artifactType = view.switches.artifactTypeInLists
    ? readManifest(manifest.bytes)?.artifactType
    : undefined
  return {
    digest: manifest.digest,
    imageSize: manifest.imageSize,
    createdTime: formatTicks(manifest.createdAt),
    lastUpdateTime: formatTicks(manifest.updatedAt),
    ...(manifest.architecture === undefined ? {} : { architecture: manifest.architecture }),
    ...(manifest.os === undefined ? {} : { os: manifest.os }),
    mediaType: manifest.mediaType,
    ...(manifest.configMediaType === undefined ? {} : { configMediaType: manifest.configMediaType }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.tags === undefined ? {} : { tags: tagNames(manifest.tags, view.switches) }),
    ...attributesShape(manifest.attributes, view),
  }
}

/** The answer about one manifest, which does list the children (recorded: py-2021-12-manifest-properties-of-index). */
export function singleManifestShape(manifest: Manifest, view: View): object {
  const references = manifest.children?.map(({ digest, architecture, os }) => ({
    digest,
    ...(architecture === undefined ? {} : { architecture }),
    ...(os === undefined ? {} : { os }),
  }))
  return { ...manifestShape(manifest, view), ...(references === undefined ? {} : { references }) }
}

function attributesShape(attributes: Attributes, view: View): { changeableAttributes?: Attributes } {
  if (!view.showsLocks) return {}
  return { changeableAttributes: attributes === openAttributes ? openAttributes : inOrder(attributes) }
}

function inOrder(attributes: Attributes): Attributes {
  const { deleteEnabled, writeEnabled, readEnabled, listEnabled, ...more } = attributes
  return {
    deleteEnabled,
    writeEnabled,
    readEnabled,
    listEnabled,
    ...(more.teleportEnabled === undefined ? {} : { teleportEnabled: more.teleportEnabled }),
    ...(more.quarantineDetails === undefined ? {} : { quarantineDetails: more.quarantineDetails }),
    ...(more.quarantineState === undefined ? {} : { quarantineState: more.quarantineState }),
  }
}

// Names are cut when a manifest has many (Azure/azure-cli#7438, Azure/acr#529), but never to none.
function tagNames(tags: ReadonlySet<string>, switches: Switches): string[] {
  const names = [...tags].sort()
  return switches.tagsTruncateAt === null ? names : names.slice(0, Math.max(1, switches.tagsTruncateAt))
}

function countHidden(repository: Repository): number {
  let hidden = 0
  for (const manifest of repository.manifests.values()) if (!manifest.attributes.listEnabled) hidden += 1
  return hidden
}
