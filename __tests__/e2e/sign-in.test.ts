import { describe, expect, test } from 'vitest'
import {
  startEmulator,
  type Emulator,
  type EmulatorOptions,
  type Identity,
  type Registry,
} from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { runAction, type StepResult } from './run-action.ts'

const APP_ID = '11111111-2222-3333-4444-555555555555'
const NULL_GUID = '00000000-0000-0000-0000-000000000000'

function principal(roles: Extract<Identity, { kind: 'entra' }>['roles']): Identity {
  return {
    kind: 'entra',
    name: 'pipeline',
    roles,
    appId: APP_ID,
    clientSecret: 'client-secret',
    entraTokens: ['entra'],
  }
}

function seed(registry: Registry): void {
  for (const age of ['9d', '2d']) registry.repo('app').image({ tag: 'latest', age })
}

/** Runs with one identity; the emulator is as given. */
async function signIn(
  identity: Identity,
  inputs: Readonly<Record<string, string>>,
  options: EmulatorOptions = {},
): Promise<StepResult> {
  await using emulator = await startEmulator({ seed, identities: [identity], ...options })
  return await gate(emulator, inputs)
}

/** The refresh token that `az acr login --expose-token` would print. */
async function refreshToken(emulator: Emulator): Promise<string> {
  const form = { grant_type: 'access_token', service: emulator.host, access_token: 'entra' }
  const { request } = await import('node:https')
  return new Promise((done, failed) => {
    const call = request(
      `${emulator.url}/oauth2/exchange`,
      {
        method: 'POST',
        ca: emulator.certificate,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (text: string) => (body += text))
        answer.on('end', () => done((JSON.parse(body) as { refresh_token: string }).refresh_token))
      },
    )
    call.on('error', failed).end(new URLSearchParams(form).toString())
  })
}

describe('user name and password', () => {
  test('of the admin user', async () => {
    const admin: Identity = { kind: 'admin', username: 'myregistry', password: 'pass word&=+%' }
    expect(
      (await signIn(admin, { username: 'myregistry', password: 'pass word&=+%' })).outputs['orphans'],
    ).toBe('1')
  })

  test('of a service principal', async () => {
    const step = await signIn(principal(['AcrPull']), { username: APP_ID, password: 'client-secret' })
    expect(step.outputs['orphans']).toBe('1')
  })

  test('of a token with a scope map, which cannot list repositories', async () => {
    const token: Identity = {
      kind: 'scope-map',
      username: 'ci',
      password: 'secret-of-ci',
      repositories: { app: ['content/read', 'metadata/read'] },
    }
    const inputs = { username: 'ci', password: 'secret-of-ci' }
    expect((await signIn(token, { ...inputs, repositories: 'app' })).outputs['orphans']).toBe('1')
    const step = await signIn(token, inputs)
    expect(step.status).toBe(1)
    expect(step.annotations).toEqual([
      'error: Could not list the repositories (401): the user "ci" may not list the repositories. ' +
        'A token with a scope map can never list repositories: name them with the input repositories.',
    ])
  })

  test('the null GUID with a refresh token of the registry', async () => {
    await using emulator = await startEmulator({ seed, identities: [principal(['AcrPull'])] })
    const step = await gate(emulator, {
      username: NULL_GUID,
      password: await refreshToken(emulator),
      'allow-host': emulator.host,
    })
    expect(step.outputs['orphans']).toBe('1')
    const ended = await gate(emulator, {
      username: NULL_GUID,
      password: 'something else',
      'allow-host': emulator.host,
    })
    expect(ended.annotations[0]).toMatch(
      /the registry does not accept this refresh token\. It lives three hours/,
    )
  })

  test('a wrong password is one sentence, without the password', async () => {
    const admin: Identity = { kind: 'admin', username: 'myregistry', password: 'right' }
    const step = await signIn(admin, { username: 'myregistry', password: 'wr0ng-p4ssword' })
    expect(step.status).toBe(1)
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toMatch(
      /^error: Could not sign in to \S+ as the user "myregistry" \(401 UNAUTHORIZED\): the registry does not accept this user name and password\. Check the secret behind the input password/,
    )
    const shown = step.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    expect(`${shown.join('\n')}${step.summary}`).not.toContain('wr0ng-p4ssword')
  })
})

