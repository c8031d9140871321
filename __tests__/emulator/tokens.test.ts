import { expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions, type Identity } from '../../emulator/index.ts'
import { call, payloadOf } from './client.ts'
import {
  accessIn,
  exchange,
  refreshTokenOf,
  requestToken,
  tokenIn,
  withPassword,
  withRefreshToken,
} from './sign-in.ts'

const owner: Identity = {
  kind: 'entra',
  name: 'owner',
  roles: ['Owner'],
  entraTokens: ['entra'],
  appId: '11111111-2222-3333-4444-555555555555',
  objectId: '99999999-2222-3333-4444-555555555555',
  clientSecret: 'client-secret',
}
const puller: Identity = { kind: 'entra', name: 'puller', roles: ['AcrPull'], entraTokens: ['entra-puller'] }
const admin: Identity = { kind: 'admin', username: 'admin', password: 'pass:word' }
const scoped: Identity = {
  kind: 'scope-map',
  username: 'ci',
  password: 'secret',
  repositories: { app: ['content/read', 'metadata/read'], 'team/*': ['content/delete'] },
}

const everybody = [owner, puller, admin, scoped]
const seed: EmulatorOptions['seed'] = (registry) => {
  registry.repo('app').image({ tag: 'v1' })
}
const start = (options: EmulatorOptions = {}) => startEmulator({ identities: everybody, seed, ...options })

test('an Entra token, configured or a JWT of a configured application or object, becomes a refresh token', async () => {
  await using emulator = await start()
  const jwt = (claims: object) => {
    const all = { aud: 'https://containerregistry.azure.net', ...claims }
    return `e30.${Buffer.from(JSON.stringify(all)).toString('base64url')}.sig`
  }
  const { appId = '', objectId = '' } = owner.kind === 'entra' ? owner : {}
  for (const token of ['entra', jwt({ appid: appId }), jwt({ azp: appId }), jwt({ oid: objectId })]) {
    const answer = await exchange(emulator, token)
    expect(answer.status).toBe(200)
    const { refresh_token: refreshToken } = answer.json() as { refresh_token: string }
    expect(payloadOf(refreshToken)).toMatchObject({ sub: 'owner', grant_type: 'refresh_token' })
  }
  const expired = jwt({ appid: appId, exp: Math.floor(Date.now() / 1000) - 60 })
  const forAnother = jwt({ appid: appId, aud: 'https://graph.microsoft.com' })
  const forNobody = jwt({ appid: appId, aud: undefined })
  const refused = ['', 'unknown', jwt({ appid: 'somebody else' }), jwt({}), expired, forAnother, forNobody]
  for (const token of refused) {
    expect((await exchange(emulator, token)).status).toBe(401)
  }
})

test('Entra tokens are for the registry, or for the ARM of any cloud, with or without a slash', async () => {
  await using emulator = await start()
  const { appId } = owner.kind === 'entra' ? owner : {}
  const accepted = [
    'containerregistry.azure.net',
    'management.azure.com',
    'management.core.windows.net',
    'management.usgovcloudapi.net',
    'management.core.usgovcloudapi.net',
    'management.chinacloudapi.cn',
    'management.core.chinacloudapi.cn',
  ].flatMap((host) => [`https://${host}`, `https://${host}/`])
  const refused = [
    'https://management.example.com',
    'http://containerregistry.azure.net',
    'https://vault.azure.net',
  ]
  const status = async (aud: string) => {
    const claims = Buffer.from(JSON.stringify({ appid: appId, aud })).toString('base64url')
    return [aud, (await exchange(emulator, `e30.${claims}.sig`)).status]
  }
  for (const aud of accepted) expect(await status(aud)).toEqual([aud, 200])
  for (const aud of refused) expect(await status(aud)).toEqual([aud, 401])
})

test('tokens have the recorded claims, live 3 hours and 60 minutes, and look 15 minutes older than they are', async () => {
  await using emulator = await start({ time: '2026-10-02T14:00:00Z', frozen: true })
  const now = Date.parse('2026-10-02T14:00:00Z') / 1000
  const refreshToken = await refreshTokenOf(emulator, 'entra')
  const refresh = payloadOf(refreshToken)
  expect(Object.keys(refresh)).toEqual([
    'jti',
    'sub',
    'nbf',
    'exp',
    'iat',
    'iss',
    'aud',
    'version',
    'rid',
    'grant_type',
    'appid',
    'permissions',
    'roles',
  ])
  expect(refresh).toMatchObject({
    iss: 'Azure Container Registry',
    aud: emulator.host,
    iat: now - 900,
    nbf: now - 900,
    exp: now + 10_800,
    permissions: {
      Actions: ['read', 'write', 'delete', 'deleted/read', 'deleted/restore/action'],
      NotActions: null,
    },
  })
  const access = payloadOf(tokenIn(await withRefreshToken(emulator, refreshToken, 'repository:app:pull')))
  expect(access).toMatchObject({
    iat: now - 900,
    exp: now + 3600,
    grant_type: 'access_token',
    access: [{ Type: 'repository', Name: 'app', Actions: ['pull'] }],
  })
})

