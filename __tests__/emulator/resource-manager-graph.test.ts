import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultResourceManagerSwitches, type RegistryDescription } from '../../emulator/index.ts'
import { call } from './client.ts'
import { digestOf, errorIn, graphPath, startWorld, type QueryResponse } from './resource-manager-world.ts'

/** The endpoint of Resource Graph: pages, scopes, quotas, forms. */

const many = (count: number): readonly RegistryDescription[] =>
  Array.from({ length: count }, (_, at) => ({ name: `registry${String(at).padStart(4, '0')}` }))

const names = ({ data }: QueryResponse) => data.map(({ name }) => name)

test('an answer: what there is, what is in it, and whether it was cut', async () => {
  await using world = await startWorld({ registries: many(2) })
  const answer = await world.post({ query: 'Resources | project name | order by name asc' })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(Object.keys(answer.json() as object)).toEqual([
    'totalRecords',
    'count',
    'data',
    'facets',
    'resultTruncated',
  ])
  expect(answer.json()).toEqual({
    totalRecords: 2,
    count: 2,
    data: [{ name: 'registry0000' }, { name: 'registry0001' }],
    facets: [],
    resultTruncated: 'false',
  })
})

test('a row has every column, types and places in lower case', async () => {
  await using world = await startWorld({
    registries: [{ name: 'One', resourceGroup: 'Group', location: 'WestEurope' }],
  })
  const { id: subscriptionId } = world.arm.estate.subscription()
  expect((await world.query('Resources')).data).toEqual([
    {
      id: `/subscriptions/${subscriptionId}/resourceGroups/Group/providers/Microsoft.ContainerRegistry/registries/One`,
      name: 'One',
      type: 'microsoft.containerregistry/registries',
      tenantId: world.entra.tenant.id,
      kind: '',
      location: 'westeurope',
      resourceGroup: 'group',
      subscriptionId,
      managedBy: '',
      sku: { name: 'Standard', tier: 'Standard' },
      plan: null,
      properties: expect.objectContaining({ loginServer: 'one.azurecr.io' }),
      tags: {},
      identity: null,
      zones: null,
      extendedLocation: null,
    },
  ])
})

test('pages: a thousand rows, then a token, which the flag for truncation says nothing of', async () => {
  await using world = await startWorld({ registries: many(1201) })
  const query = 'Resources | project id, name | order by name asc'
  const first = await world.query(query)
  expect(first).toMatchObject({ totalRecords: 1201, count: 1000, resultTruncated: 'false' })
  const second = await world.query(query, { options: { $skipToken: first.$skipToken } })
  expect(second).toMatchObject({ totalRecords: 1201, count: 201, resultTruncated: 'false' })
  expect(second.$skipToken).toBeUndefined()
  expect(new Set([...names(first), ...names(second)]).size).toBe(1201)
  world.arm.switches.pagesSayTruncated = true
  expect(await world.query(query)).toMatchObject({ resultTruncated: 'true', $skipToken: first.$skipToken })
})

test('$top and $skip: the size of the pages, and where they begin', async () => {
  await using world = await startWorld({ registries: many(5), switches: { graphQuota: 100 } })
  const query = 'Resources | project id, name | order by name asc'
  const pages: unknown[][] = []
  let token: string | undefined
  do {
    const page = await world.query(query, {
      options: { $top: 2, ...(token === undefined ? {} : { $skipToken: token }) },
    })
    pages.push(names(page))
    token = page.$skipToken
  } while (token !== undefined)
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1])
  expect(names(await world.query(query, { options: { $skip: 4 } }))).toEqual(['registry0004'])
  // `top` without its dollar is passed over.
  expect(await world.query(query, { options: { top: 1 } })).toMatchObject({ count: 5 })
  const over = await world.post({ query, options: { $top: 1001 } })
  expect(over.status).toBe(400)
  world.arm.switches.topOverMost = 'cut'
  expect(await world.query(query, { options: { $top: 1001 } })).toMatchObject({ count: 5 })
  const stray = await world.post({ query: 'Resources', options: { $skipToken: token ?? 'bm9uZQ' } })
  expect(stray.status).toBe(400)
})

