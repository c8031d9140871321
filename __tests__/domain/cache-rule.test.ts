import { describe, expect, test } from 'vitest'
import { cachedRepositories, withoutSparse, type CacheRule } from '../../src/domain/cache-rule.ts'
import { survey } from './picture.ts'

const lackingIn = (repository: string) =>
  survey(
    { index: { tags: ['v1'], children: ['pulled', 'not-pulled'] }, pulled: {} },
    { repository, missing: ['not-pulled'] },
  )

const rule = (target: string): CacheRule => ({ name: 'hub', target })

describe('an index without all of its platforms is not broken where a cache rule fills the repository', () => {
  test.each([
    ['cached/nginx', 'cached/nginx', true],
    ['cached/nginx', 'cached/nginx-2', false],
    ['cached/*', 'cached/library/nginx', true],
    ['cached/*', 'cached', false],
    ['cached/*', 'my-cached/nginx', false],
    ['*', 'anything/at/all', true],
    ['', 'app', false],
  ])('target %s, repository %s: %s', (target, repository, filled) => {
    const surveys = [lackingIn(repository)]
    expect(withoutSparse(surveys, [rule(target)])[0]?.broken).toHaveLength(filled ? 0 : 1)
    expect(cachedRepositories(surveys, [rule(target)])).toHaveLength(filled ? 1 : 0)
  })

  test('what a purge might have done there is still seen', () => {
    const [spared] = withoutSparse([lackingIn('cached/nginx')], [rule('cached/*')])
    expect(spared?.lacking).toHaveLength(1)
  })

  test('each repository is named with its rule and its indexes; whole ones are not', () => {
    const whole = survey(
      { index: { tags: ['v1'], children: ['pulled'] }, pulled: {} },
      { repository: 'cached/a' },
    )
    expect(
      cachedRepositories([whole, lackingIn('cached/b'), lackingIn('own')], [rule('cached/*')]),
    ).toMatchObject([{ repository: 'cached/b', rule: 'hub', sparse: [{ repository: 'cached/b' }] }])
  })

  test('without rules nothing changes', () => {
    const surveys = [lackingIn('app')]
    expect(withoutSparse(surveys, [])).toEqual(surveys)
  })
})
