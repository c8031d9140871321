import { randomUUID } from 'node:crypto'
import { formatTicks, type Clock } from '../clock.ts'
import { json, type Headers, type Response } from '../protocol/message.ts'
import type { Answered } from '../service.ts'

/** JSON as these services write it: no newline behind it. */
export function plainJson(status: number, value: unknown, headers: Headers = {}): Response {
  const response = json(status, value, headers)
  return { ...response, body: response.body.subarray(0, -1), chunked: false }
}

/** Resource Manager's form. `x-ms-failure-cause` says that no provider was asked; published answers have it blackened. */
export function refuse(
  status: number,
  { code, message }: { readonly code: string; readonly message: string },
  headers: Headers = {},
): Answered {
  const cause = { 'x-ms-failure-cause': 'gateway' }
  return {
    response: plainJson(status, { error: { code, message } }, { ...cause, ...headers }),
    error: code,
  }
}

/** learn.microsoft.com and countless issues; the same text everywhere. */
export function versionMissing(): Answered {
  return refuse(400, {
    code: 'MissingApiVersionParameter',
    message: 'The api-version query parameter (?api-version=) is required for all requests.',
  })
}

export function versionMalformed(version: string, supported: readonly string[]): Answered {
  return refuse(400, {
    code: 'InvalidApiVersionParameter',
    message: `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`,
  })
}

/** MicrosoftDocs/azure-docs, resource-manager-quickstart-create-templates: 'storageAccounts' there, so types are without namespace. */
export function versionUnsupported(
  { type, location, version }: { readonly type: string; readonly location: string; readonly version: string },
  supported: readonly string[],
): Answered {
  const types = type.slice(type.indexOf('/') + 1)
  return refuse(400, {
    code: 'NoRegisteredProviderFound',
    message: `No registered resource provider found for location '${location}' and API version '${version}' for type '${types}'. The supported api-versions are '${supported.join(', ')}'. The supported locations are '${location}'.`,
  })
}

/** Published by many, with the same id in both places for service principals. */
export function unauthorized(objectId: string, action: string, scope: string): Answered {
  return refuse(403, {
    code: 'AuthorizationFailed',
    message: `The client '${objectId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  })
}

export function subscriptionNotFound(id: string): Answered {
  return refuse(404, {
    code: 'SubscriptionNotFound',
    message: `The subscription '${id}' could not be found.`,
  })
}

export function resourceGroupNotFound(name: string): Answered {
  return refuse(404, {
    code: 'ResourceGroupNotFound',
    message: `Resource group '${name}' could not be found.`,
  })
}

export function resourceNotFound(typeAndName: string, resourceGroup: string): Answered {
  return refuse(404, {
    code: 'ResourceNotFound',
    message: `The Resource '${typeAndName}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  })
}

export function typeNotFound(namespace: string, types: string, version: string): Answered {
  return refuse(404, {
    code: 'InvalidResourceType',
    message: `The resource type '${types}' could not be found in the namespace '${namespace}' for api version '${version}'.`,
  })
}

/** Published in full by clients that hit it; aka.ms/arm-throttling is request-limits-and-throttling. */
export function readsThrottled(subscriptionId: string, objectId: string, seconds: number): Answered {
  return refuse(
    429,
    {
      code: 'SubscriptionRequestsThrottled',
      message: `Number of 'read' requests for subscription '${subscriptionId}' actor '${objectId}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    },
    { 'Retry-After': String(seconds) },
  )
}

export interface GraphDetail {
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly characterPositionInLine?: number
  readonly token?: string
}

/**
 * Resource Graph's form: what is wrong is in the details, the message is for support. Recorded many times, the 429 with its headers
 * in a client of 2023 (`rg3`), AccessDenied in Azure/aztfexport#410.
 */
export function refuseQuery(
  status: number,
  { code, details }: { readonly code: string; readonly details: readonly GraphDetail[] },
  clock: Clock,
): Answered {
  const correlationId = randomUUID()
  const message = `Please provide below info when asking for support: timestamp = ${formatTicks(clock.now())}, correlationId = ${correlationId}.`
  return {
    response: plainJson(status, { error: { code, message, details } }, correlationHeaders(correlationId)),
    error: details.at(-1)?.code ?? code,
  }
}

export function correlationHeaders(id: string = randomUUID()): Headers {
  return { 'x-ms-request-id': id, 'x-ms-correlation-request-id': id }
}
