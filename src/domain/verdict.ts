import type { Digest } from './digest.ts'
import type { Reach } from './graph.ts'
import type { Manifest } from './snapshot.ts'

/** Another manifest decides: the one that lists this one, or the one that this one refers to. */
export interface Step {
  readonly rule: Reach['edge']
  readonly digest: Digest
}

export type LiveCause =
  | { readonly rule: 'tagged'; readonly tag: string }
  /** The service cuts long tag lists, and only digest tags are left of this one: an ordinary tag may be hidden. */
  | { readonly rule: 'tags-cut' }

export type ProtectingCause =
  | { readonly rule: 'locked'; readonly lock: 'delete' | 'write' }
  /** Somebody said that it is in use, or that something is that refers to it; `by` says where. */
  | { readonly rule: 'pinned'; readonly by: string }
  | { readonly rule: 'reading-disabled' }
  | { readonly rule: 'unknown-type'; readonly mediaType: string }
  /** A digest tag whose subject is not in this repository: signatures may be kept in a repository of their own. */
  | { readonly rule: 'subject-elsewhere'; readonly tag: string }
  /** Manifests that refer to each other in a circle, so that none of them is a root. */
  | { readonly rule: 'circle' }

export type RootCause =
  | { readonly rule: 'unreferenced' }
  | { readonly rule: 'children-live' }
  | { readonly rule: 'subject-gone'; readonly subject: Digest }
  | { readonly rule: 'no-tag-in-repository' }

/** The kinds of groups that a root and what belongs to it can form. */
export type GroupKind = 'orphan' | 'wrapper' | 'orphaned-referrer' | 'digest-only'

/** What one manifest is, in the contract's words, and the rule and digest that make it so. */
export type Verdict =
  | { readonly kind: 'live'; readonly because: LiveCause | Step }
  | { readonly kind: 'protected'; readonly because: ProtectingCause | Step }
  | { readonly kind: 'in-flight'; readonly because: { readonly rule: 'just-pushed' } | Step }
  | { readonly kind: GroupKind; readonly root: Digest; readonly because: RootCause | Step }

/** Whether a manifest stays, whatever the inputs say. */
export function isKept(verdict: Verdict | undefined): boolean {
  return verdict?.kind === 'live' || verdict?.kind === 'protected' || verdict?.kind === 'in-flight'
}

/** A root with the manifests that belong to it: they came together and go together. */
export interface Group {
  readonly kind: GroupKind
  readonly root: Manifest
  readonly because: RootCause
  /** First the root, then its children and referrers that nothing else needs. */
  readonly manifests: readonly Manifest[]
}
