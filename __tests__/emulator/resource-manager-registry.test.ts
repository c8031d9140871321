import { expect, test } from 'vitest'
import { startProxy, type RegistryDescription } from '../../emulator/index.ts'
import { call } from './client.ts'
import { finished, node } from './process.ts'
import { errorIn, startWorld } from './resource-manager-world.ts'

/** What Resource Manager says of a registry, of what runs images, and of what is not there. */

const purge = "acr purge --filter 'app:.*' --untagged --ago 30d"

const registries: readonly RegistryDescription[] = [
  {
    name: 'myRegistry',
    resourceGroup: 'myResourceGroup',
    location: 'westus',
    sku: 'Premium',
    retention: 30,
    softDelete: 14,
    usedBytes: 12_345_678,
    tasks: [
      { name: 'purge', command: purge, schedule: '0 3 * * *' },
      { name: 'build', command: 'build .', enabled: false },
    ],
    cacheRules: [{ name: 'hub', source: 'docker.io/library/nginx', target: 'cached/nginx' }],
  },
  { name: 'plain', resourceGroup: 'myResourceGroup' },
]

const json = async (answer: Promise<{ json: () => unknown }>) => (await answer).json()

test('a registry in its stable form: all but the soft delete policy', async () => {
  await using world = await startWorld({ registries })
  const { id } = world.arm.estate.registry('myRegistry')
  const { id: subscription } = world.arm.estate.subscription()
  expect(await json(world.get(`${id}?api-version=2025-11-01`))).toEqual({
    id: `/subscriptions/${subscription}/resourceGroups/myResourceGroup/providers/Microsoft.ContainerRegistry/registries/myRegistry`,
    name: 'myRegistry',
    type: 'Microsoft.ContainerRegistry/registries',
    location: 'westus',
    tags: {},
    sku: { name: 'Premium', tier: 'Premium' },
    properties: {
      loginServer: 'myregistry.azurecr.io',
      creationDate: expect.any(String),
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
      policies: {
        quarantinePolicy: { status: 'disabled' },
        trustPolicy: { type: 'Notary', status: 'disabled' },
        retentionPolicy: { days: 30, status: 'enabled', lastUpdatedTime: expect.any(String) },
        exportPolicy: { status: 'enabled' },
        azureADAuthenticationAsArmPolicy: { status: 'enabled' },
      },
      encryption: { status: 'disabled' },
      dataEndpointEnabled: false,
      dataEndpointHostNames: [],
      privateEndpointConnections: [],
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      zoneRedundancy: 'Disabled',
      anonymousPullEnabled: false,
      roleAssignmentMode: 'LegacyRegistryPermissions',
    },
  })
})

test.each([
  ['2025-11-01', ['anonymousPullEnabled', 'azureADAuthenticationAsArmPolicy', 'roleAssignmentMode']],
  [
    '2025-05-01-preview',
    ['anonymousPullEnabled', 'azureADAuthenticationAsArmPolicy', 'roleAssignmentMode', 'softDeletePolicy'],
  ],
  ['2023-11-01-preview', ['anonymousPullEnabled', 'softDeletePolicy']],
  ['2023-07-01', []],
  ['2022-02-01-preview', ['anonymousPullEnabled']],
])('version %s shows %j', async (version, expected) => {
  await using world = await startWorld({ registries })
  const { properties } = (await json(
    world.get(`${world.arm.estate.registry('myRegistry').id}?api-version=${version}`),
  )) as { properties: { policies: object } }
  const told = Object.keys({ ...properties, ...properties.policies })
  const inQuestion = [
    'anonymousPullEnabled',
    'azureADAuthenticationAsArmPolicy',
    'roleAssignmentMode',
    'softDeletePolicy',
  ]
  expect(inQuestion.filter((name) => told.includes(name))).toEqual(expected)
})

test('usage, with the storage of the SKU', async () => {
  await using world = await startWorld({ registries })
  const usages = (name: string) =>
    json(world.get(`${world.arm.estate.registry(name).id}/listUsages?api-version=2025-11-01`))
  expect(await usages('myRegistry')).toEqual({
    value: [
      { name: 'Size', limit: 536_870_912_000, currentValue: 12_345_678, unit: 'Bytes' },
      { name: 'Webhooks', limit: 500, currentValue: 0, unit: 'Count' },
    ],
  })
  expect(await usages('plain')).toMatchObject({ value: [{ limit: 107_374_182_400, currentValue: 0 }, {}] })
})