describe('anonymous', () => {
  const inputs = { credential: 'anonymous', username: '', password: '' }

  test('on a registry with anonymous pull', async () => {
    await using emulator = await startEmulator({ seed, switches: { anonymousPull: true } })
    expect((await gate(emulator, inputs)).outputs['orphans']).toBe('1')
  })

  test('on one without, the message says how to allow it', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await gate(emulator, inputs)
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toContain('the registry does not allow anonymous pull')
    expect(step.annotations[0]).toContain('--anonymous-pull-enabled')
  })
})

test('without anything to sign in with, nothing is sent', async () => {
  await using emulator = await startEmulator({ seed })
  const step = await runAction({ registry: emulator.url }, { certificateFile: emulator.certificateFile })
  expect(step.annotations[0]).toMatch(/^error: Input credential: there is nothing to sign in with/)
  expect(emulator.log.counts().total).toBe(0)
})

describe('a missing role is one sentence that names the role for the role mode', () => {
  const inputs = { username: APP_ID, password: 'client-secret' }

  test('catalog, role mode unknown', async () => {
    const step = await signIn(principal(['AcrDelete']), inputs)
    expect(step.status).toBe(1)
    expect(step.annotations).toEqual([
      `error: Could not list the repositories (401): the user "${APP_ID}" may not list the repositories. Assign it the ` +
        'role AcrPull on the registry, or Container Registry Repository Catalog Lister if the registry uses repository ' +
        'permissions (ABAC), or name the repositories with the input repositories.',
    ])
  })

  test('catalog, with a refresh token that tells the role mode', async () => {
    for (const [abac, role] of [
      [false, 'the role AcrPull on the registry'],
      [true, 'the role Container Registry Repository Catalog Lister'],
    ] as const) {
      const identities = [principal(abac ? ['Container Registry Repository Reader'] : ['AcrDelete'])]
      await using emulator = await startEmulator({ seed, identities, abac })
      const step = await gate(emulator, {
        username: NULL_GUID,
        password: await refreshToken(emulator),
        'allow-host': emulator.host,
      })
      expect(step.status).toBe(1)
      expect(step.annotations).toHaveLength(1)
      expect(step.annotations[0]).toContain(`Assign it ${role}`)
    }
  })

  test('a repository, in ABAC mode', async () => {
    const identities = [principal(['Container Registry Repository Catalog Lister'])]
    await using emulator = await startEmulator({ seed, identities, abac: true })
    const step = await gate(emulator, {
      username: NULL_GUID,
      password: await refreshToken(emulator),
      'allow-host': emulator.host,
    })
    expect(step.status).toBe(1)
    expect(step.outputs).toMatchObject({ result: 'fail', orphans: '', complete: 'false' })
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toContain('Container Registry Repository Reader')
  })

  test('no permission for anything fails even with warn-only', async () => {
    const step = await signIn(principal(['AcrDelete']), {
      ...inputs,
      repositories: 'app',
      'warn-only': 'true',
    })
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail' } })
  })

  test('a repository without permission is named, the others are judged', async () => {
    const identity = principal([{ role: 'Container Registry Repository Reader', repositories: ['app'] }])
    await using emulator = await startEmulator({
      identities: [identity],
      abac: true,
      seed: (registry) => {
        for (const name of ['app', 'secret']) {
          for (const age of ['9d', '2d']) registry.repo(name).image({ tag: 'latest', age })
        }
      },
    })
    const step = await gate(emulator, { ...inputs, repositories: 'app, secret' })
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '1', complete: 'false' } })
    expect(step.summary).toContain('### Not read in full')
    const tolerant = await gate(emulator, { ...inputs, repositories: 'app, secret', 'warn-only': 'true' })
    expect(tolerant).toMatchObject({
      status: 0,
      outputs: { result: 'warn', orphans: '1', complete: 'false' },
    })
  })
})

test('secrets and tokens are masked, and shown nowhere else', async () => {
  await using emulator = await startEmulator({ seed })
  const step = await gate(emulator, {}, { environment: { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' } })
  const masked = [...step.log.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value ?? '')
  expect(masked).toContain('emulator-password')
  expect(masked.some((value) => value.startsWith('eyJ'))).toBe(true)
  const shown = step.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  const everything = [...shown, step.summary, ...Object.values(step.outputs)].join('\n')
  for (const value of masked) expect(everything).not.toContain(value)
})
