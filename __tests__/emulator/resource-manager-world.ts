import { ClientSecretCredential } from '@azure/identity'
import {
  startEntra,
  startResourceManager,
  type ReaderDescription,
  type ResourceManagerOptions,
} from '../../emulator/index.ts'
import { call, type Answer } from './client.ts'

export const armScope = 'https://management.azure.com/.default'
export const graphPath = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01'
export const host = 'myregistry.azurecr.io'

/** A digest of one character, sixty-four times. */
export const digestOf = (character: string) => `sha256:${character.repeat(64)}`

export interface QueryResponse {
  readonly totalRecords: number
  readonly count: number
  readonly data: readonly Record<string, unknown>[]
  readonly resultTruncated: string
  readonly $skipToken?: string
}

/** Everything but what the test is about: `pipeline` may read all, `stranger` nothing. */
export async function startWorld(
  options: Omit<ResourceManagerOptions, 'entra'> = {},
  readers: readonly ReaderDescription[] = [{ identity: 'pipeline', role: 'Reader' }],
) {
  const secrets = ['the-secret']
  const entra = await startEntra({
    applications: [
      { name: 'pipeline', secrets },
      { name: 'stranger', secrets },
    ],
  })
  const arm = await startResourceManager({ readers, ...options, entra })
  /** Through the real library, from the token endpoint. */
  const tokenOf = async (name = 'pipeline', scope = armScope): Promise<string> => {
    const credential = new ClientSecretCredential(
      entra.tenant.id,
      entra.application(name).clientId,
      'the-secret',
      { authorityHost: entra.url, disableInstanceDiscovery: true, tlsOptions: { ca: entra.certificate } },
    )
    return (await credential.getToken(scope)).token
  }
  const bearer = await tokenOf()
  /** A body as it is, by the pipeline unless a token says otherwise. */
  const post = (body: unknown, token = bearer): Promise<Answer> =>
    call(arm, `POST ${graphPath}`, {
      bearer: token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const query = async (text: string, more: object = {}): Promise<QueryResponse> => {
    const answer = await post({ query: text, ...more })
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
    return answer.json() as QueryResponse
  }
  const close = async () => {
    await arm.close()
    await entra.close()
  }
  return {
    entra,
    arm,
    tokenOf,
    post,
    query,
    rows: async (text: string) => (await query(text)).data,
    get: (path: string, token = bearer): Promise<Answer> => call(arm, `GET ${path}`, { bearer: token }),
    [Symbol.asyncDispose]: close,
  }
}

export interface Refused {
  readonly code: string
  readonly message: string
  readonly details: readonly Record<string, unknown>[]
}

export function errorIn(answer: Answer): Refused {
  return (answer.json() as { error: Refused }).error
}
