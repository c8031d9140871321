import {
  startEmulator,
  startEntra,
  startProxy,
  startResourceManager,
  type Emulator,
  type Entra,
  type ReaderDescription,
  type Registry,
  type RegistryDescription,
  type ResourceManager,
  type ResourceManagerSwitches,
  type WorkloadDescription,
} from '../../emulator/index.ts'
import { SECRET } from './azure.ts'
import { runAction, type StepResult } from './run-action.ts'

export const HOST = 'myregistry.azurecr.io'

/** A registry of Azure with what is around it, under the names that all of it really has. */
export interface EstateWorld extends AsyncDisposable {
  readonly registry: Emulator
  readonly arm: ResourceManager
  readonly entra: Entra
  /** Runs the action as the application `pipeline`; inputs that are given win. */
  run(
    inputs?: Readonly<Record<string, string>>,
    environment?: Readonly<Record<string, string>>,
  ): Promise<StepResult>
}

export interface EstateOptions {
  readonly seed: (registry: Registry) => void
  readonly workloads?: readonly WorkloadDescription[]
  readonly description?: Omit<RegistryDescription, 'name'>
  /** The pipeline may read everything without it. */
  readonly readers?: readonly ReaderDescription[]
  readonly switches?: Partial<ResourceManagerSwitches>
  /** Somebody who signs in without Entra. */
  readonly admin?: { readonly username: string; readonly password: string }
}

/** Through a proxy, over TLS, with the libraries of Azure: nothing in the action knows of a test. */
export async function startEstate({
  seed,
  workloads = [],
  description,
  readers = [{ identity: 'pipeline', role: 'Reader' }],
  switches = {},
  admin,
}: EstateOptions): Promise<EstateWorld> {
  const entra = await startEntra({ applications: [{ name: 'pipeline', secrets: [SECRET] }] })
  const identities = [
    entra.identity('pipeline', ['AcrPush', 'AcrDelete']),
    ...(admin === undefined ? [] : [{ kind: 'admin' as const, ...admin }]),
  ]
  const registry = await startEmulator({ entra, identities, hostNames: [HOST], seed })
  const registries = [{ name: 'myregistry', ...description }]
  const arm = await startResourceManager({ entra, registries, workloads, readers, switches })
  const hosts = { [HOST]: registry, 'login.microsoftonline.com': entra, 'management.azure.com': arm }
  const proxy = await startProxy({ hosts })
  const signIn = {
    'client-id': entra.application('pipeline').clientId,
    'tenant-id': entra.tenant.id,
    'client-secret': SECRET,
  }
  return {
    registry,
    arm,
    entra,
    run: (inputs = {}, environment = {}) =>
      runAction(
        { registry: 'myregistry', ...('username' in inputs ? {} : signIn), ...inputs },
        {
          certificateFile: registry.certificateFile,
          environment: { ...proxy.environment, ...environment },
        },
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all([proxy.close(), arm.close(), registry.close(), entra.close()])
    },
  }
}
