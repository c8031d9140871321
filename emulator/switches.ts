import type { Action } from './access/roles.ts'

/**
 * What the real service does is not known in every point, and what it does can be changed by its settings. Each such point
 * is a switch; README.md says of each what is known. They can be changed while the emulator runs.
 */
export interface Switches {
  // Deleting
  cascadeReferrers: boolean
  cascadeTaggedReferrers: boolean
  cascadeLockedReferrers: boolean
  cascadeChildren: boolean
  softDelete: boolean
  softDeleteDays: number
  retagBeforeDelete: string | null
  emptiedRepositoryRemains: boolean

  // Locks
  lockedTagProtectsManifest: boolean
  lockedManifestRefusesTags: boolean
  lockedContentProtectsRepository: boolean
  lockedTargetRefusesPatch: boolean
  lockBeforeExistence: boolean
  readDisabledStatus: number
  hideLocksFromReaders: boolean

  // Pushing and pulling
  missingBlobs: 'refuse' | 'accept'
  missingChildren: 'refuse' | 'accept'
  ociSubjectHeader: boolean
  convertDockerList: boolean
  acceptAnyMatchesOci: boolean
  quarantine: boolean
  referrersApi: boolean
  referrersPageSize: number | null
  blobStorageHost: string | null
  unknownRepositoryOnV2: 'NAME_UNKNOWN' | 'MANIFEST_UNKNOWN'

  // Times and sizes
  repushUpdatesTime: boolean
  untagUpdatesTime: boolean
  pullUpdatesTime: boolean
  indexImageSize: 'aggregate' | 'descriptors' | 'bytes'

  // Lists
  pageDefault: number
  pageMax: number
  invalidPageSize: 'refuse' | 'default'
  linkOnFullLastPage: boolean
  digestInTagLinks: boolean
  emptyLists: 'array' | 'null'
  tagsTruncateAt: number | null
  catalogTruncateAt: number | null
  artifactTypeInLists: boolean
  manifestCountOffset: number
  manifestCountHidden: boolean
  listGetRace: readonly string[]
  listGetRaceMetadata: boolean

  // Signing in
  abac: boolean
  anonymousPull: boolean
  insufficientScope: readonly Action[]
  wildcardActions: 'expanded' | 'star'
  wildcardOfScopeMap: 'expanded' | 'dropped'
  acrPushMayUntag: boolean
  armAudienceTokens: boolean
  homeTenant: string | null
  expiredTokenNamesError: boolean
  accessTokenSeconds: number
  refreshTokenSeconds: number
  tokenTimes: 'registry' | 'machine'
  tokenSigning: 'HS256' | 'none'

  // Network and load
  firewall: boolean
  latencyMs: number
  throttle: boolean
  throttleScale: number
  throttlePeriodSeconds: number
  throttleBody: 'json' | 'html' | 'empty'
  '429WithoutRetryAfter': boolean
  htmlError503: boolean
  rateLimitHeaders: boolean
}

export const defaultSwitches: Readonly<Switches> = {
  cascadeReferrers: true,
  cascadeTaggedReferrers: true,
  cascadeLockedReferrers: false,
  cascadeChildren: false,
  softDelete: false,
  softDeleteDays: 7,
  retagBeforeDelete: null,
  emptiedRepositoryRemains: false,

  lockedTagProtectsManifest: false,
  lockedManifestRefusesTags: false,
  lockedContentProtectsRepository: true,
  lockedTargetRefusesPatch: false,
  lockBeforeExistence: false,
  readDisabledStatus: 405,
  hideLocksFromReaders: false,

  missingBlobs: 'refuse',
  missingChildren: 'refuse',
  ociSubjectHeader: true,
  convertDockerList: false,
  acceptAnyMatchesOci: false,
  quarantine: false,
  referrersApi: true,
  referrersPageSize: null,
  blobStorageHost: null,
  unknownRepositoryOnV2: 'NAME_UNKNOWN',

  repushUpdatesTime: false,
  untagUpdatesTime: false,
  pullUpdatesTime: false,
  indexImageSize: 'aggregate',

  pageDefault: 100,
  pageMax: 1000,
  invalidPageSize: 'refuse',
  linkOnFullLastPage: false,
  digestInTagLinks: false,
  emptyLists: 'array',
  tagsTruncateAt: null,
  catalogTruncateAt: null,
  artifactTypeInLists: false,
  manifestCountOffset: 0,
  manifestCountHidden: true,
  listGetRace: [],
  listGetRaceMetadata: true,

  abac: false,
  anonymousPull: false,
  insufficientScope: [],
  wildcardActions: 'expanded',
  wildcardOfScopeMap: 'expanded',
  acrPushMayUntag: false,
  armAudienceTokens: true,
  homeTenant: null,
  expiredTokenNamesError: true,
  accessTokenSeconds: 3600,
  refreshTokenSeconds: 10_800,
  tokenTimes: 'registry',
  tokenSigning: 'HS256',

  firewall: false,
  latencyMs: 0,
  throttle: false,
  throttleScale: 1,
  throttlePeriodSeconds: 60,
  throttleBody: 'json',
  '429WithoutRetryAfter': false,
  htmlError503: false,
  rateLimitHeaders: false,
}
