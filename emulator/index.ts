import { anonymous, identityName, type Identity } from './access/identities.ts'
import { Tokens } from './access/tokens.ts'
import { answer, type Emulation } from './answer.ts'
import { Clock, type Instant } from './clock.ts'
import type { Entra } from './entra/server.ts'
import { Faults } from './faults.ts'
import { RequestLog } from './request-log.ts'
import { Registry } from './seed/registry.ts'
import { RegistryState } from './state/registry.ts'
import { defaultSwitches, type Switches } from './switches.ts'
import { Throttle, type Sku } from './throttle.ts'
import { certificateFor, writeAuthority } from './transport/certificate.ts'
import { answerControl, isControlPath } from './transport/control.ts'
import { serve } from './transport/serve.ts'

export type { Identity, RoleAssignment } from './access/identities.ts'
export type { Action, Role, ScopeMapAction } from './access/roles.ts'
export type { Clock, Duration, Instant } from './clock.ts'
export type { ApplicationOptions, FederatedCredential, TenantOptions } from './entra/directory.ts'
export { startEntra, type Entra, type EntraOptions } from './entra/server.ts'
export { installFakeAz, type AzLogin, type FakeAz, type FakeAzOptions } from './executables/az.ts'
export {
  installFakeDockerHelper,
  type FakeDockerHelper,
  type HelperEntry,
} from './executables/docker-helper.ts'
export type { Fault, FaultEffect, FaultMatch, Faults } from './faults.ts'
export {
  startActionsCache,
  type ActionsCache,
  type ActionsCacheOptions,
  type ActionsCacheSwitches,
} from './github/cache.ts'
export type { CacheEntry } from './github/cache-entries.ts'
export type { Job } from './github/job.ts'
export type { WorkflowRun } from './github/machine.ts'
export { startGitHubOidc, type GitHubOidc, type GitHubOidcOptions } from './github/oidc.ts'
export {
  startManagedIdentity,
  type ManagedIdentity,
  type ManagedIdentityOptions,
} from './managed-identity/server.ts'
export type { RequestClass, RouteName } from './protocol/routes.ts'
export type { Counts, LoggedRequest, RequestLog } from './request-log.ts'
export type * from './resource-manager/estate/descriptions.ts'
export {
  startResourceManager,
  type ResourceManager,
  type ResourceManagerOptions,
} from './resource-manager/server.ts'
export { defaultResourceManagerSwitches, type ResourceManagerSwitches } from './resource-manager/switches.ts'
export type * from './seed/descriptions.ts'
export type { Registry } from './seed/registry.ts'
export { digestTagOf, type RepositorySeed } from './seed/repository.ts'
export { defaultSwitches, type Switches } from './switches.ts'
export type { Sku } from './throttle.ts'
export { startProxy, type ProxiedRequest, type Proxy, type ProxyOptions } from './transport/proxy.ts'

export interface EmulatorOptions {
  /** What is in the registry. */
  readonly seed?: (registry: Registry) => void | Promise<void>
  readonly identities?: readonly Identity[]
  readonly switches?: Partial<Switches>
  readonly sku?: Sku
  /** Takes no other Entra tokens than this one issues, and those of its first tenant only. */
  readonly entra?: Pick<Entra, 'tenant' | 'verify'>
  /** The same as the switch. */
  readonly abac?: boolean
  /** 0: any free one. */
  readonly port?: number
  /** DNS names besides localhost that the certificate is for. */
  readonly hostNames?: readonly string[]
  /** Where to write the certificate to be trusted; without it, a folder that goes away with the emulator. */
  readonly certificateFile?: string
  /** The registry's time; it runs on from there unless `frozen`. Without it: the machine's. */
  readonly time?: Instant
  readonly frozen?: boolean
}

export interface Emulator {
  readonly url: string
  /** The login server: address and port. */
  readonly host: string
  readonly port: number
  /** To be trusted: NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, and its folder for --cert-dir. */
  readonly certificateFile: string
  /** The same certificate as text, for `tlsOptions: { ca }`. */
  readonly certificate: string
  readonly registry: Registry
  readonly clock: Clock
  readonly switches: Switches
  readonly identities: readonly Identity[]
  readonly faults: Faults
  readonly log: RequestLog
  /** Every token issued so far is refused from now on. */
  revokeTokens(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Who may sign in when nobody is named. */
export const defaultIdentities: readonly Identity[] = [
  { kind: 'admin', username: 'emulator', password: 'emulator-password' },
  { kind: 'entra', name: 'owner', roles: ['Owner'], entraTokens: ['entra-token-of-owner'] },
]

/** An Azure Container Registry on loopback. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulation = assemble(options)
  const { context, registry, faults, log } = emulation
  await options.seed?.(registry)
  const certificate = await certificateFor(options.hostNames ?? [])
  const file = writeAuthority(certificate, options.certificateFile)
  const serving = await serve({
    certificate,
    port: options.port ?? 0,
    answerer: (request) =>
      isControlPath(request.path) ? answerControl(emulation, request) : answer(emulation, request),
  }).catch((error: unknown) => {
    file.remove()
    throw error
  })
  const host = `127.0.0.1:${serving.port}`
  const close = async () => {
    emulation.close()
    await serving.close()
    file.remove()
  }
  return {
    url: `https://${host}`,
    host,
    port: serving.port,
    certificateFile: file.path,
    certificate: certificate.authority,
    registry,
    clock: context.clock,
    switches: context.switches,
    identities: context.identities,
    faults,
    log,
    revokeTokens: () => context.tokens.revokeAll(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function assemble(options: EmulatorOptions): Emulation & { close: () => void } {
  const clock = new Clock()
  if (options.frozen === true) clock.freeze(options.time)
  else if (options.time !== undefined) clock.set(options.time)
  const abac = options.abac === undefined ? {} : { abac: options.abac }
  const homeTenant = options.entra === undefined ? {} : { homeTenant: options.entra.tenant.id }
  const switches: Switches = { ...defaultSwitches, ...homeTenant, ...abac, ...options.switches }
  const state = new RegistryState()
  const identities = distinct(options.identities ?? defaultIdentities)
  const closing = new AbortController()
  return {
    context: {
      state,
      clock,
      switches,
      identities,
      tokens: new Tokens(clock, switches),
      entra: options.entra,
    },
    registry: new Registry({ state, clock, switches }),
    faults: new Faults(),
    throttle: new Throttle(options.sku ?? 'Standard', switches),
    log: new RequestLog(clock),
    closing: closing.signal,
    close: () => closing.abort(),
  }
}

/** Tokens name their identity, so a name may stand for one only. */
function distinct(identities: readonly Identity[]): readonly Identity[] {
  const names = identities.map(identityName)
  const twice = names.find((name, at) => names.indexOf(name) !== at || name === identityName(anonymous))
  if (twice !== undefined) throw new Error(`two identities are named ${twice}`)
  return identities
}
