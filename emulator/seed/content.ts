import { createHash } from 'node:crypto'
import type { Blob } from '../state/blobs.ts'
import { digestOf } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import type { Format, LayerDescription } from './descriptions.ts'

/** Larger layers are known by size only: hashing them would cost more than any test needs. */
const largestRealLayer = 4096

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
}

/** `linux/arm64/v8` */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant] = text.split('/')
  if (os === '' || architecture === '') throw new Error(`not a platform: ${text} (for example linux/amd64)`)
  return { architecture, os, ...(variant === undefined ? {} : { variant }) }
}

/** The blob of a layer. `key` tells layers of the same size apart. */
export function layerBlob(layer: LayerDescription, key: string): Blob {
  if (typeof layer === 'object' && 'content' in layer) {
    const content = Buffer.from(layer.content)
    return { digest: digestOf(content), size: content.length, content }
  }
  const size = typeof layer === 'number' ? layer : layer.size
  const seed = typeof layer === 'number' ? `layer ${key} ${size}` : `shared ${layer.share} ${size}`
  if (size > largestRealLayer) return { digest: digestOf(seed), size }
  return { digest: digestOf(noise(seed, size)), size, content: () => noise(seed, size) }
}

interface ConfigContent {
  readonly key: string
  readonly layers: readonly Blob[]
  readonly labels: Readonly<Record<string, string>> | undefined
}

/** Neither times nor anything else that is not in the description goes into the bytes. */
export function configBlob(platform: Platform | undefined, { key, layers, labels }: ConfigContent): Blob {
  return jsonBlob({
    ...platform,
    config: { Labels: { 'org.example.build': key, ...labels } },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  })
}

export function jsonBlob(value: unknown): Blob {
  const content = Buffer.from(JSON.stringify(value))
  return { digest: digestOf(content), size: content.length, content }
}

export function imageManifest(
  format: Format,
  {
    config,
    layers,
    ...more
  }: { readonly config: Blob; readonly layers: readonly Blob[] } & Partial<Record<string, unknown>>,
): object {
  const types = imageTypes[format]
  return {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config, types.config),
    layers: layers.map((layer) => descriptor(layer, types.layer)),
    ...more,
  }
}

export function descriptor(blob: Blob, mediaType: string): Descriptor {
  return { mediaType, digest: blob.digest, size: blob.size }
}

const imageTypes = {
  oci: {
    manifest: mediaTypes.ociManifest,
    config: mediaTypes.ociConfig,
    layer: mediaTypes.ociLayer,
  },
  docker: {
    manifest: mediaTypes.dockerManifest,
    config: mediaTypes.dockerConfig,
    layer: mediaTypes.dockerLayer,
  },
} as const

function noise(seed: string, size: number): Uint8Array {
  // An extendable hash gives any number of bytes in one go.
  return size === 0 ? new Uint8Array() : createHash('shake256', { outputLength: size }).update(seed).digest()
}
