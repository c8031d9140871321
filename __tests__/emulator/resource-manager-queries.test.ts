import { expect, test } from 'vitest'
import type { RegistryDescription, WorkloadDescription } from '../../emulator/index.ts'
import { digestOf, errorIn, host, startWorld } from './resource-manager-world.ts'

/** Queries as a client of Defender's findings, of the registry's settings and of running images puts them. */

const [a, b, c, healthy, elsewhere] = ['a', 'b', 'c', 'd', 'e'].map(digestOf) as [
  string,
  string,
  string,
  string,
  string,
]

const findingsPerDigest = (loginServer: string, digests: readonly string[]) => `securityresources
| where type =~ 'microsoft.security/assessments'
| where properties.metadata.recommendationCategory =~ 'SoftwareUpdate'
    and properties.resourceDetails.ResourceType =~ '.containerimage'
    and properties.resourceDetails.Source =~ 'Azure'
    and properties.status.code =~ 'Unhealthy'
| extend img = parse_json(tostring(properties.resourceAdditionalData))
| extend digest = tolower(tostring(img.Digest)), repo = tostring(img.RepositoryDetails.RepositoryName), host = tostring(img.RepositoryDetails.RegistryHost)
| where host =~ '${loginServer}' and digest in (${digests.map((each) => `'${each}'`).join(',')})      // batches of 50
| extend cves = parse_json(tostring(properties.additionalData.CvesDetails)), n = array_length(parse_json(tostring(properties.additionalData.CvesDetails)))
| mv-expand cve = cves limit 400
| extend cveId = tostring(cve.CveId), sev = tolower(tostring(cve.Severity)),
         rank = case(tolower(tostring(cve.Severity))=='critical',4, tolower(tostring(cve.Severity))=='high',3, tolower(tostring(cve.Severity))=='medium',2, tolower(tostring(cve.Severity))=='low',1, 0),
         fixable = iff(tostring(coalesce(cve.FixStatus, properties.additionalData.FixStatus)) =~ 'FixAvailable' or isnotempty(tostring(coalesce(cve.FixedVersion, properties.additionalData.FixedVersion))), 1, 0)
| where isnotempty(cveId)
| summarize rank=max(rank), fixable=max(fixable), truncated=max(iff(n>400,1,0)) by repo, digest, cveId
| summarize critical=countif(rank==4), high=countif(rank==3), medium=countif(rank==2), low=countif(rank==1), unknown=countif(rank==0), fixable=sum(fixable), truncated=max(truncated) by repo, digest
| order by digest asc`

const registries: readonly RegistryDescription[] = [
  {
    name: 'myregistry',
    findings: [
      {
        repository: 'team/app',
        digest: a,
        packages: [
          {
            software: 'openssl',
            fixedVersion: '3.0.15',
            cves: [
              { id: 'CVE-2025-1', severity: 'Critical' },
              { id: 'CVE-2025-2', severity: 'High', fixStatus: 'WillNotFix' },
            ],
          },
          {
            software: 'libssl3',
            // The same CVE in another package: counted once, with the worse of the two.
            cves: [
              { id: 'CVE-2025-1', severity: 'High' },
              { id: 'CVE-2025-3', severity: 'Low' },
            ],
          },
        ],
      },
      {
        repository: 'team/app',
        digest: b,
        packages: [
          {
            software: 'base',
            cves: [
              { id: 'CVE-2025-4', severity: '' },
              { id: 'CVE-2025-5', severity: 'Unknown' },
            ],
          },
        ],
      },
      {
        repository: 'large',
        digest: c,
        packages: [
          {
            software: 'linux',
            cves: Array.from({ length: 450 }, (_, at) => ({
              id: `CVE-2024-${1000 + at}`,
              severity: 'Medium' as const,
            })),
          },
        ],
      },
      {
        repository: 'team/app',
        digest: healthy,
        status: 'NotApplicable',
        packages: [{ software: 'zlib', cves: [{ id: 'CVE-2025-9', severity: 'Critical' }] }],
      },
    ],
  },
  {
    name: 'other',
    findings: [
      {
        repository: 'team/app',
        digest: elsewhere,
        packages: [{ software: 'zlib', cves: [{ id: 'CVE-2025-9', severity: 'Critical' }] }],
      },
    ],
  },
]

