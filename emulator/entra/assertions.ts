import { decodePayload, type Claims } from '../jwt.ts'
import type { Application, FederatedCredential } from './directory.ts'
import type { Refusal } from './refusals.ts'

type Credential = Required<FederatedCredential>

/**
 * Why an assertion of another issuer is not taken for the application; undefined when it is. Its signature is not looked at.
 * `generic` is how the service put it until 2023: one code for all that does not match.
 */
export function refusalOfAssertion(
  assertion: string,
  application: Application,
  { at, wording }: { readonly at: Date; readonly wording: 'specific' | 'generic' },
): Refusal | undefined {
  const claims = decodePayload(assertion)
  if (claims === undefined) return malformed
  const ended = endedOrEarly(claims, at)
  if (ended !== undefined) return ended
  if (application.federated.length === 0) return noneConfigured(application)
  const presented = presentedBy(claims)
  if (application.federated.some((each) => matches(each, presented))) return undefined
  return wording === 'generic' ? anyMismatch(presented) : mismatch(application.federated, presented)
}

/** What a log may show of an assertion. */
export function subjectOf(assertion: string): string | undefined {
  const subject = decodePayload(assertion)?.['sub']
  return typeof subject === 'string' ? subject : undefined
}

interface Presented {
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
}

function presentedBy(claims: Claims): Presented {
  return {
    issuer: textOf(claims['iss']),
    subject: textOf(claims['sub']),
    audiences: [claims['aud']].flat().map(textOf),
  }
}

function matches(credential: Credential, { issuer, subject, audiences }: Presented): boolean {
  return (
    credential.issuer === issuer && credential.subject === subject && audiences.includes(credential.audience)
  )
}

/** Names the first of issuer, subject and audience that no credential has together with those before it. */
function mismatch(credentials: readonly Credential[], { issuer, subject, audiences }: Presented): Refusal {
  const ofIssuer = credentials.filter((each) => each.issuer === issuer)
  if (ofIssuer.length === 0) return unmatched(700211, 'issuer', issuer)
  if (ofIssuer.some((each) => each.subject === subject)) {
    return unmatched(700212, 'audience', audiences.join(', '))
  }
  const inAnotherCase = ofIssuer.some((each) => each.subject.toLowerCase() === subject.toLowerCase())
  return inAnotherCase ? unmatchedCase(subject) : unmatched(700213, 'subject', subject)
}

const check =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion.'
const documentation = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation'

/**
 * 700213: dotnet/maui#31978 (October 2025). 700211: Azure/azure-workload-identity#1200. 700212: GitLab's documentation of OIDC
 * for Azure. Their status is that of `invalid_client`.
 */
function unmatched(code: number, what: 'issuer' | 'subject' | 'audience', value: string): Refusal {
  return {
    code,
    status: 401,
    error: 'invalid_client',
    text: `No matching federated identity record found for presented assertion ${what} '${value}'. ${check} ${documentation}`,
    withoutUri: true,
  }
}

/** Azure/login#515 (February 2025). */
function unmatchedCase(subject: string): Refusal {
  return {
    code: 7002138,
    status: 401,
    error: 'invalid_client',
    text: `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${check} See documentation at: ${documentation}. See breaking change notification and remediation at: https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.`,
    withoutUri: true,
  }
}

/** Azure/azure-workload-identity#616 (October 2022): 400 `invalid_request`. */
function anyMismatch({ issuer, subject, audiences }: Presented): Refusal {
  return {
    code: 70021,
    status: 400,
    error: 'invalid_request',
    text: `No matching federated identity record found for presented assertion. Assertion Issuer: '${issuer}'. Assertion Subject: '${subject}'. Assertion Audience: '${audiences.join(', ')}'. https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation`,
  }
}

/** Published in many forms with this text; the name is that of the application. */
function noneConfigured({ clientId, name }: Application): Refusal {
  return {
    code: 70025,
    status: 401,
    error: 'invalid_client',
    text: `The client '${clientId}'(${name}) has no configured federated identity credentials.`,
    withoutUri: true,
  }
}

/** Azure/login#302. */
const malformed: Refusal = {
  code: 50027,
  status: 400,
  error: 'invalid_request',
  text: 'JWT token is invalid or malformed.',
}

/** AzureAD/microsoft-authentication-library-for-java#984 (August 2025), the space before the last full stop included. */
function endedOrEarly(claims: Claims, at: Date): Refusal | undefined {
  const [from, to] = [claims['nbf'], claims['exp']].map((claim) => (typeof claim === 'number' ? claim : 0))
  const now = at.getTime() / 1000
  if (now >= (from ?? 0) && now < (to ?? 0)) return undefined
  return {
    code: 700024,
    status: 401,
    error: 'invalid_client',
    text: `Client assertion is not within its valid time range. Current time: ${precisely(at)}, assertion valid from ${precisely(instantOf(from))}, expiry time of assertion ${precisely(instantOf(to))}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .`,
  }
}

function instantOf(seconds = 0): Date {
  return new Date(seconds * 1000)
}

/** Seven digits, as .NET prints them. */
function precisely(date: Date): string {
  return date.toISOString().replace('Z', '0000Z')
}

function textOf(claim: unknown): string {
  return typeof claim === 'string' ? claim : ''
}
