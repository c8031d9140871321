/**
 * Markdown from values. Nothing that comes from the registry can leave its cell: such text goes through `code` or
 * `sentence`, everything else here is our own.
 */

/** Longer text is cut: an annotation of an image may hold a hundred kilobytes. */
const LONGEST_NAME = 200
const LONGEST_SENTENCE = 1000

/** Line breaks, other control characters, and those that turn the direction of writing or are not seen at all. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/**
 * A foreign name, shown literally. As code it makes no links, mentions or issue references; every character that could
 * mean something to Markdown or HTML becomes an entity, which neither interprets again.
 */
export function code(text: string, longest = LONGEST_NAME): string {
  return `<code>${entities(oneLine(text, longest))}</code>`
}

/**
 * A sentence with foreign words in it, escaped like `code`. GitHub looks for mentions and issues in what was rendered, so
 * a space without width stands behind the signs that begin one.
 */
export function sentence(text: string): string {
  return entities(oneLine(text).trim()).replaceAll(/&#(?:35|64);/g, (sign) => `${sign}&#8203;`)
}

function entities(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\uFFFD ,]/gu, (character) => `&#${character.codePointAt(0)};`)
}

/** On one line, of bounded length, with nothing invisible in it: for a log, where text needs no other escape. */
export function oneLine(text: string, longest = LONGEST_SENTENCE): string {
  const visible = text.replaceAll(UNSEEN, '\u{FFFD}')
  return visible.length > longest ? `${visible.slice(0, longest).toWellFormed()}…` : visible
}

/** Some names, and how many more there are. */
export function listed(names: readonly string[], most: number, show: (name: string) => string): string {
  const shown = names
    .slice(0, most)
    .map((name) => show(name))
    .join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** A table; columns whose name ends in a colon are aligned to the right, as numbers are. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = columns.map((column) => column.replace(/:$/, ''))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const alignment = columns.map((column) => (column.endsWith(':') ? '---:' : '---'))
  return [line(names), line(alignment), ...rows.map(line)].join('\n')
}

/** A part that is folded until it is wanted. GitHub needs the blank lines to read Markdown inside. */
export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

export type AlertKind = 'CAUTION' | 'WARNING' | 'NOTE' | 'TIP'

/** One of GitHub's coloured boxes; several lines become a list. */
export function alert(kind: AlertKind, lines: readonly string[]): string {
  const items = lines.length > 1 ? lines.map((line) => `- ${line}`) : lines
  return [`[!${kind}]`, ...items].map((line) => `> ${line}`).join('\n')
}

/** Our own words, kept on one line of a narrow cell. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', '&nbsp;')
}

/** How many bytes a text has in a file. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
