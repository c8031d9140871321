import { isRestError, type RestError } from '@azure/core-rest-pipeline'
import { RegistryError, StoppedError, type Failure, type FailureKind } from '../errors.ts'
import { MissingPermission } from './access-tokens.ts'
import type { RegistryCredential } from './credential.ts'
import { permissionCure } from './permission.ts'
import { WireError } from './wire.ts'

/** What was being done when a call failed, for the message. */
export interface Situation {
  /** As in "Could not …". */
  readonly operation: string
  readonly repository?: string
}

/** Who talks to whom. */
export interface Parties {
  readonly host: string
  readonly credential: RegistryCredential
  readonly signal: AbortSignal
}

/** Turns whatever a call to the registry threw into an error that says why and what to do. Bugs stay what they are. */
export function explain(error: unknown, situation: Situation, parties: Parties): unknown {
  if (parties.signal.aborted)
    return parties.signal.reason instanceof Error ? parties.signal.reason : new StoppedError('stopped')
  if (error instanceof RegistryError) return error
  if (error instanceof MissingPermission) return denied(error, situation, parties)
  if (isRestError(error)) {
    const reason =
      error.statusCode === undefined ? networkReason(error, parties) : answerReason(error, error.statusCode)
    return new RegistryError({ ...situation, ...factsOf(error), ...reason }, { cause: error })
  }
  const reason = contentReason(error)
  return reason === undefined ? error : new RegistryError({ ...situation, ...reason }, { cause: error })
}

/** Whether a body broke off or came damaged: another attempt may bring it whole. */
export function isBrokenBody(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    error.name === 'DigestMismatchError' ||
    error.message === 'aborted' ||
    ('code' in error && error.code === 'ECONNRESET')
  )
}

/** Why, and what to do about it. */
export interface Reason {
  readonly kind: FailureKind
  readonly cause: string
  readonly cure: string
}

function denied(error: MissingPermission, situation: Situation, { credential }: Parties): RegistryError {
  const { type, name } = error.need
  const deleting = error.actions.includes('delete')
  const what =
    type === 'registry'
      ? 'list the repositories'
      : deleting
        ? 'delete manifests'
        : `read them (${error.actions.join(' and ') || 'metadata_read and pull'})`
  const repository = type === 'registry' ? undefined : name
  return new RegistryError(
    {
      ...situation,
      status: 401,
      kind: 'permission',
      cause: `${credential.description} may not ${what}.`,
      cure: permissionCure(credential, type === 'registry' ? 'catalog' : deleting ? 'delete' : 'read'),
      ...(repository === undefined ? {} : { repository }),
    },
    { cause: error },
  )
}

function answerReason(error: RestError, status: number): Reason {
  const said = messageOf(error)
  if (status === 404 && codeOf(error) === 'NAME_UNKNOWN') {
    return { kind: 'not-found', cause: 'the registry has no such repository.', cure: 'Check the name.' }
  }
  const quoted = said === undefined ? '' : ` It said: ${said}`
  if (status === 403) {
    return {
      kind: 'firewall',
      cause: `the registry's firewall does not let this runner in.${quoted}`,
      cure: 'Run on a self-hosted or network-injected runner, or allow its address: https://aka.ms/acr/firewall.',
    }
  }
  if (status === 429) {
    return {
      kind: 'throttled',
      cause: 'the registry was still refusing requests as too many after several pauses.',
      cure: 'Lower the input concurrency, or run at another time than other jobs on this registry.',
    }
  }
  if (status >= 500 || status === 408) {
    return {
      kind: 'server',
      cause: `the registry failed several times.${quoted}`,
      cure: 'Run the job again later.',
    }
  }
  return {
    kind: 'server',
    cause: `the registry gave an answer that was not expected.${quoted}`,
    cure: 'Please report this.',
  }
}

/** An answer came, and its content is no good; anything else is a bug of this program. */
function contentReason(error: unknown): Reason | undefined {
  const kind = 'server'
  if (isBrokenBody(error)) {
    return {
      kind,
      cause: 'the content did not arrive whole, or does not match its digest.',
      cure: 'Run the job again later.',
    }
  }
  if (error instanceof SyntaxError) {
    return {
      kind: 'not-json',
      cause: 'the content is not JSON.',
      cure: 'Look at it with oras manifest fetch.',
    }
  }
  if (error instanceof WireError) {
    return {
      kind,
      cause: `the content cannot be understood: ${error.message}.`,
      cure: 'Look at it with oras manifest fetch.',
    }
  }
  return undefined
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

function networkReason(error: RestError, { host }: Parties): Reason {
  const kind = 'unreachable'
  const code = error.code ?? ''
  if (code === 'FOREIGN_LINK') {
    return {
      kind: 'server',
      cause: 'its answer led to another host.',
      cure: 'Credentials are never sent there; please report this.',
    }
  }
  if (code === 'ENOTFOUND') {
    return {
      kind,
      cause: `there is no host ${host}.`,
      cure: 'Check the input registry; the name of a private endpoint is known only inside its network.',
    }
  }
  if (CERTIFICATE.test(code)) {
    return {
      kind,
      cause: `the certificate of ${host} is not trusted.`,
      cure: 'Behind a proxy or registry with a private CA, set the environment variable NODE_EXTRA_CA_CERTS for the job.',
    }
  }
  return {
    kind,
    cause: `${host} does not answer.`,
    cure: 'Check the input registry, the network of the runner, and HTTPS_PROXY if it needs a proxy.',
  }
}

/** Status, code and correlation id of a failed call. */
export function factsOf(error: RestError): Pick<Failure, 'status' | 'code' | 'correlationId'> {
  const code = codeOf(error)
  const correlationId = error.response?.headers.get('X-Ms-Correlation-Request-Id')
  return {
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    ...(code === undefined ? {} : { code }),
    ...(correlationId === undefined ? {} : { correlationId }),
  }
}

/** `errors[0]` of the registry's error body, whatever the SDK made of it. */
function firstError(error: RestError): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(error.response?.bodyAsText ?? '')
    const errors: unknown = (body as { errors?: unknown } | null)?.errors
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined
    return typeof first === 'object' && first !== null ? (first as Record<string, unknown>) : undefined
  } catch {
    // Gateways answer in HTML or text.
    return undefined
  }
}

/** The registry's error code, or the network's when there was no answer. */
export function codeOf(error: RestError): string | undefined {
  if (error.statusCode === undefined) return error.code
  const code = firstError(error)?.['code']
  return typeof code === 'string' ? code : undefined
}

function messageOf(error: RestError): string | undefined {
  const message = firstError(error)?.['message']
  return typeof message === 'string' ? message.slice(0, 300) : undefined
}
