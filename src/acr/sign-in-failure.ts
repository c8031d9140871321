import { isRestError } from '@azure/core-rest-pipeline'
import { RegistryError } from '../errors.ts'
import { explain, factsOf, type Parties, type Reason } from './failure.ts'

/** The token endpoint refused the proof, or a token of Microsoft Entra, or is no token endpoint. */
export function explainSignIn(error: unknown, parties: Parties): unknown {
  const { host, credential } = parties
  const situation = { operation: `sign in to ${host} as ${credential.description}` }
  if (!isRestError(error) || error.statusCode === undefined) return explain(error, situation, parties)
  const reason = reasonOf(error.statusCode, parties)
  if (reason === undefined) return explain(error, situation, parties)
  return new RegistryError({ ...situation, ...factsOf(error), ...reason }, { cause: error })
}

function reasonOf(status: number, { host, credential }: Parties): Reason | undefined {
  if (status === 400 || status === 401) return { kind: 'credential', ...credential.refusal(host) }
  return isNoRegistry(status) ? NO_REGISTRY : undefined
}

/** Not found, not allowed, redirected: registries answer none of these at their token endpoint. */
function isNoRegistry(status: number): boolean {
  return status === 404 || status === 405 || (status >= 300 && status < 400)
}

const NO_REGISTRY: Reason = {
  kind: 'unreachable',
  cause: 'this host does not answer like an Azure Container Registry.',
  cure: 'Check the input registry.',
}