test('findings per digest and severity: CVEs count once, exempt ones not, those without a severity apart', async () => {
  await using world = await startWorld({ registries })
  const none = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, fixable: 0, truncated: 0 }
  expect(await world.rows(findingsPerDigest(host, [a, b, c, healthy, elsewhere]))).toEqual([
    { ...none, repo: 'team/app', digest: a, critical: 1, high: 1, low: 1, fixable: 1 },
    { ...none, repo: 'team/app', digest: b, unknown: 2 },
    { ...none, repo: 'large', digest: c, medium: 400, truncated: 1 },
  ])
  // Hosts are compared without case, digests are not asked for in capitals.
  expect(await world.rows(findingsPerDigest(host.toUpperCase(), [b]))).toHaveLength(1)
  expect(await world.rows(findingsPerDigest(host, [digestOf('f')]))).toEqual([])
})

test('without a limit of its own mv-expand stops at 128 of 450, and nothing in the answer says so', async () => {
  await using world = await startWorld({ registries })
  const silent = findingsPerDigest(host, [c]).replace(' limit 400', '')
  expect(await world.rows(silent)).toMatchObject([{ medium: 128, truncated: 1 }])
  world.arm.switches.mvExpandUnsaid = 300
  expect(await world.rows(silent)).toMatchObject([{ medium: 300 }])
})

test('more than 400 rows of one are refused, or cut to the maximum, which is not known', async () => {
  await using world = await startWorld({ registries })
  const greedy = findingsPerDigest(host, [c]).replace('limit 400', 'limit 2000')
  const answer = await world.post({ query: greedy })
  expect([answer.status, errorIn(answer).details.at(-1)]).toMatchObject([400, { token: '2000' }])
  world.arm.switches.mvExpandOverMost = 'cut'
  expect(await world.rows(greedy)).toMatchObject([{ medium: 400 }])
  world.arm.switches.mvExpandMost = 2000
  expect(await world.rows(greedy)).toMatchObject([{ medium: 450 }])
})

test('the cheaper first pass counts packages, not CVEs', async () => {
  await using world = await startWorld({ registries })
  const rows = await world.rows(`securityresources
    | where type =~ 'microsoft.security/assessments' and properties.status.code =~ 'Unhealthy'
    | extend digest = tostring(parse_json(tostring(properties.resourceAdditionalData)).Digest)
    | summarize findings=count(), critical=countif(properties.metadata.severity=~'Critical') by digest
    | order by digest asc | take 2`)
  expect(rows).toEqual([
    { digest: a, findings: 2, critical: 1 },
    { digest: b, findings: 1, critical: 0 },
  ])
})

test('the table that every older query asks is empty, silently', async () => {
  await using world = await startWorld({ registries })
  const old = `securityresources | where type == 'microsoft.security/assessments/subassessments'
    | where id contains '/assessments/c0b7cfc6-3172-465a-b378-53c7ff2cc0d5/'`
  expect(await world.query(old)).toMatchObject({ totalRecords: 0, count: 0, data: [] })
})

const registryByHost = (loginServer: string) => `resources
| where type =~ 'microsoft.containerregistry/registries' and properties.loginServer =~ '${loginServer}'
| project id, name, resourceGroup, subscriptionId, sku=sku.name, policies=properties.policies, roleMode=properties.roleAssignmentMode, admin=properties.adminUserEnabled, pna=properties.publicNetworkAccess`

test('the registry by its login server, which is not always its name', async () => {
  await using world = await startWorld({
    registries: [
      {
        name: 'myregistry',
        loginServer: 'myregistry-a1b2c3.azurecr.io',
        resourceGroup: 'RG-Shop',
        sku: 'Premium',
        roleAssignmentMode: 'AbacRepositoryPermissions',
        retention: 30,
        softDelete: 14,
        adminUserEnabled: true,
        publicNetworkAccess: 'Disabled',
      },
      { name: 'other' },
    ],
  })
  const { id: subscriptionId } = world.arm.estate.subscription()
  const rows = await world.rows(registryByHost('myregistry-a1b2c3.azurecr.io'))
  expect(rows).toMatchObject([
    {
      id: `/subscriptions/${subscriptionId}/resourceGroups/RG-Shop/providers/Microsoft.ContainerRegistry/registries/myregistry`,
      name: 'myregistry',
      resourceGroup: 'rg-shop',
      subscriptionId,
      sku: 'Premium',
      policies: {
        retentionPolicy: { days: 30, status: 'enabled' },
        softDeletePolicy: { retentionDays: 14, status: 'enabled' },
      },
      roleMode: 'AbacRepositoryPermissions',
      admin: true,
      pna: 'Disabled',
    },
  ])
  expect(await world.rows(registryByHost('myregistry.azurecr.io'))).toEqual([])
  world.arm.switches.graphShowsRoleAssignmentMode = false
  world.arm.switches.graphShowsSoftDelete = false
  const [hidden] = await world.rows(registryByHost('myregistry-a1b2c3.azurecr.io'))
  expect(hidden).toMatchObject({ roleMode: null })
  expect(hidden?.['policies']).not.toHaveProperty('softDeletePolicy')
})

