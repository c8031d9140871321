import type { Management, Question } from '../ports.ts'
import { list, text } from './decode.ts'

/** What is asked for has a page or two; what never ends is a mistake. */
const MOST_PAGES = 50

interface Asked {
  readonly path: string
  readonly apiVersion: string
  readonly question: Question
}

/** Every item of a collection of Resource Manager, page by page. Rejects like `Management`. */
export async function itemsOf(
  management: Management,
  { path, apiVersion, question }: Asked,
): Promise<readonly unknown[]> {
  const items: unknown[] = []
  let next: string | undefined = path
  for (let page = 0; next !== undefined && page < MOST_PAGES; page += 1) {
    const answer = await management.get(next, apiVersion, question)
    items.push(...list(answer, 'value'))
    next = localPart(text(answer, 'nextLink'))
  }
  return items
}

/** Of an address only what is behind the host, so that no answer leads anywhere else. */
function localPart(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined
  const { pathname, search } = new URL(address)
  return `${pathname}${search}`
}
