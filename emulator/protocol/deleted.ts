import { formatTicks, type Ticks } from '../clock.ts'
import { restoreManifest } from '../state/pushing.ts'
import type { DeletedManifest, DeletedTag } from '../state/soft-deleted.ts'
import { occasionOf, type Context } from './context.ts'
import { manifestMetadataUnknown, pageNotFound, unsupported } from './errors.ts'
import { bodyObject, empty, json, type Request, type Response } from './message.ts'
import type { Route } from './routes.ts'

type DeletedRoute = Extract<Route, { name: `deleted-${string}` }>

/** What a soft-delete policy keeps (preview). The shapes are those the Azure CLI reads; nothing of it is recorded. */
export function answerDeleted(
  { context, request }: { readonly context: Context; readonly request: Request },
  route: DeletedRoute,
): Response {
  const { softDeleted } = context.state
  if (!context.switches.softDelete) return pageNotFound()
  softDeleted.purge(context.clock.now(), context.switches.softDeleteDays)
  if (route.name === 'deleted-catalog') {
    return json(200, { repositories: softDeleted.repositories().map(repositoryShape) })
  }
  if (route.name === 'deleted-manifest') return restore(context, request, route)
  const names = { registry: request.host, imageName: route.repository }
  return route.name === 'deleted-tags'
    ? json(200, { ...names, tags: softDeleted.tags(route.repository).map(tagShape) })
    : json(200, { ...names, manifests: softDeleted.manifests(route.repository).map(manifestShape) })
}

function repositoryShape(deleted: { name: string; createdAt: Ticks; deletedAt: Ticks }): object {
  return {
    repository: deleted.name,
    createdAt: formatTicks(deleted.createdAt),
    deletedAt: formatTicks(deleted.deletedAt),
  }
}

function manifestShape({ manifest, deletedAt }: DeletedManifest): object {
  return { digest: manifest.digest, deletedAt: formatTicks(deletedAt) }
}

function tagShape({ tag, deletedAt }: DeletedTag): object {
  return { tag: tag.name, digest: tag.digest, deletedAt: formatTicks(deletedAt) }
}

function restore(
  context: Context,
  request: Request,
  { repository, digest }: { readonly repository: string; readonly digest: string },
): Response {
  if (request.method !== 'POST') return unsupported()
  const tag = bodyObject(request)?.['tag']
  const restored = restoreManifest(
    context.state,
    { repository, digest, ...(typeof tag === 'string' ? { tag } : {}) },
    occasionOf(context),
  )
  return restored === undefined ? manifestMetadataUnknown() : empty(200)
}
