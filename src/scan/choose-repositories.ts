import { grouped } from '../domain/count.ts'
import type { ImageReference } from '../domain/image-reference.ts'
import { select, type Pattern } from '../domain/pattern.ts'
import { UsageError, type Problem } from '../errors.ts'
import type { RegistryReader } from '../ports.ts'

/** What the inputs say about which repositories to look at. */
export interface Wanted {
  /** The login server; references to other hosts are not meant. */
  readonly host: string
  readonly repositories: readonly Pattern[]
  readonly images: readonly ImageReference[] | undefined
  readonly allowNoMatch: boolean
}

/** The repositories to look at, and what the author should know about how they were found. */
export interface Choice {
  readonly repositories: readonly string[]
  /** For the report, such as `the 120 repositories of myregistry.azurecr.io`. */
  readonly description: string
  readonly notices: readonly string[]
  /** Which input named a repository literally: if the registry does not have it, that is a mistake there. */
  readonly named: 'repositories' | 'images' | undefined
}

/**
 * Finds the repositories to look at. The catalog is read only when a pattern, or the absence of any, asks for it.
 *
 * @throws UsageError when a positive pattern matches nothing and that was not allowed
 */
export async function chooseRepositories(wanted: Wanted, reader: RegistryReader): Promise<Choice> {
  if (wanted.images !== undefined) return ofImages(wanted, wanted.images)
  const positive = wanted.repositories.filter(({ negative }) => !negative)
  const literals = positive.flatMap(({ literal }) => literal ?? [])
  if (positive.length > 0 && literals.length === positive.length) return ofNames(wanted, literals)
  return ofCatalog(wanted, await reader.catalog())
}

function ofImages({ host, repositories: patterns }: Wanted, images: readonly ImageReference[]): Choice {
  const ours = images.filter((image) => image.host === host)
  const notices = images
    .filter((image) => image.host !== host)
    .map(({ text }) => `images: ${text} is not in ${host} and was left out.`)
  const pushed = unique(ours.map(({ repository }) => repository))
  const { selected } = select(pushed, patterns)
  for (const name of pushed) {
    if (!selected.includes(name)) notices.push(`images: ${name} is left out by the input repositories.`)
  }
  return {
    repositories: selected,
    description: 'the repositories of the pushed images',
    notices,
    named: 'images',
  }
}

function ofNames({ repositories: patterns, allowNoMatch }: Wanted, literals: readonly string[]): Choice {
  const { selected, withoutMatch } = select(unique(literals), patterns)
  const notices = withoutMatchNotices(withoutMatch, { allowNoMatch, among: 'the repositories named' })
  return { repositories: selected, description: named(selected), notices, named: 'repositories' }
}

function ofCatalog(
  { host, repositories: patterns, allowNoMatch }: Wanted,
  catalog: readonly string[],
): Choice {
  const { selected, withoutMatch } = select(catalog, patterns)
  const among =
    catalog.length === 1
      ? `the only repository of ${host}`
      : `the ${grouped(catalog.length)} repositories of ${host}`
  const notices = withoutMatchNotices(withoutMatch, { allowNoMatch, among })
  if (catalog.length === 0) notices.push(`${host} shows no repository to this identity.`)
  const description = selected.length === catalog.length ? among : `${grouped(selected.length)} of ${among}`
  return { repositories: selected, description, notices, named: undefined }
}

interface Context {
  readonly allowNoMatch: boolean
  readonly among: string
}

/** @throws UsageError for the positive patterns, unless they may match nothing */
function withoutMatchNotices(patterns: readonly Pattern[], { allowNoMatch, among }: Context): string[] {
  const message = ({ text }: Pattern): string => `"${text}" matches none of ${among}`
  const problems: Problem[] = patterns
    .filter(({ negative }) => !negative && !allowNoMatch)
    .map((pattern) => ({
      input: 'repositories',
      message: `${message(pattern)}. Correct it, or set allow-no-match: true if that may happen.`,
    }))
  if (problems.length > 0) throw new UsageError(problems)
  return patterns.map((pattern) => `repositories: ${message(pattern)}.`)
}

const MOST_NAMES = 3

/** `team/api, team/web and 4 more`. */
function named(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return `${names.slice(0, MOST_NAMES).join(', ')}${more}`
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