test('every way to ask for an access token leads to one', async () => {
  await using emulator = await start({ switches: { anonymousPull: true } })
  const scope = 'repository:app:pull'
  const refreshToken = await refreshTokenOf(emulator, 'entra')
  const get = (basic?: string) =>
    call(
      emulator,
      `GET /oauth2/token?service=${emulator.host}&scope=${scope}`,
      basic === undefined ? {} : { basic },
    )
  const tokenUser = `00000000-0000-0000-0000-000000000000:${refreshToken}`
  const { appId = '' } = owner.kind === 'entra' ? owner : {}
  const answers = {
    'refresh token': await withRefreshToken(emulator, refreshToken, scope),
    'admin by password': await withPassword(emulator, 'admin:pass:word', scope),
    'service principal by secret': await withPassword(emulator, `${appId}:client-secret`, scope),
    'scope-map token by password': await withPassword(emulator, 'ci:secret', scope),
    'null GUID by password': await withPassword(emulator, tokenUser, scope),
    'anonymous as the SDKs ask': await requestToken(emulator, { grant_type: 'password', refresh_token: '' }, [
      scope,
    ]),
    'admin by Basic': await get('admin:pass:word'),
    'docker login form by Basic': await get(tokenUser),
    'anonymous as docker asks': await get(),
  }
  for (const [way, answer] of Object.entries(answers)) {
    expect([way, answer.status, Object.keys(answer.json() as object)]).toEqual([way, 200, ['access_token']])
    const pulled = await call(emulator, 'GET /v2/app/tags/list', { bearer: tokenIn(answer) })
    expect([way, pulled.status]).toEqual([way, 200])
  }
})

test('a wrong secret of any kind is 401, and so is an anonymous caller where that is off', async () => {
  await using emulator = await start()
  const answers = [
    await withPassword(emulator, 'admin:wrong'),
    await withPassword(emulator, 'nobody:'),
    await withRefreshToken(emulator, 'nonsense'),
    await withRefreshToken(emulator, tokenIn(await withPassword(emulator, 'admin:pass:word'))),
    await requestToken(emulator, { grant_type: 'password', refresh_token: '' }),
    await call(emulator, 'GET /oauth2/token?scope=repository:app:pull'),
    await call(emulator, 'GET /oauth2/token', { basic: 'admin:wrong' }),
  ]
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 401))
  for (const line of ['GET /v2/', 'GET /v2/app/tags/list']) {
    const answer = await call(emulator, line, { basic: 'admin:wrong' })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).not.toContain('error=')
  }
})

test('scopes may be repeated or listed, what is not granted is dropped without a word', async () => {
  await using emulator = await start()
  const token = await refreshTokenOf(emulator, 'entra-puller')
  const listed = await withRefreshToken(
    emulator,
    token,
    'registry:catalog:* repository:app:pull,delete,metadata_read,metadata_write',
    'repository:other/one:push',
    'repository:two:metadata_read nonsense',
  )
  expect(listed.status).toBe(200)
  expect(accessIn(listed)).toEqual([
    { Type: 'registry', Name: 'catalog', Actions: ['*'] },
    { Type: 'repository', Name: 'app', Actions: ['pull', 'metadata_read'] },
    { Type: 'repository', Name: 'two', Actions: ['metadata_read'] },
  ])
  const refused = await call(emulator, `DELETE /acr/v1/app/_tags/v1`, { bearer: tokenIn(listed) })
  expect(refused.status).toBe(401)
  expect(refused.headers['www-authenticate']).toMatch(
    /scope="repository:app:delete",error="insufficient_scope"$/,
  )
})

test('a wildcard scope grants what the identity has, of the actions asked for', async () => {
  await using emulator = await start()
  const ofOwner = await refreshTokenOf(emulator, 'entra')
  expect(accessIn(await withRefreshToken(emulator, ofOwner, 'repository:*:pull,metadata_read'))).toEqual([
    { Type: 'repository', Name: '*', Actions: ['pull', 'metadata_read'] },
  ])
  const ofPuller = await withRefreshToken(
    emulator,
    await refreshTokenOf(emulator, 'entra-puller'),
    'repository:*:*',
  )
  expect(accessIn(ofPuller)).toEqual([{ Type: 'repository', Name: '*', Actions: ['pull', 'metadata_read'] }])
  const read = await call(emulator, 'GET /acr/v1/app/_manifests', { bearer: tokenIn(ofPuller) })
  expect(read.status).toBe(200)
})

test('on a registry with ABAC permissions the wildcard is dropped and the refresh token says so', async () => {
  const reader: Identity = {
    kind: 'entra',
    name: 'reader',
    entraTokens: ['entra'],
    roles: [{ role: 'Container Registry Repository Reader', repositories: ['app', 'team/*'] }],
  }
  await using emulator = await start({ identities: [reader], abac: true })
  const refreshToken = await refreshTokenOf(emulator, 'entra')
  expect(payloadOf(refreshToken)).toHaveProperty('aad_identity')
  expect(payloadOf(refreshToken)).not.toHaveProperty('permissions')
  const scopes = [
    'repository:*:*',
    'repository:app:*',
    'repository:team/x:pull,delete',
    'repository:hidden:pull',
  ]
  expect(accessIn(await withRefreshToken(emulator, refreshToken, ...scopes))).toEqual([
    { Type: 'repository', Name: 'app', Actions: ['pull', 'metadata_read'] },
    { Type: 'repository', Name: 'team/x', Actions: ['pull'] },
  ])
})
