import { literal, literals } from './kql.ts'

/**
 * Defender has one record for each image and package, with the CVEs as JSON in it (Microsoft Learn, "Transition to individual
 * recommendations in Defender for Cloud"; the sub-assessments of older queries are empty since July 2026). Where the image
 * is in the record is published only by clients that read it.
 */
const RECORDS = `securityresources
| where type =~ 'microsoft.security/assessments'
| where properties.metadata.recommendationCategory =~ 'SoftwareUpdate'
    and properties.resourceDetails.ResourceType =~ '.containerimage'
    and properties.resourceDetails.Source =~ 'Azure'
| extend image = parse_json(tostring(properties.resourceAdditionalData))
| extend digest = tolower(tostring(image.Digest)), host = tostring(image.RepositoryDetails.RegistryHost)`

/** As many as the query language makes of one row; it leaves the rest out without a word, so the query counts them. */
const MOST_CVES = 400

/**
 * One row for each image with a record: its CVEs, each once, as `rank fixable id`. The rank is 4 for critical down to 0 for
 * none; of two packages with the same CVE the worse counts. An image all of whose records are healthy or exempt has a row
 * without CVEs. Rows are few enough for one page, because pages of summaries are not promised.
 */
export function recordsOf(host: string, digests: readonly string[]): string {
  return `${RECORDS}
| where host =~ ${literal(host)} and digest in (${literals(digests)})
| extend open = properties.status.code =~ 'Unhealthy', listed = parse_json(tostring(properties.additionalData.CvesDetails)),
    packageFix = tostring(properties.additionalData.FixStatus)
| extend size = iff(open, coalesce(array_length(listed), 0), 0)
| extend shown = iff(size > 0, listed, dynamic([{}]))
| mv-expand cve = shown limit ${MOST_CVES}
| extend cveId = iff(open and isempty(tostring(cve.CveId)), strcat('unnamed in ', tostring(properties.additionalData.SoftwareName)), tostring(cve.CveId)), severity = tolower(tostring(cve.Severity)), fix = tostring(cve.FixStatus)
| extend rank = case(severity == 'critical', 4, severity == 'high', 3, severity == 'medium', 2, severity == 'low', 1, 0),
    fixable = iff(iff(isempty(fix), packageFix, fix) =~ 'FixAvailable', 1, 0)
| summarize rank = max(rank), fixable = max(fixable), largest = max(size) by digest, cveId
| extend cve = iff(isempty(cveId), '', strcat(tostring(rank), ' ', tostring(fixable), ' ', cveId))
| summarize cves = make_set(cve), found = countif(isnotempty(cveId)), largest = max(largest) by digest
| extend truncated = largest > ${MOST_CVES}
| project digest, cves, found, truncated
| order by digest asc`
}

/** Whether any image of the registry has a record. */
export function anyRecordOf(host: string): string {
  return `${RECORDS}
| where host =~ ${literal(host)}
| project digest
| take 1`
}

/** In which subscription the registry is; no row when this identity cannot see it. */
export function subscriptionOf(host: string): string {
  return `resources
| where type =~ 'microsoft.containerregistry/registries' and properties.loginServer =~ ${literal(host)}
| project id, subscriptionId`
}

/** Defender's plan for containers, and whether it scans registries, for each subscription that this identity can see. */
export const PLANS = `securityresources
| where type =~ 'microsoft.security/pricings' and name =~ 'Containers'
| project id, subscriptionId, tier = tostring(properties.pricingTier), extensions = properties.extensions`
