import { createHmac } from 'node:crypto'

export type Claims = Readonly<Record<string, unknown>>

/** A JSON web token, signed with HS256, or unsigned without a key. */
export function encodeJwt(claims: object, key: Uint8Array | undefined): string {
  const unsigned = `${encode({ alg: key === undefined ? 'none' : 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${unsigned}.${key === undefined ? '' : signatureOf(unsigned, key)}`
}

/** The payload of any JWT, unverified; undefined when it is none. */
export function decodePayload(token: string): Claims | undefined {
  const parts = token.split('.')
  return parts.length === 3 ? decode(parts[1] ?? '') : undefined
}

export type Signature = 'good' | 'bad' | 'none'

export function checkSignature(token: string, key: Uint8Array): Signature {
  const [head = '', body = '', signature = ''] = token.split('.')
  if (decode(head)?.['alg'] !== 'HS256') return 'none'
  return signature === signatureOf(`${head}.${body}`, key) ? 'good' : 'bad'
}

function signatureOf(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
