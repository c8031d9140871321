import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { CredentialInput } from '../../src/inputs/credential.ts'
import { readInputs } from '../../src/inputs/inputs.ts'
import { environmentOf, refusal, type Written } from './reading.ts'

const PASSWORD = 'tr0ub4dor&3'
const BOTH = { username: 'ci', password: PASSWORD }

function credential(written: Written): CredentialInput {
  return readInputs(environmentOf({ registry: 'myregistry', ...written })).credential
}

function wrong(written: Written): readonly string[] {
  return refusal({ registry: 'myregistry', ...written }).problems.map(
    ({ input, message }) => `${input}: ${message}`,
  )
}

describe('signing in', () => {
  test.each<[string, Written, string]>([
    ['by default', {}, 'username and password are given'],
    ['with auto', { credential: 'auto' }, 'username and password are given'],
    ['with password', { credential: 'password' }, 'credential: password'],
  ])('takes username and password %s, and says why', (_, choice, why) => {
    const chosen = credential({ ...BOTH, ...choice })
    expect(chosen).toMatchObject({ kind: 'password', username: 'ci', why })
    expect(chosen.kind === 'password' && chosen.password.reveal()).toBe(PASSWORD)
  })

  test('does without both when it is anonymous', () => {
    expect(credential({ credential: 'anonymous' })).toEqual({
      kind: 'anonymous',
      why: 'credential: anonymous',
    })
  })

  test('drops the line end that a pasted secret has', () => {
    const chosen = credential({ ...BOTH, password: `${PASSWORD}\n` })
    expect(chosen.kind === 'password' && chosen.password.reveal()).toBe(PASSWORD)
  })
})

describe('signing in is refused', () => {
  test.each<[string, Written, string]>([
    ['with a username alone', { username: 'ci' }, 'password: is missing: username and password go together'],
    [
      'with a password alone',
      { password: PASSWORD },
      'username: is missing: username and password go together',
    ],
    [
      'with a username alone, though password is chosen',
      { credential: 'password', username: 'ci' },
      'password: is missing: username and password go together',
    ],
    [
      'with an empty password, as a missing secret is',
      { username: 'ci', password: '' },
      'password: is missing: username and password go together',
    ],
    [
      'with a way that there is not',
      { ...BOTH, credential: 'passwort' },
      'credential: got "passwort", accepted: auto, password, anonymous.',
    ],
    [
      'with password chosen and neither given',
      { credential: 'password' },
      'credential: is password, but username and password are missing',
    ],
    ['with nothing at all: anonymous is never a fallback', {}, 'credential: nothing to sign in with'],
    ['with nothing at all and auto', { credential: 'auto' }, 'credential: nothing to sign in with'],
    [
      'when it is anonymous and a username is given',
      { credential: 'anonymous', username: 'ci' },
      'credential: is anonymous, but username or password is given',
    ],
    [
      'when it is anonymous and a password is given',
      { credential: 'anonymous', password: PASSWORD },
      'credential: is anonymous, but username or password is given',
    ],
  ])('%s', (_, written, problem) => {
    expect(wrong(written)).toEqual([expect.stringContaining(problem)])
  })
})

describe('a password is never shown', () => {
  const shown = (value: unknown): string =>
    `${JSON.stringify(value)} ${String(value)} ${inspect(value, { depth: null, showHidden: true })}`

  test('by the inputs', () => {
    const inputs = readInputs(environmentOf({ registry: 'myregistry', ...BOTH }))
    expect(shown(inputs)).not.toContain(PASSWORD)
    expect(JSON.stringify(inputs)).toContain('[redacted]')
  })

  test.each<[string, Written]>([
    ['about something else', { ...BOTH, 'max-orphans': 'x' }],
    ['about its missing username', { password: PASSWORD }],
    ['about anonymous', { credential: 'anonymous', password: PASSWORD }],
    ['about the credential', { ...BOTH, credential: 'none' }],
    [
      'about a registry whose URL holds it',
      { credential: 'anonymous', registry: `https://ci:${PASSWORD}@myregistry.azurecr.io` },
    ],
    [
      'about an image whose URL holds it',
      { credential: 'anonymous', images: `https://ci:${PASSWORD}@myregistry.azurecr.io/app` },
    ],
  ])('by an error %s', (_, written) => {
    expect(shown(refusal({ registry: 'myregistry', ...written }))).not.toContain(PASSWORD)
  })
})
