import { guidOf } from './guid.ts'
import type {
  CveDescription,
  CveSeverity,
  DefenderPlan,
  FindingDescription,
  PackageDescription,
} from './descriptions.ts'
import type { Resource } from './resource.ts'

/**
 * One record for each image and package, as since May 2026 (defender-docs, transition-grouped-individual-recommendations). The
 * filters and the place of the CVEs are documented; the paths of `resourceAdditionalData` and the keys of a CVE were published by
 * a client that reads them. The id of the record itself is a guess: what it is about, and a GUID.
 */
export function findingResources(finding: FindingDescription, registry: Resource): Resource[] {
  return finding.packages.map((each) => {
    const name = guidOf(`finding ${registry.id} ${finding.digest} ${each.software}`)
    return {
      id: `${registry.id}/providers/Microsoft.Security/assessments/${name}`,
      name,
      type: 'Microsoft.Security/assessments',
      subscriptionId: registry.subscriptionId,
      resourceGroup: registry.resourceGroup,
      table: 'securityresources',
      properties: assessment(finding, each, registry),
    }
  })
}

/** The record of the plan (azure-rest-api-specs, pricings 2024-01-01). */
export function planResource(defender: DefenderPlan, subscriptionId: string): Resource {
  const { plan, registryScanning } =
    typeof defender === 'string' ? { plan: defender, registryScanning: defender === 'on' } : defender
  const scanning = plan === 'on' && registryScanning
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/pricings/Containers`,
    name: 'Containers',
    type: 'Microsoft.Security/pricings',
    subscriptionId,
    resourceGroup: undefined,
    table: 'securityresources',
    properties: {
      pricingTier: plan === 'on' ? 'Standard' : 'Free',
      freeTrialRemainingTime: 'PT0S',
      enforce: 'False',
      resourcesCoverageStatus: plan === 'on' ? 'FullyCovered' : 'NotCovered',
      extensions: [
        { name: 'ContainerRegistriesVulnerabilityAssessments', isEnabled: scanning ? 'True' : 'False' },
      ],
    },
  }
}

function assessment(
  finding: FindingDescription,
  found: PackageDescription,
  registry: Resource,
): Record<string, unknown> {
  const { repository, digest, status = 'Unhealthy' } = finding
  const dashed = repository.replaceAll('/', '-')
  return {
    displayName: `Update ${found.software}`,
    status: { code: status },
    metadata: {
      severity: found.severity ?? worst(found.cves),
      recommendationCategory: 'SoftwareUpdate',
    },
    resourceDetails: {
      Source: 'Azure',
      ResourceType: '.containerimage',
      Id: `${registry.id.toLowerCase()}/repositories-${dashed}-images-${digest}`,
      ResourceName: repository.split('/').at(-1),
    },
    resourceAdditionalData: JSON.stringify(image(finding, String(registry.properties['loginServer']))),
    additionalData: software(found),
  }
}

function image({ repository, digest, pushed, pushedIn = 'image' }: FindingDescription, host: string) {
  const time = pushed === undefined ? {} : { LastPushedToRegistryUTC: pushed }
  return {
    Digest: digest,
    ImageUri: `${host}/${repository}@${digest}`,
    ...(pushedIn === 'image' ? time : {}),
    RepositoryDetails: {
      RepositoryName: repository,
      RegistryHost: host,
      ...(pushedIn === 'RepositoryDetails' ? time : {}),
    },
  }
}

function software(found: PackageDescription): Record<string, unknown> {
  const { fixedVersion = '', installedVersion = '1.0.0' } = found
  const fixStatus = fixedVersion === '' ? 'NoFixAvailable' : 'FixAvailable'
  const scanner = {
    DetectedSoftwareVersions: [installedVersion],
    FixedVersion: fixedVersion,
    FixStatus: fixStatus,
  }
  return {
    SoftwareName: found.software,
    SoftwareVendor: '',
    PackageType: found.packageType ?? 'OS',
    Language: found.language ?? '',
    ...scanner,
    CvesDetails: JSON.stringify(found.cves.map((cve) => cveDetails(cve, { fixStatus, fixedVersion }))),
    ScannersDetails: { mdvm: scanner },
  }
}

function cveDetails(
  cve: CveDescription,
  { fixStatus, fixedVersion }: { readonly fixStatus: string; readonly fixedVersion: string },
) {
  const own = cve.fixStatus ?? fixStatus
  return {
    CveId: cve.id,
    Severity: cve.severity,
    // Some base images have neither a severity nor a score.
    Cvss: cve.cvss === undefined ? [] : [{ Key: '3.1', Value: { Base: cve.cvss, CvssVectorString: '' } }],
    FixStatus: own,
    FixedVersion: own === 'FixAvailable' ? fixedVersion : '',
    PublishedDate: cve.published ?? '2025-01-01T00:00:00Z',
    ExploitabilityDetails: {
      IsInExploitKit: cve.inExploitKit ?? false,
      ExploitStepsPublished: false,
      ExploitStepsVerified: false,
    },
  }
}

function worst(cves: readonly CveDescription[]): CveSeverity {
  const order: readonly CveSeverity[] = ['Critical', 'High', 'Medium', 'Low']
  return order.find((severity) => cves.some((cve) => cve.severity === severity)) ?? 'Unknown'
}
