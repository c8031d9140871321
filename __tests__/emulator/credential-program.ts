import { getIDToken } from '@actions/core'
import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
  type TokenCredential,
} from '@azure/identity'
import { payloadOf } from './client.ts'

/** One credential and how often it is asked. Everything else comes from the environment, as in a step of a workflow. */
export interface Ask {
  readonly kind: 'secret' | 'github' | 'environment' | 'workload' | 'managed identity' | 'az' | 'default'
  readonly tenant?: string
  readonly client?: string
  readonly secret?: string
  readonly scope?: string
  readonly times?: number
  /** Asks Microsoft whether the authority is one of theirs, as the library does without being told otherwise. */
  readonly discoverInstance?: boolean
  readonly retries?: number
  /** Where to take the token to, for a refresh token. */
  readonly registry?: string
}

export interface Told {
  /** Of the last token. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** The status of the registry's exchange. */
  readonly exchange?: number
  readonly error?: {
    readonly name: string
    readonly message: string
    readonly [more: string]: unknown
  }
  readonly milliseconds: number
}

async function tell(ask: Ask): Promise<Told> {
  const started = performance.now()
  const spent = () => ({ milliseconds: Math.round(performance.now() - started) })
  try {
    const credential = credentialOf(ask)
    const scope = ask.scope ?? 'https://containerregistry.azure.net/.default'
    let token = ''
    for (let time = 0; time < (ask.times ?? 1); time += 1)
      token = (await credential.getToken(scope))?.token ?? ''
    const exchange = ask.registry === undefined ? {} : { exchange: await exchanged(ask.registry, token) }
    return { claims: payloadOf(token), ...exchange, ...spent() }
  } catch (error) {
    return { error: shown(error), ...spent() }
  }
}

function credentialOf(ask: Ask): TokenCredential {
  const { tenant = '', client = '', secret = '', discoverInstance = false, retries } = ask
  const retryOptions = retries === undefined ? {} : { retryOptions: { maxRetries: retries } }
  const options = { disableInstanceDiscovery: !discoverInstance, ...retryOptions }
  switch (ask.kind) {
    case 'secret':
      return new ClientSecretCredential(tenant, client, secret, options)
    case 'github':
      return new ClientAssertionCredential(
        tenant,
        client,
        () => getIDToken('api://AzureADTokenExchange'),
        options,
      )
    case 'environment':
      return new EnvironmentCredential(options)
    case 'workload':
      return new WorkloadIdentityCredential(options)
    case 'managed identity':
      return new ManagedIdentityCredential({
        ...retryOptions,
        ...(client === '' ? {} : { clientId: client }),
      })
    case 'az':
      return new AzureCliCredential(tenant === '' ? {} : { tenantId: tenant })
    case 'default':
      return new DefaultAzureCredential(options)
  }
}

async function exchanged(registry: string, token: string): Promise<number> {
  const form = { grant_type: 'access_token', service: new URL(registry).host, access_token: token }
  const body = new URLSearchParams(form)
  return (await fetch(`${registry}/oauth2/exchange`, { method: 'POST', body })).status
}

/** An error with its own fields, and those of its cause. */
function shown(error: unknown): NonNullable<Told['error']> {
  if (!(error instanceof Error)) return { name: 'none', message: String(error) }
  const { name, message, cause } = error
  const more = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'cause'))
  return { ...more, name, message, ...(cause === undefined ? {} : { cause: shown(cause) }) }
}

/** Answers a list of questions, one after the other, in a process whose environment is as the test wants it. */
const asks = JSON.parse(process.argv[2] ?? '[]') as readonly Ask[]
const told: Told[] = []
for (const ask of asks) told.push(await tell(ask))
// @actions/core writes commands to stdout too.
process.stdout.write(`\n${JSON.stringify(told)}\n`)
