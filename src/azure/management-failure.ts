import { isRestError, type PipelineResponse, type RestError } from '@azure/core-rest-pipeline'
import { ManagementError, StoppedError, type Failure } from '../errors.ts'
import type { Question } from '../ports.ts'

/** What is known when a question could not be answered. */
export interface ManagementSituation {
  readonly question: Question
  readonly host: string
  readonly signal: AbortSignal
}

/** Turns whatever a request threw into an error that says why and what to do. Bugs stay what they are. */
export function unanswered(error: unknown, { question, host, signal }: ManagementSituation): unknown {
  if (signal.aborted) {
    const { reason } = signal as { readonly reason: unknown }
    return reason instanceof Error ? reason : new StoppedError('stopped')
  }
  if (!isRestError(error)) return error
  if (error.response !== undefined) return refused(error.response, question)
  const { operation } = question
  const code = error.code === undefined ? {} : { code: error.code }
  return new ManagementError({ operation, ...code, ...networkReason(error, host) }, { cause: error })
}

/** An answer that is none: by its status, with the code and the words of the service. */
export function refused(response: PipelineResponse, question: Question): ManagementError {
  const { status, headers } = response
  const said = errorIn(response)
  const correlationId = headers.get('X-Ms-Correlation-Request-Id')
  return new ManagementError({
    operation: question.operation,
    status,
    ...(said?.code === undefined ? {} : { code: said.code }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...answerReason(status, question, said),
  })
}

/** A 200 that holds something else than what was asked for. */
export function unreadable(status: number, { operation }: Question): ManagementError {
  const cause = 'the answer cannot be understood.'
  return new ManagementError({ kind: 'not-json', operation, status, cause, cure: PROXY_CURE })
}

/** Large queries fail with this code; smaller ones about the same things do not. */
export const TOO_LARGE = 'UnexpectedQueryExecutionError'

/**
 * The most particular code of an answer: Resource Graph gives a general one and, among the details, what it is about.
 *
 * @returns undefined when the body is no error of Azure's
 */
export function errorIn({ bodyAsText }: PipelineResponse): ServiceError | undefined {
  try {
    const body = JSON.parse(bodyAsText ?? '') as { readonly error?: ErrorBody } | null
    const error = body?.error
    const detail = error?.details?.at(-1)
    return { code: textOf(detail?.code ?? error?.code), message: textOf(detail?.message ?? error?.message) }
  } catch {
    // Gateways answer in HTML or text.
    return undefined
  }
}

interface ServiceError {
  readonly code: string | undefined
  readonly message: string | undefined
}

interface ErrorBody {
  readonly code?: unknown
  readonly message?: unknown
  readonly details?: readonly { readonly code?: unknown; readonly message?: unknown }[]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 300) : undefined
}

type Reason = Pick<Failure, 'kind' | 'cause' | 'cure'>

/** Azure/aztfexport#491: what a query gets that is about no subscription that the identity may read. */
const NOTHING_READABLE = 'NoValidSubscriptionsInQueryRequest'

function answerReason(status: number, { role }: Question, said: ServiceError | undefined): Reason {
  const quoted = said?.message === undefined ? '' : ` It said: ${said.message}`
  if (status === 401) {
    return {
      kind: 'credential',
      cause: 'Azure Resource Manager takes no token of this identity.',
      cure: `Check that tenant-id is the tenant of the registry's subscription.${quoted}`,
    }
  }
  if (status === 403 || said?.code === NOTHING_READABLE) {
    return {
      kind: 'permission',
      cause: 'this identity lacks a role for it.',
      cure: `Assign it the role ${role}; a new role takes some minutes.`,
    }
  }
  if (status === 404) return { kind: 'not-found', cause: 'there is no such resource.', cure: 'Look again.' }
  if (status === 429) {
    return {
      kind: 'throttled',
      cause: 'Azure was still refusing requests as too many after several pauses.',
      cure: 'Run at another time than other jobs of this identity.',
    }
  }
  if (status === 408 || status >= 500) {
    return {
      kind: 'server',
      cause: `Azure Resource Manager failed several times.${quoted}`,
      cure: 'Run the job again later.',
    }
  }
  return {
    kind: 'server',
    cause: `Azure Resource Manager gave an answer that was not expected.${quoted}`,
    cure: 'Please report this.',
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

const PROXY_CURE = 'Check what is between this runner and Azure, such as a proxy.'

function networkReason({ code = '' }: RestError, host: string): Reason {
  const kind = 'unreachable'
  if (CERTIFICATE.test(code)) {
    return {
      kind,
      cause: `the certificate of ${host} is not trusted.`,
      cure: 'Behind a proxy with a private CA, set the environment variable NODE_EXTRA_CA_CERTS for the job.',
    }
  }
  return {
    kind,
    cause: `${host} does not answer.`,
    cure: `Allow this runner to reach https://${host}, and check HTTPS_PROXY if it needs a proxy.`,
  }
}
