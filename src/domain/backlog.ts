import type { PurgePolicy } from './lot.ts'
import type { Plan } from './plan.ts'
import type { Instant } from './snapshot.ts'

/** What was pushed long ago, and waits only because no run has watched it for long enough. */
export interface Backlog {
  readonly orphans: number
  /** When the first of them is due. */
  readonly due: Instant
}

/** @returns undefined when nothing waits for that reason */
export function backlogOf({ fates }: Plan, policy: PurgePolicy, now: Instant): Backlog | undefined {
  let [orphans, soonest] = [0, Infinity]
  if (policy.orphanAge === 'pushed') return undefined
  for (const [{ root, observed }, fate] of fates) {
    const wasThere = observed?.seenLive === false && now - root.pushedAt >= policy.olderThan
    if (fate.kind !== 'waiting' || !wasThere) continue
    orphans += 1
    soonest = Math.min(soonest, fate.left)
  }
  return orphans === 0 ? undefined : { orphans, due: now + soonest }
}
