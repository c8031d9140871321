import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from '../../src/domain/secret.ts'

const VALUE = 'tr0ub4dor&3'

test.each<[string, (secret: Secret) => string]>([
  ['String()', (secret) => String(secret)],
  ['a template', (secret) => `is: ${secret as unknown as string}`],
  ['concatenation', (secret) => 'is: ' + (secret as unknown as string)],
  ['join', (secret) => [secret].join(' ')],
  ['JSON', (secret) => JSON.stringify({ secret, list: [secret] })],
  ['inspect', (secret) => inspect({ secret }, { depth: null, showHidden: true })],
  ['inspect of an error that carries it', (secret) => inspect(new Error('failed', { cause: secret }))],
  ['a copy of its fields', (secret) => JSON.stringify(Object.assign({}, secret))],
  ['a structured clone', (secret) => inspect(structuredClone(secret), { showHidden: true })],
  ['its keys', (secret) => JSON.stringify(Object.getOwnPropertyNames(secret))],
])('a secret is not shown by %s', (_, show) => {
  expect(show(new Secret(VALUE))).not.toContain(VALUE)
})

test('a secret says that it is one', () => {
  expect(String(new Secret(VALUE))).toBe('[redacted]')
})

test('a secret is given to whoever asks for it by name', () => {
  expect(new Secret(VALUE).reveal()).toBe(VALUE)
})
