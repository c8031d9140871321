import { describe, expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions, type Identity, type Registry } from '../../emulator/index.ts'
import { gate } from './gate.ts'

const READER = {
  kind: 'entra',
  name: 'reader',
  appId: '11111111-2222-3333-4444-555555555555',
  clientSecret: 'client-secret',
  roles: ['AcrPull', 'Container Registry Repository Reader', 'Container Registry Repository Catalog Lister'],
} satisfies Identity

const INPUTS = { username: READER.appId, password: READER.clientSecret }

function repositories(count: number): (registry: Registry) => void {
  return (registry) => {
    for (let number = 0; number < count; number += 1) {
      for (const age of ['9d', '2d'])
        registry.repo(`app-${String(number).padStart(3, '0')}`).image({ tag: 'v', age })
    }
  }
}

async function counted(
  options: EmulatorOptions,
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ tokens: number; refused: number; orphans: string | undefined; total: number; peak: number }> {
  await using emulator = await startEmulator({ identities: [READER], ...options })
  const step = await gate(emulator, { ...INPUTS, ...inputs })
  const { byClass, byStatus, total, peakInFlight } = emulator.log.counts()
  return {
    tokens: byClass.oauth ?? 0,
    refused: byStatus['401'] ?? 0,
    orphans: step.outputs['orphans'],
    total,
    peak: peakInFlight,
  }
}

describe('token requests', () => {
  test('one for 45 repositories where wildcard scopes are honoured', async () => {
    for (const wildcardActions of ['expanded', 'star'] as const) {
      expect(await counted({ seed: repositories(45), switches: { wildcardActions } })).toMatchObject({
        tokens: 1,
        refused: 0,
        orphans: '45',
      })
    }
  })

  test('one for the wildcard and one per ten repositories where not', async () => {
    expect(await counted({ seed: repositories(45), abac: true })).toMatchObject({
      tokens: 6,
      refused: 0,
      orphans: '45',
    })
  })

  test('one for up to ten repositories that are named, in either role mode', async () => {
    const names = Array.from({ length: 10 }, (_, number) => `app-00${number}`).join('\n')
    for (const abac of [false, true]) {
      expect(await counted({ seed: repositories(45), abac }, { repositories: names })).toMatchObject({
        tokens: 1,
        refused: 0,
        orphans: '10',
      })
    }
  })

  test('a wildcard that promises more than it gives is found out by one refusal', async () => {
    const deleter: Identity = { ...READER, roles: ['AcrDelete'] }
    const names = Array.from({ length: 12 }, (_, number) => `app-0${String(number).padStart(2, '0')}`).join(
      ',',
    )
    const options = {
      identities: [deleter],
      seed: repositories(12),
      switches: { wildcardActions: 'star' as const },
    }
    // The wildcard, then the two batches of ten that show what is really granted.
    expect(await counted(options, { repositories: names, concurrency: '1' })).toMatchObject({
      tokens: 3,
      refused: 1,
    })
  })

  test('tokens that live 3 seconds are renewed before they end', async () => {
    const result = await counted(
      { seed: repositories(12), switches: { accessTokenSeconds: 3, latencyMs: 250 } },
      { concurrency: '1' },
    )
    expect(result).toMatchObject({ refused: 0, orphans: '12' })
    expect(result.tokens).toBeGreaterThan(1)
    expect(result.tokens).toBeLessThan(8)
  })

  test('revoked tokens are replaced, and the run goes on', async () => {
    await using emulator = await startEmulator({ identities: [READER], seed: repositories(30) })
    emulator.faults.before({ route: 'manifests', nth: 10 }, () => emulator.revokeTokens())
    const step = await gate(emulator, { ...INPUTS, concurrency: '1' })
    expect(step.outputs).toMatchObject({ orphans: '30', complete: 'true' })
    expect(emulator.log.counts()).toMatchObject({ byClass: { oauth: 2 }, byStatus: { '401': 1 } })
  })
})

describe('reads', () => {
  test('a thousand manifests a page, every index once, and no tagged image', async () => {
    const result = await counted({
      seed: (registry) => {
        const app = registry.repo('app')
        app.images(1500, (number) => ({ tag: `v${number}`, age: '9d' }))
        for (let number = 0; number < 10; number += 1)
          app.multiPlatform({ tag: `multi-${number}`, age: '9d' })
        app.images(20, () => ({ age: '9d' }))
        app.images(20, () => ({ age: '10d', format: 'docker' }))
      },
    })
    expect(result.orphans).toBe('40')
    // Token, catalog, two pages, ten indexes, twenty untagged OCI images; Docker images cannot refer to anything. And the
    // labels of four orphans, whose manifests were among them.
    expect(result.total).toBe(1 + 1 + 2 + 10 + 20 + 4)
  })

  test('never more at a time than concurrency says', async () => {
    const options = { seed: repositories(40), switches: { latencyMs: 20 } }
    expect((await counted(options, { concurrency: '3' })).peak).toBe(3)
    const { peak } = await counted(options)
    expect(peak).toBeGreaterThan(10)
    expect(peak).toBeLessThanOrEqual(16)
  })

  test('pages that begin again end the listing with an error, not never (acr-cli#72)', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => void registry.repo('app').images(1100, () => ({ tag: 'latest', age: '9d' })),
    })
    const page = { registry: emulator.host, imageName: 'app', manifests: [] as object[] }
    emulator.faults.add(
      { route: 'manifests' },
      {
        status: 200,
        headers: { Link: '</acr/v1/app/_manifests?last=x&n=1000&orderby=>; rel="next"' },
        body: {
          ...page,
          manifests: [
            {
              digest: `sha256:${'a'.repeat(64)}`,
              imageSize: 1,
              createdTime: '2026-01-01T00:00:00Z',
              lastUpdateTime: '2026-01-01T00:00:00Z',
              mediaType: 'application/vnd.oci.image.manifest.v1+json',
            },
          ],
        },
      },
    )
    const step = await gate(emulator)
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false' } })
    expect(step.annotations[0]).toContain('the registry repeats pages of the list')
    expect(emulator.log.counts().byRoute.manifests).toBe(2)
  })
})
