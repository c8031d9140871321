import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { installFakeDockerHelper, type FakeDockerHelper } from '../../emulator/index.ts'
import { temporaryFolder } from './identity.ts'

const name = 'test'

/** Waits three seconds for the one that never answers. */
function run(helper: FakeDockerHelper, action: string, input = '') {
  const env = { ...process.env, ...helper.environment }
  const options = { env, input, timeout: input.startsWith('slow') ? 3000 : 20_000 }
  const { status, signal, stdout } = spawnSync(`docker-credential-${name}`, [action], options)
  return { status, signal, stdout: stdout.toString() }
}

test('a helper speaks the protocol of docker: the host comes in, JSON goes out, failures go to stdout too', () => {
  const helper = installFakeDockerHelper(temporaryFolder(), name, {
    'myregistry.azurecr.io': { username: '<token>', secret: 'refresh-token' },
    'https://index.docker.io/v1/': { username: 'me', secret: 'password' },
    'broken.azurecr.io': { error: 'pass not initialized: exit status 1' },
    'slow.azurecr.io': { hang: true },
  })
  const found = run(helper, 'get', 'myregistry.azurecr.io\n')
  expect(found.status).toBe(0)
  expect(found.stdout).toBe(
    '{"ServerURL":"myregistry.azurecr.io","Username":"<token>","Secret":"refresh-token"}\n',
  )
  expect(run(helper, 'list').stdout).toBe(
    '{"myregistry.azurecr.io":"<token>","https://index.docker.io/v1/":"me"}\n',
  )
  const failures: readonly [string, string, string][] = [
    ['get', 'other.azurecr.io', 'credentials not found in native keychain\n'],
    ['get', 'broken.azurecr.io', 'pass not initialized: exit status 1\n'],
    ['get', '', 'no credentials server URL\n'],
    ['dance', '', 'Unknown credential action `dance`\n'],
  ]
  for (const [action, input, stdout] of failures) {
    expect(run(helper, action, input)).toEqual({ status: 1, signal: null, stdout })
  }
  expect(run(helper, 'get', 'slow.azurecr.io')).toMatchObject({ signal: 'SIGTERM', stdout: '' })
  expect(helper.calls()).toEqual([
    ['get', 'myregistry.azurecr.io'],
    ['list'],
    ['get', 'other.azurecr.io'],
    ['get', 'broken.azurecr.io'],
    ['get', ''],
    ['dance'],
    ['get', 'slow.azurecr.io'],
  ])
})
