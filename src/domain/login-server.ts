/** Where a registry answers. */
export interface LoginServer {
  /** Host with port where one is given: `myregistry.azurecr.io`, `127.0.0.1:5000`. Image references begin with it. */
  readonly host: string
  /** `https://` and the host, without a path. */
  readonly endpoint: string
  /** Under a suffix that belongs to Azure Container Registry. */
  readonly azure: boolean
}

/** Public cloud, US Government, China (Microsoft Learn, "Registry endpoint reference"). */
const AZURE_SUFFIXES = ['.azurecr.io', '.azurecr.us', '.azurecr.cn']

/** What `parseLoginServer` accepts, for messages. */
export const LOGIN_SERVER_GRAMMAR =
  'a registry name (myregistry), a login server (myregistry.azurecr.io, .azurecr.us, .azurecr.cn), or https://host[:port] for any other host'

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)

/** A registry's name, with the hash of a domain name label if it has one. */
const NAME = /^[a-z0-9][a-z0-9-]{3,61}[a-z0-9]$/

const ADDRESS = new RegExp(`^https://(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:]+\\])(?::([1-9]\\d{0,4}))?/?$`)

/** @returns the login server, or undefined when the text names none; without a scheme only Azure's own hosts are taken */
export function parseLoginServer(text: string): LoginServer | undefined {
  const given = text.toLowerCase()
  if (NAME.test(given)) return loginServer(`${given}.azurecr.io`)
  if (!given.startsWith('https://')) {
    return HOST.test(given) && isAzureHost(given) ? loginServer(given) : undefined
  }
  // Stricter than a URL: what is none of a host is a mistake, and a password in it would be shown.
  const [, host, port] = ADDRESS.exec(given) ?? []
  if (host === undefined || Number(port ?? 0) > 65_535) return undefined
  return loginServer(port === undefined || port === '443' ? host : `${host}:${port}`)
}

/** `myregistry` for `myregistry.azurecr.io`; other hosts stay whole. */
export function shortHost(host: string): string {
  const suffix = AZURE_SUFFIXES.find((candidate) => host.endsWith(candidate))
  return suffix === undefined ? host : host.slice(0, -suffix.length)
}

/** Of a geo-replicated registry (Microsoft Learn, "Regional endpoints for geo-replicated registries"). */
const REGIONAL = /^([a-z0-9-]+)\.[a-z0-9-]+\.geo(?=\.azurecr\.)/

/** The login server that Azure knows a registry by, whose regional endpoints are other hosts for the same. */
export function registryHost(host: string): string {
  return host.replace(REGIONAL, '$1')
}

/** The name of the resource: it has no hyphen, so that one begins the hash of a domain name label. */
export function registryName(host: string): string {
  return shortHost(registryHost(host)).replace(/-.*$/, '')
}

/** Whether a host, with or without port, lies under one of Azure's registry suffixes. */
export function isAzureHost(host: string): boolean {
  return AZURE_SUFFIXES.some((suffix) => host.endsWith(suffix) && host.length > suffix.length)
}

function loginServer(host: string): LoginServer {
  return { host, endpoint: `https://${host}`, azure: isAzureHost(host) }
}
