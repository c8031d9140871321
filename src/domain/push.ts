import { keyOf, orphansOf, type NewOrphans } from './evaluate.ts'
import type { Digest } from './digest.ts'
import type { Memory } from './memory.ts'
import type { Origin } from './origin.ts'
import type { Finding, Survey } from './survey.ts'

/** A tag that was just pushed. */
export interface TagReference {
  readonly repository: string
  readonly tag: string
}

/** What one push of a tag came to. */
export interface PushedTag extends TagReference {
  /** Where it is now; undefined when the registry shows no such tag. */
  readonly digest: Digest | undefined
  /** Where the state saw it last; undefined when it is still there, or when no run saw it. */
  readonly before: Digest | undefined
  /** Whether the state knew the repository at all. */
  readonly known: boolean
  /** The orphans that it left, with how that is known. */
  readonly left: readonly LeftOrphan[]
}

export interface LeftOrphan {
  readonly finding: Finding
  /** `state`: an earlier run saw the tag on it. `label`: it says so itself, and no earlier run knew it. */
  readonly evidence: 'state' | 'label'
}

interface Evidence {
  readonly surveys: readonly Survey[]
  readonly memory: Memory | undefined
  readonly origins: ReadonlyMap<Digest, Origin>
}

/** What each tag left behind when it moved on. */
export function pushedTags(tags: readonly TagReference[], evidence: Evidence): readonly PushedTag[] {
  return tags.flatMap((tag) => {
    const survey = evidence.surveys.find(({ repository }) => repository === tag.repository)
    return survey === undefined || survey.gap !== undefined ? [] : [pushedTag(tag, survey, evidence)]
  })
}

function pushedTag(reference: TagReference, survey: Survey, { memory, origins }: Evidence): PushedTag {
  const { repository, tag } = reference
  const known = memory?.repositories.get(repository)
  const digest = survey.tags.get(tag)
  const last = known?.tags.get(tag)
  const before = last === digest ? undefined : last
  const left = orphansOf([survey]).flatMap((finding): LeftOrphan[] => {
    const { root, observed } = finding
    if (root.digest === before) return [{ finding, evidence: 'state' }]
    const says = observed?.isNew === true && origins.get(root.digest)?.version === tag
    return says ? [{ finding, evidence: 'label' }] : []
  })
  return { repository, tag, digest, before, known: known !== undefined, left }
}

/**
 * The orphans that somebody who pushed just now has to answer for.
 *
 * @param pushed what `images` named; undefined when it was not given: then all that the state did not know
 */
export function newOrphansOf(
  surveys: readonly Survey[],
  {
    memory,
    pushed,
  }: { readonly memory: Memory | undefined; readonly pushed: readonly PushedTag[] | undefined },
): NewOrphans {
  if (memory === undefined || memory.repositories.size === 0) return undefined
  if (pushed !== undefined)
    return new Set(pushed.flatMap(({ left }) => left.map(({ finding }) => keyOf(finding))))
  return new Set(
    orphansOf(surveys)
      .filter(({ observed }) => observed?.isNew === true)
      .map(keyOf),
  )
}
