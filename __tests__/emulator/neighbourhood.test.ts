import { describe, expect, test } from 'vitest'
import type { ReaderDescription, ResourceManagerOptions } from '../../emulator/index.ts'
import { neighbourhoodOf } from '../../src/azure/neighbourhood.ts'
import type { Deployed } from '../../src/domain/deployment.ts'
import { ManagementError } from '../../src/errors.ts'
import type { Management, Neighbourhood } from '../../src/ports.ts'
import { digestOf, errorIn, host, startWorld } from './resource-manager-world.ts'

/** What is asked of Azure, over TLS and with a token of the real library, and what is made of the answers. */

type World = Awaited<ReturnType<typeof startWorld>>

/** The port, on the requests of the tests of the emulator: how it retries and pages is tested where it is at home. */
function managementOf(world: World): Management {
  const answered = (answer: Awaited<ReturnType<World['get']>>, operation: string): unknown => {
    const { status, text } = answer
    if (status === 200) return answer.json()
    const kind = status === 403 ? 'permission' : status === 404 ? 'not-found' : 'server'
    throw new ManagementError({ kind, operation, status, cause: text.slice(0, 40), cure: 'Assign a role.' })
  }
  return {
    get: async (path, apiVersion, { operation }) => {
      const sign = path.includes('?') ? '&' : '?'
      return answered(await world.get(`${path}${sign}api-version=${apiVersion}`), operation)
    },
    async query(query, { operation }) {
      const answer = await world.post({ query, options: { resultFormat: 'objectArray' } })
      if (answer.status === 400) throw new Error(JSON.stringify(errorIn(answer)))
      const { data } = answered(answer, operation) as { data: [] }
      return { rows: data, cut: false }
    },
  }
}

async function start(
  options: Omit<ResourceManagerOptions, 'entra'>,
  readers?: readonly ReaderDescription[],
): Promise<World & { near: Neighbourhood }> {
  const world = await startWorld(options, readers)
  return { ...world, near: neighbourhoodOf(host, managementOf(world)) }
}

function deploymentsIn(deployed: Deployed): readonly string[] {
  if (deployed.kind !== 'checked') throw new Error(JSON.stringify(deployed))
  return deployed.deployments
    .map(({ repository, digest, workload }) => `${workload}: ${repository}@${digest.slice(7, 9)}`)
    .toSorted()
}

const image = (character: string, repository = 'team/app', at = host): string =>
  `${at}/${repository}@${digestOf(character)}`

