import { expect, test } from 'vitest'
import { startEmulator, type Emulator, type Switches } from '../../emulator/index.ts'
import { call } from './client.ts'

const first = { basic: 'first:p' }
const second = { basic: 'second:p' }
const missing = `sha256:${'0'.repeat(64)}`

/** With limits of a five-hundredth: 1 delete a period for an identity, 2 for the registry; 10 reads; 1 list of referrers. */
function start(switches: Partial<Switches> = {}): Promise<Emulator> {
  const everything = ['content/read', 'content/write', 'content/delete', 'metadata/read'] as const
  return startEmulator({
    identities: ['first', 'second', 'third'].map((username) => ({
      kind: 'scope-map',
      username,
      password: 'p',
      repositories: { app: everything },
    })),
    switches: { throttle: true, throttleScale: 1 / 500, ...switches },
    seed: (registry) => void registry.repo('app').image({ tag: 'v1' }),
  })
}

const remove = async (emulator: Emulator, who: { basic: string }) =>
  (await call(emulator, `DELETE /v2/app/manifests/${missing}`, who)).status

test('a class that is used up answers 429 with the seconds that are left, other classes go on', async () => {
  await using emulator = await start()
  expect(await remove(emulator, first)).toBe(404)
  const refused = await call(emulator, `DELETE /v2/app/manifests/${missing}`, first)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(55)
  expect((await call(emulator, 'GET /acr/v1/app/_tags', first)).status).toBe(200)
})

test('each identity has a share, and all together have the limit of the registry', async () => {
  await using emulator = await start()
  expect([await remove(emulator, first), await remove(emulator, second)]).toEqual([404, 404])
  expect(await remove(emulator, { basic: 'third:p' })).toBe(429)
})

test('a period ends, and its room is back', async () => {
  await using emulator = await start({ throttlePeriodSeconds: 0.2 })
  expect([await remove(emulator, first), await remove(emulator, first)]).toEqual([404, 429])
  await expect.poll(() => remove(emulator, first)).toBe(404)
})

test('listing referrers is a class of its own and a read as well', async () => {
  await using emulator = await start()
  const referrers = async (who: { basic: string }) =>
    (await call(emulator, `GET /v2/app/referrers/${missing}`, who)).status
  expect([await referrers(first), await referrers(first)]).toEqual([200, 429])
  const reads: number[] = []
  for (let number = 0; number < 10; number += 1) {
    reads.push((await call(emulator, 'GET /acr/v1/app/_tags', first)).status)
  }
  expect(reads.filter((status) => status === 200)).toHaveLength(9)
})

test('anonymous callers are one identity', async () => {
  await using emulator = await start({ anonymousPull: true })
  const statuses: number[] = []
  for (let number = 0; number < 11; number += 1)
    statuses.push((await call(emulator, 'GET /acr/v1/app/_tags')).status)
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429])
})

test('without throttling nothing is refused, and resetting the log begins the periods anew', async () => {
  await using emulator = await start({ throttle: false })
  expect([await remove(emulator, first), await remove(emulator, first)]).toEqual([404, 404])
  emulator.switches.throttle = true
  expect(await remove(emulator, first)).toBe(429)
  await call(emulator, 'POST /_emulator/reset')
  expect(await remove(emulator, first)).toBe(404)
})
