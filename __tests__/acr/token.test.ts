import { describe, expect, test } from 'vitest'
import { CATALOG, isFromAbacRegistry, missingActions, readAccessToken, scopeOf } from '../../src/acr/token.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')

function jwt(payload: object): string {
  return ['{}', JSON.stringify(payload), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')
}

const READ = { type: 'repository', name: 'team/app', actions: ['metadata_read', 'pull'] } as const

describe('what an access token lacks', () => {
  test.each([
    [
      'nothing, for the repository itself',
      [{ Type: 'repository', Name: 'team/app', Actions: ['pull', 'metadata_read'] }],
      [],
    ],
    [
      'nothing, for all repositories',
      [{ Type: 'repository', Name: '*', Actions: ['metadata_read', 'pull', 'delete'] }],
      [],
    ],
    ['nothing, for all actions', [{ Type: 'repository', Name: '*', Actions: ['*'] }], []],
    [
      'nothing, in two entries',
      [
        { Type: 'repository', Name: '*', Actions: ['pull'] },
        { Type: 'repository', Name: 'team/app', Actions: ['metadata_read'] },
      ],
      [],
    ],
    [
      'nothing, in the spelling of the distribution specification',
      [{ type: 'repository', name: 'team/app', actions: ['pull', 'metadata_read'] }],
      [],
    ],
    ['one action', [{ Type: 'repository', Name: '*', Actions: ['metadata_read'] }], ['pull']],
    [
      'all, for another repository',
      [{ Type: 'repository', Name: 'team', Actions: ['*'] }],
      ['metadata_read', 'pull'],
    ],
    [
      'all, for the catalog alone',
      [{ Type: 'registry', Name: 'catalog', Actions: ['*'] }],
      ['metadata_read', 'pull'],
    ],
    ['all, for no entry', [], ['metadata_read', 'pull']],
  ])('%s', (_, access, missing) => {
    expect(missingActions(readAccessToken(jwt({ access }), NOW), READ)).toEqual(missing)
  })

  test('is not known of a token that cannot be read: only the answer will tell', () => {
    for (const value of [
      'opaque',
      'a.b.c',
      '',
      jwt([]),
      `x.${Buffer.from('null').toString('base64url')}.y`,
    ]) {
      expect(missingActions(readAccessToken(value, NOW), READ)).toEqual([])
    }
  })

  test('for the catalog', () => {
    const access = [{ Type: 'registry', Name: 'catalog', Actions: ['*'] }]
    expect(missingActions(readAccessToken(jwt({ access }), NOW), CATALOG)).toEqual([])
    expect(missingActions(readAccessToken(jwt({ access: [] }), NOW), CATALOG)).toEqual(['*'])
  })
})

test("a token's life is measured by the registry's clock", () => {
  expect(readAccessToken(jwt({ exp: NOW / 1000 + 3600 }), NOW).lifetime).toBe(3_600_000)
  expect(readAccessToken(jwt({ exp: NOW / 1000 - 5 }), NOW).lifetime).toBe(0)
  expect(readAccessToken(jwt({}), NOW).lifetime).toBeUndefined()
})

test('scopes are written as the token endpoint reads them', () => {
  expect(scopeOf(READ)).toBe('repository:team/app:metadata_read,pull')
  expect(scopeOf(CATALOG)).toBe('registry:catalog:*')
})

test('a refresh token tells whether its registry asks for roles per repository', () => {
  expect(isFromAbacRegistry(jwt({ aad_identity: 'x' }))).toBe(true)
  expect(isFromAbacRegistry(jwt({ permissions: {} }))).toBe(false)
  expect(isFromAbacRegistry('opaque')).toBeUndefined()
})
