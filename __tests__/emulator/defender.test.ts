import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FindingDescription, PackageDescription } from '../../emulator/index.ts'
import { defender } from '../../src/azure/defender.ts'
import { parseDigest, type Digest } from '../../src/domain/digest.ts'
import type { Vulnerabilities } from '../../src/domain/vulnerability.ts'
import { RegistryError, StoppedError } from '../../src/errors.ts'
import { startEdge } from './management-edge.ts'
import { host } from './resource-manager-world.ts'

/** What Microsoft Defender is asked, through the action's own edge and the real library for tokens. */

type Edge = Awaited<ReturnType<typeof startEdge>>

function digestOf(number: number): Digest {
  const digest = parseDigest(`sha256:${number.toString(16).padStart(64, '0')}`)
  if (digest === undefined) throw new Error('not a digest')
  return digest
}

function finding(digest: number, ...packages: readonly PackageDescription[]): FindingDescription {
  return { repository: 'team/app', digest: digestOf(digest), packages }
}

function asked({ management }: Edge, ...digests: readonly number[]): Promise<Vulnerabilities> {
  return defender(host, () => Promise.resolve(management)).of(digests.map(digestOf))
}

function recordOf(known: Vulnerabilities, digest: number) {
  if (known.kind !== 'known') throw new Error(JSON.stringify(known))
  return known.images.get(digestOf(digest))
}

const OPENSSL: PackageDescription = {
  software: 'openssl',
  fixedVersion: '3.0.15',
  cves: [
    { id: 'CVE-2025-1', severity: 'Critical' },
    { id: 'CVE-2025-2', severity: 'High', fixStatus: 'WillNotFix' },
  ],
}

describe('what is recorded', () => {
  test('CVEs with severity and fix; one in two packages counts once, with the worse severity', async () => {
    const again: PackageDescription = {
      software: 'libssl3',
      cves: [
        { id: 'CVE-2025-1', severity: 'High' },
        { id: 'CVE-2025-3', severity: 'Low' },
      ],
    }
    await using world = await startEdge({
      registries: [{ name: 'myregistry', findings: [finding(1, OPENSSL, again)] }],
    })
    const record = recordOf(await asked(world, 1, 2), 1)
    expect(record?.truncated).toBe(false)
    expect(record?.cves.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: 'CVE-2025-1', severity: 'critical', fixable: true },
      { id: 'CVE-2025-2', severity: 'high', fixable: false },
      { id: 'CVE-2025-3', severity: 'low', fixable: false },
    ])
  })

  test('a CVE that nobody has rated is kept apart', async () => {
    const base: PackageDescription = {
      software: 'base',
      cves: [
        { id: 'CVE-2025-4', severity: '' },
        { id: 'CVE-2025-5', severity: 'Unknown' },
      ],
    }
    await using world = await startEdge({
      registries: [{ name: 'myregistry', findings: [finding(1, base)] }],
    })
    const record = recordOf(await asked(world, 1), 1)
    expect(record?.cves.map(({ severity }) => severity)).toEqual(['unknown', 'unknown'])
  })

  test('an image all of whose records are exempt or healthy has a record without CVEs; one without a record has none', async () => {
    const exempt = { ...finding(1, OPENSSL), status: 'NotApplicable' } as const
    await using world = await startEdge({ registries: [{ name: 'myregistry', findings: [exempt] }] })
    const known = await asked(world, 1, 2)
    expect(recordOf(known, 1)).toEqual({ cves: [], truncated: false })
    expect(recordOf(known, 2)).toBeUndefined()
  })

  test('400 CVEs of one package are shown in full; of 401 it is said that there are more', async () => {
    const many = (count: number): PackageDescription => ({
      software: 'linux',
      cves: Array.from({ length: count }, (_, at) => ({ id: `CVE-2024-${at}`, severity: 'Medium' })),
    })
    await using world = await startEdge({
      registries: [{ name: 'myregistry', findings: [finding(1, many(400)), finding(2, many(401))] }],
    })
    const known = await asked(world, 1, 2)
    for (const [digest, truncated] of [
      [1, false],
      [2, true],
    ] as const) {
      const record = recordOf(known, digest)
      expect([record?.cves.length, record?.truncated]).toEqual([400, truncated])
    }
  })

  test('of this registry only, by its login server, whatever the case of its letters', async () => {
    const elsewhere = { name: 'other', findings: [finding(2, OPENSSL)] }
    await using world = await startEdge({
      registries: [
        { name: 'myregistry', loginServer: 'MyRegistry.azurecr.io', findings: [finding(1, OPENSSL)] },
        elsewhere,
      ],
    })
    const known = await asked(world, 1, 2)
    expect([recordOf(known, 1)?.cves.length, recordOf(known, 2)]).toEqual([2, undefined])
  })
})

