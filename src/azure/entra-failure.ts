import type { EntraCredential } from '../domain/credential.ts'
import { RegistryError, StoppedError } from '../errors.ts'

/** What is known when no token could be had. */
export interface EntraSituation {
  readonly description: string
  readonly kind: EntraCredential['kind']
  /** The GitHub OIDC token that was presented, if one was. */
  readonly assertion: string | undefined
  readonly signal: AbortSignal
}

/** Turns an error of `@azure/identity` into one that says why and what to change. Bugs stay what they are. */
export function entraFailure(error: unknown, situation: EntraSituation): unknown {
  if (situation.signal.aborted) {
    const { reason } = situation.signal as { readonly reason: unknown }
    return reason instanceof Error ? reason : new StoppedError('stopped')
  }
  if (error instanceof RegistryError || !(error instanceof Error)) return error
  const code = /AADSTS\d+/.exec(error.message)?.[0]
  const reason = (code === undefined ? undefined : byCode(code, situation)) ?? byShape(error, situation)
  if (reason === undefined) return error
  return new RegistryError(
    {
      kind: 'credential',
      operation: `get a token from Microsoft Entra as ${situation.description}`,
      ...(code === undefined ? {} : { code }),
      ...reason,
    },
    { cause: error },
  )
}

/** Entra does not know the audience that was asked for. */
export function isUnknownResource(error: unknown): boolean {
  return error instanceof RegistryError && error.failure.code === 'AADSTS500011'
}

interface Reason {
  readonly cause: string
  readonly cure: string
}

/** Codes of Microsoft Entra (Microsoft Learn, "Microsoft Entra authentication and authorization error codes"). */
function byCode(code: string, { assertion }: EntraSituation): Reason | undefined {
  switch (code) {
    case 'AADSTS700211':
    case 'AADSTS700212':
    case 'AADSTS700213':
    case 'AADSTS70021':
    case 'AADSTS70025':
      return {
        cause: 'no federated credential of this application matches the workflow.',
        cure: subjectCure(assertion),
      }
    case 'AADSTS7002138':
      return {
        cause: 'a federated credential of this application matches the workflow but for capital letters.',
        cure: subjectCure(assertion),
      }
    case 'AADSTS700016':
      return {
        cause: 'the tenant has no such application.',
        cure: 'Check client-id and tenant-id: one of them is wrong, or they do not belong together.',
      }
    case 'AADSTS90002':
    case 'AADSTS900023':
      return { cause: 'there is no such tenant in this cloud.', cure: 'Check tenant-id.' }
    case 'AADSTS7000215':
      return {
        cause: 'the client secret is wrong.',
        cure: 'Give the value of the secret, not its id; better none at all: GitHub OIDC needs no secret.',
      }
    case 'AADSTS7000222':
      return {
        cause: 'the client secret has expired.',
        cure: 'Make a new one, or do without: GitHub OIDC needs no secret and does not expire.',
      }
    case 'AADSTS500011':
      return {
        cause: 'this cloud knows no such audience for tokens.',
        cure: 'Check that tenant-id belongs to the cloud of the registry.',
      }
    case 'AADSTS700024':
      return {
        cause: 'the login has ended: its assertion was good for minutes only, and nothing renews it.',
        cure: 'Give client-id and tenant-id to this action in place of a login before it: it renews the assertion itself.',
      }
    default:
      return undefined
  }
}

/** The subject that was presented, word for word, because it has to be that in the federated credential. */
function subjectCure(assertion: string | undefined): string {
  const claims = claimsOf(assertion)
  if (claims === undefined)
    return 'Compare the subject of its federated credentials with that of the workflow.'
  const { sub = '', iss = '', aud = '' } = claims
  // GitHub Docs, "OpenID Connect reference": automatic for repositories created, renamed or transferred after that day.
  const form = /^repo:[^/:]+@\d+\//.test(sub)
    ? 'It has the form with ids, which GitHub uses for repositories created, renamed or transferred after 15 July 2026: a credential for "repo:owner/name:…" does not match it.'
    : 'It has the form without ids: a credential for "repo:owner@id/name@id:…", which the portal now offers, does not match it.'
  return `Add a federated credential with the issuer ${iss}, the subject ${sub} and the audience ${aud}. ${form}`
}

function claimsOf(assertion: string | undefined): Readonly<Record<string, string>> | undefined {
  try {
    const payload = Buffer.from(assertion?.split('.')[1] ?? '', 'base64url').toString('utf8')
    return JSON.parse(payload) as Readonly<Record<string, string>>
  } catch {
    return undefined
  }
}

/** Failures without a code of Entra: the way to it, the Azure CLI, GitHub, a machine without identity. */
function byShape(error: Error, { kind }: EntraSituation): Reason | undefined {
  const { message } = error
  if (/status code: 429|throttl/i.test(message)) {
    return { cause: 'it answers that there are too many requests.', cure: 'Run the job again later.' }
  }
  if (UNREACHABLE.test(message) && kind !== 'managed-identity') {
    return {
      cause: 'it does not answer this runner.',
      cure: 'Check the network, and HTTPS_PROXY and NODE_EXTRA_CA_CERTS if it needs them.',
    }
  }
  if (kind === 'azure-cli') return azureCliReason(message)
  if (kind === 'oidc' && /ID Token|id_token|ACTIONS_ID_TOKEN/i.test(message)) {
    return {
      cause: 'GitHub did not give an OIDC token.',
      cure: 'Run the job again; check "permissions: id-token: write".',
    }
  }
  if (kind === 'managed-identity') {
    return {
      cause: 'this machine gives no token for a managed identity.',
      cure: 'Run on an Azure machine with that identity; give client-id if it has several. On GitHub-hosted runners use GitHub OIDC.',
    }
  }
  if (!EXPECTED.has(error.name)) return undefined
  return { cause: said(message), cure: 'Check the inputs or variables that it signs in with.' }
}

function azureCliReason(message: string): Reason {
  if (/not be found|not recognized/.test(message)) {
    return {
      cause: 'the Azure CLI is not on the PATH.',
      cure: 'Install it, or give client-id and tenant-id (GitHub OIDC).',
    }
  }
  return {
    cause: `the Azure CLI gave no token: ${said(message)}`,
    cure: 'Run azure/login earlier in the same job; its OIDC login ends after about an hour, client-id and tenant-id here do not.',
  }
}

/** What the library throws when Entra, or what stands for it, refuses. */
const EXPECTED = new Set(['AuthenticationRequiredError', 'AuthenticationError', 'CredentialUnavailableError'])

const UNREACHABLE =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network_error|endpoints_resolution_error|timed out/

/** Entra's own sentence where there is one, else the first line. */
function said(message: string): string {
  const description = /AADSTS\d+: ([^]*?)(?: Trace ID|$)/.exec(message)?.[1]
  const line = description ?? message.split('\n').find((text) => text.trim() !== '') ?? ''
  return `${line.trim().slice(0, 300).replace(/[.,]$/, '')}.`
}
