import { DAY, DURATION_GRAMMAR, parseDuration } from '../domain/duration.ts'
import type { PurgePolicy } from '../domain/lot.ts'
import type { ImageReference } from '../domain/image-reference.ts'
import type { Pattern } from '../domain/pattern.ts'
import { parsePin, PIN_GRAMMAR, type Pin } from '../domain/pin.ts'
import { parseCount, type GivenInputs } from './given.ts'

/** What may be deleted, and whether anything is. */
export interface PurgeInputs {
  /** Nothing is deleted without it. */
  readonly wanted: boolean
  readonly policy: PurgePolicy
  readonly keepNewest: number
  readonly allowEmptyRepository: boolean
  readonly pins: readonly Pin[]
  /** Globs of files in the workspace whose digests are pinned. */
  readonly pinFiles: readonly string[]
  /** What Azure runs by digest is pinned, as far as the identity may know. */
  readonly protectDeployed: 'auto' | 'off'
}

/** Reads the inputs about deleting. */
export function readPurgeInputs(given: GivenInputs, scope: Scope): PurgeInputs {
  return {
    wanted: readWanted(given, scope),
    policy: {
      olderThan: given.parsed('older-than', parseDuration, DURATION_GRAMMAR) ?? 7 * DAY,
      orphanAge: given.oneOf('orphan-age', ['observed', 'pushed'], 'observed'),
      purgeOrphanedReferrers: given.boolean('purge-orphaned-referrers', false),
      maxDeletes: readMaxDeletes(given),
      maxDeletePercent: readPercent(given),
    },
    keepNewest: given.count('keep-n-untagged') ?? 0,
    allowEmptyRepository: given.boolean('allow-empty-repository', false),
    pins: given.list('protect-digests', (text) => parsePin(text, 'protect-digests'), PIN_GRAMMAR),
    pinFiles: given.list('protect-digests-from', readGlob, FILE_GLOB_GRAMMAR),
    protectDeployed: given.oneOf('protect-deployed', ['auto', 'off'], 'auto'),
  }
}

/** What the author named, as far as it was understood. */
interface Scope {
  readonly repositories: readonly Pattern[]
  readonly images: readonly ImageReference[]
}

/**
 * Deleting everywhere has to be said, not to be the consequence of saying nothing: not by a list that turned out to be empty,
 * and not by naming only what is left out.
 */
function readWanted(given: GivenInputs, { repositories, images }: Scope): boolean {
  const wanted = given.boolean('purge', false)
  const named = images.length > 0 || repositories.some(({ negative }) => !negative)
  const misread = given.problems.some(({ input }) => input === 'repositories' || input === 'images')
  if (wanted && !named && !misread) {
    given.reject(
      'repositories',
      'is required with purge: true, unless images is given: name what may be purged; ** means all repositories.',
    )
  }
  return wanted
}

function readMaxDeletes(given: GivenInputs): number {
  const most = given.within('max-deletes', {
    parse: parseCount,
    accept: (count) => count >= 1,
    grammar: 'a whole number, 1 or more (to delete nothing, leave purge out)',
  })
  return most ?? 1000
}

function readPercent(given: GivenInputs): number | undefined {
  return given.within('max-delete-percent', {
    parse: (text) => (/^\d{1,3}(?:\.\d{1,3})?\s*%?$/.test(text) ? Number.parseFloat(text) : undefined),
    accept: (percent) => percent > 0 && percent <= 100,
    grammar: 'a share of the manifests of each repository, over 0 and up to 100',
  })
}

const FILE_GLOB_GRAMMAR =
  'globs of files inside the workspace, such as deploy/**/*.yaml; no absolute path, no .. and no !'

function readGlob(text: string): string | undefined {
  const outside =
    /^(?:[/\\!~]|[a-z]:)/i.test(text) || text.split(/[/\\]/).includes('..') || text.includes('\0')
  return outside ? undefined : text
}