describe('what Azure runs by digest', () => {
  test('in every kind of workload, in two queries', async () => {
    await using world = await start({
      workloads: [
        { kind: 'container app', name: 'shop', images: [image('a'), 'nginx:1'], initImages: [image('b')] },
        { kind: 'container app job', name: 'nightly', images: [image('c')] },
        { kind: 'container instances', name: 'group', images: [image('d'), image('e')] },
        {
          kind: 'web app',
          name: 'site',
          image: image('f'),
          slots: [{ name: 'staging', image: image('0') }],
        },
        { kind: 'web app', name: 'old', os: 'windows', image: image('1') },
        { kind: 'function app', name: 'fun', image: image('2') },
      ],
    })
    const deployed = await world.near.deployed()
    expect(deploymentsIn(deployed)).toEqual(
      [
        'container app shop: team/app@aa',
        'container app shop: team/app@bb',
        'container app job nightly: team/app@cc',
        'container instances group: team/app@dd',
        'container instances group: team/app@ee',
        'web app site: team/app@ff',
        'web app site, slot staging: team/app@00',
        'web app old: team/app@11',
        'function app fun: team/app@22',
      ].toSorted(),
    )
    expect(deployed).toMatchObject({ seen: 7, gaps: [] })
    expect(world.arm.log.requests({ route: 'graph' })).toHaveLength(2)
    expect(world.arm.log.requests()).toHaveLength(2)
  })

  test('older revisions that are active, and sidecars: one request each', async () => {
    await using world = await start({
      workloads: [
        {
          kind: 'container app',
          name: 'shop',
          images: ['nginx:1'],
          activeRevisions: [{ name: 'old', images: [image('a')] }],
        },
        { kind: 'web app with sidecars', name: 'site', images: ['nginx:1', image('b')] },
      ],
    })
    expect(deploymentsIn(await world.near.deployed())).toEqual([
      'container app shop: team/app@aa',
      'web app site: team/app@bb',
    ])
    expect(world.arm.log.requests()).toHaveLength(4)
  })

  test('the revision that still serves while the latest one does not start', async () => {
    await using world = await start({
      workloads: [
        {
          kind: 'container app',
          name: 'shop',
          images: [image('a')],
          activeRevisions: [{ name: 'before', images: [image('b')] }],
          readyRevision: 'before',
        },
      ],
    })
    expect(deploymentsIn(await world.near.deployed())).toContain('container app shop: team/app@bb')
  })

  test('a reference by tag, to another registry, or to a registry whose name only begins alike pins nothing', async () => {
    await using world = await start({
      workloads: [
        {
          kind: 'container app',
          name: 'shop',
          images: [
            `${host}/team/app:latest`,
            image('a', 'team/app', 'other.azurecr.io'),
            image('b', 'team/app', 'xmyregistry.azurecr.io'),
            image('c', 'team/app', 'myregistry.azurecr.io.evil.example'),
            image('d', 'team/app', 'myregistry.azurecr.us'),
          ],
        },
      ],
    })
    expect(deploymentsIn(await world.near.deployed())).toEqual([])
  })

  test('a host in capitals, a tag beside the digest and a regional endpoint are this registry', async () => {
    await using world = await start({
      workloads: [
        {
          kind: 'container app',
          name: 'shop',
          images: [
            image('a').replace('myregistry', 'MyRegistry'),
            image('b').replace('@', ':1.2@'),
            image('c', 'team/app', 'myregistry.westeurope.geo.azurecr.io'),
          ],
        },
      ],
    })
    expect(deploymentsIn(await world.near.deployed())).toHaveLength(3)
  })

  test('a file of several containers in App Service', async () => {
    const compose = `services:\n  web:\n    image: ${image('a')}\n  db:\n    image: "postgres:16"\n`
    await using world = await start({
      workloads: [{ kind: 'web app', name: 'site', image: 'replaced' }],
    })
    const site = world.arm.estate.resources.find(({ type }) => type === 'Microsoft.Web/sites')
    const encoded = `COMPOSE|${Buffer.from(compose).toString('base64')}`
    Object.assign(site?.properties ?? {}, {
      siteProperties: { properties: [{ name: 'LinuxFxVersion', value: encoded }] },
    })
    expect(deploymentsIn(await world.near.deployed())).toEqual(['web app site: team/app@aa'])
  })

  test('more than 400 containers of one workload are all seen', async () => {
    const images = Array.from({ length: 450 }, (_, at) => image('a', `app${at}`))
    await using world = await start({ workloads: [{ kind: 'container instances', name: 'many', images }] })
    expect(deploymentsIn(await world.near.deployed())).toHaveLength(450)
  })

  test('of apps with several revisions no more than two hundred are asked, and the others named by their number', async () => {
    await using world = await start({
      workloads: Array.from({ length: 210 }, (_, at) => ({
        kind: 'container app' as const,
        name: `app${at}`,
        images: ['nginx:1'],
        activeRevisions: [{ name: 'old', images: [image('a')] }],
      })),
    })
    const deployed = await world.near.deployed()
    expect(deploymentsIn(deployed)).toHaveLength(200)
    expect(deployed).toMatchObject({
      gaps: ['10 apps with several revisions or sidecars were not looked into.'],
    })
  })

  test('revisions that cannot be read, and a site that does not tell its image, are gaps', async () => {
    await using world = await start({
      workloads: [
        {
          kind: 'container app',
          name: 'shop',
          images: [image('a')],
          activeRevisions: [{ name: 'old', images: [image('b')] }],
        },
        { kind: 'web app', name: 'site', image: 'replaced' },
      ],
    })
    world.arm.faults.add({ route: 'collection' }, { status: 500 })
    const site = world.arm.estate.resources.find(({ type }) => type === 'Microsoft.Web/sites')
    Object.assign(site?.properties ?? {}, { siteProperties: null })
    const deployed = await world.near.deployed()
    expect(deploymentsIn(deployed)).toEqual(['container app shop: team/app@aa'])
    expect(deployed).toMatchObject({
      gaps: [
        'Azure Resource Graph does not tell the image of 1 site.',
        expect.stringMatching(
          /^1 app with several revisions or sidecars was not looked into\. Could not read what the revisions of container apps run \(500\)/,
        ),
      ],
    })
  })

  const several = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      kind: 'container app' as const,
      name: `app${at}`,
      images: [image('a')],
      activeRevisions: [{ name: 'old', images: [image('b')] }],
    }))

  test('a refusal of one app keeps no other from being asked; it is said once, with their number', async () => {
    await using world = await start({ workloads: several(30) })
    for (const nth of [1, 2]) world.arm.faults.add({ route: 'collection', nth }, { status: 403 })
    const deployed = await world.near.deployed()
    expect(deploymentsIn(deployed)).toHaveLength(30 + 28 * 2)
    expect(deployed).toMatchObject({
      gaps: [expect.stringMatching(/^2 apps .* were not looked into\. Could not read/)],
    })
  })

  test('a failure ends the questions, and what is known already stays known', async () => {
    await using world = await start({ workloads: several(30) })
    world.arm.faults.add({ route: 'collection' }, { status: 503 })
    expect(deploymentsIn(await world.near.deployed())).toHaveLength(30)
    expect(world.arm.log.requests({ route: 'collection' }).length).toBeLessThanOrEqual(8)
  })

  test('an app that was deleted meanwhile is none', async () => {
    await using world = await start({ workloads: several(1) })
    world.arm.faults.add({ route: 'collection' }, { status: 404 })
    expect(await world.near.deployed()).toMatchObject({ gaps: [] })
  })

  test('a count that fails costs no pin', async () => {
    await using world = await start({
      workloads: [{ kind: 'container app', name: 'shop', images: [image('a')] }],
    })
    world.arm.faults.add({ route: 'graph', nth: 2 }, { status: 500 })
    const deployed = await world.near.deployed()
    expect(deploymentsIn(deployed)).toEqual(['container app shop: team/app@aa'])
    expect(deployed).toMatchObject({ seen: undefined })
  })

  test('without any role nothing is seen; a refusal says so', async () => {
    const workloads = [{ kind: 'container app' as const, name: 'shop', images: [image('a')] }]
    await using world = await start({ workloads }, [])
    expect(await world.near.deployed()).toEqual({
      kind: 'checked',
      deployments: [],
      seen: 0,
      gaps: [],
      transient: false,
    })
    world.arm.faults.add({ route: 'graph' }, { status: 403 })
    expect(await world.near.deployed()).toMatchObject({
      kind: 'unchecked',
      why: expect.stringMatching(/^Could not ask Azure Resource Graph what runs \(403\)/),
    })
  })
})

