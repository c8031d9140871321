import type { AzureAccess } from './connect.ts'
import { registryHost } from './domain/login-server.ts'
import type { Ignorance, Vulnerabilities } from './domain/vulnerability.ts'
import { isUnhurried } from './github/event.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Defender, VulnerabilitySource } from './ports.ts'

interface Around {
  readonly environment: NodeJS.ProcessEnv
  readonly azure: AzureAccess | undefined
}

/**
 * Microsoft Defender, as far as this run is to ask it: always for a limit on severities, else when somebody asked for it or
 * nobody waits.
 */
export function openDefender(
  { defender, thresholds, registry }: Inputs,
  { environment, azure }: Around,
): Defender | undefined {
  const { max, warn } = thresholds.severity
  const limited = max !== undefined || warn !== undefined
  if (defender === 'off' || (defender === 'auto' && !limited && !isUnhurried(environment))) return undefined
  return { source: sourceOf(registry, azure), need: defender }
}

function sourceOf(
  { host, azure: isAzures }: Inputs['registry'],
  azure: AzureAccess | undefined,
): VulnerabilitySource {
  if (azure === undefined) return ignorant('no-identity')
  return isAzures ? lazily(registryHost(host), azure) : ignorant('foreign-host')
}

function ignorant(reason: Ignorance): VulnerabilitySource {
  const unknown: Vulnerabilities = { kind: 'unknown', reason, detail: undefined }
  return { of: () => Promise.resolve(unknown) }
}

/** A run that has nothing to ask loads nothing. */
function lazily(host: string, { management }: AzureAccess): VulnerabilitySource {
  return {
    async of(digests) {
      const { defender } = await import('./azure/defender.ts')
      return defender(host, management).of(digests)
    },
  }
}
