/**
 * What an image says about where it comes from: its labels and annotations. Whoever built it may have written anything, or
 * nothing.
 */
export interface Origin {
  /** `org.opencontainers.image.version`: for docker/metadata-action the tag, for others the release. */
  readonly version?: string
  /** `org.opencontainers.image.revision`: the commit. */
  readonly revision?: string
  /** `org.opencontainers.image.source`: where the code is. */
  readonly source?: string
  /** `org.opencontainers.image.created` */
  readonly created?: string
}

const KEYS = ['version', 'revision', 'source', 'created'] as const

const LONGEST = 200

/**
 * The annotations of the OCI image specification among others, each cut to 200 characters.
 *
 * @returns undefined when there is none of them
 */
export function originOf(annotations: unknown): Origin | undefined {
  if (typeof annotations !== 'object' || annotations === null) return undefined
  const given = annotations as Readonly<Record<string, unknown>>
  const found = KEYS.flatMap((key): [string, string][] => {
    const text = given[`org.opencontainers.image.${key}`]
    // Cut before it is trimmed: whoever writes a hundred kilobytes of blanks has nothing to say.
    const short = typeof text === 'string' ? text.slice(0, LONGEST).toWellFormed().trim() : ''
    return short === '' ? [] : [[key, short]]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** `1a2b3c4` for a commit of Git, undefined for anything else. */
export function shortRevision({ revision }: Origin): string | undefined {
  return revision !== undefined && COMMIT.test(revision) ? revision.slice(0, 7) : undefined
}

const COMMIT = /^[0-9a-f]{7,64}$/i
const NAME = /^[\w.-]{1,100}$/

/**
 * The page of the commit, when the source is a repository on the workflow's own GitHub server: only there the address of a
 * commit is known, and nobody is sent to a place that somebody wrote into a label.
 *
 * @param server such as `https://github.com`; undefined outside of GitHub
 */
export function commitLink({ revision, source }: Origin, server: string | undefined): string | undefined {
  if (server === undefined || source === undefined || revision === undefined || !COMMIT.test(revision))
    return undefined
  if (!URL.canParse(source) || !URL.canParse(server)) return undefined
  const { origin, pathname, username, password } = new URL(source)
  if (origin !== new URL(server).origin || username !== '' || password !== '') return undefined
  const [, owner = '', name = ''] = pathname.split('/')
  const repository = name.replace(/\.git$/, '')
  const isName = (text: string): boolean => NAME.test(text) && text !== '.' && text !== '..'
  return isName(owner) && isName(repository)
    ? `${origin}/${owner}/${repository}/commit/${revision.toLowerCase()}`
    : undefined
}
