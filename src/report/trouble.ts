import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { code, details, listed, sentence, table } from './markdown.ts'
import type { Report } from './report.ts'

const MOST_ROWS = 50
const MOST_NAMES = 5

/** Repositories that could not be read in full, with the reason. */
export function unreadRepositories({ surveys }: Report): readonly string[] {
  const rows = surveys.flatMap(({ repository, gap }) =>
    gap === undefined ? [] : [[code(repository), sentence(gap.why)]],
  )
  if (rows.length === 0) return []
  return [
    '### Not read in full',
    table(['repository', 'why'], rows.slice(0, MOST_ROWS)),
    ...andMore(rows.length),
  ]
}

/** Live indexes with children that do not exist: whoever pulls such a platform fails. */
export function brokenIndexes({ surveys }: Report): readonly string[] {
  const rows = surveys
    .flatMap(({ broken }) => broken)
    .map(({ repository, index, missing }) => [
      code(repository),
      listed(index.tags.length === 0 ? [shortDigest(index.digest)] : index.tags, MOST_NAMES, code),
      listed(missing.map(shortDigest), MOST_NAMES, code),
    ])
  if (rows.length === 0) return []
  const list = [
    table(['repository', 'index', 'missing children'], rows.slice(0, MOST_ROWS)),
    ...andMore(rows.length),
  ]
  return [
    '### Broken indexes',
    'Children of these indexes are gone: pulling such a platform fails. Push the tag again.',
    details(counted(rows.length, 'broken index', 'broken indexes'), list.join('\n\n')),
  ]
}

/** Live indexes that lack children as indexes in such repositories do. */
export function cachedRepositories({ cached }: Report): readonly string[] {
  if (cached.length === 0) return []
  const rows = cached.map(({ repository, rule, sparse }) => [
    code(repository),
    code(rule),
    grouped(sparse.length),
    listed(
      sparse.flatMap(({ index }) => index.tags.slice(0, 1)),
      MOST_NAMES,
      code,
    ),
  ])
  const list = [
    table(['repository', 'cache rule', 'indexes:', 'such as'], rows.slice(0, MOST_ROWS)),
    ...andMore(rows.length),
  ]
  return [
    '### Filled by a cache rule',
    'Indexes in these repositories hold only the platforms that were pulled: they are not broken.',
    details(counted(cached.length, 'repository', 'repositories'), list.join('\n\n')),
  ]
}

function andMore(rows: number): readonly string[] {
  return rows > MOST_ROWS ? [`And ${grouped(rows - MOST_ROWS)} more, see the log of this step.`] : []
}
