/** Every input that `action.yml` declares, in its order; a test holds the two together. */
export const INPUT_NAMES = [
  'registry',
  'credential',
  'username',
  'password',
  'repositories',
  'allow-no-match',
  'images',
  'max-orphans',
  'warn-orphans',
  'max-orphan-size',
  'warn-orphan-size',
  'max-orphan-age',
  'warn-orphan-age',
  'broken-indexes',
  'threshold-scope',
  'in-flight',
  'warn-only',
  'summary',
  'concurrency',
  'time-limit',
] as const

export type InputName = (typeof INPUT_NAMES)[number]
