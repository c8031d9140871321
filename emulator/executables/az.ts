import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Application } from '../entra/directory.ts'
import type { Entra } from '../entra/server.ts'
import type { AzSettings, ServicePrincipalEntry, Subscription } from './az-program.ts'
import { writeExecutable } from './executable.ts'

type EntraOfAz = Pick<Entra, 'url' | 'certificate' | 'tenant' | 'application'>

/** Who is logged in: what `azure/login` or `az login` leaves behind. */
export type AzLogin =
  | { readonly entra: EntraOfAz; readonly application: string; readonly secret: string }
  | {
      readonly entra: EntraOfAz
      readonly application: string
      /** The assertion of the moment of the login; az has no way to get another. */
      readonly federatedToken: string
    }
  /** A person whose refresh token has ended. People who may go on are not emulated. */
  | { readonly entra: EntraOfAz; readonly expiredUser: string }

export interface FakeAzOptions {
  /** Without it nobody is. */
  readonly login?: AzLogin
  /** The subscription's id; null: logged in with --allow-no-subscriptions. */
  readonly subscription?: string | null
  /** How long each call takes, besides the start of the program. */
  readonly delayMs?: number
}

export interface FakeAz {
  /** For AZURE_CONFIG_DIR. */
  readonly configFolder: string
  readonly environment: Readonly<Record<'PATH' | 'AZURE_CONFIG_DIR', string>>
  /** The arguments of each call so far. */
  calls(): readonly (readonly string[])[]
}

/** Writes an executable `az` and a configuration folder of the Azure CLI into the folder. */
export function installFakeAz(folder: string, options: FakeAzOptions = {}): FakeAz {
  const { login, delayMs = 0 } = options
  const configFolder = join(folder, '.azure')
  mkdirSync(configFolder, { recursive: true })
  writeProfile(configFolder, login === undefined ? [] : [subscriptionOf(login, options.subscription)])
  const entry = login === undefined ? undefined : entryOf(login)
  if (entry !== undefined) {
    writeFileSync(join(configFolder, 'service_principal_entries.json'), JSON.stringify([entry]))
  }
  const settings: Omit<AzSettings, 'callsFile'> = {
    authority: login?.entra.url ?? '',
    certificate: login?.entra.certificate ?? '',
    delayMs,
  }
  const program = new URL('az-program.ts', import.meta.url)
  const az = writeExecutable(folder, 'az', { program, settings })
  return {
    configFolder,
    environment: { PATH: az.path, AZURE_CONFIG_DIR: configFolder },
    calls: () => az.calls(),
  }
}

/** With a byte order mark, as the CLI writes it (azure-cli, _session.py: utf-8-sig). */
function writeProfile(folder: string, subscriptions: readonly Subscription[]): void {
  const profile = { installationId: randomUUID(), subscriptions }
  writeFileSync(join(folder, 'azureProfile.json'), `\uFEFF${JSON.stringify(profile)}`)
}

/** In the keys of azure-cli, _profile.py. */
function subscriptionOf(
  login: AzLogin,
  id: string | null | undefined = '00000000-1111-2222-3333-444444444444',
): Subscription {
  const { id: tenantId } = tenantOf(login)
  const user =
    'expiredUser' in login
      ? { name: login.expiredUser, type: 'user' as const }
      : { name: applicationOf(login).clientId, type: 'servicePrincipal' as const }
  const common = { state: 'Enabled', user, isDefault: true, tenantId, environmentName: 'AzureCloud' }
  return id === null
    ? { id: tenantId, name: 'N/A(tenant level account)', ...common }
    : { id, name: 'Subscription', ...common, homeTenantId: tenantId, managedByTenants: [] }
}

/** Kept in plain text on Linux (azure-cli, auth/identity.py and persistence.py). */
function entryOf(login: AzLogin): ServicePrincipalEntry | undefined {
  if ('expiredUser' in login) return undefined
  const common = { client_id: applicationOf(login).clientId, tenant: tenantOf(login).id }
  return 'secret' in login
    ? { ...common, client_secret: login.secret }
    : { ...common, client_assertion: login.federatedToken }
}

function applicationOf(login: Exclude<AzLogin, { expiredUser: string }>): Application {
  return login.entra.application(login.application)
}

function tenantOf(login: AzLogin) {
  return 'expiredUser' in login ? login.entra.tenant : applicationOf(login).tenant
}
