import type { Thresholds } from '../../src/domain/evaluate.ts'

export const NO_LIMIT = { max: undefined, warn: undefined }

/** A run without any limit. */
export const UNLIMITED: Thresholds = {
  orphans: NO_LIMIT,
  orphanSize: NO_LIMIT,
  orphanAge: NO_LIMIT,
  severity: NO_LIMIT,
  brokenIndexes: 'report',
  scope: 'total',
  onlyNew: false,
  warnOnly: false,
}
