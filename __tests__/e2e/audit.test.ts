import { describe, expect, test } from 'vitest'
import type { Registry } from '../../emulator/index.ts'
import { gateOn } from './gate.ts'
import { startEstate, type EstateOptions } from './estate.ts'

function orphans(formats: readonly ('oci' | 'docker')[]): (registry: Registry) => void {
  return (registry) => {
    const app = registry.repo('app')
    app.image({ tag: 'latest', age: '1d' })
    for (const format of formats) app.image({ format, age: '60d' })
  }
}

const OCI = orphans(['oci', 'oci'])
const ON = { audit: 'on' }

async function audited(options: Partial<EstateOptions>, inputs = {}): Promise<readonly string[]> {
  await using world = await startEstate({ seed: OCI, ...options })
  const step = await world.run({ ...ON, ...inputs })
  expect(step.outputs['result']).toBe('pass')
  const [, group = ''] = step.log.split('::group::Audit of the registry\n')
  const lines = (group.split('::endgroup::')[0] ?? '').trim().split('\n')
  // The summary has the same, in a table.
  expect(step.summary).toContain('### Audit of the registry')
  return lines
}

describe('the audit says', () => {
  test.each<[string, Partial<EstateOptions>, string]>([
    [
      'retention is on, and all orphans are OCI manifests',
      { description: { sku: 'Premium', retention: 7 } },
      'advice: retention policy: on (7 days), but all 2 orphans are OCI manifests, which it ignores',
    ],
    [
      'retention is on, and the orphans are Docker manifests',
      { description: { sku: 'Premium', retention: 7 }, seed: orphans(['docker']) },
      'advice: retention policy: on (7 days); 1 orphan of a Docker type has been without a tag for less than 7 days, or since before it was switched on: then it never deletes them',
    ],
    [
      'retention is on, and the orphans are of both kinds',
      { description: { sku: 'Premium', retention: 7 }, seed: orphans(['docker', 'oci']) },
      'advice: retention policy: on (7 days), but 1 of 2 orphans is an OCI manifest, which it ignores; the other has been without a tag for less than 7 days, or since before it was switched on: then it never deletes them',
    ],
    [
      'soft delete is on',
      { description: { softDelete: 14 } },
      'advice: soft delete: on (14 days): what is deleted can be restored, is billed, and frees nothing for 14 days. To change it: az acr config soft-delete update --registry myregistry --status enabled --days 7 --subscription ',
    ],
    [
      'a nightly task purges',
      {
        description: {
          tasks: [
            {
              name: 'nightly',
              command: "acr purge --filter 'app:.*' --untagged --ago 1d",
              schedule: '0 3 * * *',
            },
          ],
        },
      },
      'risk: purge tasks: the task nightly runs acr purge --untagged at 0 3 * * * (UTC): it deletes children of locked indexes (seen with acr-cli 0.16 to 0.18) and images that run by digest',
    ],
    [
      'how much is stored',
      { description: { sku: 'Basic', usedBytes: 3 * 1024 ** 3 } },
      'ok: storage: 3.0 GiB used, limit 10.0 GiB; orphans: up to ',
    ],
  ])('%s', async (_, options, line) => {
    expect(await audited(options)).toContainEqual(expect.stringContaining(line))
  })
})

test('three requests to Azure besides the two for what runs', async () => {
  await using world = await startEstate({ seed: OCI })
  await world.run(ON)
  expect(world.arm.log.counts()).toMatchObject({ total: 5, byRoute: { graph: 3, collection: 2 } })
})

test.each([
  ['auto, on a schedule', {}, 'schedule', true],
  ['auto, by hand', {}, 'workflow_dispatch', true],
  ['auto, on a push', {}, 'push', false],
  ['on, on a push', { audit: 'on' }, 'push', true],
  ['off, on a schedule', { audit: 'off', defender: 'off' }, 'schedule', false],
])('audit: %s', async (...[, inputs, event, shown]) => {
  await using world = await startEstate({ seed: OCI })
  const step = await world.run({ defender: 'off', ...inputs }, { GITHUB_EVENT_NAME: event })
  expect(step.summary.includes('### Audit of the registry')).toBe(shown)
})

describe('without rights nothing fails', () => {
  test('none: the role is named', async () => {
    const [line] = await audited({ readers: [] })
    expect(line).toMatch(/^Not read\. .*Assign it the role Reader on the registry/)
  })

  test('some: what is missing is named, the rest is told', async () => {
    const role = 'Container Registry Configuration Reader and Data Access Configuration Reader'
    const lines = await audited({ readers: [{ identity: 'pipeline', role, on: 'myregistry' }] })
    expect(lines[0]).toBe('ok: SKU: Standard')
    expect(lines.at(-1)).toMatch(
      /^unknown: purge tasks: not read\. Could not list the tasks of the registry \(403 AuthorizationFailed\).*Assign it the role Reader on the registry/,
    )
  })

  test('a registry that Azure does not know by this host', async () => {
    const [line] = await audited({ description: { loginServer: 'another.azurecr.io' } })
    expect(line).toContain('no registry with the login server myregistry.azurecr.io')
  })

  test('a password: it takes another identity', async () => {
    const step = await gateOn((app) => app.image({ tag: 'latest' }), ON)
    expect(step.outputs['result']).toBe('pass')
    expect(step.log).toContain('Not read. It takes an identity of Microsoft Entra with the role Reader')
  })
})

describe('an index in a repository that a cache rule fills', () => {
  const sparse = (registry: Registry): void => {
    const nginx = registry.repo('cached/nginx')
    const pulled = nginx.image({ age: '30d' })
    nginx.index([pulled, nginx.missingChild()], { tag: '1.27', age: '30d' })
  }
  const cacheRules = [{ name: 'hub', source: 'docker.io/library/*', target: 'cached/*' }]

  test('is not broken: two requests tell', async () => {
    await using world = await startEstate({ seed: sparse, description: { cacheRules } })
    const step = await world.run({ 'broken-indexes': 'fail', 'protect-deployed': 'off' })
    expect(step.outputs).toMatchObject({ result: 'pass', 'broken-indexes': '0' })
    expect(step.summary).toContain('### Filled by a cache rule')
    expect(world.arm.log.counts()).toMatchObject({ total: 2, byRoute: { graph: 1, collection: 1 } })
  })

  test('is broken as long as Azure does not tell of the rule, and where no rule is', async () => {
    for (const options of [{ readers: [], description: { cacheRules } }, {}]) {
      await using world = await startEstate({ seed: sparse, ...options })
      const step = await world.run({ 'broken-indexes': 'fail' })
      expect(step.outputs).toMatchObject({ result: 'fail', 'broken-indexes': '1' })
      expect(step.status).toBe(1)
    }
  })
})

test('a hostile name of a task stays in its cell', async () => {
  const name = 'x</code>|<img src=x> @octocat'
  const tasks = [{ name, command: 'acr purge --untagged --ago 1d', schedule: '`$(id)` <b>' }]
  await using world = await startEstate({ seed: OCI, description: { tasks } })
  const step = await world.run(ON)
  expect(step.summary).toContain('acr purge')
  for (const text of ['<img', '@octocat', '<b>', '$(id)']) expect(step.summary).not.toContain(text)
  expect(step.log).not.toContain('az acr task update')
})
