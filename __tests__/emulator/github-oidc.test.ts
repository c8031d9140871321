import { expect, test } from 'vitest'
import { startEntra, startGitHubOidc, type GitHubOidc, type Job } from '../../emulator/index.ts'
import { call, payloadOf } from './client.ts'
import { askOne } from './identity.ts'

const pathOf = (oidc: GitHubOidc) => {
  const { pathname, search } = new URL(oidc.environment.ACTIONS_ID_TOKEN_REQUEST_URL)
  return `${pathname}${search}`
}

const ask = (oidc: GitHubOidc, more = '', bearer = oidc.environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN) =>
  call(oidc, `GET ${pathOf(oidc)}${more}`, { bearer })

const subjects: readonly [Partial<Job>, string][] = [
  [{}, 'repo:octo-org/octo-repo:ref:refs/heads/main'],
  [{ ref: 'refs/tags/v1', eventName: 'release' }, 'repo:octo-org/octo-repo:ref:refs/tags/v1'],
  [{ environment: 'prod' }, 'repo:octo-org/octo-repo:environment:prod'],
  [{ eventName: 'pull_request', ref: 'refs/pull/7/merge' }, 'repo:octo-org/octo-repo:pull_request'],
  [{ eventName: 'pull_request', environment: 'prod' }, 'repo:octo-org/octo-repo:environment:prod'],
  [
    { immutableSubject: true, ownerId: 123, repositoryId: 456, repository: 'Org/Repo' },
    'repo:Org@123/Repo@456:ref:refs/heads/main',
  ],
  [{ subject: 'repository_owner:octo-org' }, 'repository_owner:octo-org'],
]

test.each(subjects)('the subject of %j is %s', async (job, subject) => {
  await using oidc = await startGitHubOidc(job)
  expect(oidc.subject()).toBe(subject)
  const { value } = (await ask(oidc)).json() as { value: string }
  expect(payloadOf(value)['sub']).toBe(subject)
})

test('a token says what the documentation lists, lives five minutes, and is for the owner unless asked otherwise', async () => {
  await using oidc = await startGitHubOidc({ environment: 'prod' })
  oidc.clock.freeze('2026-11-21T12:00:00Z')
  const now = Date.parse('2026-11-21T12:00:00Z') / 1000
  const { value, count } = (await ask(oidc)).json() as { value: string; count: number }
  expect(count).toBe(value.length)
  expect(payloadOf(value)).toMatchObject({
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'https://github.com/octo-org',
    repository: 'octo-org/octo-repo',
    repository_owner: 'octo-org',
    repository_id: '74',
    repository_owner_id: '65',
    ref: 'refs/heads/main',
    event_name: 'push',
    environment: 'prod',
    nbf: now - 600,
    iat: now,
    exp: now + 300,
  })
  const asked = (await ask(oidc, '&audience=api%3A%2F%2FAzureADTokenExchange')).json() as { value: string }
  expect(payloadOf(asked.value)['aud']).toBe('api://AzureADTokenExchange')
})

test('a wrong bearer and another path get nothing, and the log has no secrets', async () => {
  await using oidc = await startGitHubOidc()
  expect((await ask(oidc, '', 'wrong-token')).status).toBe(401)
  expect((await call(oidc, `GET ${pathOf(oidc)}`)).status).toBe(401)
  expect((await call(oidc, 'GET /elsewhere')).status).toBe(404)
  const { value } = (await ask(oidc, '&audience=me')).json() as { value: string }
  expect(oidc.log.requests()).toMatchObject([
    { authorization: 'bearer-invalid', status: 401, route: 'token' },
    { authorization: 'none', status: 401 },
    { route: 'unknown', status: 404 },
    { authorization: 'bearer', status: 200, query: { audience: 'me' } },
  ])
  const shown = JSON.stringify(oidc.log.requests())
  for (const secret of ['wrong-token', oidc.environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN, value]) {
    expect(shown).not.toContain(secret)
  }
})

test('how @actions/core says that there is no token, through @azure/identity', async () => {
  await using entra = await startEntra({ applications: [{ name: 'pipeline' }] })
  await using oidc = await startGitHubOidc()
  const { clientId: client } = entra.application('pipeline')
  const told = async (env: Readonly<Record<string, string>>) =>
    (await askOne({ kind: 'github', tenant: entra.tenant.id, client }, { ...entra.environment, ...env }))
      .error
  const failed = (status: number) =>
    `Error message: Failed to get ID Token. \n \n        Error Code : ${status}\n \n        Error Message: Failed request: (${status})`
  const cases: readonly [string, Readonly<Record<string, string>>][] = [
    ['Error message: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable', {}],
    [failed(401), { ...oidc.environment, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' }],
    [failed(500), oidc.environment],
    ['Error message: Response json body do not have ID Token field', oidc.environment],
  ]
  oidc.faults.add({ nth: 2 }, { status: 500 })
  oidc.faults.add({ nth: 3 }, { status: 200, body: { value: '' } })
  for (const [message, env] of cases) {
    const error = await told(env)
    expect(error).toMatchObject({ name: 'AuthenticationRequiredError', message, cause: { name: 'Error' } })
  }
  expect(oidc.log.counts().byStatus).toEqual({ 200: 1, 401: 1, 500: 1 })
  expect(entra.log.counts().total).toBe(0)
})
