import type { Attributes } from '../state/attributes.ts'
import { deleteRepository, deleteTag } from '../state/deletion.ts'
import type { Manifest, Tag } from '../state/manifest.ts'
import type { Repository } from '../state/repository.ts'
import type { Switches } from '../switches.ts'
import { occasionOf, type Context } from './context.ts'
import { disallowed, manifestMetadataUnknown, problem, repositoryUnknown, tagUnknown } from './errors.ts'
import { bodyObject, empty, json, type Request, type Response } from './message.ts'
import { repositoryShape, singleManifestShape, tagShape, type View } from './metadata-shapes.ts'

/** Single objects of /acr/v1: what they show, how their attributes change, how they are deleted. */

export interface MetadataCall {
  readonly context: Context
  readonly request: Request
  readonly view: View
}

export function answerRepository(call: MetadataCall, name: string): Response {
  const { context, request } = call
  const repository = context.state.repository(name)
  if (repository === undefined) return unknownRepository(context, name)
  if (request.method === 'DELETE') return answerRepositoryDeletion(context, repository)
  if (request.method === 'PATCH') {
    const refused = patch(call, repository, undefined)
    if (refused !== undefined) return refused
  }
  return json(200, repositoryShape(request.host, repository, call.view))
}

export function answerTag(
  call: MetadataCall,
  target: { readonly repository: string; readonly tag: string },
): Response {
  const { context, request } = call
  const repository = context.state.repository(target.repository)
  if (repository === undefined) return unknownRepository(context, target.repository)
  if (request.method === 'DELETE') return answerTagDeletion(context, repository, target.tag)
  const tag = repository.tags.get(target.tag)
  if (tag === undefined) return tagUnknown()
  if (request.method === 'PATCH') {
    const refused = patch(call, tag, repository)
    if (refused !== undefined) return refused
  }
  return json(200, { registry: request.host, imageName: repository.name, tag: tagShape(tag, call.view) })
}

export function answerManifestMetadata(
  call: MetadataCall,
  target: { readonly repository: string; readonly digest: string },
): Response {
  const { context, request } = call
  const { switches } = context
  const repository = context.state.repository(target.repository)
  if (repository === undefined) return unknownRepository(context, target.repository)
  const manifest = repository.manifests.get(target.digest)
  const raced = switches.listGetRaceMetadata && switches.listGetRace.includes(target.digest)
  if (manifest === undefined || raced) return manifestMetadataUnknown()
  if (request.method === 'PATCH') {
    const refused = patch(call, manifest, repository)
    if (refused !== undefined) return refused
  }
  return json(200, {
    registry: request.host,
    imageName: repository.name,
    manifest: singleManifestShape(manifest, call.view),
  })
}

export function unknownRepository(context: Context, name: string): Response {
  return repositoryUnknown(name, context.state.isRemainder(name))
}

function answerRepositoryDeletion(context: Context, repository: Repository): Response {
  const deletion = deleteRepository(context.state, repository, occasionOf(context))
  if (deletion.kind === 'deleted') {
    return json(202, { manifestsDeleted: deletion.manifests, tagsDeleted: deletion.tags })
  }
  return disallowed()
}

/** Recorded (js-2021-09-delete-tag): the digest comes in an internal header, not in Docker-Content-Digest. */
function answerTagDeletion(context: Context, repository: Repository, name: string): Response {
  const deletion = deleteTag(context.state, { repository, name }, occasionOf(context))
  if (deletion.kind === 'locked') return disallowed()
  if (deletion.kind !== 'untagged') return tagUnknown()
  return empty(202, { 'x-ms-int-docker-content-digest': deletion.digest })
}

/** Changes attributes; the times stay (recorded: go-2022-12-update-manifest-properties). Returns the refusal, if any. */
function patch(
  { context, request }: MetadataCall,
  target: Repository | Manifest | Tag,
  repository: Repository | undefined,
): Response | undefined {
  const body = bodyObject(request)
  if (body === undefined)
    return problem(400, 'UNSUPPORTED', { message: 'the request body is not a JSON object' })
  const change = changeOf(body)
  if (refusesChange(context.switches, { target, repository, change })) return disallowed()
  target.attributes = { ...target.attributes, ...change }
  return undefined
}

function changeOf(body: Readonly<Record<string, unknown>>): Partial<Attributes> {
  const flags = ['deleteEnabled', 'writeEnabled', 'readEnabled', 'listEnabled'] as const
  const texts = ['quarantineDetails', 'quarantineState'] as const
  return Object.fromEntries([
    ...flags.flatMap((key) => (typeof body[key] === 'boolean' ? [[key, body[key]]] : [])),
    ...texts.flatMap((key) => (typeof body[key] === 'string' ? [[key, body[key]]] : [])),
  ]) as Partial<Attributes>
}

// A change of attributes can be refused with the body of a lock (Azure/azure-sdk-for-net#22827); when is not known. With the
// switch: on a target that is write-locked, or in a repository that is, unless the change unlocks the target.
function refusesChange(
  switches: Switches,
  {
    target,
    repository,
    change,
  }: {
    readonly target: { readonly attributes: Attributes }
    readonly repository: Repository | undefined
    readonly change: Partial<Attributes>
  },
): boolean {
  if (!switches.lockedTargetRefusesPatch) return false
  if (repository?.attributes.writeEnabled === false) return true
  return !target.attributes.writeEnabled && change.writeEnabled !== true
}