test.each([
  ['an id', 'Resources | project id', true],
  ['an order', 'Resources | project name | order by name asc', true],
  ['neither', 'Resources | project name', false],
  ['a limit', 'Resources | project id | take 4', false],
  ['dynamic columns only', 'Resources | order by id asc | project properties', false],
])('a query with %s goes on behind its first page: %s', async (_, query, goesOn) => {
  await using world = await startWorld({ registries: many(5) })
  const page = await world.query(query, { options: { $top: 2 } })
  expect([page.$skipToken !== undefined, page.resultTruncated]).toEqual([goesOn, String(!goesOn)])
})

test('as a table, and with the id as the only way to page, as older documentation has it', async () => {
  await using world = await startWorld({
    registries: many(3),
    switches: { resultFormat: 'table', pagesNeedId: true },
  })
  const query = 'Resources | project name, sku, n = strlen(name) | order by name asc'
  expect(await world.query(query, { options: { $top: 1 } })).toMatchObject({
    data: {
      columns: [
        { name: 'name', type: 'string' },
        { name: 'sku', type: 'object' },
        { name: 'n', type: 'integer' },
      ],
      rows: [['registry0000', { name: 'Standard', tier: 'Standard' }, 12]],
    },
    resultTruncated: 'true',
  })
  expect(await world.query(query, { options: { resultFormat: 'objectArray' } })).toMatchObject({
    data: [{ n: 12 }, {}, {}],
  })
})

test('of the subscriptions asked for, those that cannot be read are dropped without a word', async () => {
  await using world = await startWorld(
    {
      subscriptions: [
        { name: 'mine', registries: [{ name: 'one' }], managementGroups: ['shops'] },
        { name: 'theirs', registries: [{ name: 'two' }], managementGroups: ['shops'] },
      ],
    },
    [{ identity: 'pipeline', role: 'Reader', on: 'mine' }],
  )
  const [mine, theirs] = ['mine', 'theirs'].map((name) => world.arm.estate.subscription(name).id)
  const query = 'Resources | project name'
  expect(names(await world.query(query))).toEqual(['one'])
  expect(names(await world.query(query, { subscriptions: [mine, theirs] }))).toEqual(['one'])
  expect(names(await world.query(query, { managementGroups: ['shops'] }))).toEqual(['one'])
  expect(names(await world.query(query, { managementGroups: [world.entra.tenant.id] }))).toEqual(['one'])
  const none = await world.post({ query, subscriptions: [theirs] })
  expect(none.status).toBe(400)
  expect(errorIn(none).details).toEqual([
    {
      code: 'NoValidSubscriptionsInQueryRequest',
      message: `There must be at least one subscription that is eligible to contain resources. Given: '${theirs}'.`,
    },
  ])
  world.arm.switches.unreadableSubscriptions = 'AccessDenied'
  const denied = await world.post({ query, subscriptions: [theirs] })
  expect([denied.status, errorIn(denied).code, errorIn(denied).details]).toEqual([
    403,
    'AccessDenied',
    [
      {
        code: 'AccessDenied',
        message: 'Access is denied to the requested resource. The user might not have enough permission.',
      },
    ],
  ])
  const bad = await world.post({ query, subscriptions: ['mine'] })
  expect([bad.status, errorIn(bad).details[0]?.['code']]).toEqual([400, 'SubscriptionsContainInvalidGuids'])
})

test('who may read nothing gets no rows; that it could be otherwise is a switch', async () => {
  await using world = await startWorld({ registries: many(1) })
  const stranger = await world.tokenOf('stranger')
  const ask = () => world.post({ query: 'Resources' }, stranger)
  expect((await ask()).json()).toMatchObject({ totalRecords: 0, data: [] })
  world.arm.switches.nothingReadable = 'refuse'
  expect(errorIn(await ask()).details[0]).toMatchObject({
    code: 'NoValidSubscriptionsInQueryRequest',
    message: expect.stringMatching(/Given: ''\.$/),
  })
})

