import { describe, expect, test } from 'vitest'
import { parseDigest, shortDigest, subjectOfDigestTag } from '../../src/domain/digest.ts'
import { digestOf } from './picture.ts'

const HEX = '0123456789abcdef'.repeat(4)

describe('a digest', () => {
  test.each([
    `sha256:${HEX}`,
    `sha512:${HEX}${HEX}`,
    `sha256+b64u:${'LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g'.repeat(2)}`,
  ])('is algorithm and value: %s', (text) => {
    expect(parseDigest(text)).toBe(text)
  })

  test.each([
    ['no algorithm', HEX],
    ['no value', 'sha256:'],
    ['a value too short to be one', 'sha256:abc'],
    ['a digest tag', `sha256-${HEX}`],
    ['an upper-case algorithm', `SHA256:${HEX}`],
    ['a blank before it', ` sha256:${HEX}`],
    ['a line after it', `sha256:${HEX}\n`],
    ['a path in it', `sha256:${HEX}/../x`],
    ['two of them', `sha256:${HEX},sha256:${HEX}`],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(parseDigest(text)).toBeUndefined()
  })

  test('is shown by its algorithm and first twelve digits', () => {
    expect(shortDigest(digestOf('image'))).toBe(digestOf('image').slice(0, 'sha256:'.length + 12))
  })
})

describe('a digest tag', () => {
  test.each(['', '.sig', '.att', '.sbom'])('names its subject: sha256-<hex>%s', (suffix) => {
    expect(subjectOfDigestTag(`sha256-${HEX}${suffix}`)).toBe(`sha256:${HEX}`)
  })

  test.each([
    ['another suffix', `sha256-${HEX}.txt`],
    ['a suffix of a suffix', `sha256-${HEX}.sig.sig`],
    ['a suffix without its dot', `sha256-${HEX}sig`],
    ['too few digits', `sha256-${HEX.slice(1)}`],
    ['too many digits', `sha256-${HEX}0`],
    ['upper-case digits', `sha256-${HEX.toUpperCase()}`],
    ['an upper-case suffix', `sha256-${HEX}.SIG`],
    ['another algorithm', `sha512-${HEX}`],
    ['a colon', `sha256:${HEX}`],
    ['something before it', `v1-sha256-${HEX}`],
    ['a line before it', `v1\nsha256-${HEX}`],
    ['a line after it', `sha256-${HEX}\n`],
    ['nothing', ''],
  ])('is an ordinary tag with %s', (_, tag) => {
    expect(subjectOfDigestTag(tag)).toBeUndefined()
  })
})
