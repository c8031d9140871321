import { counted } from '../domain/count.ts'
import { shortDigest } from '../domain/digest.ts'
import { formatBytes } from '../domain/bytes.ts'
import { formatDuration } from '../domain/duration.ts'
import type { Outcome, SkipReason, StepOutcome } from '../domain/outcome.ts'
import type { PlannedFate } from '../domain/plan.ts'
import type { DeleteStep } from '../domain/delete-step.ts'
import { oneLine } from './markdown.ts'
import { rootReason, type Show } from './wording.ts'

/** What a purge does with a group, in a few words. */
export function fateWords(fate: PlannedFate, show: Show): string {
  switch (fate.kind) {
    case 'due':
      return 'due'
    case 'kept':
      return 'kept by keep-n-untagged'
    case 'held':
      return `held: ${show(shortDigest(fate.by))} stays and would go along`
    case 'locks-unknown':
      return 'whether it is locked is not visible'
    case 'waiting':
      return `due in ${formatDuration(fate.left)}`
    case 'not-asked':
      return 'not asked for'
    case 'over-limit':
      return 'next run: max-deletes is used up'
    case 'breaker':
      return 'stopped by max-delete-percent'
    case 'obstacle':
      return 'its repository cannot be purged safely'
  }
}

/** Why a planned manifest was left alone. */
function skipWords(because: SkipReason, show: Show): string {
  switch (because.rule) {
    case 'tagged':
      return `tagged meanwhile: ${show(because.tag)}`
    case 'locked':
      return because.tag === undefined ? 'locked meanwhile' : `its tag ${show(because.tag)} is locked`
    case 'changed':
      return 'pushed again meanwhile'
    case 'listed':
      return `the index ${show(shortDigest(because.by))} lists it`
    case 'referred':
      return `${show(shortDigest(because.by))} came meanwhile and refers to it`
    case 'together':
      return `goes only together with ${show(shortDigest(because.stays))}, which stays`
    case 'unclear':
      return `${show(shortDigest(because.by))} was pushed meanwhile and cannot be read`
  }
}

export function outcomeWords(outcome: Outcome, show: Show): string {
  switch (outcome.kind) {
    case 'deleted':
      return outcome.answered ? 'deleted' : 'deleted (the answer was lost; it is gone)'
    case 'cascaded':
      return `deleted by the registry along with ${show(shortDigest(outcome.along))}`
    case 'gone':
      return 'was already gone'
    case 'skipped':
      return `left alone: ${skipWords(outcome.because, show)}`
    case 'failed':
      return `failed: ${show(outcome.error)}`
    case 'not-tried':
      return `not tried: ${show(outcome.why)}`
  }
}

/** `Deleted app@sha256:…: linux/amd64, 12 MB, pushed 30 days ago; no tag, in no index, refers to nothing here`. */
export function outcomeLine({ step, outcome }: StepOutcome, now: number): string {
  const words = outcomeWords(outcome, oneLine)
  const said = words.charAt(0).toUpperCase() + words.slice(1).replace(/\.$/, '')
  return `${oneLine(step.repository, 300)}@${step.digest} (${stepFacts(step, now)}): ${said}.`
}

function stepFacts(step: DeleteStep, now: number): string {
  const { expected, size } = step
  return [
    expected.platform === undefined ? expected.kind : oneLine(expected.platform, 60),
    ...(expected.kind === 'index' ? [] : [size === undefined ? 'of unknown size' : formatBytes(size)]),
    `pushed ${formatDuration(Math.max(0, now - expected.pushedAt))} ago`,
    ...(expected.tags.length === 0 ? [] : [counted(expected.tags.length, 'digest tag')]),
    stepReason(step, oneLine),
  ].join(', ')
}

/** Why a manifest is to go. */
export function stepReason({ because }: DeleteStep, show: Show): string {
  switch (because?.rule) {
    case 'child-of':
      return `child of ${show(shortDigest(because.digest))}`
    case 'referrer-of':
      return `refers to ${show(shortDigest(because.digest))}`
    case 'unreferenced':
    case 'children-live':
    case 'subject-gone':
    case 'no-tag-in-repository':
      return rootReason(because, show)
    case undefined:
      return ''
  }
}
