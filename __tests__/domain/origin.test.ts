import { describe, expect, test } from 'vitest'
import { commitLink, originOf, shortRevision } from '../../src/domain/origin.ts'

const PREFIX = 'org.opencontainers.image.'
const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'

describe('originOf', () => {
  test('knows four of the annotations of the OCI image specification, and no other', () => {
    const told = { version: 'v1', revision: COMMIT, source: 'https://github.com/o/r', created: '2026-11-20' }
    const written = Object.fromEntries(Object.entries(told).map(([key, text]) => [PREFIX + key, text]))
    const others = { [`${PREFIX}title`]: 'x', 'org.label-schema.version': 'x', version: 'x', maintainer: 'x' }
    expect(originOf({ ...written, ...others })).toEqual(told)
    expect(originOf(others)).toBeUndefined()
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'org.opencontainers.image.version'],
    ['a number', 7],
    ['a list', ['v1']],
    ['no annotation', {}],
    ['a number as annotation', { [`${PREFIX}version`]: 7 }],
    ['an object as annotation', { [`${PREFIX}version`]: { toString: 'v1' } }],
    ['an empty annotation', { [`${PREFIX}version`]: '' }],
    ['blanks', { [`${PREFIX}version`]: ' \t\n ' }],
    ['a hundred kilobytes of blanks', { [`${PREFIX}version`]: `${' '.repeat(100_000)}v1` }],
  ])('finds nothing in %s', (_, annotations) => {
    expect(originOf(annotations)).toBeUndefined()
  })

  test('leaves out what is no text and keeps the rest', () => {
    const annotations = { [`${PREFIX}version`]: null, [`${PREFIX}revision`]: COMMIT, [`${PREFIX}source`]: '' }
    expect(originOf(annotations)).toEqual({ revision: COMMIT })
  })

  test('takes no blanks around a text, and no more than 200 characters', () => {
    expect(originOf({ [`${PREFIX}version`]: ' v1\n' })).toEqual({ version: 'v1' })
    expect(originOf({ [`${PREFIX}version`]: 'x'.repeat(100_000) })?.version).toBe('x'.repeat(200))
  })
})

describe('shortRevision', () => {
  test.each([
    ['seven digits of a commit', COMMIT, '1a2b3c4'],
    ['a commit in capitals as it is', COMMIT.toUpperCase(), '1A2B3C4'],
    ['a short commit whole', '1a2b3c4', '1a2b3c4'],
    ['a commit of SHA-256', 'a'.repeat(64), 'aaaaaaa'],
    ['nothing of a number of Subversion', '123456', undefined],
    ['nothing of what is too long', 'a'.repeat(65), undefined],
    ['nothing of a branch', 'main', undefined],
    ['nothing of a commit that was changed', `${COMMIT}-dirty`, undefined],
    ['nothing of a second line', `${COMMIT}\n::error::x`, undefined],
    ['nothing of nothing', undefined, undefined],
  ])('is %s', (_, revision, short) => {
    expect(shortRevision(revision === undefined ? {} : { revision })).toBe(short)
  })
})

describe('commitLink', () => {
  const GITHUB = 'https://github.com'
  const link = (source: string, server: string | undefined = GITHUB, revision = COMMIT): string | undefined =>
    commitLink({ source, revision }, server)

  test.each([
    'https://github.com/octo-org/app',
    'https://github.com/octo-org/app/',
    'https://github.com/octo-org/app.git',
    'https://github.com/octo-org/app/tree/main/deploy',
    'https://github.com/octo-org/app?tab=readme#top',
    'https://GitHub.com:443/octo-org/app',
    ' https://github.com/octo-org/app',
  ])('leads to the commit in the repository of %s', (source) => {
    expect(link(source)).toBe(`https://github.com/octo-org/app/commit/${COMMIT}`)
  })

  test('leads to the server of the workflow, whichever that is', () => {
    expect(link('https://ghes.example:8443/o/r', 'https://ghes.example:8443')).toBe(
      `https://ghes.example:8443/o/r/commit/${COMMIT}`,
    )
    expect(link('https://github.com/o/r', 'https://ghes.example')).toBeUndefined()
    expect(link('https://ghes.example/o/r')).toBeUndefined()
  })

  test.each([
    ['no server', 'https://github.com/o/r', undefined],
    ['a server that is no address', 'https://github.com/o/r', 'github.com'],
    ['a source that is no address', 'o/r', GITHUB],
    ['an address of ssh', 'git@github.com:o/r.git', GITHUB],
    ['an address of git', 'git://github.com/o/r', GITHUB],
    ['an address without TLS', 'http://github.com/o/r', GITHUB],
    ['another port', 'https://github.com:8443/o/r', GITHUB],
    ['another host', 'https://gitlab.com/o/r', GITHUB],
    ['a host that begins alike', 'https://github.com.evil.example/o/r', GITHUB],
    ['a host that ends alike', 'https://evilgithub.com/o/r', GITHUB],
    ['a host behind a name', 'https://github.com@evil.example/o/r', GITHUB],
    ['a name in the address', 'https://octocat@github.com/o/r', GITHUB],
    ['a password in the address', 'https://:token@github.com/o/r', GITHUB],
    ['a script', 'javascript:alert(1)//github.com/o/r', GITHUB],
    ['data', 'data:text/html,/o/r', GITHUB],
    ['an owner alone', 'https://github.com/o', GITHUB],
    ['a server alone', 'https://github.com', GITHUB],
    ['an empty owner', 'https://github.com//o/r', GITHUB],
    ['a way up', 'https://github.com/o/..', GITHUB],
    ['a way up that is escaped', 'https://github.com/o/%2e%2e/r', GITHUB],
    ['a way up that is left of a name', 'https://github.com/o/...git', GITHUB],
    ['nothing that is left of a name', 'https://github.com/o/.git', GITHUB],
    ['an escape in a name', 'https://github.com/o/r%0a', GITHUB],
    ['a bracket in a name', 'https://github.com/o/r)[x](y', GITHUB],
    ['a blank in a name', 'https://github.com/o/r x', GITHUB],
    ['a very long name', `https://github.com/o/${'r'.repeat(101)}`, GITHUB],
  ])('is none for %s', (_, source, server) => {
    expect(commitLink({ source, revision: COMMIT }, server)).toBeUndefined()
  })

  test('is none without a commit', () => {
    for (const revision of ['main', `${COMMIT})`, `${COMMIT}/../..`, ''])
      expect(link('https://github.com/o/r', GITHUB, revision)).toBeUndefined()
    expect(commitLink({ source: 'https://github.com/o/r' }, GITHUB)).toBeUndefined()
    expect(commitLink({ revision: COMMIT }, GITHUB)).toBeUndefined()
  })
})