test('the containers tell a subscription with nothing in it from one that cannot be read', async () => {
  await using world = await startWorld(
    {
      subscriptions: [{ name: 'full', registries: [{ name: 'one' }] }, { name: 'empty' }, { name: 'theirs' }],
    },
    ['full', 'empty'].map((on) => ({ identity: 'pipeline', role: 'Reader' as const, on })),
  )
  const rows = await world.rows('ResourceContainers | project type, name | order by name asc')
  expect(rows).toEqual([
    { type: 'microsoft.resources/subscriptions', name: 'empty' },
    { type: 'microsoft.resources/subscriptions', name: 'full' },
    { type: 'microsoft.resources/subscriptions/resourcegroups', name: 'registries' },
  ])
  const roles = await world.rows(
    'AuthorizationResources | project role = tostring(split(properties.roleDefinitionId, "/")[4])',
  )
  expect(roles).toEqual(Array.from({ length: 2 }, () => ({ role: 'acdd72a7-3385-48ef-bd42-f606fba81ae7' })))
})

const finding = {
  repository: 'app',
  digest: digestOf('a'),
  packages: [{ software: 'zlib', cves: [{ id: 'CVE-2025-1', severity: 'High' }] }],
} as const

test('no findings: the plan is off, or nothing was scanned yet, or one may not look', async () => {
  await using world = await startWorld({ registries: [{ name: 'one' }], defender: 'off' })
  const { estate } = world.arm
  const plan = `securityresources | where type=~'microsoft.security/pricings' and name=='Containers'
    | project tier = properties.pricingTier, scanning = properties.extensions[0].isEnabled`
  const findings =
    "securityresources | where type =~ 'microsoft.security/assessments' | summarize n = count()"
  const state = async () => [...(await world.rows(plan)), ...(await world.rows(findings))]
  expect(await state()).toEqual([{ tier: 'Free', scanning: 'False' }, { n: 0 }])
  estate.plan('Production', { plan: 'on', registryScanning: false })
  expect(await state()).toEqual([{ tier: 'Standard', scanning: 'False' }, { n: 0 }])
  estate.plan('Production', 'on')
  expect(await state()).toEqual([{ tier: 'Standard', scanning: 'True' }, { n: 0 }])
  estate.addFinding('one', finding)
  expect(await state()).toEqual([{ tier: 'Standard', scanning: 'True' }, { n: 1 }])
  // A further scan takes the place of the one before; a deleted image has none.
  estate.addFinding('one', finding)
  expect(await state()).toEqual([{ tier: 'Standard', scanning: 'True' }, { n: 1 }])
  estate.removeFindings('one', finding.digest)
  expect(await state()).toEqual([{ tier: 'Standard', scanning: 'True' }, { n: 0 }])
  estate.addFinding('one', finding)
  estate.unassign('pipeline')
  estate.assign({ identity: 'pipeline', role: 'AcrPull' })
  expect(await state()).toEqual([{ n: 0 }])
})

test('a finding has the shape that was published', async () => {
  await using world = await startWorld({
    registries: [{ name: 'one', findings: [{ ...finding, pushed: '2026-01-01T00:00:00Z' }] }],
  })
  const [row] = await world.rows("securityresources | where type =~ 'microsoft.security/assessments'")
  const properties = row?.['properties'] as {
    resourceAdditionalData: string
    additionalData: { CvesDetails: string }
  }
  expect(properties).toMatchObject({
    displayName: 'Update zlib',
    status: { code: 'Unhealthy' },
    metadata: { severity: 'High', recommendationCategory: 'SoftwareUpdate' },
    resourceDetails: {
      Source: 'Azure',
      ResourceType: '.containerimage',
      ResourceName: 'app',
      Id: expect.stringMatching(/repositories-app-images-sha256:a{64}$/),
    },
    additionalData: { SoftwareName: 'zlib', FixStatus: 'NoFixAvailable', FixedVersion: '' },
  })
  expect(JSON.parse(properties.resourceAdditionalData)).toEqual({
    Digest: finding.digest,
    ImageUri: `one.azurecr.io/app@${finding.digest}`,
    LastPushedToRegistryUTC: '2026-01-01T00:00:00Z',
    RepositoryDetails: { RepositoryName: 'app', RegistryHost: 'one.azurecr.io' },
  })
  expect(JSON.parse(properties.additionalData.CvesDetails)).toMatchObject([
    { CveId: 'CVE-2025-1', Severity: 'High', FixStatus: 'NoFixAvailable' },
  ])
})

