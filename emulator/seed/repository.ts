import { formatTicks, ticksIn, ticksOf } from '../clock.ts'
import { openAttributes } from '../state/attributes.ts'
import { digestOf, withoutUndefined } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import { configBlob, imageManifest, layerBlob, parsePlatform } from './content.ts'
import type {
  ChildDescription,
  DigestTagSuffix,
  ImageDescription,
  IndexDescription,
  ManifestDescription,
  MultiPlatform,
  MultiPlatformDescription,
  RecordDescription,
  ReferrerDescription,
  RepositoryDefaults,
  When,
} from './descriptions.ts'
import { Descriptors } from './descriptors.ts'
import { RepositoryEvents } from './repository-events.ts'
import {
  artifactManifest,
  attestationParts,
  buildCacheIndex,
  referrerParts,
  schema1Manifest,
  signatureParts,
} from './special.ts'

/** Puts manifests into one repository, with deterministic bytes, and returns their digests. */
export class RepositorySeed extends RepositoryEvents {
  #descriptors = new Descriptors((digest) => this.manifest(digest))
  #unnamed = { count: 0 }

  /** The same repository, for those to whom something else is usual in it. */
  withDefaults(defaults: RepositoryDefaults): RepositorySeed {
    const other = new RepositorySeed(this.registry, this.name, defaults)
    other.#descriptors = this.#descriptors
    other.#unnamed = this.#unnamed
    return other
  }

