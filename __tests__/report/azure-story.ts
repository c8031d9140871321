import { pinsOf, type Deployed } from '../../src/domain/deployment.ts'
import { Pins } from '../../src/domain/pin.ts'
import type { RegistrySettings } from '../../src/domain/registry-settings.ts'
import type { Report } from '../../src/report/report.ts'
import { digestOf, DOCKER_IMAGE, survey } from '../domain/picture.ts'
import { reportOf } from './story.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

const DEPLOYED: Deployed = {
  kind: 'checked',
  deployments: ['shop', 'site, slot staging'].map((name) => ({
    repository: 'team/shop',
    digest: digestOf(name),
    workload: `web app ${name}`,
  })),
  seen: 14,
  gaps: ['Azure Resource Graph does not tell the image of 1 site.'],
}

const PINS = new Pins(pinsOf(DEPLOYED))

const SHOP = survey(
  {
    current: { tags: ['latest'], size: 20 * MIB },
    shop: { age: '60d', size: 20 * MIB },
    'site, slot staging': { age: '90d', size: 19 * MIB },
    old: { age: '70d', size: 18 * MIB },
    older: { age: '80d', size: 18 * MIB, type: DOCKER_IMAGE },
  },
  { repository: 'team/shop' },
  { pinnedBy: (digest) => PINS.sourceOf('team/shop', digest) },
)

const CACHED = survey(
  { index: { tags: ['1.27'], children: ['pulled', 'not-pulled'], age: '30d' }, pulled: { age: '30d' } },
  { repository: 'cached/nginx', missing: ['not-pulled'] },
)

/** Nearly everything that there can be advice about. */
const SETTINGS: RegistrySettings = {
  name: 'myregistry',
  subscriptionId: '11111111-2222-3333-4444-555555555555',
  sku: 'Premium',
  roleMode: 'AbacRepositoryPermissions',
  retention: { enabled: true, days: 7 },
  softDelete: { enabled: false, days: 7 },
  adminUser: true,
  network: 'selected',
  storage: { used: 612 * GIB, limit: 500 * GIB },
  tasks: [
    {
      name: 'nightly-purge',
      enabled: true,
      schedules: ['0 3 * * *'],
      purges: [{ deletes: 'manifests', dryRun: false, includesLocked: false, hasAge: true }],
    },
    { name: 'from-repository', enabled: true, schedules: [], purges: undefined },
  ],
}

/** A run that Azure told everything. */
export const AZURE_STORY: Report = reportOf(
  [{ ...CACHED, broken: [] }, SHOP],
  {},
  {
    pins: PINS.size,
    deployed: DEPLOYED,
    audit: { kind: 'read', settings: SETTINGS },
    cached: [{ repository: 'cached/nginx', rule: 'docker-hub', sparse: CACHED.broken }],
  },
)
