import { expect, test } from 'vitest'
import { anyRecordOf, recordsOf, subscriptionOf } from '../../src/azure/defender-queries.ts'
import { literal, literals } from '../../src/azure/kql.ts'

test.each(['myregistry.azurecr.io', '127.0.0.1:5000', `sha256:${'a'.repeat(64)}`, '[::1]:443'])(
  'what names a host or a digest is a literal: %s',
  (text) => {
    expect(literal(text)).toBe(`'${text}'`)
    expect(literals([text, 'b'])).toBe(`'${text}','b'`)
  },
)

test.each(['', "a'", 'a"', 'a\\', 'a\nb', 'a b', 'a|b', 'a;b', 'a)b', 'a`b', 'ä', 'a\0', '\u{2028}'])(
  'what could end a literal never gets into a query: %j',
  (text) => {
    expect(() => literal(text)).toThrow(/must not stand in a query/)
    for (const query of [anyRecordOf, subscriptionOf, (host: string) => recordsOf(host, [])])
      expect(() => query(text)).toThrow(/must not stand in a query/)
    expect(() => recordsOf('myregistry.azurecr.io', [text])).toThrow(/must not stand in a query/)
  },
)
