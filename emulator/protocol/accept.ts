import type { Manifest } from '../state/manifest.ts'
import { mediaTypes } from '../state/media-types.ts'
import type { Repository } from '../state/repository.ts'
import type { Switches } from '../switches.ts'
import type { Request } from './message.ts'
import { isDigest } from './routes.ts'

/**
 * An OCI manifest is only found by those who accept its type (Azure/acr#764, Azure/azure-cli#25280 for an index, #24976 for an
 * artifact; those requests did say that anything is accepted). Docker types always are (recorded: js-2023-03-get-manifest).
 */
export function acceptProblem(manifest: Manifest, request: Request, switches: Switches): string | undefined {
  const words = strictTypes[manifest.mediaType]
  if (words === undefined || accepts(request, manifest.mediaType)) return undefined
  if (switches.acceptAnyMatchesOci && accepts(request, '*/*')) return undefined
  return `OCI ${words.one} found, but accept header does not support OCI ${words.many}`
}

/**
 * A docker list asked for by tag, by a client that knows no lists: CNCF distribution answers with its linux/amd64 image. Whether
 * the service does is not known.
 */
export function convertedList(
  repository: Repository,
  manifest: Manifest | undefined,
  asked: { readonly request: Request; readonly reference: string; readonly switches: Switches },
): Manifest | undefined {
  if (!asked.switches.convertDockerList || isDigest(asked.reference)) return undefined
  if (manifest?.mediaType !== mediaTypes.dockerList) return undefined
  if (accepts(asked.request, mediaTypes.dockerList)) return undefined
  const child = manifest.children?.find((each) => each.architecture === 'amd64' && each.os === 'linux')
  return child === undefined ? undefined : repository.manifests.get(child.digest)
}

const strictTypes: Readonly<Record<string, { one: string; many: string }>> = {
  [mediaTypes.ociManifest]: { one: 'manifest', many: 'manifests' },
  [mediaTypes.ociIndex]: { one: 'index', many: 'indexes' },
  [mediaTypes.ociArtifact]: { one: 'artifact', many: 'artifacts' },
}

function accepts(request: Request, mediaType: string): boolean {
  return (request.headers['accept'] ?? '')
    .split(',')
    .some((range) => range.split(';')[0]?.trim().toLowerCase() === mediaType)
}
