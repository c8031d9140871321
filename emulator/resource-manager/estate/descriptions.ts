import type { ManagementRole } from './roles.ts'
import type { Usage } from './resource.ts'

export interface SubscriptionDescription {
  readonly name: string
  /** Made from the name without it. */
  readonly id?: string
  /** Ids of the management groups above it, besides the root group, whose id is the tenant's. */
  readonly managementGroups?: readonly string[]
  /** Whether Microsoft Defender for Containers is on: it is, without a word. */
  readonly defender?: DefenderPlan
  readonly registries?: readonly RegistryDescription[]
  readonly workloads?: readonly WorkloadDescription[]
}

/** `on` without `registryScanning` is a plan whose extension for registries was switched off. */
export type DefenderPlan = 'on' | 'off' | { readonly plan: 'on' | 'off'; readonly registryScanning: boolean }

type Status = 'enabled' | 'disabled'

export interface RegistryDescription {
  readonly name: string
  /** `registries` without it. */
  readonly resourceGroup?: string
  /** `<name>.azurecr.io` without it; with a domain name label it is another. */
  readonly loginServer?: string
  readonly location?: string
  readonly sku?: 'Basic' | 'Standard' | 'Premium'
  readonly roleAssignmentMode?: 'LegacyRegistryPermissions' | 'AbacRepositoryPermissions'
  /** Days, when it is enabled. */
  readonly retention?: number | 'disabled'
  readonly softDelete?: number | 'disabled'
  readonly quarantine?: Status
  readonly azureADAuthenticationAsArm?: Status
  readonly adminUserEnabled?: boolean
  readonly anonymousPullEnabled?: boolean
  readonly publicNetworkAccess?: 'Enabled' | 'Disabled'
  readonly zoneRedundancy?: 'Enabled' | 'Disabled'
  readonly tags?: Readonly<Record<string, string>>
  /** What is stored; the limit is that of the SKU. */
  readonly usedBytes?: number
  /** Further usages, or others in place of those that there are without a word. */
  readonly usages?: readonly Usage[]
  readonly tasks?: readonly TaskDescription[]
  readonly cacheRules?: readonly CacheRuleDescription[]
  readonly findings?: readonly FindingDescription[]
}

/** A scheduled task with a command: `acr purge --filter 'app:.*' --untagged --ago 30d`. */
export interface TaskDescription {
  readonly name: string
  readonly command: string
  /** Cron expressions; none makes a task that somebody starts by hand. */
  readonly schedule?: string | readonly string[]
  readonly enabled?: boolean
}

export interface CacheRuleDescription {
  readonly name: string
  /** `docker.io/library/nginx` */
  readonly source: string
  readonly target: string
}

/** What Defender found in an image: a record for each package. */
export interface FindingDescription {
  readonly repository: string
  readonly digest: string
  readonly packages: readonly PackageDescription[]
  /** `NotApplicable` is exempt. */
  readonly status?: 'Unhealthy' | 'Healthy' | 'NotApplicable'
  readonly pushed?: string
  /** LastPushedToRegistryUTC was published in both places. */
  readonly pushedIn?: 'image' | 'RepositoryDetails'
}

export interface PackageDescription {
  readonly software: string
  /** Of the recommendation; the worst of its CVEs without it. */
  readonly severity?: CveSeverity
  readonly installedVersion?: string
  /** Without it there is no fix. */
  readonly fixedVersion?: string
  readonly packageType?: 'OS' | 'Language'
  readonly language?: string
  readonly cves: readonly CveDescription[]
}

export type CveSeverity = 'Critical' | 'High' | 'Medium' | 'Low' | 'Unknown' | ''

export interface CveDescription {
  readonly id: string
  readonly severity: CveSeverity
  /** As its package says, without a word. */
  readonly fixStatus?: 'FixAvailable' | 'NoFixAvailable' | 'NoFix' | 'WillNotFix'
  readonly cvss?: number
  readonly published?: string
  readonly inExploitKit?: boolean
}

interface Placed {
  readonly name: string
  /** `workloads` without it. */
  readonly resourceGroup?: string
}

/** Something that runs images, as references: `host/repo@sha256:…` or `host/repo:tag`. */
export type WorkloadDescription =
  | (Placed & {
      readonly kind: 'container app' | 'container app job'
      readonly images: readonly string[]
      readonly initImages?: readonly string[]
      /** Older revisions of an app that still run, which Resource Graph does not show. */
      readonly activeRevisions?: readonly { readonly name: string; readonly images: readonly string[] }[]
      /** Which of these still serves, because the latest one does not start; such an app has one revision at a time. */
      readonly readyRevision?: string
    })
  | (Placed & { readonly kind: 'container instances'; readonly images: readonly string[] })
  | (Placed & {
      readonly kind: 'web app' | 'function app'
      /** `linux` without a word. */
      readonly os?: 'linux' | 'windows'
      readonly image: string
      readonly slots?: readonly { readonly name: string; readonly image: string }[]
    })
  | (Placed & {
      /** A web app with sidecars: its images are in children that Resource Graph does not show. */
      readonly kind: 'web app with sidecars'
      readonly images: readonly string[]
    })

/** Who may read what in Resource Manager. */
export interface ReaderDescription {
  /** The name of an application of Entra, or the object id of somebody. */
  readonly identity: string
  readonly role: ManagementRole
  /** The name of a subscription or registry, or the id of a scope; without it all subscriptions. */
  readonly on?: string
}
