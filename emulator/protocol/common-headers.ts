import { randomUUID } from 'node:crypto'
import type { Headers, Request } from './message.ts'
import type { Route } from './routes.ts'

const security = 'max-age=31536000; includeSubDomains'

/** The headers of every answer, as recorded; also of one that a fault puts in the place of the registry's. */
export function commonHeaders(request: Request, route: Route, status: number): Headers {
  if (route.name === 'storage') return storage
  const common = {
    Connection: 'keep-alive',
    Server: 'openresty',
    'X-Ms-Correlation-Request-Id': randomUUID(),
  }
  if (route.name === 'exchange' || route.name === 'token') {
    return { ...common, 'Strict-Transport-Security': security }
  }
  return {
    ...common,
    'X-Content-Type-Options': 'nosniff',
    // Sent twice, by two layers of the service.
    'Strict-Transport-Security': [security, security],
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...(route.name === 'unknown' ? {} : exposed),
    ...(namesRequest(request, status) ? requestNames(request) : {}),
  }
}

const storage: Headers = {
  Server: 'Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0',
  'x-ms-version': '2025-11-05',
}

const exposed: Headers = {
  'Access-Control-Expose-Headers':
    'Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id',
}

// Recorded: on /v2 and on DELETE of /acr/v1, but not on a 401.
function namesRequest(request: Request, status: number): boolean {
  return status !== 401 && (request.path.startsWith('/v2/') || request.method === 'DELETE')
}

function requestNames(request: Request): Headers {
  return {
    'X-Ms-Client-Request-Id': request.headers['x-ms-client-request-id'] ?? '',
    'X-Ms-Request-Id': randomUUID(),
  }
}
