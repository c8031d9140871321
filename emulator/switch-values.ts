import { allActions } from './access/roles.ts'
import type { Switches } from './switches.ts'

type Accepts =
  | 'boolean'
  | 'number'
  | 'number or null'
  | 'text or null'
  | 'texts'
  | readonly string[]
  | { readonly each: readonly string[] }

/** Which values a switch takes from outside: the command line and the control interface. */
export const switchValues: Readonly<Record<keyof Switches, Accepts>> = {
  cascadeReferrers: 'boolean',
  cascadeTaggedReferrers: 'boolean',
  cascadeLockedReferrers: 'boolean',
  cascadeChildren: 'boolean',
  softDelete: 'boolean',
  softDeleteDays: 'number',
  retagBeforeDelete: 'text or null',
  emptiedRepositoryRemains: 'boolean',

  lockedTagProtectsManifest: 'boolean',
  lockedManifestRefusesTags: 'boolean',
  lockedContentProtectsRepository: 'boolean',
  lockedTargetRefusesPatch: 'boolean',
  lockBeforeExistence: 'boolean',
  readDisabledStatus: 'number',
  hideLocksFromReaders: 'boolean',

  missingBlobs: ['refuse', 'accept'],
  missingChildren: ['refuse', 'accept'],
  ociSubjectHeader: 'boolean',
  convertDockerList: 'boolean',
  acceptAnyMatchesOci: 'boolean',
  quarantine: 'boolean',
  referrersApi: 'boolean',
  referrersPageSize: 'number or null',
  blobStorageHost: 'text or null',
  unknownRepositoryOnV2: ['NAME_UNKNOWN', 'MANIFEST_UNKNOWN'],

  repushUpdatesTime: 'boolean',
  untagUpdatesTime: 'boolean',
  pullUpdatesTime: 'boolean',
  indexImageSize: ['aggregate', 'descriptors', 'bytes'],

  pageDefault: 'number',
  pageMax: 'number',
  invalidPageSize: ['refuse', 'default'],
  linkOnFullLastPage: 'boolean',
  digestInTagLinks: 'boolean',
  emptyLists: ['array', 'null'],
  tagsTruncateAt: 'number or null',
  catalogTruncateAt: 'number or null',
  artifactTypeInLists: 'boolean',
  manifestCountOffset: 'number',
  manifestCountHidden: 'boolean',
  listGetRace: 'texts',
  listGetRaceMetadata: 'boolean',

  abac: 'boolean',
  anonymousPull: 'boolean',
  insufficientScope: { each: allActions },
  wildcardActions: ['expanded', 'star'],
  wildcardOfScopeMap: ['expanded', 'dropped'],
  acrPushMayUntag: 'boolean',
  armAudienceTokens: 'boolean',
  homeTenant: 'text or null',
  expiredTokenNamesError: 'boolean',
  accessTokenSeconds: 'number',
  refreshTokenSeconds: 'number',
  tokenTimes: ['registry', 'machine'],
  tokenSigning: ['HS256', 'none'],

  firewall: 'boolean',
  latencyMs: 'number',
  throttle: 'boolean',
  throttleScale: 'number',
  throttlePeriodSeconds: 'number',
  throttleBody: ['json', 'html', 'empty'],
  '429WithoutRetryAfter': 'boolean',
  htmlError503: 'boolean',
  rateLimitHeaders: 'boolean',
}

function isSwitch(name: string): name is keyof Switches {
  return Object.hasOwn(switchValues, name)
}

/** What is wrong with a value for a switch, as a sentence; undefined when nothing is. */
export function switchProblem(name: string, value: unknown): string | undefined {
  if (!isSwitch(name)) return `There is no switch ${name}.`
  const accepts = switchValues[name]
  return takes(accepts, value)
    ? undefined
    : `The switch ${name} takes ${inWords(accepts)}, not ${JSON.stringify(value)}.`
}

/** A value as it stands on a command line. */
export function parseSwitchValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function takes(accepts: Accepts, value: unknown): boolean {
  if (accepts === 'boolean') return typeof value === 'boolean'
  if (accepts === 'number') return isAmount(value)
  if (accepts === 'number or null') return value === null || isAmount(value)
  if (accepts === 'text or null') return value === null || typeof value === 'string'
  if (accepts === 'texts') return isTexts(value)
  if ('each' in accepts) return isTexts(value) && value.every((each) => accepts.each.includes(each))
  return typeof value === 'string' && accepts.includes(value)
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function inWords(accepts: Accepts): string {
  if (accepts === 'boolean') return 'true or false'
  if (accepts === 'texts') return 'a list of texts'
  if (typeof accepts === 'string') return `a ${accepts}`
  if ('each' in accepts) return `a list of ${accepts.each.join(', ')}`
  return accepts.join(' or ')
}
