import { decodePayload, type Claims } from '../jwt.ts'
import type { Entra } from '../entra/server.ts'
import type { Request } from '../protocol/message.ts'
import type { Answered } from '../service.ts'
import { refuse } from './refusals.ts'
import type { ResourceManagerSwitches } from './switches.ts'

/** Whoever a token speaks for. */
export interface Caller {
  /** The name of the application, for the log. */
  readonly name: string
  readonly objectId: string
  readonly tenantId: string
}

interface Gate {
  readonly entra: Pick<Entra, 'tenant' | 'verify' | 'directory' | 'clock'>
  readonly switches: ResourceManagerSwitches
}

/** Who asks, or why nobody is known: 401, always with a challenge that names the authority to ask. */
export function identify(request: Request, { entra, switches }: Gate): Caller | Answered {
  const tenant = entra.tenant.id
  const header = request.headers['authorization']
  // The challenge is quoted in docker/machine's driver for Azure, which learns the tenant from it.
  if (header === undefined) {
    return challenge(tenant, {
      code: 'AuthenticationFailed',
      message: "Authentication failed. The 'Authorization' header is missing.",
      description: "The authentication failed because of missing 'Authorization' header.",
    })
  }
  const [, token = ''] = /^Bearer (.+)$/i.exec(header) ?? []
  const verdict = entra.verify(token)
  if (verdict.kind === 'foreign') {
    return challenge(tenant, { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' })
  }
  if (verdict.kind === 'expired') {
    return challenge(tenant, {
      code: 'ExpiredAuthenticationToken',
      message: `The access token expiry UTC time '${timeOf(expiryOf(token))}' is earlier than current UTC time '${timeOf(entra.clock.date())}'.`,
      description: 'The access token has expired.',
    })
  }
  const audience = textOf(verdict.claims, 'aud')
  if (!switches.audiences.includes(audience)) return wrongAudience(tenant, audience, switches)
  const objectId = textOf(verdict.claims, 'oid')
  const tenantId = textOf(verdict.claims, 'tid')
  const home = entra.directory.tenant(tenantId)
  const application = home && entra.directory.withClientId(home, textOf(verdict.claims, 'appid'))
  return { name: application?.name ?? objectId, objectId, tenantId }
}

/** Azure-Samples/active-directory-dotnetcore-daemon-v2#145 and others have the body; the challenge's words are a guess. */
function wrongAudience(tenant: string, audience: string, { audiences }: ResourceManagerSwitches): Answered {
  return challenge(tenant, {
    code: 'InvalidAuthenticationTokenAudience',
    message: `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences ${audiences.map((each) => `'${each}'`).join(',')}.`,
    description: 'The access token has been obtained for wrong audience or resource.',
  })
}

/** Body and challenge were published together in September 2022. */
export function wrongTenant(tenant: string, { tenantId }: Caller): Answered {
  const issuer = (id: string) => `https://sts.windows.net/${id}/`
  return challenge(tenant, {
    code: 'InvalidAuthenticationTokenTenant',
    message: `The access token is from the wrong issuer '${issuer(tenantId)}'. It must match the tenant '${issuer(tenant)}' associated with this subscription. Please use the authority (URL) '${authority(tenant)}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
    description:
      'The access token is from the wrong issuer. It must match the tenant associated with this subscription. Please use correct authority to get the token.',
  })
}

function challenge(
  tenant: string,
  { code, message, description = message }: { code: string; message: string; description?: string },
): Answered {
  return refuse(
    401,
    { code, message },
    {
      'WWW-Authenticate': `Bearer authorization_uri="${authority(tenant)}", error="invalid_token", error_description="${description}"`,
    },
  )
}

function authority(tenant: string): string {
  return `https://login.windows.net/${tenant}`
}

function textOf(claims: Claims, name: string): string {
  const value = claims[name]
  return typeof value === 'string' ? value : ''
}

function expiryOf(token: string): Date {
  return new Date(Number(decodePayload(token)?.['exp'] ?? 0) * 1000)
}

/** `1/27/2026 3:41:03 PM` */
function timeOf(date: Date): string {
  return date.toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '').replace('\u202F', ' ')
}
