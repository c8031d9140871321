import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** What runs as `az`: as much of the Azure CLI as asks for tokens. */
export interface AzSettings {
  readonly authority: string
  readonly certificate: string
  readonly delayMs: number
  readonly callsFile: string
}

export interface Subscription {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly user: { readonly name: string; readonly type: 'user' | 'servicePrincipal' }
  readonly isDefault: boolean
  readonly tenantId: string
  readonly environmentName: string
  readonly homeTenantId?: string
  readonly managedByTenants?: readonly string[]
}

export interface ServicePrincipalEntry {
  readonly client_id: string
  readonly tenant: string
  readonly client_secret?: string
  readonly client_assertion?: string
}

interface Token {
  readonly secret: string
  readonly expires_on: number
}

/** Its message goes to stderr, after `ERROR: `. */
class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

const configFolder = process.env['AZURE_CONFIG_DIR'] ?? join(homedir(), '.azure')

async function main([settingsFile = '', ...args]: readonly string[]): Promise<void> {
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as AzSettings
  appendFileSync(settings.callsFile, `${JSON.stringify(args)}\n`)
  await wait(settings.delayMs)
  try {
    print(await run(settings, args))
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    process.stderr.write(`ERROR: ${error.message}\n`)
    process.exitCode = error.exitCode
  }
}

function run(settings: AzSettings, args: readonly string[]): object | Promise<object> {
  const end = args.findIndex((arg) => arg.startsWith('-'))
  const command = args.slice(0, end === -1 ? args.length : end).join(' ')
  if (command === 'version') return { 'azure-cli': '2.90.0', 'azure-cli-core': '2.90.0', extensions: {} }
  if (command === 'account show') return subscription(optionOf(args, '--subscription', '-s'))
  if (command === 'account get-access-token') return accessToken(settings, args)
  throw new CliError(`'${command}' is misspelled or not recognized by the system.`, 2)
}

/** azure-cli, profile/custom.py and _profile.py (get_raw_token). */
async function accessToken(settings: AzSettings, args: readonly string[]): Promise<object> {
  const tenant = optionOf(args, '--tenant', '-t')
  const wanted = optionOf(args, '--subscription', '-s')
  if (tenant !== undefined && wanted !== undefined) {
    throw new CliError('Please specify only one of subscription and tenant, not both')
  }
  const account = subscription(wanted)
  const resource = optionOf(args, '--resource') ?? 'https://management.core.windows.net/'
  const scope = optionOf(args, '--scope') ?? `${resource}/.default`
  const token = await tokenFor(settings, account, { tenant: tenant ?? account.tenantId, scope })
  return {
    tokenType: 'Bearer',
    accessToken: token.secret,
    expires_on: token.expires_on,
    expiresOn: localTime(token.expires_on),
    tenant: tenant ?? account.tenantId,
    ...(tenant === undefined ? { subscription: account.id } : {}),
  }
}

function subscription(wanted: string | undefined): Subscription {
  const profile = readConfig('azureProfile.json') as { subscriptions: Subscription[] } | undefined
  const { subscriptions } = profile ?? { subscriptions: [] }
  if (subscriptions.length === 0) throw new CliError("Please run 'az login' to setup account.")
  const found = subscriptions.find(({ id, name, isDefault }) =>
    wanted === undefined ? isDefault : [id, name].includes(wanted),
  )
  if (found !== undefined) return found
  throw new CliError(`Subscription '${wanted}' not found. Check the spelling and casing and try again.`)
}

interface Wanted {
  readonly tenant: string
  readonly scope: string
}

async function tokenFor(settings: AzSettings, { user }: Subscription, wanted: Wanted): Promise<Token> {
  if (user.type === 'user') throw refreshTokenEnded(wanted)
  const key = [user.name, wanted.tenant, wanted.scope].join('-')
  const cache = (readConfig('msal_token_cache.json') ?? {}) as Record<string, Token>
  const cached = cache[key]
  // MSAL takes a token for ended five minutes before it is.
  if (cached !== undefined && cached.expires_on - Date.now() / 1000 > 300) return cached
  const entries = (readConfig('service_principal_entries.json') ?? []) as ServicePrincipalEntry[]
  const entry = entries.find(({ client_id }) => client_id === user.name)
  if (entry === undefined) {
    throw new CliError(
      `Service principal '${user.name}' doesn't exist in MSAL token cache. Please run \`az login\`.`,
    )
  }
  const token = await requestToken(settings, entry, wanted)
  writeFileSync(join(configFolder, 'msal_token_cache.json'), JSON.stringify({ ...cache, [key]: token }))
  return token
}

async function requestToken(
  { authority, certificate }: AzSettings,
  { client_id, client_secret, client_assertion }: ServicePrincipalEntry,
  { tenant, scope }: Wanted,
): Promise<Token> {
  const form = new URLSearchParams({ client_id, grant_type: 'client_credentials', scope })
  if (client_secret !== undefined) form.set('client_secret', client_secret)
  if (client_assertion !== undefined) {
    form.set('client_assertion', client_assertion)
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
  }
  const answer = await post(`${authority}/${tenant}/oauth2/v2.0/token`, { form, certificate })
  if (answer['error'] !== undefined) throw refused(answer)
  return {
    secret: String(answer['access_token']),
    expires_on: Math.floor(Date.now() / 1000) + Number(answer['expires_in']),
  }
}

/** azure-cli, auth/util.py (aad_error_handler): for an application, without tenant and scope. */
function refused({ error_description, error_codes }: Readonly<Record<string, unknown>>): CliError {
  const advice =
    Array.isArray(error_codes) && error_codes.includes(7000215)
      ? 'The error may be caused by passing a service principal certificate with --password. Please note that --password no longer accepts a service principal certificate. To pass a service principal certificate, use --certificate instead.'
      : `${loginAdvice}az login`
  return new CliError(`${String(error_description)}\n${advice}`)
}

const loginAdvice =
  'Run the command below to authenticate interactively; additional arguments may be added as needed:\naz logout\n'

/** The text of AADSTS700082 as in Azure/azure-cli#23105, with the advice of now. */
function refreshTokenEnded({ tenant, scope }: Wanted): CliError {
  const text =
    'AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00.'
  return new CliError(`${text}\n${loginAdvice}az login --tenant "${tenant}" --scope "${scope}"`)
}

function post(
  url: string,
  { form, certificate }: { readonly form: URLSearchParams; readonly certificate: string },
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const call = request(url, { method: 'POST', ca: certificate, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => {
        try {
          resolve(JSON.parse(body) as Record<string, unknown>)
        } catch {
          reject(new CliError(`${response.statusCode}: ${body}`))
        }
      })
    })
    call.on('error', (error) => reject(new CliError(error.message))).end(form.toString())
  })
}

function optionOf(args: readonly string[], ...names: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => names.includes(arg))
  return at === -1 ? undefined : args[at + 1]
}

function readConfig(name: string): unknown {
  const file = join(configFolder, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) : undefined
}

/** Indented by two, keys in order: the CLI's own form (knack, output.py). */
function print(value: object): void {
  const sorted = Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  process.stdout.write(`${JSON.stringify(sorted, null, 2)}\n`)
}

/** `2026-11-21 12:34:56.000000`, in local time: what makes `expiresOn` useless across time zones. */
function localTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().replace('T', ' ').replace(/\..*$/, '.000000')
}

await main(process.argv.slice(2))
