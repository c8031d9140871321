import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }

async function control(
  emulator: Emulator,
  line: string,
  body?: object,
): Promise<{ status: number; json: unknown }> {
  const [method, path] = line.split(' ')
  const answer = await call(
    emulator,
    `${method} /_emulator/${path}`,
    body === undefined ? {} : { body: JSON.stringify(body) },
  )
  return { status: answer.status, json: answer.json() }
}

test('another process reads the counts and the log, and resets them', async () => {
  await using emulator = await startEmulator()
  await call(emulator, 'GET /v2/', admin)
  expect((await control(emulator, 'GET counts')).json).toMatchObject({ total: 1, byClass: { read: 1 } })
  expect((await control(emulator, 'GET log')).json).toMatchObject({
    requests: [{ path: '/v2/', status: 200 }],
  })
  emulator.faults.add({}, { status: 500 })
  await control(emulator, 'POST reset', { faults: true })
  expect((await control(emulator, 'GET counts')).json).toMatchObject({ total: 0 })
  expect(emulator.faults.list()).toEqual([])
})

test('control requests are not counted, not delayed, and meet no fault', async () => {
  await using emulator = await startEmulator({ switches: { latencyMs: 60_000, firewall: true } })
  emulator.faults.add({}, { hang: true })
  expect((await control(emulator, 'GET counts')).json).toMatchObject({ total: 0, inFlight: 0 })
})

test('another process moves the clock', async () => {
  await using emulator = await startEmulator()
  await control(emulator, 'POST clock', { set: '2026-01-01T00:00:00Z', freeze: true })
  expect((await control(emulator, 'POST clock', { advance: '36h' })).json).toMatchObject({ frozen: true })
  expect(emulator.clock.date().toISOString()).toMatch(/^2026-01-02T12:00:00/)
  await control(emulator, 'POST clock', { goBack: '1d', freeze: false })
  expect(emulator.clock.frozen).toBe(false)
  expect((await control(emulator, 'POST clock', { reset: true })).json).toMatchObject({
    offsetMilliseconds: 0,
  })
  expect(await control(emulator, 'POST clock', { advance: 'soon' })).toMatchObject({
    status: 400,
    json: { error: 'not a duration: "soon" (for example 90d, 1d12h, 30s, 250ms)' },
  })
})

test('another process changes switches, all or none', async () => {
  await using emulator = await startEmulator()
  expect((await control(emulator, 'PATCH switches', { abac: true, latencyMs: 5 })).json).toMatchObject({
    abac: true,
  })
  expect([emulator.switches.abac, emulator.switches.latencyMs]).toEqual([true, 5])
  const refused = await control(emulator, 'PATCH switches', { firewall: true, nonsense: 1, pageMax: 'many' })
  expect(refused).toMatchObject({
    status: 400,
    json: { error: 'There is no switch nonsense. The switch pageMax takes a number, not "many".' },
  })
  expect(emulator.switches.firewall).toBe(false)
})

test('another process scripts faults', async () => {
  await using emulator = await startEmulator()
  const added = await control(emulator, 'POST faults', {
    match: { pattern: '^/v2/$', times: 2 },
    effect: { status: 503, retryAfter: 1 },
  })
  expect(added).toMatchObject({ status: 201, json: { id: 1, hits: 0 } })
  expect((await call(emulator, 'GET /v2/', admin)).status).toBe(503)
  expect((await call(emulator, 'GET /acr/v1/_catalog', admin)).status).toBe(200)
  expect((await control(emulator, 'GET faults')).json).toMatchObject({ faults: [{ id: 1, hits: 1 }] })
  expect((await control(emulator, 'DELETE faults/9')).status).toBe(400)
  expect((await control(emulator, 'DELETE faults/1')).json).toEqual({ faults: [] })
  expect((await call(emulator, 'GET /v2/', admin)).status).toBe(200)
  expect((await control(emulator, 'POST faults', { effect: {} })).status).toBe(400)
})

test('another process revokes tokens and looks into the registry', async () => {
  await using emulator = await startEmulator()
  const digest = emulator.registry.repo('app').image({ tag: 'v1' })
  expect((await control(emulator, 'GET repositories')).json).toEqual({
    repositories: [{ name: 'app', manifests: 1, tags: { v1: digest } }],
  })
  const token = await call(emulator, 'GET /oauth2/token', admin)
  const bearer = (token.json() as { access_token: string }).access_token
  await control(emulator, 'POST revoke-tokens')
  expect((await call(emulator, 'GET /v2/', { bearer })).status).toBe(401)
})

test('what there is not is answered with what there is', async () => {
  await using emulator = await startEmulator()
  const answer = await control(emulator, 'GET nothing')
  expect(answer.status).toBe(404)
  expect(JSON.stringify(answer.json)).toContain('PATCH switches')
  const broken = await call(emulator, 'POST /_emulator/clock', { body: 'no' })
  expect([broken.status, broken.text]).toEqual([400, '{"error":"The body is not a JSON object."}\n'])
})
