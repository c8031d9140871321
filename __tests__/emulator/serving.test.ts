import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { call } from './client.ts'
import { finished, node, outputUntil } from './process.ts'

const admin = { basic: 'emulator:emulator-password' }

/** Whether a TLS client that trusts the certificate takes the server for this name. */
function takenFor(emulator: Emulator, servername: string, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: emulator.port, ca: emulator.certificate, servername }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function namesOf(emulator: Emulator): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: emulator.port, ca: emulator.certificate }, () => {
      resolve(socket.getPeerCertificate().subjectaltname)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('the certificate is for loopback, localhost and the names given, and for no other', async () => {
  await using emulator = await startEmulator({ hostNames: ['myregistry.azurecr.io'] })
  expect(await takenFor(emulator, 'localhost')).toBe(true)
  expect(await takenFor(emulator, 'myregistry.azurecr.io')).toBe(true)
  expect(await takenFor(emulator, '')).toBe(true)
  expect(await takenFor(emulator, 'other.azurecr.io')).toBe(false)
  expect(await namesOf(emulator)).toBe(
    'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, DNS:myregistry.azurecr.io',
  )
})

test('a process that is told of the certificate file trusts it, one that is not does not', async () => {
  await using emulator = await startEmulator()
  const script = `const { status } = await fetch('${emulator.url}/v2/'); console.log('status', status)`
  const args = ['--input-type=module', '-e', script]
  const trusting = await finished(node(args, { NODE_EXTRA_CA_CERTS: emulator.certificateFile }))
  expect(trusting).toMatchObject({ code: 0, output: 'status 401\n' })
  expect((await finished(node(args, { NODE_EXTRA_CA_CERTS: '' }))).code).not.toBe(0)
})

test('the certificate lies in a folder of its own, as ca.crt, until the emulator closes; elsewhere if told so', async () => {
  const emulator = await startEmulator()
  expect(basename(emulator.certificateFile)).toBe('ca.crt')
  expect(readFileSync(emulator.certificateFile, 'utf8')).toBe(emulator.certificate)
  await emulator.close()
  expect(existsSync(join(emulator.certificateFile, '..'))).toBe(false)
  const certificateFile = join(mkdtempSync(join(tmpdir(), 'acr-')), 'certs', 'trust.pem')
  await using elsewhere = await startEmulator({ certificateFile })
  expect(elsewhere.certificateFile).toBe(certificateFile)
  expect(existsSync(certificateFile)).toBe(true)
})

test('a taken port is an error that leaves nothing behind', async () => {
  await using emulator = await startEmulator()
  const certificateFile = join(mkdtempSync(join(tmpdir(), 'acr-')), 'ca.crt')
  await expect(startEmulator({ port: emulator.port, certificateFile })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  expect(existsSync(certificateFile)).toBe(false)
  expect(await finished(node(['emulator/cli.ts', '--port', String(emulator.port)]))).toEqual({
    code: 1,
    output: `Port ${emulator.port} is taken: give another with --port, or 0 for any free one.\n`,
  })
})

test('nothing listens beyond loopback', async () => {
  await using emulator = await startEmulator()
  expect(emulator.host).toBe(`127.0.0.1:${emulator.port}`)
  expect(await takenFor(emulator, 'localhost', '127.0.0.2')).toBe(false)
})

test('the log counts by class, route and status, keeps who and how, and no secrets', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => void registry.repo('a/b').image({ tag: 'v1' }),
  })
  await call(emulator, 'GET /acr/v1/a%2Fb/_tags?n=3&access_token=hidden', admin)
  await call(emulator, 'GET /v2/a/b/manifests/v1')
  await call(emulator, 'POST /oauth2/token', {
    body: 'grant_type=password&username=emulator&password=emulator-password&scope=repository:a/b:pull&scope=registry:catalog:*',
  })
  await call(emulator, 'DELETE /acr/v1/a/b/_tags/v1', { bearer: 'a-secret-token' })
  const [tags, pull, token, removal] = emulator.log.requests()
  expect(tags).toMatchObject({
    number: 1,
    method: 'GET',
    path: '/acr/v1/a/b/_tags',
    query: { n: '3' },
    class: 'read',
    status: 200,
    identity: 'emulator',
    authorization: 'basic',
  })
  expect(pull).toMatchObject({ route: 'manifest', status: 401, authorization: 'none' })
  expect(token).toMatchObject({
    class: 'oauth',
    identity: 'emulator',
    query: { grant_type: 'password', scope: 'repository:a/b:pull registry:catalog:*' },
  })
  expect(removal).toMatchObject({ class: 'delete', authorization: 'bearer-invalid' })
  expect(JSON.stringify(emulator.log.requests())).not.toMatch(/emulator-password|hidden|a-secret-token/)
  expect(emulator.log.counts()).toEqual({
    total: 4,
    byClass: { read: 2, oauth: 1, delete: 1 },
    byRoute: { tags: 1, manifest: 1, token: 1, tag: 1 },
    byStatus: { 200: 2, 401: 2 },
    inFlight: 0,
    peakInFlight: 1,
  })
  expect(emulator.log.requests({ status: 401, path: /_tags/ })).toEqual([removal])
  emulator.log.reset()
  expect(emulator.log.counts()).toMatchObject({ total: 0, byClass: {}, byStatus: {} })
  expect(emulator.log.requests()).toEqual([])
})

