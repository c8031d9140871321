import { expect, test } from 'vitest'
import { startAzure } from './azure.ts'

test(
  'tokens that live 20 seconds, in a run of two minutes: nothing fails',
  { timeout: 240_000 },
  async () => {
    await using world = await startAzure({
      entra: { switches: { accessTokenSeconds: 20 } },
      registry: {
        switches: { accessTokenSeconds: 20, refreshTokenSeconds: 20, latencyMs: 2000 },
        seed: (registry) => {
          for (let number = 10; number < 40; number += 1) {
            for (const age of ['9d', '2d']) registry.repo(`app-${number}`).image({ tag: 'latest', age })
          }
        },
      },
    })
    const started = performance.now()
    const step = await world.run({ ...world.application, concurrency: '1' }, world.oidc.environment)
    expect(performance.now() - started).toBeGreaterThan(115_000)
    expect(step.outputs).toMatchObject({ result: 'pass', orphans: '30', complete: 'true' })
    const { byStatus, byRoute } = world.registry.log.counts()
    expect(byStatus['401']).toBeUndefined()
    // Renewed before they end, and not for every request.
    expect(byRoute.exchange).toBeGreaterThan(5)
    expect(byRoute.exchange).toBeLessThan(20)
  },
)
