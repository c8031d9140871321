import { expect } from 'vitest'
import type { Emulator, Registry } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import type { StepOptions, StepResult } from './run-action.ts'

/** What became of a manifest, in the words that the log says it with. */
export type Word = 'deleted' | 'found gone' | 'along' | 'gone' | 'left alone' | 'failed' | 'not tried'

export interface Told {
  /** `app@sha256:…` */
  readonly manifest: string
  readonly word: Word
  /** All of it, as in `Failed: the registry …`. */
  readonly text: string
}

const BEGINNINGS: readonly (readonly [string, Word])[] = [
  ['Deleted by the registry along with', 'along'],
  ['Deleted (the answer was lost', 'found gone'],
  ['Deleted', 'deleted'],
  ['Was already gone', 'gone'],
  ['Left alone: ', 'left alone'],
  ['Failed: ', 'failed'],
  ['Not tried: ', 'not tried'],
]

/** What the log says of each planned manifest, in the order in which it happened. */
export function outcomesIn(log: string): readonly Told[] {
  return [...log.matchAll(/^(\S+@sha256:[0-9a-f]{64}) \(.*?\): ([A-Z].*)$/gm)].map(
    ([line, manifest = '', text = '']) => {
      const word = BEGINNINGS.find(([beginning]) => text.startsWith(beginning))?.[1]
      if (word === undefined) throw new Error(`not an outcome: ${line}`)
      return { manifest, word, text }
    },
  )
}

/** How many of each, those that do not occur left out. */
export function tally(outcomes: readonly Told[]): Partial<Record<Word, number>> {
  return Object.fromEntries(
    [...Map.groupBy(outcomes, ({ word }) => word)].map(([word, all]) => [word, all.length]),
  )
}

/** Every manifest on the server: `app@sha256:…`. */
export function heldBy({ registry }: Emulator): ReadonlySet<string> {
  return new Set(
    registry.repositories().flatMap((name) =>
      registry
        .repo(name)
        .digests()
        .map((digest) => `${name}@${digest}`),
    ),
  )
}

/** A purge of everything that is an orphan; inputs that are given win. */
export function purge(
  emulator: Emulator,
  inputs: Readonly<Record<string, string>> = {},
  options: StepOptions = {},
): Promise<StepResult> {
  return gate(emulator, { purge: 'true', repositories: '**', 'older-than': '0d', ...inputs }, options)
}

export interface Audit {
  readonly step: StepResult
  readonly outcomes: readonly Told[]
  readonly tally: Partial<Record<Word, number>>
  /** What is not on the server any more. */
  readonly lost: ReadonlySet<string>
}

/**
 * Purges, and holds what the run said against what the server did: every planned manifest in one outcome, no more and no
 * less gone than was said, one 202 for each deletion that was answered, and outputs and exit status that agree with it.
 */
export async function auditedPurge(
  emulator: Emulator,
  inputs: Readonly<Record<string, string>> = {},
  options: StepOptions = {},
): Promise<Audit> {
  const before = heldBy(emulator)
  const answered = emulator.log.requests({ class: 'delete', status: 202 }).length
  const step = await purge(emulator, inputs, options)
  const after = heldBy(emulator)
  const outcomes = outcomesIn(step.log)
  const told = tally(outcomes)
  const said = (...words: readonly Word[]): readonly string[] =>
    outcomes.flatMap(({ word, manifest }) => (words.includes(word) ? [manifest] : [])).sort()
  const lost = new Set([...before].filter((manifest) => !after.has(manifest)))

  const planned = Number(/^Deleting ([\d,]+) manifests? of /m.exec(step.log)?.[1]?.replaceAll(',', '') ?? 0)
  expect(new Set(outcomes.map(({ manifest }) => manifest)).size, 'one outcome for each').toBe(planned)
  expect(outcomes).toHaveLength(planned)
  const gone = said('deleted', 'found gone', 'along')
  expect(
    said('deleted', 'found gone', 'along', 'gone').filter((manifest) => after.has(manifest)),
    'said to be gone',
  ).toEqual([])
  expect(
    [...lost].filter((manifest) => !said('gone').includes(manifest)).sort(),
    'gone from the server',
  ).toEqual(gone)
  expect(emulator.log.requests({ class: 'delete', status: 202 }).length - answered, 'answers 202').toBe(
    told.deleted ?? 0,
  )
  expect(step.outputs['purged-manifests']).toBe(String(gone.length))
  expect(step.log).toContain(`\nDeleted ${gone.length} of ${planned} manifest`)
  if ((told.failed ?? 0) + (told['not tried'] ?? 0) > 0)
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', 'purge-complete': 'false' } })
  return { step, outcomes, tally: told, lost }
}

/** The digest of everything in a repository by itself, for a picture in which only what is listed here may go. */
export function at(repository: string, ...digests: readonly string[]): readonly string[] {
  return digests.map((digest) => `${repository}@${digest}`)
}

/** Milliseconds of the registry's clock. */
export function instant({ time }: { readonly time: string }): number {
  return Date.parse(time)
}

/** So many orphans, the oldest first, and one image that is in use. */
export function orphans(registry: Registry, repository: string, count: number): readonly string[] {
  const repo = registry.repo(repository)
  repo.image({ tag: 'latest', age: '2d' })
  return repo.images(count, (number) => ({ age: `${90 - number}d` }))
}

/** What the tag `latest` points at. */
export function latest(emulator: Emulator, repository = 'api'): string | undefined {
  return emulator.registry.repo(repository).tags()['latest']
}

/** The orphans of a repository, the oldest first. */
export function byAge(emulator: Emulator, repository = 'api'): readonly string[] {
  const repo = emulator.registry.repo(repository)
  const pushed = (digest: string): number => Number(repo.manifest(digest)?.createdAt ?? 0)
  return repo
    .digests()
    .filter((digest) => digest !== latest(emulator, repository))
    .toSorted((a, b) => pushed(a) - pushed(b))
}