  image(description: ImageDescription = {}): string {
    const platform = description.platform === undefined ? this.defaults.platform : description.platform
    const parsed = platform === null ? undefined : parsePlatform(platform ?? 'linux/amd64')
    const key = this.#key(description)
    const layers = (description.layers ?? [1024]).map((layer, at) => layerBlob(layer, `${key} ${at}`))
    const config = configBlob(parsed, { key, layers, labels: description.labels })
    const format = description.format ?? this.defaults.format ?? 'oci'
    if (format === 'docker' && (description.subject ?? description.artifactType) !== undefined) {
      throw new Error('a docker manifest has neither subject nor artifactType: take the format oci')
    }
    const manifest = imageManifest(format, { config, layers, ...this.#extras(description) })
    const digest = this.push(manifest, { ...description, blobs: [config, ...layers] })
    if (parsed?.variant !== undefined) this.#descriptors.remember(digest, { platform: parsed })
    return digest
  }

  /** Many images at once; `each` describes the one with the number, from 0. */
  images(count: number, each: (number: number) => ImageDescription = () => ({})): string[] {
    return Array.from({ length: count }, (_, number) => this.image(each(number)))
  }

  /** An index of manifests, by digest or described. A child need not be there: `missingChild()`. */
  index(children: readonly (string | ChildDescription)[], description: IndexDescription = {}): string {
    const format = description.format ?? this.defaults.format ?? 'oci'
    return this.push(
      {
        schemaVersion: 2,
        mediaType: format === 'oci' ? mediaTypes.ociIndex : mediaTypes.dockerList,
        manifests: children.map((child) => this.#descriptors.of(child)),
        ...this.#extras(description),
      },
      description,
    )
  }

  /** What a build for several platforms pushes: the images, seconds later perhaps their attestations, then the index. */
  multiPlatform(description: MultiPlatformDescription = {}): MultiPlatform {
    const {
      platforms = ['linux/amd64', 'linux/arm64'],
      attestations = false,
      layers,
      labels,
      ...index
    } = description
    const at = this.at(description)
    const secondsBefore = (seconds: number) => ({ pushedAt: formatTicks(at - ticksIn(seconds * 1000)) })
    const images = platforms.map((platform) =>
      this.image({
        platform,
        ...withoutUndefined({
          format: description.format,
          layers,
          labels,
          name: description.name === undefined ? undefined : `${description.name} ${platform}`,
        }),
        ...secondsBefore(2),
      }),
    )
    const attested = attestations ? images.map((image) => this.attestation(image, secondsBefore(1))) : []
    const children = [...images, ...attested]
    const digest = this.index(children, index)
    return { index: digest, images, attestations: attested, all: [...children, digest] }
  }

  /** A buildx attestation manifest. An index that lists it says of it what buildx does: platform unknown/unknown, two annotations. */
  attestation(image: string, description: ManifestDescription = {}): string {
    const { manifest, blobs } = attestationParts(image, this.#extras(description))
    const digest = this.push(manifest, { ...description, blobs })
    this.#descriptors.remember(digest, {
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: {
        'vnd.docker.reference.digest': image,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
    })
    return digest
  }

  /** Something with a `subject`. The subject need not be there. */
  referrer(subject: string, description: ReferrerDescription = {}): string {
    const { kind = 'image', artifactType = 'application/vnd.example.sbom.v1', children = [] } = description
    const more = this.#extras({ ...description, artifactType, subject })
    if (kind === 'index') {
      const manifests = children.map((child) => this.#descriptors.of(child))
      return this.push({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, ...more }, description)
    }
    const { manifest, blobs } =
      kind === 'image'
        ? referrerParts(this.#key(description), more)
        : artifactManifest(kind, this.#key(description), more)
    return this.push(manifest, { ...description, blobs })
  }

  /** A signature, attestation or SBOM under cosign's digest tag: `sha256-<hex>.sig`. */
  digestTag(subject: string, suffix: DigestTagSuffix = 'sig', description: ManifestDescription = {}): string {
    const { manifest, blobs } = signatureParts(
      { subject, suffix, key: this.#key(description) },
      this.#extras(description),
    )
    return this.push(manifest, { ...description, tag: digestTagOf(subject, suffix), blobs })
  }

  /** The index under `sha256-<hex>` that clients keep where the referrers API is missing. */
  fallbackIndex(subject: string, referrers: readonly string[], description: When = {}): string {
    return this.index(referrers, { ...description, format: 'oci', tag: digestTagOf(subject, '') })
  }

  schema1(description: ManifestDescription = {}): string {
    const { manifest, blobs } = schema1Manifest(this.name, this.#key(description))
    return this.push(manifest, { ...description, blobs, mediaType: mediaTypes.schema1Signed })
  }

  /** An index as BuildKit's registry cache writes it: its entries are layers and a config, no manifests. */
  buildCache(description: ManifestDescription & { readonly layers?: number } = {}): string {
    const { manifest, blobs } = buildCacheIndex(this.#key(description), description.layers ?? 2)
    return this.push(manifest, { ...description, blobs })
  }

  /** A manifest of a type nobody knows. */
  unknownType(description: ManifestDescription & { readonly mediaType?: string } = {}): string {
    const { mediaType = 'application/vnd.example.unknown.v1+json' } = description
    return this.push({ schemaVersion: 2, mediaType, data: this.#key(description) }, description)
  }

  /** A child for `index` that the repository does not hold. */
  missingChild(platform = 'linux/amd64', name = platform): ChildDescription {
    return { digest: digestOf(`missing ${name}`), mediaType: mediaTypes.ociManifest, size: 525, platform }
  }

  /** A manifest of which only metadata is known, such as an entry of a recorded list. */
  record(description: RecordDescription): string {
    const { createdTime, lastUpdateTime, changeableAttributes, content, tags = [], ...known } = description
    const created = createdTime === undefined ? this.registry.clock.now() : ticksOf(createdTime)
    const repository = this.stored(created)
    repository.restore({
      imageSize: 0,
      ...known,
      bytes: Buffer.from(content ?? ''),
      createdAt: created,
      updatedAt: lastUpdateTime === undefined ? created : ticksOf(lastUpdateTime),
      attributes: { ...openAttributes, ...changeableAttributes },
    })
    for (const tag of tags) repository.tag(tag, description.digest, created)
    this.registry.state.refresh(repository, this.registry.switches)
    return description.digest
  }

  #extras(description: ManifestDescription): Record<string, unknown> {
    const { subject, artifactType, annotations } = description
    return {
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(subject === undefined ? {} : { subject: this.#descriptors.ofSubject(subject) }),
      ...(annotations === undefined ? {} : { annotations }),
    }
  }

  #key({ name }: { readonly name?: string }): string {
    if (name !== undefined) return name
    this.#unnamed.count += 1
    return `${this.name} ${this.#unnamed.count}`
  }
}

/** `sha256-<hex>` of a digest, alone or with a suffix. */
export function digestTagOf(digest: string, suffix: DigestTagSuffix): string {
  const tag = digest.replace(':', '-')
  return suffix === '' ? tag : `${tag}.${suffix}`
}
