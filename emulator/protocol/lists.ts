import { compareText } from '../state/collection.ts'
import type { Tag } from '../state/manifest.ts'
import type { Repository } from '../state/repository.ts'
import type { Context } from './context.ts'
import { json, type Headers, type Request, type Response } from './message.ts'
import { unknownRepository, type MetadataCall } from './metadata.ts'
import { manifestShape, tagShape } from './metadata-shapes.ts'
import {
  cursorAfter,
  fromCursor,
  hasNext,
  linkToNext,
  pageRequest,
  takePage,
  type Page,
  type PageRequest,
} from './paging.ts'

/** The lists: catalog, tags, manifests. Entries with `listEnabled: false` are left out. */

export function answerCatalog(context: Context, request: Request): Response {
  const { state, switches } = context
  const page = pageRequest(request, switches)
  if ('status' in page) return page
  const names = takePage(limited(state.names(page.last), switches.catalogTruncateAt), {
    size: page.size,
    keep: (name) => state.repository(name)?.attributes.listEnabled !== false,
  })
  const link = nextLink(context, { request, page, taken: names }, (name) => name)
  return json(200, { repositories: listOf(names.items, context) }, link)
}

export function answerTags(
  call: MetadataCall,
  { repository: name, api }: { readonly repository: string; readonly api: 'acr' | 'v2' },
): Response {
  const { context, request } = call
  const page = pageRequest(request, context.switches)
  if ('status' in page) return page
  const repository = context.state.repository(name)
  if (repository === undefined) return unknownRepository(context, name)
  const digest = request.query.get('digest') ?? undefined
  const tags = takePage(
    digest === undefined ? fromCursor(repository.tags, page) : tagsOf(repository, digest, page.last),
    { size: page.size, keep: (tag) => tag.attributes.listEnabled },
  )
  const link = nextLink(context, { request, page, taken: tags, digest }, (tag) =>
    cursorAfter({ key: tag.name, updatedAt: tag.updatedAt }, page.orderBy),
  )
  if (api === 'v2') {
    const names = tags.items.map((tag) => tag.name)
    return json(200, { name, tags: listOf(names, context) }, link)
  }
  const shapes = tags.items.map((tag) => tagShape(tag, call.view))
  return json(200, { registry: request.host, imageName: name, tags: listOf(shapes, context) }, link)
}

export function answerManifests(call: MetadataCall, name: string): Response {
  const { context, request } = call
  const page = pageRequest(request, context.switches)
  if ('status' in page) return page
  const repository = context.state.repository(name)
  if (repository === undefined) return unknownRepository(context, name)
  const manifests = takePage(fromCursor(repository.manifests, page), {
    size: page.size,
    keep: (manifest) => manifest.attributes.listEnabled,
  })
  const link = nextLink(context, { request, page, taken: manifests }, (manifest) =>
    cursorAfter({ key: manifest.digest, updatedAt: manifest.updatedAt }, page.orderBy),
  )
  const shapes = manifests.items.map((manifest) => manifestShape(manifest, call.view))
  return json(200, { registry: request.host, imageName: name, manifests: listOf(shapes, context) }, link)
}

function nextLink<T>(
  context: Context,
  list: {
    readonly request: Request
    readonly page: PageRequest
    readonly taken: Page<T>
    readonly digest?: string | undefined
  },
  cursorOf: (item: T) => string,
): Headers {
  const last = list.taken.items.at(-1)
  if (last === undefined || !hasNext(list.taken, list.page.size, context.switches)) return {}
  // The filter was not seen in a Link; following one without it leaves the filter.
  const digest = context.switches.digestInTagLinks ? list.digest : undefined
  return linkToNext(list.request, { ...list.page, cursor: cursorOf(last), digest })
}

function tagsOf(repository: Repository, digest: string, last: string | undefined): Tag[] {
  return [...(repository.manifests.get(digest)?.tags ?? [])]
    .filter((name) => last === undefined || name > last)
    .sort(compareText)
    .flatMap((name) => repository.tags.get(name) ?? [])
}

function listOf<T>(items: readonly T[], context: Context): readonly T[] | null {
  return items.length === 0 && context.switches.emptyLists === 'null' ? null : items
}

/** Azure/acr#875: the catalog can end early without a word. */
function* limited<T>(items: Iterable<T>, limit: number | null): Generator<T> {
  let left = limit ?? Number.POSITIVE_INFINITY
  for (const item of items) {
    if (left <= 0) return
    left -= 1
    yield item
  }
}
