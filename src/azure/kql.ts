/** What digests, hosts and the like consist of: nothing that could end a literal. */
const HARMLESS = /^[A-Za-z0-9._:/@+=[\]-]+$/

/**
 * A text as a literal of the query language.
 *
 * @throws Error for what could be more than a literal; whoever asks has to have checked it
 */
export function literal(text: string): string {
  if (!HARMLESS.test(text)) throw new Error('a text that must not stand in a query')
  return `'${text}'`
}

/** Texts as the list of `in (…)`. */
export function literals(texts: readonly string[]): string {
  return texts.map(literal).join(',')
}
