import type { BrokenIndex, Survey } from './survey.ts'

/** A rule by which the registry fills a repository from another registry, as images are pulled through it. */
export interface CacheRule {
  readonly name: string
  /** A repository, or with `*` at its end all that begin so. */
  readonly target: string
}

/** A repository that a rule fills: of an index it has only the platforms that were pulled. */
export interface CachedRepository {
  readonly repository: string
  readonly rule: string
  /** Live indexes without all of their platforms. */
  readonly sparse: readonly BrokenIndex[]
}

/** Live indexes that would be called broken, were they not in a repository that a cache rule fills. */
export function cachedRepositories(
  surveys: readonly Survey[],
  rules: readonly CacheRule[],
): readonly CachedRepository[] {
  return surveys.flatMap(({ repository, broken }) => {
    const rule = broken.length === 0 ? undefined : rules.find(({ target }) => fills(target, repository))
    return rule === undefined ? [] : [{ repository, rule: rule.name, sparse: broken }]
  })
}

/** The same surveys without broken indexes where a cache rule explains them. */
export function withoutSparse(surveys: readonly Survey[], rules: readonly CacheRule[]): readonly Survey[] {
  const cached = new Set(cachedRepositories(surveys, rules).map(({ repository }) => repository))
  return surveys.map((survey) => (cached.has(survey.repository) ? { ...survey, broken: [] } : survey))
}

/** Wildcards stand at the end only (Microsoft Learn, "Wildcard support for artifact cache"). */
function fills(target: string, repository: string): boolean {
  return target.endsWith('*') ? repository.startsWith(target.slice(0, -1)) : target === repository
}
