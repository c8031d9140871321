import { describe, expect, test } from 'vitest'
import type { FindingDescription, PackageDescription, Registry } from '../../emulator/index.ts'
import { ADMIN } from './gate.ts'
import { startEstate, type EstateOptions, type EstateWorld } from './estate.ts'

/** Microsoft Defender through the bundle: Entra, Resource Graph and registry under their real names, over TLS. */

/** Nothing else that asks Azure. */
const ALONE = { 'protect-deployed': 'off', audit: 'off', state: 'none' }

const OPENSSL: PackageDescription = {
  software: 'openssl',
  fixedVersion: '3.0.15',
  cves: [
    { id: 'CVE-2025-1', severity: 'Critical' },
    { id: 'CVE-2025-2', severity: 'High' },
    { id: 'CVE-2025-3', severity: 'High' },
  ],
}

/** `app` with so many orphans of one image each, which are returned, the oldest first. */
function orphans(registry: Registry, count: number, repository = 'app'): readonly string[] {
  const app = registry.repo(repository)
  const digests = Array.from({ length: count }, (_, number) =>
    app.image({ tag: 'latest', age: `${Math.max(100, count) - number}d` }),
  )
  app.image({ tag: 'latest', age: '1d' })
  return digests
}

async function world(
  count = 1,
  options: Partial<EstateOptions> = {},
): Promise<EstateWorld & { readonly digests: readonly string[] }> {
  let digests: readonly string[] = []
  const started = await startEstate({ seed: (registry) => (digests = orphans(registry, count)), ...options })
  return { ...started, digests }
}

function report(
  { arm }: EstateWorld,
  digest: string | undefined,
  ...packages: readonly PackageDescription[]
): void {
  const finding: FindingDescription = { repository: 'app', digest: digest ?? '', packages }
  arm.estate.addFinding('myregistry', finding)
}

describe('CVEs of orphans', () => {
  test('are counted, held against the limit, and shown with what can be done', async () => {
    await using azure = await world(2)
    report(azure, azure.digests[0], OPENSSL)
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'high', 'warn-on-severity': 'low' })
    expect(step.status).toBe(1)
    expect(step.annotations).toEqual([
      'error: myregistry: 1 critical and 2 high CVEs on 1 of 2 orphans, expected none of severity high or worse',
      'warning: myregistry: 1 critical and 2 high CVEs on 1 of 2 orphans, expected none of severity low or worse',
    ])
    expect(step.outputs).toMatchObject({ result: 'fail', 'findings-critical': '1', 'findings-high': '2' })
    expect(step.summary).toContain('### Vulnerabilities of the orphans')
    expect(step.summary).toContain('| <code>app</code> | 1 of 2 | 1 | 2 | 0 | 0 | 0 | 3 |')
    expect(step.summary).toContain('Nothing is recorded of 1 orphan')
    expect(step.log).toContain(`app@${azure.digests[0] ?? ''}: 1 critical and 2 high CVEs, 3 fixable`)
  })

  test('below the limit pass; of images in use nobody asks', async () => {
    await using azure = await world(1)
    report(azure, azure.digests[0], { software: 'base', cves: [{ id: 'CVE-2025-9', severity: 'Low' }] })
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'medium' })
    expect(step.outputs).toMatchObject({ result: 'pass', 'findings-critical': '0', 'findings-high': '0' })
    expect(azure.arm.log.counts().total).toBe(1)
  })

  test('warn-only: the step is green', async () => {
    await using azure = await world(1)
    report(azure, azure.digests[0], OPENSSL)
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'critical', 'warn-only': 'true' })
    expect([step.status, step.outputs['result']]).toEqual([0, 'warn'])
  })

  test('of an index are those of its platforms, each CVE once', async () => {
    let platforms: readonly string[] = []
    const seed = (registry: Registry): void => {
      const app = registry.repo('app')
      platforms = ['amd64', 'arm64'].map((architecture) =>
        app.image({ age: '9d', platform: `linux/${architecture}` }),
      )
      app.index(platforms, { age: '9d' })
      app.image({ tag: 'latest' })
    }
    await using azure = await startEstate({ seed })
    for (const digest of platforms) report(azure, digest, OPENSSL)
    const step = await azure.run({ ...ALONE, defender: 'on' })
    expect(step.outputs).toMatchObject({ orphans: '1', 'findings-critical': '1', 'findings-high': '2' })
  })

  test.each([
    ['critical', 'warn'],
    ['high', 'fail'],
    ['low', 'fail'],
  ])(
    'of 600 orphans, some not rated and some without a record: a limit at %s: %s',
    async (severity, result) => {
      await using azure = await world(600)
      const severities = ['High', 'Medium', 'Low', ''] as const
      for (const [number, digest] of azure.digests.entries()) {
        const rated = severities[Math.floor(number / 125)]
        if (rated !== undefined)
          report(azure, digest, { software: 'base', cves: [{ id: `CVE-2025-${number}`, severity: rated }] })
      }
      const step = await azure.run({ ...ALONE, 'fail-on-severity': severity })
      expect(step.outputs).toMatchObject({ result, 'findings-high': '125' })
      expect(step.summary).toContain('| <code>app</code> | 500 of 600 | 0 | 125 | 125 | 125 | 125 | 0 |')
      expect(step.annotations.join('\n')).toContain(
        `125 high, 125 medium, 125 low and 125 unrated CVEs on 500 of 600 orphans, expected none of severity ${severity}`,
      )
    },
  )

  test('that the service does not show, or nobody rated, are never said to be none', async () => {
    await using azure = await world(2)
    report(azure, azure.digests[0], {
      software: 'linux',
      cves: Array.from({ length: 401 }, (_, at) => ({ id: `CVE-2024-${at}`, severity: 'Low' as const })),
    })
    report(azure, azure.digests[1], { software: 'base', cves: [{ id: 'CVE-2025-4', severity: '' }] })
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'critical' })
    expect([step.status, step.outputs['findings-critical']]).toEqual([0, ''])
    expect(step.annotations).toEqual([
      'warning: myregistry: at least 400 low and 1 unrated CVEs on 2 of 2 orphans, expected none of severity critical ' +
        '(an unrated CVE may be of any severity, Azure does not show all CVEs)',
    ])
  })
})