test('a closed emulator keeps no process alive, whatever was going on', async () => {
  const script = `
    import { startEmulator } from './emulator/index.ts'
    const emulator = await startEmulator({ switches: { latencyMs: 60000 } })
    emulator.faults.add({ path: '/v2/' }, { hang: true })
    const ask = (path) => fetch(emulator.url + path).catch(() => {})
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const asked = [ask('/v2/'), ask('/acr/v1/_catalog')]
    while (emulator.log.counts().inFlight < 2) await new Promise((go) => setTimeout(go, 5))
    await emulator.close()
    await Promise.all(asked)
    console.log('closed')`
  const started = performance.now()
  const { code, output } = await finished(node(['--no-warnings', '--input-type=module', '-e', script]))
  expect([code, output]).toEqual([0, 'closed\n'])
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('npm run emulator serves, says how to use it, and stops cleanly', async () => {
  const child = node([
    'emulator/cli.ts',
    '--port',
    '0',
    '--seed',
    'story',
    '--seed',
    'many-repositories:3',
    '--user',
    'me',
    '--password',
    'pw',
    '--clock-offset=-30d',
  ])
  const output = await outputUntil(child, 'Stop with')
  const url = /^Registry +(https:\/\/127\.0\.0\.1:(\d+))$/m.exec(output)
  const certificateFile = /^Certificate +(.+)$/m.exec(output)?.[1] ?? ''
  const server = { port: Number(url?.[2]), certificate: readFileSync(certificateFile, 'utf8') }
  const answer = await call(server, 'GET /acr/v1/_catalog', { basic: 'me:pw' })
  expect((answer.json() as { repositories: string[] }).repositories).toHaveLength(7)
  expect(Date.now() - Date.parse(answer.headers['date'] ?? '')).toBeGreaterThan(29 * 86_400_000)
  expect(output).toContain(`INPUT_REGISTRY=${url?.[1]}`)
  expect(output).toContain('--creds me:pw')
  const ended = finished(child)
  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
  expect(existsSync(certificateFile)).toBe(false)
})

test.each([
  [['--port', 'x'], '--port takes a number from 0 to 65535, not "x". See --help.'],
  [['--sku', 'Gold'], '--sku takes Basic, Standard or Premium, not "Gold". See --help.'],
  [['--latency', 'soon'], '--latency takes a time such as 30ms, 90s, 2h or 30d, not "soon". See --help.'],
  [['--time', 'noon'], '--time takes an instant such as 2026-10-02T14:14:24Z, not "noon". See --help.'],
  [
    ['--seed', 'sunset'],
    'There is no picture "sunset". There are empty, story, many-repositories, many-manifests. See --help.',
  ],
  [['--seed', 'story:3'], 'The picture story takes no number. See --help.'],
  [['--switch', 'abac'], '--switch takes NAME=VALUE, not "abac". See --help.'],
  [['--switch', 'abac=perhaps'], 'The switch abac takes true or false, not "perhaps". See --help.'],
])('the flags %j are answered with one sentence', async (args, sentence) => {
  expect(await finished(node(['emulator/cli.ts', ...args]))).toEqual({ code: 1, output: `${sentence}\n` })
})

test('--help names every flag and picture', async () => {
  const { code, output } = await finished(node(['emulator/cli.ts', '--help']))
  expect(code).toBe(0)
  for (const word of ['--port', '--seed', '--switch', '--clock-offset', 'many-manifests', 'story']) {
    expect(output).toContain(word)
  }
})
