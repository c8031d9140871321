import { hash } from 'node:crypto'
import type { Ticks } from '../clock.ts'
import type { Attributes } from './attributes.ts'
import { mediaTypes } from './media-types.ts'

/** A child of an index, in the order of the index. */
export interface Child {
  readonly digest: string
  /** As the index says. */
  readonly size?: number
  readonly architecture?: string
  readonly os?: string
}

/** A manifest as the registry keeps it. Absent fields are absent in the answers too. */
export interface Manifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly imageSize: number
  readonly createdAt: Ticks
  readonly updatedAt: Ticks
  readonly architecture?: string
  readonly os?: string
  readonly configMediaType?: string
  /** Only on indexes and lists. */
  readonly children?: readonly Child[]
  readonly subject?: string
  attributes: Attributes
  /** Undefined when untagged. Kept by the repository. */
  tags?: Set<string>
}

export interface Tag {
  readonly name: string
  readonly digest: string
  readonly createdAt: Ticks
  readonly updatedAt: Ticks
  attributes: Attributes
}

/** What the bytes of a manifest say. */
export interface ManifestContent {
  readonly mediaType?: string
  readonly configMediaType?: string
  readonly configDigest?: string
  readonly configSize: number
  /** Blobs that must be there before the manifest may come: config and layers, without foreign layers. */
  readonly blobs: readonly string[]
  readonly layerSizes: number
  readonly children?: readonly Child[]
  readonly subject?: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Of schema 1, which has no config. */
  readonly architecture?: string
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${hash('sha256', bytes)}`
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList
}

/** Undefined when the bytes are no JSON object. */
export function readManifest(bytes: Uint8Array): ManifestContent | undefined {
  const json = parseObject(bytes)
  if (json === undefined) return undefined
  const config = objectIn(json, 'config')
  const layers = [...listIn(json, 'layers'), ...listIn(json, 'blobs')]
  const children = Array.isArray(json['manifests']) ? listIn(json, 'manifests').map(readChild) : undefined
  return withoutUndefined({
    mediaType: textIn(json, 'mediaType'),
    configMediaType: config && textIn(config, 'mediaType'),
    configDigest: config && textIn(config, 'digest'),
    configSize: config === undefined ? 0 : numberIn(config, 'size'),
    blobs: [config, ...layers.filter((layer) => !Array.isArray(layer['urls']))].flatMap((blob) => {
      const digest = blob && textIn(blob, 'digest')
      return digest === undefined ? [] : [digest]
    }),
    layerSizes: layers.reduce((total, layer) => total + numberIn(layer, 'size'), 0),
    children,
    subject: textIn(objectIn(json, 'subject') ?? {}, 'digest'),
    artifactType: textIn(json, 'artifactType'),
    annotations: objectIn(json, 'annotations') as Record<string, string> | undefined,
    architecture: textIn(json, 'architecture'),
  })
}

/** Architecture and operating system of an image, from its config blob. */
export function readPlatform(config: Uint8Array): { architecture?: string; os?: string } {
  const json = parseObject(config) ?? {}
  return withoutUndefined({ architecture: textIn(json, 'architecture'), os: textIn(json, 'os') })
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Absent instead of undefined, as exact optional properties and JSON both want it. */
export function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  const present: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) if (field !== undefined) present[key] = field
  return present as WithoutUndefined<T>
}

function readChild(descriptor: Json): Child {
  const platform = objectIn(descriptor, 'platform') ?? {}
  return withoutUndefined({
    digest: textIn(descriptor, 'digest') ?? '',
    size: numberIn(descriptor, 'size'),
    architecture: textIn(platform, 'architecture'),
    os: textIn(platform, 'os'),
  })
}

type Json = Readonly<Record<string, unknown>>

function parseObject(bytes: Uint8Array): Json | undefined {
  try {
    const json: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
    )
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectIn(json: Json, key: string): Json | undefined {
  const value = json[key]
  return isObject(value) ? value : undefined
}

function listIn(json: Json, key: string): Json[] {
  const value = json[key]
  return Array.isArray(value) ? value.filter(isObject) : []
}

function textIn(json: Json, key: string): string | undefined {
  const value = json[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberIn(json: Json, key: string): number {
  const value = json[key]
  return typeof value === 'number' ? value : 0
}
