import type { Emulator } from '../../emulator/index.ts'
import { call, form, payloadOf, type Answer } from './client.ts'

export type Access = readonly { Type: string; Name: string; Actions: string[] }[]

export function exchange(emulator: Emulator, entraToken: string): Promise<Answer> {
  const fields = { grant_type: 'access_token', service: emulator.host, access_token: entraToken }
  return call(emulator, 'POST /oauth2/exchange', form(fields))
}

export async function refreshTokenOf(emulator: Emulator, entraToken: string): Promise<string> {
  return ((await exchange(emulator, entraToken)).json() as { refresh_token: string }).refresh_token
}

/** POST /oauth2/token; each scope is a parameter of its own. */
export function requestToken(
  emulator: Emulator,
  fields: Readonly<Record<string, string>>,
  scopes: readonly string[] = [],
): Promise<Answer> {
  const pairs: [string, string][] = [
    ...Object.entries({ service: emulator.host, ...fields }),
    ...scopes.map((scope): [string, string] => ['scope', scope]),
  ]
  return call(emulator, 'POST /oauth2/token', form(pairs))
}

export function withPassword(emulator: Emulator, credentials: string, ...scopes: string[]): Promise<Answer> {
  const [username = '', password = ''] = credentials.split(/:(.*)/)
  return requestToken(emulator, { grant_type: 'password', username, password }, scopes)
}

export function withRefreshToken(emulator: Emulator, token: string, ...scopes: string[]): Promise<Answer> {
  return requestToken(emulator, { grant_type: 'refresh_token', refresh_token: token }, scopes)
}

export function tokenIn(answer: Answer): string {
  return (answer.json() as { access_token: string }).access_token
}

export function accessIn(answer: Answer): Access {
  return payloadOf(tokenIn(answer))['access'] as Access
}