const image = (repository: string) => `${host}/${repository}`

const workloads: readonly WorkloadDescription[] = [
  {
    kind: 'container app',
    name: 'shop',
    images: [image(`app@${a}`), 'mcr.microsoft.com/sidecar:1'],
    initImages: [image(`init@${b}`)],
    activeRevisions: [{ name: 'old', images: [image(`app@${c}`)] }],
  },
  { kind: 'container app job', name: 'nightly', images: [image('job:latest')] },
  { kind: 'container instances', name: 'batch', images: [image(`batch@${b}`), 'docker.io/nginx'] },
  {
    kind: 'web app',
    name: 'site',
    image: image(`site@${a}`),
    slots: [{ name: 'staging', image: image(`site@${b}`) }],
  },
  { kind: 'function app', name: 'functions', os: 'windows', image: image('functions:1') },
  { kind: 'web app with sidecars', name: 'sided', images: [image(`side@${c}`)] },
]

const names = (rows: readonly Record<string, unknown>[]) =>
  rows.map(({ id, image }) => [String(id).split('/').at(-1), image])

test('images that container apps and jobs run: the current template only', async () => {
  await using world = await startWorld({ workloads })
  const rows =
    await world.rows(`resources | where type in~ ('microsoft.app/containerapps','microsoft.app/jobs')
| mv-expand c = array_concat(properties.template.containers, coalesce(properties.template.initContainers, dynamic([]))) limit 400
| extend image = tostring(c.image) | where image startswith '${host}/' | project id, image`)
  expect(names(rows)).toEqual([
    ['shop', image(`app@${a}`)],
    ['shop', image(`init@${b}`)],
    ['nightly', image('job:latest')],
  ])
})

test('images that container instances run', async () => {
  await using world = await startWorld({ workloads })
  const rows =
    await world.rows(`resources | where type =~ 'microsoft.containerinstance/containergroups' | mv-expand c = properties.containers limit 400
| extend image = tostring(c.properties.image) | where image startswith '${host}/' | project id, image`)
  expect(names(rows)).toEqual([['batch', image(`batch@${b}`)]])
})

test('images that App Service runs, on Linux and on Windows; slots are a type of their own, sidecars are not there', async () => {
  await using world = await startWorld({ workloads })
  const ofType = (type: string) =>
    world.rows(`resources | where type =~ '${type}' | mv-expand p = properties.siteProperties.properties limit 400
| where tostring(p.name) in~ ('LinuxFxVersion','WindowsFxVersion') | extend fx = tostring(p.value) | where fx startswith 'DOCKER|${host}/' | project id, image = substring(fx, 7)`)
  expect(names(await ofType('microsoft.web/sites'))).toEqual([
    ['site', image(`site@${a}`)],
    ['functions', image('functions:1')],
  ])
  expect(names(await ofType('microsoft.web/sites/slots'))).toEqual([['staging', image(`site@${b}`)]])
})

test('the log of pulls is in Log Analytics: Resource Graph knows no such table', async () => {
  await using world = await startWorld()
  const answer = await world.post({
    query: `ContainerRegistryRepositoryEvents
| where LoginServer =~ '${host}' and OperationName == 'Pull'
| summarize lastPull=max(TimeGenerated) by Repository, Digest`,
  })
  expect(answer.status).toBe(400)
  expect(errorIn(answer).details).toEqual([
    {
      code: 'DisallowedLogicalTableName',
      message: 'Table ContainerRegistryRepositoryEvents is invalid, unsupported or disallowed.',
    },
  ])
})