test('tasks: when they run, and the encoded file with the command', async () => {
  await using world = await startWorld({ registries })
  const { id } = world.arm.estate.registry('myRegistry')
  const { value } = (await json(world.get(`${id}/tasks?api-version=2019-06-01-preview`))) as {
    value: { name: string; properties: { status: string; step: { encodedTaskContent: string } } }[]
  }
  expect(value).toMatchObject([
    {
      id: `${id}/tasks/purge`,
      type: 'Microsoft.ContainerRegistry/registries/tasks',
      properties: {
        status: 'Enabled',
        step: { type: 'EncodedTask' },
        trigger: { timerTriggers: [{ schedule: '0 3 * * *', status: 'Enabled' }] },
      },
    },
    { name: 'build', properties: { status: 'Disabled', trigger: { timerTriggers: [] } } },
  ])
  const [task] = value
  const file = Buffer.from(task?.properties.step.encodedTaskContent ?? '', 'base64').toString('utf8')
  expect(file).toContain(`  - cmd: ${purge}\n`)
  expect(await json(world.get(`${id}/tasks/PURGE?api-version=2019-04-01`))).toMatchObject({ name: 'purge' })
  expect(
    await world.rows(
      "resources | where type =~ 'microsoft.containerregistry/registries/tasks' | project name",
    ),
  ).toEqual([{ name: 'purge' }, { name: 'build' }])
})

test('cache rules, which Resource Graph does not have', async () => {
  await using world = await startWorld({ registries })
  const { id } = world.arm.estate.registry('myRegistry')
  expect(await json(world.get(`${id}/cacheRules?api-version=2025-11-01`))).toMatchObject({
    value: [
      {
        id: `${id}/cacheRules/hub`,
        type: 'Microsoft.ContainerRegistry/registries/cacheRules',
        properties: { sourceRepository: 'docker.io/library/nginx', targetRepository: 'cached/nginx' },
      },
    ],
  })
  expect(await world.rows("resources | where type contains 'cacherules'")).toEqual([])
})

test('lists: registries of a subscription and of a group, subscriptions that the caller sees', async () => {
  await using world = await startWorld({
    subscriptions: [{ name: 'Production', registries }, { name: 'Empty' }],
  })
  const { id } = world.arm.estate.subscription('Production')
  const ofProvider = '/providers/Microsoft.ContainerRegistry/registries?api-version=2025-11-01'
  for (const scope of [`/subscriptions/${id}`, `/subscriptions/${id}/resourcegroups/MYRESOURCEGROUP`]) {
    expect(await json(world.get(scope + ofProvider))).toMatchObject({
      value: [{ name: 'myRegistry' }, { name: 'plain' }],
    })
  }
  const seen = (await json(world.get('/subscriptions?api-version=2022-12-01'))) as { value: object[] }
  expect(seen.value).toMatchObject([
    { subscriptionId: id, displayName: 'Production', state: 'Enabled', tenantId: world.entra.tenant.id },
    { displayName: 'Empty' },
  ])
  const stranger = await world.tokenOf('stranger')
  expect(await json(world.get('/subscriptions?api-version=2022-12-01', stranger))).toMatchObject({
    value: [],
  })
})

test('older active revisions and sidecars are children that only Resource Manager shows', async () => {
  const image = 'myregistry.azurecr.io/app:1'
  await using world = await startWorld({
    workloads: [
      {
        kind: 'container app',
        name: 'shop',
        images: ['x'],
        activeRevisions: [{ name: 'old', images: [image] }],
      },
      { kind: 'web app with sidecars', name: 'site', images: [image] },
    ],
  })
  const idOf = (type: string) => world.arm.estate.resources.find((each) => each.type === type)?.id ?? ''
  const revisions = await json(
    world.get(`${idOf('Microsoft.App/containerApps')}/revisions?api-version=2024-03-01`),
  )
  expect(revisions).toMatchObject({
    value: [
      { name: 'shop--latest', properties: { active: true, template: { containers: [{ image: 'x' }] } } },
      { name: 'shop--old', properties: { active: true, template: { containers: [{ image }] } } },
    ],
  })
  expect(
    await json(world.get(`${idOf('Microsoft.Web/sites')}/sitecontainers?api-version=2024-04-01`)),
  ).toMatchObject({ value: [{ properties: { image, isMain: true } }] })
})

test.each([
  { version: '', code: 'MissingApiVersionParameter', words: 'is required for all requests.' },
  { version: '?api-version=', code: 'MissingApiVersionParameter', words: '(?api-version=)' },
  {
    version: '?api-version=latest',
    code: 'InvalidApiVersionParameter',
    words: "The api-version 'latest' is invalid.",
  },
  {
    version: '?api-version=2001-01-01',
    code: 'NoRegisteredProviderFound',
    words:
      "API version '2001-01-01' for type 'registries'. The supported api-versions are '2017-10-01, 2019-05-01, ",
  },
])('a registry with "$version" is 400 $code', async ({ version, code, words }) => {
  await using world = await startWorld({ registries })
  const answer = await world.get(`${world.arm.estate.registry('plain').id}${version}`)
  expect([answer.status, errorIn(answer).code]).toEqual([400, code])
  expect(errorIn(answer).message).toContain(words)
})