const PURGE = "acr purge --filter 'app:.*' --untagged --ago 30d"

describe('how the registry is set up', () => {
  const registries = [
    {
      name: 'myregistry',
      sku: 'Premium' as const,
      retention: 7,
      softDelete: 14,
      adminUserEnabled: true,
      publicNetworkAccess: 'Disabled' as const,
      roleAssignmentMode: 'AbacRepositoryPermissions' as const,
      usedBytes: 5e9,
      tasks: [
        { name: 'purge', command: PURGE, schedule: '0 3 * * *' },
        { name: 'build', command: 'build .', enabled: false },
      ],
      cacheRules: [{ name: 'hub', source: 'docker.io/library/*', target: 'cached/*' }],
    },
  ]
  const settings = {
    name: 'myregistry',
    sku: 'Premium',
    roleMode: 'AbacRepositoryPermissions',
    retention: { enabled: true, days: 7 },
    softDelete: { enabled: true, days: 14 },
    adminUser: true,
    network: 'private',
    storage: { used: 5e9, limit: 500 * 1024 ** 3 },
    tasks: [
      {
        name: 'purge',
        enabled: true,
        schedules: ['0 3 * * *'],
        purges: [{ deletes: 'manifests', dryRun: false, includesLocked: false, hasAge: true }],
      },
      { name: 'build', enabled: false, schedules: [], purges: [] },
    ],
  }

  test('all of it, in three requests', async () => {
    await using world = await start({ registries })
    expect(await world.near.audit()).toMatchObject({ kind: 'read', settings })
    expect(world.arm.log.requests()).toHaveLength(3)
  })

  test('what Resource Graph does not show comes from Resource Manager, in one more', async () => {
    await using world = await start({
      registries,
      switches: { graphShowsSoftDelete: false, graphShowsRoleAssignmentMode: false },
    })
    expect(await world.near.audit()).toMatchObject({ kind: 'read', settings })
    expect(world.arm.log.requests()).toHaveLength(4)
  })

  test('a soft delete policy that nobody shows is not claimed to be off', async () => {
    await using world = await start({
      registries,
      switches: { graphShowsSoftDelete: false, softDeletePolicySince: '2099-01-01-preview' },
    })
    expect(await world.near.audit()).toMatchObject({
      settings: { ...settings, softDelete: { unread: 'Azure does not show it.' } },
    })
  })

  test('parts that may not be read say so, the others are there', async () => {
    const role = 'Container Registry Configuration Reader and Data Access Configuration Reader'
    await using world = await start({ registries }, [{ identity: 'pipeline', role, on: 'myregistry' }])
    expect(await world.near.audit()).toMatchObject({
      kind: 'read',
      settings: {
        ...settings,
        tasks: { unread: expect.stringMatching(/^Could not list the tasks of the registry \(403\)/) },
      },
    })
    expect(await world.near.cacheRules()).toEqual([])
  })

  test('only what Resource Graph shows, when Resource Manager fails', async () => {
    await using world = await start({ registries, switches: { graphShowsSoftDelete: false } })
    for (const route of ['resource', 'collection'] as const) {
      world.arm.faults.add({ route }, { status: 500 })
    }
    const failed = { unread: expect.stringContaining('(500)') }
    expect(await world.near.audit()).toMatchObject({
      settings: { ...settings, softDelete: failed, storage: failed, tasks: failed },
    })
  })

  test('a registry that is not shown names the role', async () => {
    await using world = await start({ registries }, [])
    expect(await world.near.audit()).toEqual({
      kind: 'unread',
      why: 'Azure shows this identity no registry with the login server myregistry.azurecr.io. Assign it the role Reader on the registry; a new role takes some minutes.',
    })
    expect(await world.near.cacheRules()).toEqual([])
    expect(world.arm.log.requests()).toHaveLength(1)
  })

  test('a registry is found by its login server, not by its name', async () => {
    await using world = await start({
      registries: [
        { name: 'myregistry', loginServer: 'myregistry-a1b2.azurecr.io' },
        { name: 'second', loginServer: host },
      ],
    })
    expect(await world.near.audit()).toMatchObject({ settings: { name: 'second' } })
  })

  test('cache rules, with the registry looked up once', async () => {
    await using world = await start({ registries })
    await world.near.audit()
    expect(await world.near.cacheRules()).toEqual([{ name: 'hub', target: 'cached/*' }])
    expect(world.arm.log.requests()).toHaveLength(4)
  })

  test('a task whose steps are in a file elsewhere is not taken for one without acr purge', async () => {
    await using world = await start({ registries })
    for (const task of world.arm.estate.resources.filter(({ type }) => type.endsWith('/tasks')))
      task.properties['step'] = { type: 'FileTask', taskFilePath: 'purge.yaml' }
    expect(await world.near.audit()).toMatchObject({
      settings: { tasks: [{ name: 'purge', purges: undefined }, { name: 'build' }] },
    })
  })
})
