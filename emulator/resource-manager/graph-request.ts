import { bodyObject, type Request } from '../protocol/message.ts'
import type { GraphDetail } from './refusals.ts'

/** What is asked of Resource Graph. */
export interface GraphRequest {
  readonly query: string
  readonly subscriptions: readonly string[] | undefined
  readonly managementGroups: readonly string[] | undefined
  readonly top: number | undefined
  readonly skip: number | undefined
  readonly skipToken: string | undefined
  readonly resultFormat: 'objectArray' | 'table' | undefined
}

const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Reads a body. What the service does not know it passes over, `top` without its dollar as well (measured in August 2026).
 * Which words it has for a body that is none is not known; the code for subscriptions that are no GUIDs is one that
 * clients look for.
 */
export function graphRequestOf(request: Request): GraphRequest | GraphDetail {
  const body = bodyObject(request)
  if (body === undefined)
    return { code: 'InvalidRequestBody', message: 'The request body is not valid JSON.' }
  const query = body['query']
  if (typeof query !== 'string' || query.trim() === '') {
    return { code: 'InvalidRequestBody', message: 'Query must be provided.' }
  }
  if (body['facets'] !== undefined) {
    return { code: 'InvalidRequestBody', message: 'The emulator knows no facets.' }
  }
  const [subscriptions, managementGroups] = [
    textsOf(body['subscriptions']),
    textsOf(body['managementGroups']),
  ]
  const invalid = (subscriptions ?? []).filter((each) => !guid.test(each))
  if (invalid.length > 0) {
    return {
      code: 'SubscriptionsContainInvalidGuids',
      message: `Subscriptions contain invalid guids: '${invalid.join(',')}'.`,
    }
  }
  const options = (body['options'] ?? {}) as Readonly<Record<string, unknown>>
  const format = options['resultFormat']
  return {
    query,
    subscriptions,
    managementGroups,
    top: numberOf(options['$top']),
    skip: numberOf(options['$skip']),
    skipToken: typeof options['$skipToken'] === 'string' ? options['$skipToken'] : undefined,
    resultFormat: format === 'table' || format === 'objectArray' ? format : undefined,
  }
}

/** An empty list says as much as none. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  return value.map(String)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
