import type { Milliseconds } from './duration.ts'
import type { Instant } from './snapshot.ts'
import type { Finding } from './survey.ts'

/** A length of time, and since what: losing its tag leaves no trace in a manifest, so there are two. */
export interface Age {
  readonly length: Milliseconds
  /** `pushed`: since the push, an upper bound. `observed`: since the first run that saw it as nobody's. */
  readonly since: 'pushed' | 'observed'
}

type Dated = Pick<Finding, 'root' | 'observed'>

/**
 * What limits on age are held against. One that was there before the state began may be as old as its push; that bound must
 * not shrink because a run began to watch.
 */
export function ageOf({ root, observed }: Dated, now: Instant): Age {
  return observed?.seenLive === true
    ? { length: since(Math.max(observed.since, root.pushedAt), now), since: 'observed' }
    : { length: since(root.pushedAt, now), since: 'pushed' }
}

/**
 * What `older-than` is held against: with a state, nothing in it was seen in use for so long. What the state does not know
 * begins to wait now.
 */
export function restOf({ root, observed }: Dated, by: Age['since'], now: Instant): Milliseconds {
  const start = by === 'pushed' || observed === undefined ? root.pushedAt : observed.quietSince
  return since(Math.max(start, root.pushedAt), now)
}

/** A clock that went back makes nothing younger than new. */
function since(start: Instant, now: Instant): Milliseconds {
  return Math.max(0, now - start)
}
