import { Secret } from '../domain/secret.ts'
import type { GivenInputs } from './given.ts'

/** How the run signs in, as far as the inputs say. */
export type CredentialInput =
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret; readonly why: string }
  | { readonly kind: 'anonymous'; readonly why: string }

/** @returns undefined, with the problem noted, when the inputs name no usable credential */
export function readCredential(given: GivenInputs): CredentialInput | undefined {
  const choice = given.oneOf('credential', ['auto', 'password', 'anonymous'], 'auto')
  const username = given.text('username')
  const password = given.text('password')
  if (choice === 'anonymous') {
    if (username === undefined && password === undefined)
      return { kind: 'anonymous', why: 'credential: anonymous' }
    return given.reject(
      'credential',
      'is anonymous, but username or password is given: leave one of the two out.',
    )
  }
  if (username !== undefined && password !== undefined) {
    const why = choice === 'password' ? 'credential: password' : 'username and password are given'
    return { kind: 'password', username, password: new Secret(password), why }
  }
  if (username !== undefined || password !== undefined) {
    const missing = username === undefined ? 'username' : 'password'
    return given.reject(
      missing,
      'is missing: username and password go together (is the secret set for this event?).',
    )
  }
  return given.reject(
    'credential',
    choice === 'password'
      ? 'is password, but username and password are missing (is the secret set for this event?).'
      : 'nothing to sign in with: give username and password, or credential: anonymous for a registry that allows it.',
  )
}
