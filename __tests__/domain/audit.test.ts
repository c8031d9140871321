import { describe, expect, test } from 'vitest'
import { auditFacts, auditOf, type AuditFacts } from '../../src/domain/audit.ts'
import type { RegistrySettings, RegistryTask } from '../../src/domain/registry-settings.ts'
import { planOf } from '../../src/domain/plan.ts'
import { DOCKER_IMAGE, DOCKER_LIST, POLICY, survey } from './picture.ts'

const OFF = { enabled: false, days: 7 }
const on = (days: number) => ({ enabled: true, days })

/** A registry of which there is nothing to say. */
const SETTINGS: RegistrySettings = {
  name: 'myregistry',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  sku: 'Premium',
  roleMode: 'LegacyRegistryPermissions',
  retention: OFF,
  softDelete: OFF,
  adminUser: false,
  network: 'all',
  storage: { used: 1e9, limit: 5e9 },
  tasks: [],
}

const NOTHING: AuditFacts = {
  orphans: { oci: 0, docker: 0 },
  orphanBytes: 0,
  purging: false,
  runningDocker: 0,
}

/** Every line in short: `risk admin-user`. */
function lines(settings: Partial<RegistrySettings>, facts: Partial<AuditFacts> = {}): readonly string[] {
  return auditOf({ ...SETTINGS, ...settings }, { ...NOTHING, ...facts }).map(
    (line) => `${line.verdict} ${line.rule === 'unread' ? `unread ${line.topic}` : line.rule}`,
  )
}

const QUIET = [
  'ok sku',
  'ok role-mode',
  'ok retention-off',
  'ok soft-delete-off',
  'ok admin-user',
  'ok network',
  'ok storage',
  'ok no-purge-task',
]

test('a registry of which there is nothing to say', () => {
  expect(lines({})).toEqual(QUIET)
})

const task = (flags: Partial<RegistryTask> & { purge?: object } = {}): RegistryTask => ({
  name: 'nightly',
  enabled: true,
  schedules: ['0 3 * * *'],
  purges: [{ deletes: 'manifests', dryRun: false, includesLocked: false, hasAge: true, ...flags.purge }],
  ...flags,
})

const OCI = { orphans: { oci: 41, docker: 0 } }
const DOCKER = { orphans: { oci: 0, docker: 3 } }
const MIXED = { orphans: { oci: 2, docker: 3 } }

describe('one line differs', () => {
  test.each<[string, Partial<RegistrySettings>, Partial<AuditFacts>]>([
    ['ok retention-not-offered', { sku: 'Standard' }, DOCKER],
    ['ok retention-off', {}, OCI],
    ['advice retention-off', {}, DOCKER],
    ['advice retention-off', {}, MIXED],
    ['ok retention-off', {}, { ...MIXED, runningDocker: 1 }],
    ['ok retention-on', { retention: on(7) }, {}],
    ['advice retention-on', { retention: on(7) }, OCI],
    ['advice retention-on', { retention: on(7) }, DOCKER],
    ['advice retention-on', { retention: on(7) }, MIXED],
    ['risk retention-in-use', { retention: on(7) }, { ...MIXED, runningDocker: 2 }],
    ['unknown unread retention', { retention: undefined }, OCI],
    ['advice soft-delete-off', {}, { purging: true }],
    ['ok soft-delete-on', { softDelete: on(7) }, { purging: true }],
    ['advice soft-delete-on', { softDelete: on(14) }, {}],
    ['unknown unread soft-delete', { softDelete: { unread: 'No.' } }, { purging: true }],
    ['risk admin-user', { adminUser: true }, {}],
    ['unknown unread admin-user', { adminUser: undefined }, {}],
    ['ok network', { network: 'private' }, {}],
    ['unknown unread network', { network: undefined }, {}],
    ['ok storage', { storage: { used: 5e9, limit: 5e9 } }, {}],
    ['advice storage', { storage: { used: 5e9 + 1, limit: 5e9 } }, {}],
    ['unknown unread storage', { storage: { unread: 'No.' } }, {}],
    ['risk purge-task', { tasks: [task()] }, {}],
    ['ok purge-task', { tasks: [task({ enabled: false })] }, {}],
    ['ok purge-task', { tasks: [task({ purge: { dryRun: true } })] }, {}],
    ['ok purge-task', { tasks: [task({ purge: { deletes: 'tags' } })] }, {}],
    ['risk purge-task', { tasks: [task({ purge: { deletes: 'tags', includesLocked: true } })] }, {}],
    ['ok no-purge-task', { tasks: [task({ purges: [] })] }, {}],
    ['unknown unread tasks', { tasks: { unread: 'No.' } }, {}],
    ['unknown unread sku', { sku: undefined }, {}],
    ['unknown unread role-mode', { roleMode: undefined }, {}],
  ])('%s: %j, %j', (expected, settings, facts) => {
    const found = lines(settings, facts)
    expect(found).toContain(expected)
    expect(found.filter((line) => !QUIET.includes(line)).length).toBeLessThanOrEqual(1)
    expect(found).toHaveLength(QUIET.length)
  })
})

test('both policies together are a risk, and neither is advised where the other is on', () => {
  expect(lines({ retention: on(7), softDelete: on(7) }, OCI)).toContain('risk retention-and-soft-delete')
  expect(lines({ softDelete: on(7) }, DOCKER)).toContain('ok retention-off')
  expect(lines({ retention: on(7) }, { purging: true })).toContain('ok soft-delete-off')
})

test('tasks that are a risk come first', () => {
  const tasks = [task({ enabled: false }), task({ purge: { deletes: 'tags' } }), task()]
  expect(lines({ tasks }).slice(-3)).toEqual(['risk purge-task', 'ok purge-task', 'ok purge-task'])
})

test('each acr purge is a line, tasks that cannot be looked into are another', () => {
  const tasks = [task(), task({ name: 'second' }), task({ purges: [] }), task({ purges: undefined })]
  expect(lines({ tasks }).slice(-3)).toEqual(['risk purge-task', 'risk purge-task', 'unknown unseen-tasks'])
  expect(lines({ tasks: [task({ purges: undefined })] }).slice(-2)).toEqual([
    'ok no-purge-task',
    'unknown unseen-tasks',
  ])
})

test('advice rests on the orphans that count, by the type of their roots', () => {
  const surveys = [
    survey({
      current: { tags: ['latest'] },
      oci: { age: '30d', size: 10 },
      docker: { age: '30d', size: 200, type: DOCKER_IMAGE },
      list: { age: '30d', type: DOCKER_LIST, children: ['amd64'] },
      amd64: { age: '30d', size: 3000, type: DOCKER_IMAGE },
    }),
    survey({ digestOnly: { age: '30d', type: DOCKER_IMAGE } }, { repository: 'base' }),
  ]
  const running = { repository: 'app', digest: 'sha256:0', workloads: ['container app shop'] } as never
  expect(
    auditFacts(planOf(surveys, POLICY), [
      Object.assign({}, running, { mediaType: DOCKER_IMAGE }),
      Object.assign({}, running, { mediaType: 'application/vnd.oci.image.index.v1+json' }),
    ]),
  ).toEqual({ orphans: { oci: 1, docker: 2 }, orphanBytes: 3210, purging: true, runningDocker: 1 })
})
