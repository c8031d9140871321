import type { Ticks } from '../clock.ts'
import type { Collection, TimeCursor } from '../state/collection.ts'
import type { Switches } from '../switches.ts'
import { problem } from './errors.ts'
import type { Headers, Request, Response } from './message.ts'

const int64Max = 2n ** 63n - 1n
/** .NET counts its ticks from the year 1. */
const netTicksAtEpoch = 621_355_968_000_000_000n

export interface PageRequest {
  readonly size: number
  readonly last: string | undefined
  readonly orderBy: 'timeasc' | 'timedesc' | ''
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly more: boolean
}

/** The page asked for, or the refusal of a size that is none. */
export function pageRequest(request: Request, switches: Switches): PageRequest | Response {
  const { query } = request
  const asked = query.get('n')
  const isSize = asked === null || asked === '' || /^[1-9]\d*$/.test(asked)
  if (!isSize && switches.invalidPageSize === 'refuse') {
    // No recording; the answer of CNCF distribution.
    return problem(400, 'PAGINATION_NUMBER_INVALID', { message: 'invalid number of results requested' })
  }
  const size = isSize && asked !== null && asked !== '' ? Number(asked) : switches.pageDefault
  const orderBy = query.get('orderby')
  return {
    // n=10000 gives 1000 (Azure/acr#749).
    size: Math.min(size, switches.pageMax),
    last: query.get('last') ?? undefined,
    orderBy: orderBy === 'timeasc' || orderBy === 'timedesc' ? orderBy : '',
  }
}

/** As many items as fit, and whether the list goes on behind them. */
export function takePage<T>(
  items: Iterable<T>,
  { size, keep = () => true }: { readonly size: number; readonly keep?: (item: T) => boolean },
): Page<T> {
  const taken: T[] = []
  for (const item of items) {
    if (!keep(item)) continue
    if (taken.length === size) return { items: taken, more: true }
    taken.push(item)
  }
  return { items: taken, more: false }
}

/** A collection from where the last page ended. A cursor that is none is ignored, so the first page comes again (Azure/acr-cli#72). */
export function fromCursor<T extends { updatedAt: Ticks }>(
  collection: Collection<T>,
  { orderBy, last }: PageRequest,
): Iterable<T> {
  if (orderBy === '') return collection.inKeyOrder(last)
  const cursor = last === undefined ? undefined : parseTimeCursor(last)
  return orderBy === 'timedesc' ? collection.newestFirst(cursor) : collection.oldestFirst(cursor)
}

/** The cursor behind an item, in the order asked for. */
export function cursorAfter(
  item: { readonly key: string; readonly updatedAt: Ticks },
  orderBy: PageRequest['orderBy'],
): string {
  return orderBy === '' ? item.key : `${int64Max - (item.updatedAt + netTicksAtEpoch)}&${item.key}`
}

/**
 * Recorded: `</acr/v1/library%2Fhello-world/_manifests?last=sha256%3A50b8…&n=1&orderby=>; rel="next"`: relative, the path as the
 * client spelled it, these parameters in this order, orderby also when empty.
 */
export function linkToNext(
  request: Request,
  page: PageRequest & { readonly cursor: string; readonly digest?: string | undefined },
): Headers {
  const filter = page.digest === undefined ? '' : `digest=${encodeURIComponent(page.digest)}&`
  const query = `${filter}last=${encodeURIComponent(page.cursor)}&n=${page.size}&orderby=${page.orderBy}`
  return { Link: `<${request.path}?${query}>; rel="next"` }
}

/** Whether a page gets a Link: it does when more follows; whether a full last page does too is a switch. */
export function hasNext(page: Page<unknown>, size: number, switches: Switches): boolean {
  return page.more || (switches.linkOnFullLastPage && page.items.length === size)
}

function parseTimeCursor(last: string): TimeCursor | undefined {
  const parts = /^(\d{1,19})&(.+)$/.exec(last)
  if (parts?.[1] === undefined || parts[2] === undefined) return undefined
  return { at: int64Max - BigInt(parts[1]) - netTicksAtEpoch, key: parts[2] }
}