test('tasks have versions of their own', async () => {
  await using world = await startWorld({ registries })
  const answer = await world.get(`${world.arm.estate.registry('plain').id}/tasks?api-version=2025-11-01`)
  expect(errorIn(answer)).toMatchObject({
    code: 'NoRegisteredProviderFound',
    message: expect.stringContaining(
      "for type 'registries/tasks'. The supported api-versions are '2018-09-01, ",
    ),
  })
})

test('what is not there: resource, group, subscription, type, path', async () => {
  await using world = await startWorld({ registries })
  const { id } = world.arm.estate.subscription()
  const told = async (path: string) => {
    const answer = await world.get(`${path}?api-version=2025-11-01`)
    expect(answer.status).toBe(404)
    return errorIn(answer)
  }
  const group = `/subscriptions/${id}/resourceGroups/myResourceGroup/providers/Microsoft.ContainerRegistry`
  const missing = {
    code: 'ResourceNotFound',
    message:
      "The Resource 'Microsoft.ContainerRegistry/registries/gone' under resource group 'myResourceGroup' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  }
  expect(await told(`${group}/registries/gone`)).toEqual(missing)
  expect(await told(`${group}/registries/gone/listUsages`)).toEqual(missing)
  expect(await told(`${group.replace('myResourceGroup', 'nowhere')}/registries/plain`)).toEqual({
    code: 'ResourceGroupNotFound',
    message: "Resource group 'nowhere' could not be found.",
  })
  const nobody = '00000000-0000-0000-0000-000000000000'
  expect(await told(`/subscriptions/${nobody}`)).toEqual({
    code: 'SubscriptionNotFound',
    message: `The subscription '${nobody}' could not be found.`,
  })
  expect(await told(`${group}/registries/plain/webhooks`)).toMatchObject({ code: 'InvalidResourceType' })
  expect(await told('/tenants')).toMatchObject({ code: 'NotFound' })
})

test('it only reads', async () => {
  await using world = await startWorld({ registries })
  const path = `${world.arm.estate.registry('plain').id}?api-version=2025-11-01`
  const bearer = await world.tokenOf()
  expect((await call(world.arm, `DELETE ${path}`, { bearer })).status).toBe(405)
})

test('reads are counted for each subscription and principal; without tokens there is a 429 that says how long', async () => {
  await using world = await startWorld({ registries, switches: { readBucket: 3, readRefillPerSecond: 0.1 } })
  const path = `${world.arm.estate.registry('plain').id}?api-version=2025-11-01`
  const answers = [await world.get(path), await world.get(path), await world.get(path), await world.get(path)]
  expect(
    answers.map(({ status, headers }) => [status, headers['x-ms-ratelimit-remaining-subscription-reads']]),
  ).toEqual([
    [200, '2'],
    [200, '1'],
    [200, '0'],
    [429, '0'],
  ])
  const [last] = answers.slice(-1)
  if (last === undefined) throw new Error('four were asked')
  const { objectId } = world.entra.application('pipeline')
  expect(last.headers['retry-after']).toBe('10')
  expect(errorIn(last)).toMatchObject({
    code: 'SubscriptionRequestsThrottled',
    message: expect.stringContaining(
      `Number of 'read' requests for subscription '${world.arm.estate.subscription().id}' actor '${objectId}' exceeded. Please try again after '10' seconds`,
    ),
  })
  expect((await world.get(path, await world.tokenOf('stranger'))).status).toBe(403)
  world.arm.resetQuotas()
  expect((await world.get(path)).status).toBe(200)
})

test('behind a proxy it answers under its own name', async () => {
  await using world = await startWorld({ registries })
  await using proxy = await startProxy({ hosts: { 'management.azure.com': world.arm } })
  const url = `https://management.azure.com${world.arm.estate.registry('plain').id}?api-version=2025-11-01`
  const headers = JSON.stringify({ authorization: `Bearer ${await world.tokenOf()}` })
  const program = `fetch('${url}', { headers: ${headers} }).then(({ status }) => console.log(status))`
  const env = { ...proxy.environment, ...world.arm.environment, NODE_USE_ENV_PROXY: '1' }
  const { output } = await finished(node(['-e', program], env))
  expect([output.trim(), proxy.requests()[0]?.host]).toEqual(['200', 'management.azure.com'])
})
