import type { Blob } from '../state/blobs.ts'
import { mediaTypes } from '../state/media-types.ts'
import { descriptor, jsonBlob, layerBlob } from './content.ts'
import type { DigestTagSuffix } from './descriptions.ts'

/** The manifests that are no plain images, with the blobs they need. */
export interface Parts {
  readonly manifest: object
  readonly blobs: readonly Blob[]
}

type Extras = Readonly<Record<string, unknown>>

const emptyConfig = jsonBlob({})

/** As buildx writes it (form seen in Azure/acr-cli#131). */
export function attestationParts(image: string, extras: Extras): Parts {
  const config = jsonBlob({ architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers' } })
  const statement = jsonBlob({
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ digest: image }],
  })
  return {
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor(config, mediaTypes.ociConfig),
      layers: [
        {
          ...descriptor(statement, mediaTypes.inToto),
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
        },
      ],
      ...extras,
    },
    blobs: [config, statement],
  }
}

/** An image manifest that is an artifact, OCI 1.1. */
export function referrerParts(key: string, extras: Extras): Parts {
  const content = jsonBlob({ content: key })
  return {
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor(emptyConfig, mediaTypes.ociEmpty),
      layers: [descriptor(content, 'application/json')],
      ...extras,
    },
    blobs: [emptyConfig, content],
  }
}

/** The two artifact manifests that came before OCI 1.1. The ORAS one has no schemaVersion. */
export function artifactManifest(kind: 'oras' | 'oci-artifact', key: string, extras: Extras): Parts {
  const content = jsonBlob({ content: key })
  const mediaType = kind === 'oras' ? mediaTypes.orasArtifact : mediaTypes.ociArtifact
  return {
    manifest: { mediaType, blobs: [descriptor(content, 'application/json')], ...extras },
    blobs: [content],
  }
}

/** As cosign signs without the referrers API. */
export function signatureParts(
  {
    subject,
    suffix,
    key,
  }: { readonly subject: string; readonly suffix: DigestTagSuffix; readonly key: string },
  extras: Extras,
): Parts {
  const payload = jsonBlob({ critical: { image: { 'docker-manifest-digest': subject } }, optional: { key } })
  const config = jsonBlob({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: [] } })
  const layerType =
    suffix === 'sig'
      ? 'application/vnd.dev.cosign.simplesigning.v1+json'
      : 'application/vnd.dsse.envelope.v1+json'
  return {
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor(config, mediaTypes.ociConfig),
      layers: [descriptor(payload, layerType)],
      ...extras,
    },
    blobs: [config, payload],
  }
}

export function schema1Manifest(repository: string, key: string): Parts {
  const layer = layerBlob(512, key)
  return {
    manifest: {
      schemaVersion: 1,
      name: repository,
      tag: 'latest',
      architecture: 'amd64',
      fsLayers: [{ blobSum: layer.digest }],
      history: [{ v1Compatibility: JSON.stringify({ id: key, architecture: 'amd64', os: 'linux' }) }],
      signatures: [],
    },
    blobs: [layer],
  }
}

export function buildCacheIndex(key: string, count: number): Parts {
  const layers = Array.from({ length: count }, (_, number) => layerBlob(700 + number, `${key} ${number}`))
  const config = jsonBlob({ layers: layers.map((layer) => ({ blob: layer.digest })), records: [] })
  return {
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [
        ...layers.map((layer) => descriptor(layer, mediaTypes.ociLayer)),
        descriptor(config, 'application/vnd.buildkit.cacheconfig.v0'),
      ],
    },
    blobs: [...layers, config],
  }
}
