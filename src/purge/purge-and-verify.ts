import { damageOf } from '../domain/damage.ts'
import { outcomesOf, type Receipt, type StepOutcome } from '../domain/outcome.ts'
import type { Plan } from '../domain/plan.ts'
import { unread, type BrokenIndex, type Gap, type Survey } from '../domain/survey.ts'
import { RegistryError } from '../errors.ts'
import type { RegistryDeleter, RegistryReader, Sleep, Stopwatch } from '../ports.ts'
import { scan, type KnownDocuments, type ScanOptions, type ScanResult } from '../scan/scan.ts'
import { purge } from './purge.ts'

/** What is to be done, and what is known so far. */
export interface PurgeWork {
  readonly plan: Plan
  readonly found: ScanResult
  readonly options: ScanOptions
  readonly onOutcome: (outcome: StepOutcome) => void
}

export interface PurgeTools {
  readonly reader: RegistryReader
  readonly deleter: RegistryDeleter
  readonly elapsed: Stopwatch
  readonly sleep: Sleep
}

export interface Purged {
  readonly receipt: Receipt
  /** Everything that was looked at, as it is now. */
  readonly surveys: readonly Survey[]
  /** Live indexes that are not whole any more. */
  readonly damage: readonly BrokenIndex[]
  /** Repositories that were looked at again. */
  readonly verified: readonly string[]
  /** What is known of the manifests of each repository that was read in full, as it is now. */
  readonly documents: KnownDocuments
}

/** Carries the plan out, then looks at every repository that it touched again. */
export async function purgeAndVerify(work: PurgeWork, tools: PurgeTools): Promise<Purged> {
  const { plan, found, options, onOutcome } = work
  const { reader } = tools
  const since = reader.now()
  const receipt = await purge(plan, {
    ...tools,
    since,
    documents: found.documents,
    concurrency: options.concurrency,
    random: Math.random,
    onOutcome,
  })
  const touched = [
    ...new Set(
      outcomesOf(receipt)
        .filter(isNews)
        .map(({ step }) => step.repository),
    ),
  ]
  const again = await lookAgain(touched, work, reader)
  const untouched = found.surveys.filter(({ repository }) => !touched.includes(repository))
  return {
    receipt,
    surveys: [...untouched, ...again.surveys].sort((a, b) => (a.repository < b.repository ? -1 : 1)),
    damage: damageOf(again.surveys, { surveys: found.surveys, since, receipt }),
    verified: again.surveys.filter(({ gap }) => gap === undefined).map(({ repository }) => repository),
    documents: new Map([...found.documents, ...again.documents]),
  }
}

/** Whether the repository is not, or may not be, as the scan saw it. */
function isNews({ outcome }: StepOutcome): boolean {
  return outcome.kind !== 'not-tried'
}

/** What is immutable is known already, so this costs the lists and whatever is new. */
async function lookAgain(
  repositories: readonly string[],
  { found, options }: PurgeWork,
  reader: RegistryReader,
): Promise<Pick<ScanResult, 'surveys' | 'documents'>> {
  if (repositories.length === 0) return { surveys: [], documents: new Map() }
  try {
    const known = { known: found.documents, deleting: false }
    return await scan(reader, repositories, { ...options, ...known })
  } catch (error) {
    // The deletions are done and have to be reported, whatever happened to the network since.
    if (!(error instanceof RegistryError)) throw error
    const reason = `${error.failure.cause} ${error.failure.cure}`
    const gap: Gap = { kind: 'unreadable', why: error.message, reason }
    return { surveys: repositories.map((name) => unread(name, gap)), documents: new Map() }
  }
}
