import { mayPullQuarantined } from '../access/identities.ts'
import { deleteManifest } from '../state/deletion.ts'
import { digestOf, isIndexType, readManifest, type Manifest } from '../state/manifest.ts'
import { pushManifest, type PushOutcome } from '../state/pushing.ts'
import { acceptProblem, convertedList } from './accept.ts'
import { occasionOf, type Context } from './context.ts'
import { callerOf, type Credential } from './credentials.ts'
import {
  disallowed,
  manifestToDeleteUnknown,
  manifestUnknown,
  problem,
  repositoryUnknown,
  unsupported,
} from './errors.ts'
import { bytes, empty, type Request, type Response } from './message.ts'
import { unknownRepository } from './metadata.ts'
import { isDigest } from './routes.ts'

const largestManifest = 4 * 1024 * 1024

export interface ManifestCall {
  readonly context: Context
  readonly request: Request
  readonly credential: Credential
  readonly repository: string
  readonly reference: string
}

export function answerManifest(call: ManifestCall): Response {
  switch (call.request.method) {
    case 'GET':
    case 'HEAD':
      return read(call)
    case 'PUT':
      return put(call)
    case 'DELETE':
      return remove(call)
    default:
      return unsupported()
  }
}

function read(call: ManifestCall): Response {
  const { context, request, reference } = call
  const { switches } = context
  const repository = context.state.repository(call.repository)
  if (repository === undefined) return unknownOnV2(context, call)
  const found = repository.find(reference)
  const manifest = convertedList(repository, found, { request, reference, switches }) ?? found
  if (manifest === undefined || hides(call, manifest)) return manifestUnknown(call.repository, reference)
  const tag = repository.tags.get(reference)
  if ([repository, manifest, tag].some((item) => item?.attributes.readEnabled === false)) {
    return disallowed(switches.readDisabledStatus)
  }
  const unaccepted = acceptProblem(manifest, request, switches)
  if (unaccepted !== undefined) return problem(404, 'MANIFEST_UNKNOWN', { message: unaccepted })
  if (switches.pullUpdatesTime) repository.manifests.touch(manifest, context.clock.now())
  return bytes(200, manifest.bytes, {
    'Content-Type': manifest.mediaType,
    'Docker-Content-Digest': manifest.digest,
    ETag: `"${manifest.digest}"`,
  })
}

function hides({ context, credential, reference }: ManifestCall, manifest: Manifest): boolean {
  const { switches } = context
  if (switches.listGetRace.includes(manifest.digest)) return true
  if (!switches.quarantine || isDigest(reference)) return false
  const caller = callerOf(credential)
  return (
    manifest.attributes.quarantineState === 'Quarantined' &&
    !(caller !== undefined && mayPullQuarantined(caller))
  )
}

function put({ context, request, repository, reference }: ManifestCall): Response {
  const invalid = invalidity(request, reference)
  if (invalid !== undefined) return invalid
  const outcome = pushManifest(
    context.state,
    {
      repository,
      bytes: request.body,
      mediaType: mediaTypeOf(request),
      ...(isDigest(reference) ? {} : { tag: reference }),
    },
    occasionOf(context),
  )
  return outcome.kind === 'stored' ? created(context, repository, outcome.manifest) : notStored(outcome)
}

function created({ switches }: Context, repository: string, { digest, subject }: Manifest): Response {
  const saysSubject = subject !== undefined && switches.ociSubjectHeader && switches.referrersApi
  return empty(201, {
    'Docker-Content-Digest': digest,
    Location: `/v2/${repository}/manifests/${digest}`,
    ...(saysSubject ? { 'OCI-Subject': subject } : {}),
  })
}

function notStored(outcome: Exclude<PushOutcome, { kind: 'stored' }>): Response {
  if (outcome.kind === 'locked') return disallowed()
  if (outcome.kind === 'soft-deleted') {
    return problem(400, 'MANIFEST_INVALID', { message: 'the manifest is soft deleted, restore it instead' })
  }
  // No recording; code and status are those of CNCF distribution.
  return problem(404, 'MANIFEST_BLOB_UNKNOWN', {
    message: 'blob unknown to registry',
    detail: outcome.digests.map((digest) => ({ Digest: digest })),
  })
}

function invalidity(request: Request, reference: string): Response | undefined {
  const manifestInvalid = (message: string) => problem(400, 'MANIFEST_INVALID', { message })
  // No recording of the answer; the limit is documented, the code is that of CNCF distribution.
  if (request.body.length > largestManifest) return manifestInvalid('manifest is larger than 4 MiB')
  const content = readManifest(request.body)
  if (content === undefined) return manifestInvalid('manifest invalid')
  const stated = mediaTypeOf(request)
  if (stated === '') return manifestInvalid('the manifest has no media type')
  if (content.mediaType !== undefined && content.mediaType !== stated) {
    return manifestInvalid(`the manifest is of type ${content.mediaType}, the request says ${stated}`)
  }
  if (isIndexType(stated) && content.children === undefined) return manifestInvalid('manifest invalid')
  if (isDigest(reference) && digestOf(request.body) !== reference) {
    return problem(400, 'DIGEST_INVALID', { message: 'provided digest did not match uploaded content' })
  }
  return undefined
}

function mediaTypeOf(request: Request): string {
  const header = request.headers['content-type']?.split(';')[0]?.trim()
  if (header !== undefined && header !== '') return header
  return readManifest(request.body)?.mediaType ?? ''
}

function remove({ context, repository: name, reference }: ManifestCall): Response {
  // Checked before existence: an unknown reference that is no digest gets this too (recorded: go-2023-01-delete-manifest-by-tag-405).
  if (!isDigest(reference)) return unsupported('A manifest can only be deleted by digest.')
  const repository = context.state.repository(name)
  if (repository === undefined) return unknownRepository(context, name)
  const { retagBeforeDelete } = context.switches
  if (retagBeforeDelete !== null && repository.manifests.has(reference)) {
    repository.tag(retagBeforeDelete, reference, context.clock.now())
  }
  const deletion = deleteManifest(context.state, { repository, digest: reference }, occasionOf(context))
  if (deletion.kind === 'absent') return manifestToDeleteUnknown(reference)
  return deletion.kind === 'locked' ? disallowed() : empty(202)
}

function unknownOnV2(context: Context, { repository, reference }: ManifestCall): Response {
  return context.switches.unknownRepositoryOnV2 === 'NAME_UNKNOWN'
    ? repositoryUnknown(repository, context.state.isRemainder(repository))
    : manifestUnknown(repository, reference)
}
