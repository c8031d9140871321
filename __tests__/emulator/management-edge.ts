import { setTimeout as pause } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { ReaderDescription, ResourceManagerOptions } from '../../emulator/index.ts'
import { passingFailures } from '../../src/acr/retry.ts'
import { openManagement } from '../../src/azure/management.ts'
import { cloudOf } from '../../src/domain/cloud.ts'
import type { Management } from '../../src/ports.ts'
import { host, startWorld } from './resource-manager-world.ts'

/** The action's own way to Resource Manager, with tokens of the real library, over TLS, on an emulated Azure. */
export async function startEdge(
  options: Omit<ResourceManagerOptions, 'entra'> = {},
  readers?: readonly ReaderDescription[],
) {
  const world = await startWorld(options, readers)
  setDefaultCACertificates([...getCACertificates('default'), world.arm.certificate])
  const stop = new AbortController()
  let [requests, tokens] = [0, 0]
  const management: Management = openManagement({
    entra: {
      token: (scope) => {
        tokens += 1
        // The scope is asked for as the cloud says; the address of the emulator stands in for that of the cloud.
        return world.tokenOf('pipeline', scope.replace(world.arm.url, 'https://management.azure.com'))
      },
    },
    cloud: { ...cloudOf(host), armScope: `${world.arm.url}/.default` },
    signal: stop.signal,
    sleep: (length) => pause(length, undefined, { signal: stop.signal }),
    retry: passingFailures(() => 0),
    maxRetries: 2,
    onRequest: () => (requests += 1),
    userAgent: 'acr-hygiene',
  })
  return {
    ...world,
    management,
    stop,
    requests: () => requests,
    tokens: () => tokens,
  }
}
