import { expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions, type Identity } from '../../emulator/index.ts'
import { call } from './client.ts'
import { refreshTokenOf, requestToken, tokenIn, withPassword, withRefreshToken } from './sign-in.ts'

const owner: Identity = { kind: 'entra', name: 'owner', roles: ['Owner'], entraTokens: ['entra'] }
const admin: Identity = { kind: 'admin', username: 'admin', password: 'pass:word' }

const start = (options: EmulatorOptions = {}) =>
  startEmulator({
    identities: [owner, admin],
    seed: (registry) => void registry.repo('app').image({ tag: 'v1' }),
    ...options,
  })

test('expired and foreign tokens are invalid_token, a valid token without the action is insufficient_scope', async () => {
  await using emulator = await start({ switches: { accessTokenSeconds: 5, refreshTokenSeconds: 60 } })
  await using foreign = await start()
  const error = async (bearer: string) =>
    /error="(\w+)"/.exec(
      (await call(emulator, 'GET /acr/v1/app/_tags', { bearer })).headers['www-authenticate'] ?? '',
    )?.[1]
  const refreshToken = await refreshTokenOf(emulator, 'entra')
  const token = tokenIn(await withRefreshToken(emulator, refreshToken, 'repository:app:metadata_read'))
  expect(await error(token)).toBeUndefined()
  expect(await error(tokenIn(await withRefreshToken(emulator, refreshToken, 'repository:app:pull')))).toBe(
    'insufficient_scope',
  )
  expect(await error(tokenIn(await withPassword(foreign, 'admin:pass:word', 'repository:*:*')))).toBe(
    'invalid_token',
  )
  expect(await error(refreshToken)).toBe('invalid_token')
  expect(await error(`${token}x`)).toBe('invalid_token')
  emulator.clock.advance('6s')
  expect(await error(token)).toBe('invalid_token')
  expect((await withRefreshToken(emulator, refreshToken)).status).toBe(200)
  emulator.clock.advance('60s')
  expect((await withRefreshToken(emulator, refreshToken)).status).toBe(401)
})

test('revoking makes every token issued so far invalid, and none issued later', async () => {
  await using emulator = await start()
  const refreshToken = await refreshTokenOf(emulator, 'entra')
  const bearer = tokenIn(await withRefreshToken(emulator, refreshToken, 'repository:*:*'))
  emulator.revokeTokens()
  expect((await call(emulator, 'GET /acr/v1/app/_tags', { bearer })).status).toBe(401)
  expect((await withRefreshToken(emulator, refreshToken)).status).toBe(401)
  const later = tokenIn(await withPassword(emulator, 'admin:pass:word', 'repository:*:*'))
  expect((await call(emulator, 'GET /acr/v1/app/_tags', { bearer: later })).status).toBe(200)
})

test('Basic works on every call, but not with a refresh token as the password', async () => {
  await using emulator = await start()
  const [digest = ''] = emulator.registry.repo('app').digests()
  const token = await refreshTokenOf(emulator, 'entra')
  const lines = [
    'GET /v2/',
    'GET /acr/v1/_catalog',
    'GET /acr/v1/app/_tags',
    `DELETE /v2/app/manifests/${digest}`,
  ]
  for (const line of lines) {
    const basic = `00000000-0000-0000-0000-000000000000:${token}`
    expect([line, (await call(emulator, line, { basic })).status]).toEqual([line, 401])
  }
  for (const line of lines) {
    const answer = await call(emulator, line, { basic: 'admin:pass:word' })
    expect([line, answer.status]).toEqual([line, line.startsWith('DELETE') ? 202 : 200])
  }
})

test('other grants than those in use are refused', async () => {
  await using emulator = await start()
  expect((await requestToken(emulator, { grant_type: 'client_credentials' })).status).toBe(400)
  expect((await call(emulator, 'POST /oauth2/exchange', { body: 'grant_type=refresh_token' })).status).toBe(
    400,
  )
  expect((await call(emulator, 'GET /oauth2/exchange')).status).toBe(405)
})

test('two identities of one name are refused at the start', async () => {
  await expect(start({ identities: [owner, { ...admin, username: 'owner' }] })).rejects.toThrow(
    'two identities are named owner',
  )
})