test('2,000 CVEs of 50 orphans take one request more than the registry itself, and are in the number of requests', async () => {
  await using azure = await world(50)
  for (const [number, digest] of azure.digests.entries())
    report(azure, digest, {
      software: 'linux',
      cves: Array.from({ length: 40 }, (_, cve) => ({
        id: `CVE-2025-${number * 40 + cve}`,
        severity: cve % 4 === 0 ? ('High' as const) : ('Medium' as const),
      })),
    })
  const step = await azure.run({ ...ALONE, 'fail-on-severity': 'critical' })
  expect(step.outputs).toMatchObject({ result: 'pass', orphans: '50', 'findings-high': '500' })
  expect(azure.arm.log.counts().total).toBe(1)
  const sent = azure.registry.log.counts().total + azure.arm.log.counts().total
  expect(step.summary).toContain(`<sub>${sent} requests in`)
})

describe('Defender is asked', () => {
  test.each([
    ['by auto on a schedule', {}, 'schedule', 1],
    ['by auto when somebody starts the run', {}, 'workflow_dispatch', 1],
    ['not by auto after a push', {}, 'push', 0],
    ['when it is on', { defender: 'on' }, 'push', 1],
    ['not when it is off', { defender: 'off' }, 'schedule', 0],
  ] as const)('%s', async (...[, inputs, event, requests]) => {
    await using azure = await world(1)
    report(azure, azure.digests[0], OPENSSL)
    const step = await azure.run({ ...ALONE, ...inputs }, { GITHUB_EVENT_NAME: event })
    expect(step.outputs['findings-critical']).toBe(requests === 0 ? '' : '1')
    expect(azure.arm.log.counts().total).toBe(requests)
  })

  test('about nothing where there is no orphan, which is known then', async () => {
    await using azure = await world(0)
    const step = await azure.run({ ...ALONE, defender: 'required', 'fail-on-severity': 'low' })
    expect(step.outputs).toMatchObject({ result: 'pass', 'findings-critical': '0', 'findings-high': '0' })
    expect(azure.arm.log.counts().total).toBe(0)
  })
})

