import type { DeleteStep } from './delete-step.ts'
import type { Digest } from './digest.ts'
import type { Lot } from './lot.ts'

/** Why a manifest was left alone although it was planned. */
export type SkipReason =
  | { readonly rule: 'tagged'; readonly tag: string }
  /** Somebody locked it, or one of its tags, or its repository. */
  | { readonly rule: 'locked'; readonly tag?: string }
  /** Pushed again since the scan. */
  | { readonly rule: 'changed' }
  /** An index that is still there, or came since the scan, lists it. */
  | { readonly rule: 'listed'; readonly by: Digest }
  /** Something that came since the scan refers to it. */
  | { readonly rule: 'referred'; readonly by: Digest }
  /** It goes only together with this one, which stays. */
  | { readonly rule: 'together'; readonly stays: Digest }
  /** What was pushed since the scan cannot be read, so that nobody knows what it needs. */
  | { readonly rule: 'unclear'; readonly by: Digest }

/** What became of one planned manifest: exactly one of these. */
export type Outcome =
  /** `answered` is false when the answer was lost and reading again showed that it is gone. */
  | { readonly kind: 'deleted'; readonly answered: boolean }
  /** The registry deleted it along with its subject or index, which this run deleted. */
  | { readonly kind: 'cascaded'; readonly along: Digest }
  /** Gone before this run could delete it. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'skipped'; readonly because: SkipReason; readonly of: Digest }
  | { readonly kind: 'failed'; readonly error: string; readonly of: Digest }
  /** The run ended before its turn. */
  | { readonly kind: 'not-tried'; readonly why: string }

export interface StepOutcome {
  readonly step: DeleteStep
  readonly outcome: Outcome
}

/** What became of one lot, step by step in their order. */
export interface LotOutcome {
  readonly lot: Lot
  readonly outcomes: readonly StepOutcome[]
}

/** What a purge did. */
export interface Receipt {
  readonly lots: readonly LotOutcome[]
  /** Why it ended early; undefined when it went through the whole plan. */
  readonly halted: Halt | undefined
}

export interface Halt {
  /** `stopped`: time limit or signal. `denied`: no right to delete. `damage`: something in use was found broken. */
  readonly kind: 'stopped' | 'denied' | 'damage'
  readonly why: string
}

/** Whether a manifest is not there any more because of this run. */
export function isPurged({ kind }: Outcome): boolean {
  return kind === 'deleted' || kind === 'cascaded'
}

/** All outcomes of a receipt, in the order of the plan. */
export function outcomesOf({ lots }: Receipt): readonly StepOutcome[] {
  return lots.flatMap(({ outcomes }) => outcomes)
}

/** Whether something that came meanwhile refers to it, so that the registry would delete that along with it. */
export function isHeldSince(outcome: Outcome): boolean {
  return outcome.kind === 'skipped' && outcome.because.rule === 'referred'
}

/** Whether an orphan that was due is still there; one that is in use again is none. */
export function isLeftOver({ kind, ...outcome }: Outcome): boolean {
  if (kind === 'failed' || kind === 'not-tried') return true
  return 'because' in outcome && outcome.because.rule === 'locked'
}
