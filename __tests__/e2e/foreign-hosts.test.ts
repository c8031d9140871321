import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { oneOrphan, SECRET, startAzure } from './azure.ts'

/** Whatever a registry answers, no token of Entra, no refresh token and no access token leaves for another host. */
test.each(['exchange', 'token', 'catalog', 'manifests', 'manifest'] as const)(
  'a redirect of %s to another host is not followed',
  async (route) => {
    await using other = await startEmulator({ seed: oneOrphan })
    await using world = await startAzure()
    for (const status of [301, 302, 303, 307, 308]) {
      world.registry.faults.clear()
      world.registry.faults.add({ route }, { status, headers: { Location: `${other.url}/oauth2/exchange` } })
      const step = await world.run({ ...world.application, 'client-secret': SECRET })
      expect(step.status).toBe(1)
    }
    expect(other.log.counts().total).toBe(0)
  },
)

test('a challenge that names another host as the place for tokens is not believed', async () => {
  await using other = await startEmulator({ seed: oneOrphan })
  await using world = await startAzure()
  const challenge = `Bearer realm="${other.url}/oauth2/token",service="${other.host}",scope="repository:app:metadata_read"`
  world.registry.faults.add(
    { route: 'manifests' },
    { status: 401, headers: { 'WWW-Authenticate': challenge } },
  )
  const step = await world.run({ ...world.application, 'client-secret': SECRET })
  expect(step.status).toBe(1)
  expect(other.log.counts().total).toBe(0)
})

test('a next page on another host is not asked for', async () => {
  await using other = await startEmulator({ seed: oneOrphan })
  await using world = await startAzure()
  for (const [route, body] of [
    ['catalog', { repositories: ['app'] }],
    ['manifests', { manifests: [] }],
  ] as const) {
    world.registry.faults.clear()
    const headers = { Link: `<${other.url}/acr/v1/app/_manifests?n=1000>; rel="next"` }
    world.registry.faults.add({ route }, { status: 200, headers, body })
    expect((await world.run({ ...world.application, 'client-secret': SECRET })).status).toBe(1)
  }
  expect(other.log.counts().total).toBe(0)
})

test('a host outside Azure that was not allowed gets nothing at all', async () => {
  await using world = await startAzure()
  for (const allowed of ['', 'registry.example.com', '127.0.0.1']) {
    const step = await world.run({ ...world.application, 'client-secret': SECRET, 'allow-host': allowed })
    expect(step.annotations[0]).toMatch(/^error: Input allow-host: 127\.0\.0\.1:\d+ is not under a suffix/)
  }
  expect(world.registry.log.counts().total).toBe(0)
  expect(world.entra.log.counts().total).toBe(0)
})
