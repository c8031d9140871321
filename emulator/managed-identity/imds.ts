import { knowsResource, type Application } from '../entra/directory.ts'
import { resourceNotFound } from '../entra/refusals.ts'
import type { IssuedToken } from '../entra/tokens.ts'
import { empty, json, type Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'

export interface ImdsContext {
  /** The identity with this client id or object id; without one, the machine's own. */
  readonly find: (asked: string | undefined) => Application | undefined
  readonly issue: (application: Application, resource: string) => IssuedToken
}

/** @azure/msal-node puts a slash behind the path when the address comes from the environment. */
export function isImdsPath(path: string): boolean {
  return /^\/metadata\/identity\/oauth2\/token\/?$/.test(path)
}

/**
 * The metadata service of a virtual machine (learn.microsoft.com, how-to-use-vm-token). Numbers are texts. The answer without
 * the header has the recorded length of 88 bytes (Azure/azure-sdk-for-js#11369), "Identity not found" is recorded in
 * MicrosoftDocs/azure-docs#21322.
 */
export function answerImds({ find, issue }: ImdsContext, request: Request): Answered {
  if (!isImdsPath(request.path) || request.method !== 'GET') return { response: empty(404) }
  if (request.headers['metadata']?.toLowerCase() !== 'true') {
    return refused('Required metadata header not specified')
  }
  const resource = request.query.get('resource')
  if (resource === null) return refused("Required query variable 'resource' is missing")
  const asked = request.query.get('client_id') ?? request.query.get('object_id') ?? undefined
  const application = find(asked)
  if (application === undefined) return refused('Identity not found')
  if (!knowsResource(application.tenant, resource)) {
    const { code, error, text } = resourceNotFound(resource, application.tenant.name)
    return refused(`AADSTS${code}: ${text}`, error)
  }
  const { token, expiresOn, notBefore } = issue(application, resource)
  const lifetime = String(expiresOn - notBefore - 1)
  const response = withoutNewline({
    access_token: token,
    client_id: application.clientId,
    expires_in: lifetime,
    expires_on: String(expiresOn),
    ext_expires_in: lifetime,
    not_before: String(notBefore),
    resource,
    token_type: 'Bearer',
  })
  return { response, identity: application.name }
}

function refused(description: string, error = 'invalid_request'): Answered {
  return { response: withoutNewline({ error, error_description: description }, 400), error }
}

function withoutNewline(value: object, status = 200) {
  const response = json(status, value)
  return { ...response, body: response.body.subarray(0, -1), chunked: false }
}
