import { describe, expect, test } from 'vitest'
import type { RegistrySettings, RegistryTask } from '../../src/domain/registry-settings.ts'
import { auditGroup, auditSection } from '../../src/report/audit.ts'
import { summary } from '../../src/report/summary.ts'
import { DOCKER_IMAGE, survey, type Described } from '../domain/picture.ts'
import { reportOf } from './story.ts'

const ID = '11111111-2222-3333-4444-555555555555'

export const SETTINGS: RegistrySettings = {
  name: 'myregistry',
  subscriptionId: ID,
  sku: 'Premium',
  roleMode: 'AbacRepositoryPermissions',
  retention: { enabled: true, days: 7 },
  softDelete: { enabled: true, days: 14 },
  adminUser: true,
  network: 'selected',
  storage: { used: 6 * 1024 ** 3, limit: 5 * 1024 ** 3 },
  tasks: [
    {
      name: 'nightly-purge',
      enabled: true,
      schedules: ['0 3 * * *'],
      purges: [{ deletes: 'manifests', dryRun: false, includesLocked: false, hasAge: true }],
    },
  ],
}

/** So many orphans of each type. */
function picture({ oci = 0, docker = 0 }): Readonly<Record<string, Described>> {
  const named = (count: number, type: string | undefined): [string, Described][] =>
    Array.from({ length: count }, (_, at) => [
      `${type ?? 'oci'}${at}`,
      { age: '30d', ...(type === undefined ? {} : { type }) },
    ])
  return Object.fromEntries<Described>([
    ['current', { tags: ['latest'] }],
    ...named(oci, undefined),
    ...named(docker, DOCKER_IMAGE),
  ])
}

/** What the log says, which is what the summary says without its frame. */
function told(settings: Partial<RegistrySettings>, found = {}): readonly string[] {
  const audit = {
    kind: 'read',
    settings: { ...SETTINGS, softDelete: { enabled: false, days: 7 }, ...settings },
  } as const
  return auditGroup(reportOf([survey(picture(found))], {}, { audit })).flatMap(({ lines }) => lines)
}

const AZ = (change: string): string => `az acr ${change} --subscription ${ID}`
const RETENTION_OFF = { retention: { enabled: false, days: 7 } }

