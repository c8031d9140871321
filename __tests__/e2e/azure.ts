import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startEmulator,
  startEntra,
  startGitHubOidc,
  type Emulator,
  type EmulatorOptions,
  type Entra,
  type EntraOptions,
  type GitHubOidc,
  type Registry,
  type RoleAssignment,
} from '../../emulator/index.ts'
import { runAction, type StepResult } from './run-action.ts'

export const SECRET = 'the-secret-of-the-pipeline'

/** A registry with one orphan, the Entra that its identities come from, and GitHub's OIDC endpoint. */
export interface AzureWorld extends AsyncDisposable {
  readonly entra: Entra
  readonly oidc: GitHubOidc
  readonly registry: Emulator
  readonly folder: string
  /** The application `pipeline`, which GitHub's workflow and the secret may sign in as. */
  readonly application: { readonly 'client-id': string; readonly 'tenant-id': string }
  /** Runs the action on the registry; nothing but what is given is in its environment. */
  run(
    inputs: Readonly<Record<string, string>>,
    environment?: Readonly<Record<string, string>>,
  ): Promise<StepResult>
}

export interface AzureWorldOptions {
  readonly roles?: readonly RoleAssignment[]
  readonly registry?: EmulatorOptions
  readonly entra?: Omit<EntraOptions, 'applications'>
}

export async function startAzure({
  roles = ['AcrPull'],
  registry,
  entra: options,
}: AzureWorldOptions = {}): Promise<AzureWorld> {
  const oidc = await startGitHubOidc()
  const entra = await startEntra({
    applications: [
      { name: 'pipeline', secrets: [SECRET], federated: [{ subject: oidc.subject() }] },
      { name: 'machine' },
    ],
    ...options,
  })
  const identities = ['pipeline', 'machine'].map((name) => entra.identity(name, roles))
  const emulator = await startEmulator({ entra, identities, seed: oneOrphan, ...registry })
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-azure-'))
  const world: AzureWorld = {
    entra,
    oidc,
    registry: emulator,
    folder,
    application: { 'client-id': entra.application('pipeline').clientId, 'tenant-id': entra.tenant.id },
    run: (inputs, environment = {}) =>
      runAction(
        { registry: emulator.url, 'allow-host': emulator.host, ...inputs },
        { certificateFile: emulator.certificateFile, environment: { ...entra.environment, ...environment } },
      ),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true })
      await Promise.all([oidc.close(), entra.close(), emulator.close()])
    },
  }
  return world
}

export function oneOrphan(registry: Registry): void {
  for (const age of ['9d', '2d']) registry.repo('app').image({ tag: 'latest', age })
}
