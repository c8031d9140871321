import { randomUUID } from 'node:crypto'
import { empty, json, type Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import type { ImdsContext } from './imds.ts'

export interface AppServiceContext extends ImdsContext {
  /** IDENTITY_HEADER. */
  readonly secret: string
}

export const appServicePath = '/msi/token'

/** The endpoint of App Service and Functions (learn.microsoft.com, app-service/overview-managed-identity). */
export function answerAppService({ secret, find, issue }: AppServiceContext, request: Request): Answered {
  if (request.method !== 'GET') return { response: empty(405) }
  if (request.headers['x-identity-header'] !== secret) return { response: empty(401) }
  const resource = request.query.get('resource')
  const asked = request.query.get('client_id') ?? request.query.get('principal_id') ?? undefined
  const application = resource === null ? undefined : find(asked)
  if (resource === null || application === undefined) return notFound(asked)
  const { token, expiresOn } = issue(application, resource)
  const response = json(200, {
    access_token: token,
    expires_on: String(expiresOn),
    resource,
    token_type: 'Bearer',
    client_id: application.clientId,
  })
  return { response, identity: application.name }
}

/** Both texts are published; the first in AzureAD/microsoft-authentication-library-for-dotnet's own tests. */
function notFound(asked: string | undefined): Answered {
  const message =
    asked === undefined
      ? 'Unable to load the proper Managed Identity.'
      : 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.'
  return {
    response: json(400, { statusCode: 400, message, correlationId: randomUUID() }),
    error: '400',
  }
}
