import { request } from 'node:http'
import { expect, test } from 'vitest'
import { startEmulator, startProxy, type Proxy } from '../../emulator/index.ts'
import { finished, node } from './process.ts'

/** The status a proxy gives to who wants a tunnel. */
function tunnelStatus(
  proxy: Proxy,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: proxy.port, method: 'CONNECT', path, headers })
    call.on('connect', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    call.on('error', reject).end()
  })
}

test('a proxy passes on to the hosts it was told of and to loopback, and to nobody else', async () => {
  await using registry = await startEmulator({ hostNames: ['myregistry.azurecr.io'] })
  await using proxy = await startProxy({ hosts: { 'myregistry.azurecr.io': registry } })
  const script = `
    for (const url of ['https://myregistry.azurecr.io/v2/', '${registry.url}/v2/', 'https://elsewhere.azurecr.io/v2/']) {
      console.log(await fetch(url).then(({ status }) => status, () => 'none'))
    }`
  const env = {
    ...proxy.environment,
    NO_PROXY: '',
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: registry.certificateFile,
  }
  const { output } = await finished(node(['--no-warnings', '--input-type=module', '-e', script], env))
  expect(output).toBe('401\n401\nnone\n')
  expect(proxy.requests()).toEqual([
    { kind: 'tunnel', host: 'myregistry.azurecr.io', port: 443, outcome: 'passed' },
    { kind: 'tunnel', host: '127.0.0.1', port: registry.port, outcome: 'passed' },
    { kind: 'tunnel', host: 'elsewhere.azurecr.io', port: 443, outcome: 'refused' },
  ])
  expect(registry.log.counts().total).toBe(2)
})

test('a proxy that asks for a password', async () => {
  await using registry = await startEmulator()
  await using proxy = await startProxy({
    hosts: { 'myregistry.azurecr.io': registry },
    credentials: 'me:secret',
  })
  expect(proxy.url).toBe(`http://me:secret@127.0.0.1:${proxy.port}`)
  const basic = { 'Proxy-Authorization': `Basic ${Buffer.from('me:secret').toString('base64')}` }
  expect(await tunnelStatus(proxy, 'myregistry.azurecr.io:443')).toBe(407)
  expect(await tunnelStatus(proxy, 'myregistry.azurecr.io:443', basic)).toBe(200)
  expect(await tunnelStatus(proxy, 'elsewhere.azurecr.io:443', basic)).toBe(502)
  expect(proxy.requests().map(({ outcome }) => outcome)).toEqual(['unauthorized', 'passed', 'refused'])
})
