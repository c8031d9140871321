/** A type of resource that can be asked for. */
export interface ResourceType {
  readonly type: string
  /** In ascending order. */
  readonly versions: readonly string[]
}

const registryVersions = (
  '2017-10-01 2019-05-01 2019-12-01-preview 2020-11-01-preview 2021-06-01-preview 2021-09-01 2021-12-01-preview ' +
  '2022-02-01-preview 2022-12-01 2023-01-01-preview 2023-06-01-preview 2023-07-01 2023-08-01-preview 2023-11-01-preview ' +
  '2024-11-01-preview 2025-03-01-preview 2025-04-01 2025-05-01-preview 2025-06-01-preview 2025-11-01'
).split(' ')

/** Those of azure-rest-api-specs. Of the workloads only what an image is read with: the rest of their history is left out. */
const types: readonly ResourceType[] = [
  { type: 'Microsoft.ContainerRegistry/registries', versions: registryVersions },
  { type: 'Microsoft.ContainerRegistry/registries/listUsages', versions: registryVersions },
  {
    type: 'Microsoft.ContainerRegistry/registries/cacheRules',
    versions: registryVersions.filter((version) => version >= '2023-01-01-preview'),
  },
  {
    type: 'Microsoft.ContainerRegistry/registries/tasks',
    versions: ['2018-09-01', '2019-04-01', '2019-06-01-preview', '2025-03-01-preview'],
  },
  { type: 'Microsoft.Security/pricings', versions: ['2018-06-01', '2022-03-01', '2023-01-01', '2024-01-01'] },
  { type: 'Microsoft.App/containerApps', versions: ['2022-03-01', '2023-05-01', '2024-03-01', '2025-01-01'] },
  {
    type: 'Microsoft.App/containerApps/revisions',
    versions: ['2022-03-01', '2023-05-01', '2024-03-01', '2025-01-01'],
  },
  { type: 'Microsoft.App/jobs', versions: ['2023-05-01', '2024-03-01', '2025-01-01'] },
  {
    type: 'Microsoft.ContainerInstance/containerGroups',
    versions: ['2021-10-01', '2022-09-01', '2023-05-01'],
  },
  { type: 'Microsoft.Web/sites', versions: ['2022-03-01', '2022-09-01', '2023-12-01', '2024-04-01'] },
  { type: 'Microsoft.Web/sites/slots', versions: ['2022-03-01', '2022-09-01', '2023-12-01', '2024-04-01'] },
  { type: 'Microsoft.Web/sites/sitecontainers', versions: ['2023-12-01', '2024-04-01'] },
]

/** Of `GET /subscriptions`. */
export const subscriptionVersions: readonly string[] = ['2016-06-01', '2020-01-01', '2022-12-01']

/** Of Resource Graph. */
export const graphVersions: readonly string[] = [
  '2018-09-01-preview',
  '2019-04-01',
  '2020-04-01-preview',
  '2021-03-01',
  '2021-06-01-preview',
  '2022-10-01',
  '2024-04-01',
]

export function typeNamed(type: string): ResourceType | undefined {
  return types.find((each) => each.type.toLowerCase() === type.toLowerCase())
}

export function isVersion(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:-[a-z]+)?$/.test(text)
}
