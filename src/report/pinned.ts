import { counted, grouped } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { code, details, table } from './markdown.ts'
import type { Report } from './report.ts'

const MOST_ROWS = 50

/** Which file pins what: only untagged manifests need a pin. */
export function pinned({ surveys, pins, pinFiles }: Report): readonly string[] {
  if (pins === 0) return []
  const rows = surveys.flatMap(({ repository, pinned: found }) =>
    found.map(({ digest, by }) => [code(repository), code(shortDigest(digest)), code(by)]),
  )
  const files = pinFiles.map(({ path, digests }) => `${code(path)}: ${counted(digests, 'digest')}`)
  const said =
    rows.length === 0
      ? 'none of them is an untagged manifest here'
      : 'these untagged manifests are among them'
  const body = [
    ...(files.length === 0
      ? []
      : [files.slice(0, MOST_ROWS).join(', ') + (files.length > MOST_ROWS ? ', …' : '')]),
    ...(rows.length === 0 ? [] : [table(['repository', 'digest', 'pinned by'], rows.slice(0, MOST_ROWS))]),
    ...(rows.length > MOST_ROWS ? [`And ${grouped(rows.length - MOST_ROWS)} more.`] : []),
  ]
  const title = `${counted(pins, 'digest')} pinned; ${said}`
  return body.length === 0 ? [`${title}.`] : [details(title, body.join('\n\n'))]
}
