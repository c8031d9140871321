/** What `changeableAttributes` shows, of a repository, a manifest or a tag. */
export interface Attributes {
  readonly deleteEnabled: boolean
  readonly writeEnabled: boolean
  readonly readEnabled: boolean
  readonly listEnabled: boolean
  /** Only on some registries, only on repositories (recorded: js-2021-05-repository-properties). */
  readonly teleportEnabled?: boolean
  readonly quarantineDetails?: string
  readonly quarantineState?: string
}

/** One shared object: most manifests of a large picture never change theirs. */
export const openAttributes: Attributes = Object.freeze({
  deleteEnabled: true,
  writeEnabled: true,
  readEnabled: true,
  listEnabled: true,
})

/** Either flag is enough (Azure/acr-cli#70; container-registry-image-lock of the product documentation). */
export function isLocked(attributes: Attributes): boolean {
  return !attributes.deleteEnabled || !attributes.writeEnabled
}