describe('advice says what is so, why it matters, and the command', () => {
  test.each<[string, Partial<RegistrySettings>, object, string]>([
    [
      'retention that ignores everything there is',
      {},
      { oci: 41 },
      'advice: retention policy: on (7 days), but all 41 orphans are OCI manifests, which it ignores',
    ],
    [
      'retention that came too late',
      {},
      { docker: 3 },
      'advice: retention policy: on (7 days); 3 orphans of a Docker type have been without a tag for less than 7 days, or since before it was switched on: then it never deletes them',
    ],
    [
      'both',
      {},
      { oci: 2, docker: 3 },
      'advice: retention policy: on (7 days), but 2 of 5 orphans are OCI manifests, which it ignores; the others have been without a tag for less than 7 days, or since before it was switched on: then it never deletes them',
    ],
    [
      'retention that would be of no use',
      RETENTION_OFF,
      { oci: 1 },
      'ok: retention policy: off; it would touch none of the orphans: it ignores OCI manifests, and the only one is such',
    ],
    [
      'retention that would be of some use',
      RETENTION_OFF,
      { oci: 1, docker: 1 },
      `advice: retention policy: off; 1 of 2 orphans is of a Docker type: the next ones it would delete, those there now not. It ignores OCI manifests. Leave it off if anything runs by digest: it cannot know. To change it: ${AZ('config retention update --registry myregistry --type UntaggedManifests --status enabled --days 30')}`,
    ],
    [
      'retention where it is not sold',
      { ...RETENTION_OFF, sku: 'Basic' },
      { docker: 1 },
      'ok: retention policy: not offered with the SKU Basic: what loses its tag stays until something else deletes it',
    ],
    [
      'both policies',
      { softDelete: { enabled: true, days: 7 } },
      {},
      `risk: retention policy: on (7 days) together with soft delete: the two cannot be combined, and where they were, nothing was deleted any more. To change it: ${AZ('config retention update --registry myregistry --type UntaggedManifests --status disabled')}`,
    ],
    [
      'long soft delete',
      { ...RETENTION_OFF, softDelete: { enabled: true, days: 14 } },
      {},
      `advice: soft delete: on (14 days): what is deleted can be restored, is billed, and frees nothing for 14 days. To change it: ${AZ('config soft-delete update --registry myregistry --status enabled --days 7')}`,
    ],
    [
      'no soft delete before a purge',
      RETENTION_OFF,
      { oci: 1 },
      `advice: soft delete: off: what is deleted cannot be restored. Switched on before a purge, all of it can be undone for 7 days, during which nothing is freed; not possible with geo-replication or artifact cache. To change it: ${AZ('config soft-delete update --registry myregistry --status enabled --days 7')}`,
    ],
    [
      'the admin user',
      {},
      {},
      `risk: admin user: on: an account that may do everything, whose password everybody shares, and whose users are throttled as one. To change it: ${AZ('update --name myregistry --admin-enabled false')}`,
    ],
    [
      'storage',
      {},
      { oci: 1 },
      `advice: storage: 6.0 GiB used, limit 5.0 GiB: what is over is billed by the GiB; orphans: up to 1000 B. To change it: ${AZ('show-usage --name myregistry --output table')}`,
    ],
    [
      'a nightly purge',
      {},
      {},
      `risk: purge tasks: the task nightly-purge runs acr purge --untagged at 0 3 * * * (UTC): it deletes children of locked indexes (seen with acr-cli 0.16 to 0.18) and images that run by digest. To change it: ${AZ('task update --registry myregistry --name nightly-purge --status Disabled')}`,
    ],
    ['what was not shown', { adminUser: undefined }, {}, 'unknown: admin user: not shown to this identity'],
    [
      'what may not be read',
      { tasks: { unread: 'Could not list them.' } },
      {},
      'unknown: purge tasks: not read. Could not list them.',
    ],
  ])('%s', (...[, settings, found, line]) => {
    expect(told(settings, found)).toContain(line)
  })

  test.each<[Partial<RegistryTask>, object, string]>([
    [{}, { dryRun: true }, 'runs acr purge --dry-run without a schedule: it deletes nothing'],
    [
      {},
      { deletes: 'tags' },
      'runs acr purge without a schedule: it removes tags and leaves their images behind, as orphans',
    ],
    [
      {},
      { hasAge: false },
      'and images that run by digest; it waits for no age, so that half of a push may go',
    ],
    [
      {},
      { deletes: 'tags', includesLocked: true },
      'runs acr purge --include-locked without a schedule: it unlocks what is locked, and deletes it',
    ],
    [{ enabled: false }, {}, 'the task nightly-purge is switched off'],
  ])('a task: %j %j', (more, flags, words) => {
    const purge = {
      deletes: 'manifests',
      dryRun: false,
      includesLocked: false,
      hasAge: true,
      ...flags,
    } as const
    const tasks = [{ name: 'nightly-purge', enabled: true, schedules: [], purges: [purge], ...more }]
    expect(told({ tasks }).at(-1)).toContain(words)
  })
})

describe('a command is only made of names that Azure gives', () => {
  const audit = (settings: Partial<RegistrySettings>) =>
    told(settings).filter((line) => line.includes('az acr'))

  test('of the registry', () => {
    expect(audit({ name: 'x; rm -rf /' })).toEqual([])
    expect(audit({ subscriptionId: '$(id)' })).toEqual([])
  })

  test('of a task', () => {
    const [task] = SETTINGS.tasks as [object]
    const tasks = [{ ...task, name: '`id`' }] as never
    expect(audit({ tasks }).some((line) => line.includes('task update'))).toBe(false)
    expect(told({ tasks }).at(-1)).toContain('the task `id` runs')
  })
})

test('the summary has one table; without anything to ask no section at all', () => {
  const audit = { kind: 'read', settings: SETTINGS } as const
  const report = reportOf([survey(picture({ oci: 2 }))], {}, { audit })
  const rows = auditSection(report)
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('| '))
  expect(rows).toHaveLength(2 + 8)
  expect(summary(report)).toContain(rows.join('\n'))
  expect(auditSection({ ...report, audit: undefined })).toEqual([])
  expect(auditGroup({ ...report, audit: undefined })).toEqual([])
})

test('a registry that may not be read is one sentence, in the summary and in the log', () => {
  const report = reportOf([], {}, { audit: { kind: 'unread', why: 'Assign it the role Reader.' } })
  expect(auditSection(report)).toEqual([
    '### Audit of the registry',
    'Not read. Assign it the role Reader&#46;',
  ])
  expect(auditGroup(report)).toEqual([
    { title: 'Audit of the registry', lines: ['Not read. Assign it the role Reader.'] },
  ])
})

test('two hundred tasks are fifty rows and a number; the log has them all', () => {
  const [task] = SETTINGS.tasks as [object]
  const tasks = Array.from({ length: 200 }, () => task) as never
  const report = reportOf([], {}, { audit: { kind: 'read', settings: { ...SETTINGS, tasks } } })
  expect(auditSection(report).at(-1)).toBe('And 157 more, see the log of this step.')
  expect(auditGroup(report)[0]?.lines).toHaveLength(207)
})
