import { styleText } from 'node:util'

/**
 * The summary's Markdown in a terminal: just the forms that the summary uses, with tables drawn to width and folded parts
 * opened.
 */
export function showMarkdown(markdown: string): string {
  const lines = markdown.split('\n')
  const shown: string[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (!line.startsWith('|')) {
      shown.push(showLine(line))
      continue
    }
    const rows: string[] = []
    for (; lines[index]?.startsWith('|') === true; index += 1) rows.push(lines[index] ?? '')
    shown.push(...showTable(rows), '')
  }
  return shown.join('\n').replaceAll(/\n{3,}/g, '\n\n')
}

const ALERT_COLOURS = { CAUTION: 'red', WARNING: 'yellow', NOTE: 'blue', TIP: 'green' } as const

function showLine(line: string): string {
  const heading = /^#+ (.*)$/.exec(line)?.[1]
  if (heading !== undefined) return styleText(['bold', 'underline'], plain(heading))
  const kind = /^> \[!(CAUTION|WARNING|NOTE|TIP)\]$/.exec(line)?.[1] as keyof typeof ALERT_COLOURS | undefined
  if (kind !== undefined) return styleText([ALERT_COLOURS[kind], 'bold'], `┃ ${kind}`)
  if (line.startsWith('> ')) return `┃ ${plain(line.slice(2))}`
  const title = /<summary>(.*)<\/summary>/.exec(line)?.[1]
  if (title !== undefined) return styleText('bold', `▼ ${plain(title)}`)
  if (line === '</details>' || line.startsWith('```')) return ''
  return plain(line)
}

function showTable(rows: readonly string[]): readonly string[] {
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  const [head = [], alignment = [], ...body] = cells
  const texts = [head, ...body].map((row) => row.map(plain))
  const widths = head.map((_, column) => Math.max(...texts.map((row) => width(row[column] ?? ''))))
  const draw = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell)))
        return alignment[column]?.endsWith(':') === true ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const [first = [], ...rest] = texts
  return [
    styleText('bold', draw(first)),
    widths.map((length) => '─'.repeat(length)).join('  '),
    ...rest.map(draw),
  ]
}

/** Without tags and with entities and code marks resolved. */
function plain(text: string): string {
  return text
    .replaceAll(/<\/?\w+>/g, '')
    .replaceAll('`', '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

/** Emoji take two columns of a terminal. */
function width(text: string): number {
  return [...new Intl.Segmenter().segment(text)].reduce(
    (sum, { segment }) => sum + (/\p{Emoji_Presentation}|\uFE0F/u.test(segment) ? 2 : 1),
    0,
  )
}