test('the quota: fifteen queries in five seconds, then 429 and how long to wait', async () => {
  await using world = await startWorld({ registries: many(1) })
  for (let left = 14; left >= 0; left -= 1) {
    const { status, headers } = await world.post({ query: 'Resources | count' })
    expect([status, headers['x-ms-user-quota-remaining']]).toEqual([200, String(left)])
    expect(headers['x-ms-user-quota-resets-after']).toMatch(/^00:00:0[1-5]$/)
  }
  const over = await world.post({ query: 'Resources | count' })
  expect([over.status, over.headers['x-ms-user-quota-remaining']]).toEqual([429, '0'])
  expect(over.headers['retry-after']).toMatch(/^[1-5]$/)
  expect(errorIn(over)).toMatchObject({
    code: 'RateLimiting',
    details: [
      {
        code: 'RateLimiting',
        message:
          'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.',
      },
    ],
  })
  // Somebody else has a quota of their own.
  expect((await world.post({ query: 'Resources' }, await world.tokenOf('stranger'))).status).toBe(200)
  world.arm.switches.graphRetryAfter = false
  expect((await world.post({ query: 'Resources' })).headers).not.toHaveProperty('retry-after')
  world.arm.resetQuotas()
  expect((await world.post({ query: 'Resources' })).status).toBe(200)
})

test('a query with too many digests fails, as large ones are known to', async () => {
  await using world = await startWorld({ switches: { unexpectedErrorAbove: 2 } })
  const ask = (count: number) =>
    world.post({
      query: `securityresources | where name in (${['a', 'b', 'c', 'd']
        .slice(0, count)
        .map((each) => `'${digestOf(each)}'`)
        .join(',')})`,
    })
  expect((await ask(2)).status).toBe(200)
  const failed = await ask(3)
  expect([failed.status, errorIn(failed).details[0]?.['code']]).toEqual([
    500,
    'UnexpectedQueryExecutionError',
  ])
  world.arm.switches.unexpectedErrorStatus = 400
  expect((await ask(4)).status).toBe(400)
})

test('what is no query: another content type, no JSON, nothing asked, facets, no version', async () => {
  await using world = await startWorld()
  const bearer = await world.tokenOf()
  const send = (body: string, type = 'application/json', path = graphPath) =>
    call(world.arm, `POST ${path}`, { bearer, headers: { 'content-type': type }, body })
  const statuses = [
    await send('{"query":"Resources"}', 'text/plain'),
    await send('Resources'),
    await send('{"query":" "}'),
    await send('{"query":"Resources","facets":[]}'),
    await send('{"query":"Resources","subscriptions":["x"],"managementGroups":["y"]}'),
    await send('{"query":"Resources"}', 'application/json', graphPath.replace('2022', '1999')),
    await send('{"query":"Resources"}', 'application/json', graphPath.split('?')[0]),
  ].map(({ status }) => status)
  expect(statuses).toEqual([500, 400, 400, 400, 400, 400, 400])
})

test('the README has a row for each of its switches, with its default, in the order of the code', () => {
  const readme = readFileSync(new URL('../../emulator/README.md', import.meta.url), 'utf8')
  const chapter = readme.slice(readme.indexOf('\n## Resource Manager'), readme.indexOf('\n## Faults'))
  const rows = [...chapter.matchAll(/^\| `(\w+)` \| `([^`]+)` \| .+ \| .+ \|$/gm)]
  expect(rows.map(([, name, value]) => [name, value])).toEqual(
    Object.entries(defaultResourceManagerSwitches)
      .filter(([, value]) => !Array.isArray(value))
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
})
