import type { AzureAccess } from './connect.ts'
import { inTime, lateWords } from './deadline.ts'
import { MINUTE, type Milliseconds } from './domain/duration.ts'
import { registryHost } from './domain/login-server.ts'
import type { Ignorance, Vulnerabilities } from './domain/vulnerability.ts'
import { isUnhurried } from './github/event.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Defender, Sleep, VulnerabilitySource } from './ports.ts'

interface Around {
  readonly environment: NodeJS.ProcessEnv
  readonly azure: AzureAccess | undefined
  readonly sleep: Sleep
}

/** Hundreds of orphans take some queries, and a quota some seconds. */
const HURRIED: Milliseconds = MINUTE
const PATIENT: Milliseconds = 5 * MINUTE

/**
 * Microsoft Defender, as far as this run is to ask it: always for a limit on severities, else when somebody asked for it or
 * nobody waits.
 */
export function openDefender(
  { defender, thresholds, registry }: Inputs,
  around: Around,
): Defender | undefined {
  const { environment } = around
  const { max, warn } = thresholds.severity
  const limited = max !== undefined || warn !== undefined
  if (defender === 'off' || (defender === 'auto' && !limited && !isUnhurried(environment))) return undefined
  const limit = isUnhurried(environment) ? PATIENT : HURRIED
  return {
    source: punctual(sourceOf(registry, around.azure), { limit, sleep: around.sleep }),
    need: defender,
  }
}

function sourceOf(
  { host, azure: isAzures }: Inputs['registry'],
  azure: AzureAccess | undefined,
): VulnerabilitySource {
  if (azure === undefined) return ignorant('no-identity')
  return isAzures ? lazily(registryHost(host), azure) : ignorant('foreign-host')
}

/** A service that does not answer must not hold up a run for the time of all its attempts. */
function punctual(
  source: VulnerabilitySource,
  { limit, sleep }: { readonly limit: Milliseconds; readonly sleep: Sleep },
): VulnerabilitySource {
  const detail = lateWords('Azure Resource Graph', limit)
  return {
    of: (digests) => inTime(source.of(digests), { kind: 'unknown', reason: 'failed', detail }, sleep(limit)),
  }
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
