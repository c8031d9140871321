import { randomUUID } from 'node:crypto'
import type { Scope } from '../access/scopes.ts'
import { formatScope } from '../access/scopes.ts'
import { json, text, type Headers, type Response } from './message.ts'

const authenticationRequired =
  'authentication required, visit https://aka.ms/acr/authorization for more information.'

export type ChallengeError = 'invalid_token' | 'insufficient_scope'

/** Byte for byte as recorded (go-2022-12-*, js-2021-05-*): no space behind the commas, one detail per action. */
export function challenge(
  host: string,
  needed: Scope | undefined,
  error: ChallengeError | undefined,
): Response {
  const parameters = [
    `realm="https://${host}/oauth2/token"`,
    `service="${host}"`,
    ...(needed === undefined ? [] : [`scope="${formatScope(needed)}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
  ]
  const detail = needed?.actions.map((action) => ({ Type: needed.type, Name: needed.name, Action: action }))
  return problem(401, 'UNAUTHORIZED', {
    message: authenticationRequired,
    ...(detail === undefined ? {} : { detail }),
    headers: { 'WWW-Authenticate': `Bearer ${parameters.join(',')}` },
  })
}

/** Of the token endpoints: no challenge, no detail, a correlation id in the text (issues-error-bodies, published in 2026). */
export function unauthorized(): Response {
  return problem(401, 'UNAUTHORIZED', {
    message: `${authenticationRequired} CorrelationId: ${randomUUID()}`,
  })
}

/** The router's own answer to a path it does not know, given before authentication. */
export function pageNotFound(): Response {
  return text(404, '404 page not found\n')
}

/** A lock, or reading switched off (issues-error-bodies: 263 bytes, with an empty detail). */
export function disallowed(status = 405): Response {
  return problem(status, 'REGISTRY_DISALLOWED_OPERATION', {
    message:
      'The operation is disallowed on this registry, repository or image. View troubleshooting steps at https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation',
    detail: {},
  })
}

export function unsupported(message = 'The operation is unsupported.'): Response {
  return problem(405, 'UNSUPPORTED', { message })
}

/** The raw body writes the quotes as \u0027 (MicrosoftDocs/SupportArticles-docs, troubleshooting of denied pushes). */
export function firewallDenied(address: string): Response {
  const message = `client with IP '${address}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.`
  const response = problem(403, 'DENIED', { message })
  const escaped = Buffer.from(response.body)
    .toString('utf8')
    .replaceAll("'", String.raw`\u0027`)
  return { ...response, body: Buffer.from(escaped) }
}

export function repositoryUnknown(name: string, isRemainder = false): Response {
  const message = isRemainder ? 'repository name not known to registry' : `repository "${name}" is not found`
  return problem(404, 'NAME_UNKNOWN', { message })
}

export function tagUnknown(): Response {
  return problem(404, 'TAG_UNKNOWN', { message: 'the specified tag does not exist' })
}

/** On /acr/v1. */
export function manifestMetadataUnknown(): Response {
  return problem(404, 'MANIFEST_UNKNOWN', { message: 'manifest unknown' })
}

/** On GET and HEAD of /v2, which tell what was looked for. */
export function manifestUnknown(repository: string, reference: string): Response {
  return reference.includes(':')
    ? problem(404, 'MANIFEST_UNKNOWN', {
        message: `manifest ${reference} is not found`,
        detail: { Name: repository, Revision: reference },
      })
    : problem(404, 'MANIFEST_UNKNOWN', {
        message: `manifest tagged by "${reference}" is not found`,
        detail: { Tag: reference },
      })
}

/** On DELETE of /v2, which has no detail. */
export function manifestToDeleteUnknown(digest: string): Response {
  return problem(404, 'MANIFEST_UNKNOWN', { message: `manifest ${digest} is not found` })
}

export function problem(
  status: number,
  code: string,
  {
    message,
    detail,
    headers,
  }: { readonly message: string; readonly detail?: unknown; readonly headers?: Headers },
): Response {
  const error = { code, message, ...(detail === undefined ? {} : { detail }) }
  return json(status, { errors: [error] }, headers)
}
