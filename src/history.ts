import type { Digest } from './domain/digest.ts'
import { evaluate, type Evaluation, type Thresholds } from './domain/evaluate.ts'
import type { Memory } from './domain/memory.ts'
import type { Origin } from './domain/origin.ts'
import { Past } from './domain/past.ts'
import { newOrphansOf, pushedTags, type PushedTag, type TagReference } from './domain/push.ts'
import { remember } from './domain/remember.ts'
import { withSeverities, type SeverityRules } from './domain/severity-check.ts'
import type { Finding, Survey } from './domain/survey.ts'
import type { RegistryReader } from './ports.ts'
import type { ReportedHistory } from './report/report.ts'
import type { Choice, Wanted } from './scan/choose-repositories.ts'
import { readOrigins } from './scan/read-origins.ts'
import type { KnownDocuments, ScanResult } from './scan/scan.ts'

interface HistoryOptions {
  /** Undefined without a state. */
  readonly memory: Memory | undefined
  readonly wanted: Wanted
  readonly choice: Choice
  readonly thresholds: Thresholds
  readonly reader: RegistryReader
}

/** What is known of the time before this run, and what the next one will know. */
export class History {
  readonly #options: HistoryOptions
  readonly #pasts = new Map<string, Past>()
  #origins: ReadonlyMap<Digest, Origin> = new Map()
  #pushed: readonly PushedTag[] | undefined

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  /** What earlier runs saw of a repository; ready once the registry's time is known. */
  pastOf(repository: string): Past | undefined {
    const { memory, reader } = this.#options
    if (memory === undefined) return undefined
    const past = this.#pasts.get(repository) ?? new Past(memory, repository, reader.now())
    this.#pasts.set(repository, past)
    return past
  }

  /** What earlier runs read of manifests, by repository. */
  get documents(): KnownDocuments {
    const { memory } = this.#options
    return new Map([...(memory?.repositories ?? [])].map(([name, { documents }]) => [name, documents]))
  }

  /** Finds out whose the orphans were. */
  async trace({ surveys, documents, sources }: ScanResult, concurrency: number): Promise<void> {
    const { memory, wanted, thresholds, reader } = this.#options
    const tags = (wanted.images ?? []).flatMap(({ host, repository, tag }): TagReference[] =>
      host === wanted.host && tag !== undefined ? [{ repository, tag }] : [],
    )
    const occasion = wanted.images === undefined ? 'else' : thresholds.onlyNew ? 'needed' : 'push'
    this.#origins = await readOrigins(reader, { surveys, documents, sources, memory, concurrency, occasion })
    this.#pushed =
      wanted.images === undefined ? undefined : pushedTags(tags, { surveys, memory, origins: this.#origins })
  }

  /** Holds repositories against the limits. */
  judge(surveys: readonly Survey[], found: Pick<SeverityRules, 'vulnerabilities' | 'need'>): Evaluation {
    const { memory, thresholds, reader } = this.#options
    // Of a hundred thousand orphans nobody needs to know the new ones by name unless limits are about them.
    const newOrphans = thresholds.onlyNew
      ? newOrphansOf(surveys, { memory, pushed: this.#pushed })
      : undefined
    const evaluation = evaluate(surveys, thresholds, { now: reader.now(), newOrphans })
    return withSeverities(evaluation, surveys, { ...found, thresholds, newOrphans, now: reader.now() })
  }

  /** What the next run may know. */
  after(
    found: ScanResult,
    left: Pick<ScanResult, 'surveys' | 'documents'>,
    { totals, incomplete }: Evaluation,
  ): Memory | undefined {
    const { memory, choice, wanted, reader } = this.#options
    const scope = scopeOf(choice, wanted)
    return memory === undefined
      ? undefined
      : remember(memory, {
          found: found.surveys,
          left: left.surveys,
          documents: left.documents,
          absent: found.absent,
          origins: this.#origins,
          totals:
            incomplete === undefined && scope !== undefined
              ? { orphans: totals.orphans, bytes: totals.orphanBytes, scope }
              : undefined,
          now: reader.now(),
        })
  }

  /** For the report. */
  reported(surveys: readonly Survey[], after: Memory | undefined): ReportedHistory {
    const { memory, choice, wanted } = this.#options
    const known = memory !== undefined && memory.repositories.size > 0
    return {
      state: memory === undefined ? 'none' : known ? 'known' : 'empty',
      learnt: surveys
        .filter(({ repository, gap }) => gap === undefined && memory?.repositories.has(repository) === false)
        .map(({ repository }) => repository),
      newOrphans: known
        ? surveys.reduce((sum, { findings }) => sum + findings.filter(isNewOrphan).length, 0)
        : undefined,
      origins: this.#origins,
      pushed: this.#pushed ?? [],
      trend: after?.trends.get(scopeOf(choice, wanted) ?? '') ?? [],
      churn: surveys.flatMap(({ repository }) => {
        const { churn = [], since = 0 } = after?.repositories.get(repository) ?? {}
        return [...churn].map(([tag, counts]) => ({ repository, tag, since, ...counts }))
      }),
    }
  }
}

function isNewOrphan({ kind, kept, observed }: Finding): boolean {
  return kind === 'orphan' && !kept && observed?.isNew === true
}

const LONGEST_SCOPE = 500

/** What was looked at, in a word that is the same whenever it is the same; undefined when that would be too long. */
function scopeOf({ repositories, named }: Choice, { repositories: patterns }: Wanted): string | undefined {
  const scope =
    named === undefined
      ? patterns.map(({ text }) => text).join(' ') || '**'
      : repositories.toSorted().join(' ')
  return scope.length <= LONGEST_SCOPE ? scope : undefined
}
