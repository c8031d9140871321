import { readManifest, type Manifest } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import type { Context } from './context.ts'
import { pageNotFound, unsupported } from './errors.ts'
import { json, type Request, type Response } from './message.ts'
import { unknownRepository } from './metadata.ts'
import { takePage } from './paging.ts'

/**
 * GET /v2/REPO/referrers/DIGEST. Descriptor fields as published in 2026 (azcli-2026-10-outputs); the envelope, the filter header
 * and the answer for an unknown digest are the OCI distribution specification's, version 1.1.
 */
export function answerReferrers(
  { context, request }: { readonly context: Context; readonly request: Request },
  { repository: name, digest }: { readonly repository: string; readonly digest: string },
): Response {
  if (request.method !== 'GET' && request.method !== 'HEAD') return unsupported()
  if (!context.switches.referrersApi) return pageNotFound()
  const repository = context.state.repository(name)
  if (repository === undefined) return unknownRepository(context, name)
  const filter = request.query.get('artifactType')
  const descriptors = repository
    .referrersOf(digest)
    .map(descriptorOf)
    .filter((descriptor) => filter === null || descriptor.artifactType === filter)
  const size = context.switches.referrersPageSize ?? Number.POSITIVE_INFINITY
  const last = request.query.get('last')
  const page = takePage(descriptors, { size, keep: (each) => last === null || each.digest > last })
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: page.items }
  return json(200, index, {
    'Content-Type': mediaTypes.ociIndex,
    ...(filter === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
    ...(page.more ? { Link: linkBehind(request, page.items.at(-1)?.digest ?? '', size) } : {}),
  })
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

function descriptorOf(manifest: Manifest): Descriptor {
  const content = readManifest(manifest.bytes)
  // The specification: an image manifest without an artifactType goes by the type of its config.
  const artifactType = content?.artifactType ?? manifest.configMediaType
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(content?.annotations === undefined ? {} : { annotations: content.annotations }),
  }
}

function linkBehind(request: Request, last: string, size: number): string {
  const query = new URLSearchParams(request.query)
  query.set('last', last)
  query.set('n', String(size))
  return `<${request.path}?${query.toString()}>; rel="next"`
}
