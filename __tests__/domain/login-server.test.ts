import { describe, expect, test } from 'vitest'
import { isAzureHost, parseLoginServer, shortHost } from '../../src/domain/login-server.ts'

describe('a registry in Azure is named by', () => {
  test.each([
    ['its name', 'myregistry', 'myregistry.azurecr.io'],
    [
      'its name with the hash of a domain name label',
      'myregistry-abc123def4',
      'myregistry-abc123def4.azurecr.io',
    ],
    ['its login server', 'myregistry.azurecr.io', 'myregistry.azurecr.io'],
    ['its login server with a hash', 'myregistry-abc123def4.azurecr.io', 'myregistry-abc123def4.azurecr.io'],
    ['its login server for the US Government', 'myregistry.azurecr.us', 'myregistry.azurecr.us'],
    ['its login server in China', 'myregistry.azurecr.cn', 'myregistry.azurecr.cn'],
    ['its regional host', 'myregistry.westeurope.geo.azurecr.io', 'myregistry.westeurope.geo.azurecr.io'],
    ['its URL', 'https://myregistry.azurecr.io', 'myregistry.azurecr.io'],
    ['its URL with a slash', 'https://myregistry.azurecr.io/', 'myregistry.azurecr.io'],
    ['capitals', 'MyRegistry', 'myregistry.azurecr.io'],
    ['capitals in the host', 'MyRegistry.AzureCR.io', 'myregistry.azurecr.io'],
    ['capitals in the URL', 'HTTPS://MyRegistry.azurecr.io', 'myregistry.azurecr.io'],
    ['its URL with the usual port', 'https://myregistry.azurecr.io:443', 'myregistry.azurecr.io'],
  ])('%s: %s', (_, text, host) => {
    expect(parseLoginServer(text)).toEqual({ host, endpoint: `https://${host}`, azure: true })
  })
})

describe('any other host is named by its URL', () => {
  test.each([
    ['https://registry.example.com', 'registry.example.com'],
    ['https://registry.example.com:8443', 'registry.example.com:8443'],
    ['https://127.0.0.1:5000', '127.0.0.1:5000'],
    ['https://localhost:5000/', 'localhost:5000'],
    ['https://[::1]:5000', '[::1]:5000'],
  ])('%s', (text, host) => {
    expect(parseLoginServer(text)).toEqual({ host, endpoint: `https://${host}`, azure: false })
  })
})

describe('a host that only looks like one of Azure is none', () => {
  test.each([
    'https://azurecr.io',
    'https://notazurecr.io',
    'https://myregistry.azurecr.io.example.com',
    'https://myregistry.azurecr.example',
    'https://myregistry-azurecr.io',
  ])('%s', (text) => {
    expect(parseLoginServer(text)?.azure).toBe(false)
  })

  test('with a port it still is one', () => {
    expect(parseLoginServer('https://myregistry.azurecr.io:8443')?.host).toBe('myregistry.azurecr.io:8443')
    expect(isAzureHost('myregistry.azurecr.io')).toBe(true)
    expect(isAzureHost('.azurecr.io')).toBe(false)
  })
})

describe('a registry is refused', () => {
  test.each([
    ['without a name', ''],
    ['over http', 'http://myregistry.azurecr.io'],
    ['over http elsewhere', 'http://localhost:5000'],
    ['by a foreign host without https://', 'registry.example.com'],
    ['by Docker Hub without https://', 'docker.io'],
    ['by a foreign host that ends like Azure', 'registry.example.com/.azurecr.io'],
    ['by the suffix alone', 'azurecr.io'],
    ['by the suffix alone, with its dot', '.azurecr.io'],
    ['with a port but without https://', 'localhost:5000'],
    ['with a name too short for Azure', 'reg'],
    ['with a name that ends with a dash', 'myregistry-'],
    ['with a host that begins with a dash', '-myregistry.azurecr.io'],
    ['with a star', 'https://a*b.example'],
    ['with a name that has blanks', 'my registry'],
    ['with a name that has an underscore', 'my_registry'],
    ['with credentials in the URL', 'https://user:password@myregistry.azurecr.io'],
    ['with a user in the URL', 'https://user@myregistry.azurecr.io'],
    ['with an empty user in the URL', 'https://@myregistry.azurecr.io'],
    ['with a path', 'https://myregistry.azurecr.io/team/app'],
    ['with a path but no scheme', 'myregistry.azurecr.io/team/app'],
    ['with a path that leads nowhere', 'https://myregistry.azurecr.io/..'],
    ['with a query', 'https://myregistry.azurecr.io/?x=1'],
    ['with an empty query', 'https://myregistry.azurecr.io?'],
    ['with a fragment', 'https://myregistry.azurecr.io/#x'],
    ['with an empty fragment', 'https://myregistry.azurecr.io#'],
    ['with a port that is none', 'https://myregistry.azurecr.io:99999'],
    ['with no host in the URL', 'https://'],
    ['with a slash too many', 'https:///myregistry.azurecr.io'],
    ['with another scheme', 'oci://myregistry.azurecr.io'],
    ['with a tag', 'myregistry.azurecr.io:latest'],
    ['twice', 'myregistry,otherregistry'],
    ['with a line break', 'myregistry\nx'],
    ['with a doubled dot', 'myregistry..azurecr.io'],
  ])('%s: %j', (_, text) => {
    expect(parseLoginServer(text)).toBeUndefined()
  })
})

describe('a registry is called in short', () => {
  test.each([
    ['myregistry.azurecr.io', 'myregistry'],
    ['myregistry.azurecr.us', 'myregistry'],
    ['myregistry.azurecr.cn', 'myregistry'],
    ['registry.example.com:8443', 'registry.example.com:8443'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
  ])('%s: %s', (host, short) => {
    expect(shortHost(host)).toBe(short)
  })
})
