/**
 * What is not known of Resource Manager and Resource Graph, what sources disagree about, and what they may change: the default
 * is what is documented or was measured. README.md says of each what is known. They can be changed while the server runs.
 */
export interface ResourceManagerSwitches {
  // Queries
  mvExpandUnsaid: number
  mvExpandMost: number
  mvExpandOverMost: 'refuse' | 'cut'
  mvExpandsPerQuery: number
  unexpectedErrorAbove: number | null
  unexpectedErrorStatus: 400 | 500

  // Pages
  pageMost: number
  topOverMost: 'refuse' | 'cut'
  pagesNeedId: boolean
  pagesSayTruncated: boolean
  resultFormat: 'objectArray' | 'table'

  // Who sees what
  unreadableSubscriptions: 'NoValidSubscriptionsInQueryRequest' | 'AccessDenied'
  nothingReadable: 'no rows' | 'refuse'
  graphShowsSoftDelete: boolean
  graphShowsRoleAssignmentMode: boolean

  // Quotas
  graphQuota: number
  graphQuotaSeconds: number
  graphRetryAfter: boolean
  readBucket: number
  readRefillPerSecond: number

  // Resource Manager
  audiences: readonly string[]
  softDeletePolicySince: string
}

export const defaultResourceManagerSwitches: Readonly<ResourceManagerSwitches> = {
  mvExpandUnsaid: 128,
  mvExpandMost: 400,
  mvExpandOverMost: 'refuse',
  mvExpandsPerQuery: 2,
  unexpectedErrorAbove: null,
  unexpectedErrorStatus: 500,

  pageMost: 1000,
  topOverMost: 'refuse',
  pagesNeedId: false,
  pagesSayTruncated: false,
  resultFormat: 'objectArray',

  unreadableSubscriptions: 'NoValidSubscriptionsInQueryRequest',
  nothingReadable: 'no rows',
  graphShowsSoftDelete: true,
  graphShowsRoleAssignmentMode: true,

  graphQuota: 15,
  graphQuotaSeconds: 5,
  graphRetryAfter: true,
  readBucket: 250,
  readRefillPerSecond: 25,

  audiences: [
    'https://management.core.windows.net/',
    'https://management.core.windows.net',
    'https://management.azure.com/',
    'https://management.azure.com',
  ],
  softDeletePolicySince: '2023-06-01-preview',
}
