import { CREDENTIAL_CHOICES, type CredentialChoice, type CredentialInputs } from '../domain/credential.ts'
import { parseLoginServer } from '../domain/login-server.ts'
import { Secret } from '../domain/secret.ts'
import type { GivenInputs } from './given.ts'
import type { InputName } from './names.ts'

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i

/** Reads what the inputs say about signing in, and notes what contradicts itself or lacks its other half. */
export function readCredentialInputs(given: GivenInputs): CredentialInputs {
  const inputs: CredentialInputs = {
    choice: given.oneOf('credential', CREDENTIAL_CHOICES, 'auto'),
    username: given.text('username'),
    password: secret(given.text('password')),
    clientId: given.parsed('client-id', matching(GUID), 'the application (client) id, a GUID'),
    tenantId: given.parsed(
      'tenant-id',
      (text) => matching(GUID)(text) ?? matching(DOMAIN)(text),
      'the directory (tenant) id, a GUID or a domain',
    ),
    clientSecret: secret(given.text('client-secret')),
    allowHost: given.parsed(
      'allow-host',
      readHost,
      'a host with its port if it has one: registry.example.com:5000',
    ),
    onMissing: given.oneOf('on-missing-credentials', ['fail', 'skip'], 'fail'),
  }
  for (const [input, message] of contradictions(inputs, given)) given.reject(input, message)
  return inputs
}

type Problem = readonly [InputName, string]

/** Inputs that each choice needs; what `auto` needs depends on what else there is. */
const NEEDS: Readonly<Partial<Record<CredentialChoice, readonly InputName[]>>> = {
  oidc: ['client-id', 'tenant-id'],
  'client-secret': ['client-id', 'tenant-id', 'client-secret'],
  password: ['username', 'password'],
}

function contradictions({ choice, onMissing }: CredentialInputs, given: GivenInputs): readonly Problem[] {
  const has = (name: InputName): boolean => given.text(name) !== undefined
  const missing = (NEEDS[choice] ?? []).filter((name) => !has(name))
  const identity = has('client-id') || has('client-secret')
  // What a secret leaves empty on an event without secrets is no contradiction for who asked to skip then.
  const secretMayBeAbsent = onMissing === 'skip'
  return [
    ...missing
      .filter((name) => !(secretMayBeAbsent && (name === 'password' || name === 'client-secret')))
      .map((name): Problem => [
        name,
        `is missing: ${(NEEDS[choice] ?? []).join(', ')} go together with credential: ${choice}${hintOf(name)}.`,
      ]),
    ...when(choice === 'anonymous' && (has('username') || has('password') || identity), [
      'credential',
      'is anonymous, but there are inputs to sign in with: leave one of the two out.',
    ]),
    ...when(choice === 'auto' && has('password') && !has('username'), [
      'username',
      'is missing: username and password go together.',
    ]),
    ...when(choice === 'auto' && has('username') && !has('password') && !secretMayBeAbsent, [
      'password',
      `is missing: username and password go together${hintOf('password')}.`,
    ]),
    ...when(choice === 'auto' && identity && !has('tenant-id'), [
      'tenant-id',
      'is missing: it goes together with client-id.',
    ]),
    ...when(choice === 'auto' && has('client-secret') && !has('client-id'), [
      'client-id',
      'is missing: it goes together with client-secret.',
    ]),
  ]
}

function hintOf(name: InputName): string {
  return name === 'password' || name === 'client-secret' ? ' (is the secret set for this event?)' : ''
}

function when(condition: boolean, problem: Problem): readonly Problem[] {
  return condition ? [problem] : []
}

function matching(expression: RegExp): (text: string) => string | undefined {
  return (text) => (expression.test(text) ? text : undefined)
}

function readHost(text: string): string | undefined {
  return parseLoginServer(text.startsWith('https://') ? text : `https://${text}`)?.host
}

function secret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text)
}
