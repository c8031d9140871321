/**
 * What a manifest is, by its media type.
 *
 * - `image`: an image that can carry a subject (OCI)
 * - `docker-image`: a Docker image, schema 1 or 2; the format has no subject
 * - `index`: an OCI index or Docker manifest list; lists children, can carry a subject
 * - `artifact`: the retired OCI artifact manifest and its ORAS forerunner; carries a subject, lists no manifests
 * - `unknown`: anything else, and a list entry without media type
 */
export type Kind = 'image' | 'docker-image' | 'index' | 'artifact' | 'unknown'

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>(
  Object.entries({
    'application/vnd.oci.image.manifest.v1+json': 'image',
    'application/vnd.oci.image.index.v1+json': 'index',
    'application/vnd.oci.artifact.manifest.v1+json': 'artifact',
    'application/vnd.cncf.oras.artifact.manifest.v1+json': 'artifact',
    'application/vnd.docker.distribution.manifest.v2+json': 'docker-image',
    'application/vnd.docker.distribution.manifest.list.v2+json': 'index',
    'application/vnd.docker.distribution.manifest.v1+json': 'docker-image',
    'application/vnd.docker.distribution.manifest.v1+prettyjws': 'docker-image',
  }),
)

export function kindOf(mediaType: string): Kind {
  return KINDS.get(mediaType) ?? 'unknown'
}

/** Whether a descriptor of this media type is a manifest by its type alone; layers and configs are not. */
export function isManifestType(mediaType: string): boolean {
  return kindOf(mediaType) !== 'unknown'
}

/** All manifest media types that are known, for an Accept header. */
export const MANIFEST_MEDIA_TYPES: readonly string[] = [...KINDS.keys()]