describe('requests', () => {
  const fifty = Array.from({ length: 50 }, (_, number) =>
    finding(number, {
      software: 'linux',
      cves: Array.from({ length: 40 }, (_, cve) => ({
        id: `CVE-2025-${number * 40 + cve}`,
        severity: 'Low',
      })),
    }),
  )

  test('2,000 CVEs of 50 images are one request, and one token', async () => {
    await using world = await startEdge({ registries: [{ name: 'myregistry', findings: fifty }] })
    const known = await asked(world, ...fifty.keys())
    expect([...fifty.keys()].map((digest) => recordOf(known, digest)?.cves.length)).toEqual(
      Array.from({ length: 50 }, () => 40),
    )
    expect([world.requests(), world.tokens()]).toEqual([1, 1])
  })

  test('250 images in a query, and never more', async () => {
    await using world = await startEdge({
      registries: [{ name: 'myregistry', findings: fifty }],
      switches: { unexpectedErrorAbove: 250 },
    })
    await asked(world, ...Array.from({ length: 1001 }).keys())
    expect(world.requests()).toBe(5)
  })

  test.each([500, 400] as const)(
    'what is too large for the service is asked in halves, and not again as it was (%i)',
    async (unexpectedErrorStatus) => {
      await using world = await startEdge({
        registries: [{ name: 'myregistry', findings: fifty }],
        switches: { unexpectedErrorAbove: 30, unexpectedErrorStatus },
      })
      const known = await asked(world, ...fifty.keys())
      expect(recordOf(known, 49)?.cves).toHaveLength(40)
      // 50 are refused; 25 and 25 are answered.
      expect(world.requests()).toBe(3)
    },
  )

  test('a service that fails on single images too is no answer, and is not asked for ever', async () => {
    await using world = await startEdge({
      registries: [{ name: 'myregistry', findings: fifty }],
      switches: { unexpectedErrorAbove: 0 },
    })
    expect(await asked(world, ...fifty.keys())).toMatchObject({
      kind: 'unknown',
      reason: 'failed',
      detail: expect.stringMatching(/^Could not ask Microsoft Defender .*UnexpectedQueryExecutionError/),
    })
    expect(world.requests()).toBeLessThan(15)
  })
})

describe('no record is never taken for no vulnerability', () => {
  const clean = { name: 'myregistry' }

  test.each([
    ['the plan is off', 'plan-off', { defender: 'off', registries: [clean] }],
    [
      'the plan does not scan registries',
      'scanning-off',
      { defender: { plan: 'on', registryScanning: false }, registries: [clean] },
    ],
    ['the plan is on, and nothing has a record', 'not-scanned', { registries: [clean] }],
    [
      'other images have records',
      'no-record',
      { registries: [{ ...clean, findings: [finding(9, OPENSSL)] }] },
    ],
    ['Azure knows no such registry', 'no-permission', { registries: [{ name: 'other' }] }],
  ] as const)('%s: %s', async (_, reason, options) => {
    await using world = await startEdge(options)
    expect(await asked(world, 1)).toEqual({ kind: 'unknown', reason, detail: undefined })
    expect(world.requests()).toBeLessThanOrEqual(4)
  })

  test('an identity without any role sees nothing, in either way of the service to say so', async () => {
    for (const nothingReadable of ['no rows', 'refuse'] as const) {
      await using world = await startEdge(
        {
          registries: [{ ...clean, findings: [finding(1, OPENSSL)] }],
          switches: { nothingReadable },
        },
        [],
      )
      expect(await asked(world, 1)).toMatchObject({ kind: 'unknown', reason: 'no-permission' })
    }
  })

  test('an identity that sees the registry and not the plan cannot tell', async () => {
    await using world = await startEdge({ registries: [clean] }, [
      { identity: 'pipeline', role: 'Reader', on: 'myregistry' },
    ])
    expect(await asked(world, 1)).toMatchObject({ reason: 'no-permission' })
  })

  test('a digest that no image of the registry has is asked about by nobody', async () => {
    await using world = await startEdge({ registries: [clean] })
    const digest = parseDigest(`sha512:${'a'.repeat(128)}`)
    const source = defender(host, () => Promise.resolve(world.management))
    expect(await source.of(digest === undefined ? [] : [digest])).toMatchObject({ reason: 'no-record' })
    expect(world.requests()).toBe(0)
  })
})

describe('what can be expected is an answer, not an exception', () => {
  test('the run is stopped while Azure thinks', async () => {
    await using world = await startEdge({ registries: [{ name: 'myregistry' }] })
    world.arm.faults.add({ route: 'graph' }, { hang: true })
    const asking = asked(world, 1)
    while (world.requests() === 0) await pause(5)
    world.stop.abort(new StoppedError('The time limit of 60 minutes was reached.'))
    expect(await asking).toEqual({
      kind: 'unknown',
      reason: 'failed',
      detail: 'The time limit of 60 minutes was reached.',
    })
  })

  test('Entra gives no token for Azure', async () => {
    const refusal = new RegistryError({
      kind: 'credential',
      operation: 'get a token',
      cause: 'it has ended.',
      cure: 'Sign in again.',
    })
    const source = defender(host, () => Promise.reject(refusal))
    expect(await source.of([digestOf(1)])).toMatchObject({ reason: 'failed', detail: refusal.message })
  })

  test('but a bug stays one', async () => {
    const source = defender(host, () => Promise.reject(new TypeError('not a function')))
    await expect(source.of([digestOf(1)])).rejects.toThrow(TypeError)
  })
})