describe('no data', () => {
  const none = { 'findings-critical': '', 'findings-high': '' }

  test('the plan is off: the limit is not known to be kept', async () => {
    await using azure = await world(1)
    azure.arm.estate.plan('Production', 'off')
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'low' })
    expect(step.outputs).toMatchObject({ result: 'warn', ...none })
    expect(step.annotations).toEqual([
      'warning: myregistry: CVEs of 1 orphan not known, expected none of severity low or worse (because the plan Defender ' +
        "for Containers is off in the registry's subscription)",
    ])
    expect(azure.arm.log.counts().total).toBe(4)
  })

  test('no role: required fails and says which', async () => {
    await using azure = await world(1, { readers: [] })
    const step = await azure.run({ ...ALONE, defender: 'required' })
    expect([step.status, step.outputs['result']]).toEqual([1, 'fail'])
    expect(step.annotations).toContain(
      'error: myregistry: Microsoft Defender has no data, expected some, as the input defender says (because this identity may not see them)',
    )
    expect(step.log).toContain("Security Reader on the registry's subscription")
  })

  test('nothing scanned yet: whoever asked is told, and the step is green', async () => {
    await using azure = await world(1)
    const step = await azure.run({ ...ALONE, defender: 'on' })
    expect(step.outputs).toMatchObject({ result: 'pass', ...none })
    expect(step.annotations).toEqual([
      'notice: Vulnerabilities of the orphans: Not known, because Defender for Containers is on, and has no record of any ' +
        'image in this registry yet. Images are scanned within some hours of a push.',
    ])
  })

  test('an identity that is none of Entra: on says so, required fails', async () => {
    await using azure = await world(1, { admin: ADMIN })
    const on = await azure.run({ ...ALONE, ...ADMIN, defender: 'on' })
    expect(on.outputs).toMatchObject({ result: 'pass', ...none })
    expect(on.annotations[0]).toMatch(/^notice: .* this run signs in without an identity of Microsoft Entra/)
    const required = await azure.run({ ...ALONE, ...ADMIN, defender: 'required', 'warn-only': 'true' })
    expect(required.outputs['result']).toBe('warn')
    const failed = await azure.run({ ...ALONE, ...ADMIN, defender: 'required' })
    expect(failed.outputs['result']).toBe('fail')
    expect(azure.arm.log.counts().total).toBe(0)
  })

  test('Azure fails: the report is there, with what it said, and the limit is not known to be kept', async () => {
    await using azure = await world(1)
    azure.arm.faults.add(
      { route: 'graph' },
      { status: 400, body: { error: { code: 'Odd', message: '**no** <b>@all</b>\n::error::x' } } },
    )
    const step = await azure.run({ ...ALONE, 'fail-on-severity': 'low' })
    expect(step.outputs).toMatchObject({ result: 'warn', orphans: '1', ...none })
    expect(step.summary).not.toContain('**no**')
    expect(step.summary).not.toContain('<b>')
    expect(step.annotations).toHaveLength(1)
  })
})

test('the quota is waited for, and a query that is too large is asked in halves', async () => {
  await using azure = await world(5, {
    switches: { unexpectedErrorAbove: 2, graphQuota: 3, graphQuotaSeconds: 1 },
  })
  for (const digest of azure.digests) report(azure, digest, OPENSSL)
  const step = await azure.run({ ...ALONE, 'fail-on-severity': 'low' })
  expect(step.outputs['findings-critical']).toBe('5')
  // 5 and 3 are refused as too large.
  expect(azure.arm.log.counts().byStatus).toMatchObject({ 500: 2, 200: 3 })
})

describe('with a purge', () => {
  const PURGE = { ...ALONE, purge: 'true', repositories: '**', 'older-than': '97d12h' }

  test('the gate judges what is left, without asking again', async () => {
    await using azure = await world(6)
    report(azure, azure.digests[0], OPENSSL)
    const step = await azure.run({ ...PURGE, 'fail-on-severity': 'low' })
    expect(step.outputs).toMatchObject({
      // Nothing is recorded of what is left.
      result: 'warn',
      'purged-manifests': '3',
      orphans: '3',
      'findings-critical': '',
    })
    expect(azure.arm.log.counts().total).toBe(1)
  })

  test('what is left and vulnerable fails', async () => {
    await using azure = await world(6)
    report(azure, azure.digests[5], OPENSSL)
    const step = await azure.run({ ...PURGE, 'fail-on-severity': 'low' })
    expect(step.outputs).toMatchObject({ result: 'fail', 'findings-critical': '1' })
    expect(step.summary).toContain('Defender drops its findings within about an hour')
  })
})

test('no token is shown', async () => {
  await using azure = await world(1)
  report(azure, azure.digests[0], OPENSSL)
  const debug = { RUNNER_DEBUG: '1' }
  const step = await azure.run({ ...ALONE, 'fail-on-severity': 'low' }, debug)
  const masked = [...step.log.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value ?? '')
  // The secret, a token of Entra for each of registry and Azure, the refresh token, the access token.
  expect(new Set(masked).size).toBeGreaterThanOrEqual(5)
  const shown = step.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  const everything = [...shown, step.summary].join('\n')
  for (const value of masked) expect(everything).not.toContain(value)
})
