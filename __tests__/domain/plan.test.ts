import { describe, expect, test } from 'vitest'
import type { Obstacle } from '../../src/domain/obstacle.ts'
import { planOf, type Plan } from '../../src/domain/plan.ts'
import type { Survey } from '../../src/domain/survey.ts'
import { type Described } from './picture.ts'
import { judged, namer, policyOf, type Wish } from './purge-words.ts'

type Picture = Readonly<Record<string, Described>>
type Pictures = Readonly<Record<string, Picture>>

const IN_USE: Picture = { current: { tags: ['latest'] } }

/** An orphan index of so many manifests, itself included. */
function orphan(name: string, age: string, manifests = 1): Picture {
  const children = Array.from({ length: manifests - 1 }, (_, at) => `${name}-${at}`)
  if (children.length === 0) return { [name]: { age } }
  return { [name]: { age, children }, ...Object.fromEntries(children.map((child) => [child, { age }])) }
}

/** In each repository something else is in use. */
function surveys(repositories: Pictures, wish: Wish = {}): readonly Survey[] {
  return Object.entries(repositories).map(([repository, described]) =>
    judged({ ...described, ...IN_USE }, { ...wish, repository }),
  )
}

/** Roots in the plan's order, such as `app@old`. */
function roots(repositories: Pictures, { lots }: Plan): readonly string[] {
  const nameOf = namer(...Object.values(repositories))
  return lots.map(({ finding }) => `${finding.repository}@${nameOf(finding.root.digest)}`)
}

function planFor(repositories: Pictures, wish: Wish = {}): Plan {
  return planOf(surveys(repositories, wish), policyOf(wish))
}

function fateOf(repositories: Pictures, { fates }: Plan): Readonly<Record<string, string>> {
  const nameOf = namer(...Object.values(repositories))
  return Object.fromEntries(
    [...fates].map(([{ repository, root }, { kind }]) => [`${repository}@${nameOf(root.digest)}`, kind]),
  )
}

describe('the order', () => {
  test('is oldest first, over all repositories', () => {
    const repositories = {
      web: { ...orphan('a', '10d'), ...orphan('b', '30d', 3) },
      app: { ...orphan('c', '20d'), ...orphan('d', '40d') },
    }
    expect(roots(repositories, planFor(repositories))).toEqual(['app@d', 'web@b', 'app@c', 'web@a'])
  })

  test('is by name where the age is the same', () => {
    const repositories = { web: orphan('a', '10d'), app: orphan('a', '10d'), api: orphan('a', '10d') }
    expect(roots(repositories, planFor(repositories))).toEqual(['api@a', 'app@a', 'web@a'])
  })

  test('puts an index before what another orphan has of its children, whatever their ages', () => {
    // What is purged only on request has the first claim, so the older one has to wait for the younger one.
    const repositories = {
      app: {
        referrer: { age: '90d', subject: 'gone', children: ['shared'] },
        index: { age: '30d', children: ['shared'] },
        shared: {},
        between: { age: '60d' },
      },
    }
    const plan = planFor(repositories, { purgeOrphanedReferrers: true })
    expect(roots(repositories, plan)).toEqual(['app@index', 'app@referrer', 'app@between'])
    expect(plan.manifests).toBe(4)
  })

  test('does not mix up roots of the same digest in several repositories', () => {
    const shared: Picture = {
      referrer: { age: '90d', subject: 'gone', children: ['shared'] },
      index: { age: '30d', children: ['shared'] },
      shared: {},
    }
    const repositories = { web: shared, app: shared }
    const plan = planFor(repositories, { purgeOrphanedReferrers: true })
    expect(roots(repositories, plan)).toEqual(['app@index', 'app@referrer', 'web@index', 'web@referrer'])
  })
})

describe('max-deletes', () => {
  const REPOSITORIES = {
    app: { ...orphan('a', '50d', 3), ...orphan('c', '30d', 1) },
    web: { ...orphan('b', '40d', 2), ...orphan('d', '20d', 1) },
  }

  test.each<[number, readonly string[], number]>([
    [7, ['app@a', 'web@b', 'app@c', 'web@d'], 7],
    [6, ['app@a', 'web@b', 'app@c'], 6],
    [5, ['app@a', 'web@b'], 5],
    // Two would fit, but not the whole of what is next; nothing younger gets ahead of it.
    [4, ['app@a'], 3],
    [3, ['app@a'], 3],
  ])('of %i takes whole orphans, oldest first', (maxDeletes, expected, manifests) => {
    const plan = planFor(REPOSITORIES, { maxDeletes })
    expect(roots(REPOSITORIES, plan)).toEqual(expected)
    expect(plan).toMatchObject({ manifests, oversized: undefined })
  })

  test.each([1, 2])('of %i lets an orphan that never fits go alone, and names it', (maxDeletes) => {
    const plan = planFor(REPOSITORIES, { maxDeletes })
    expect(roots(REPOSITORIES, plan)).toEqual(['app@a'])
    expect(plan.manifests).toBe(3)
    expect(plan.oversized).toBe(plan.lots[0])
  })

  test('stops in front of one that is too large by itself: it is the first next time', () => {
    const repositories = {
      app: { ...orphan('a', '50d'), ...orphan('large', '40d', 4), ...orphan('c', '30d') },
    }
    const plan = planFor(repositories, { maxDeletes: 3 })
    expect(roots(repositories, plan)).toEqual(['app@a'])
    expect(plan.oversized).toBeUndefined()
  })

  test('is said of what is left to the next run', () => {
    const plan = planFor(REPOSITORIES, { maxDeletes: 5 })
    expect(fateOf(REPOSITORIES, plan)).toEqual({
      'app@a': 'due',
      'web@b': 'due',
      'app@c': 'over-limit',
      'web@d': 'over-limit',
    })
  })
})

describe('max-delete-percent', () => {
  // Four manifests each: one in use and three of an orphan; or two in use and two orphans.
  const HEAVY = orphan('heavy', '50d', 3)
  const LIGHT = { ...orphan('light', '40d'), live: { tags: ['v1'] }, ...orphan('young', '1d') }

  test.each<[number | undefined, readonly string[]]>([
    [undefined, ['app@heavy', 'web@light']],
    [100, ['app@heavy', 'web@light']],
    [75, ['app@heavy', 'web@light']],
    [74.9, ['web@light']],
    [25, ['web@light']],
    [24.9, []],
  ])('of %s: more than the share trips', (maxDeletePercent, expected) => {
    const repositories = { app: HEAVY, web: LIGHT }
    const plan = planFor(repositories, { maxDeletePercent })
    expect(roots(repositories, plan)).toEqual(expected)
    const tripped = ['app@heavy', 'web@light'].filter((root) => !expected.includes(root))
    expect(plan.trips.map(({ repository }) => repository)).toEqual(tripped.map((root) => root.split('@')[0]))
  })

  test('says what the plan would have been, and of what', () => {
    const plan = planFor({ app: HEAVY }, { maxDeletePercent: 50 })
    expect(plan.trips).toEqual([{ repository: 'app', planned: 3, manifests: 4 }])
    expect(fateOf({ app: HEAVY }, plan)).toEqual({ 'app@heavy': 'breaker' })
    expect(plan.manifests).toBe(0)
  })

  test('frees what the repository would have used of max-deletes for others', () => {
    const repositories = { app: HEAVY, web: { ...LIGHT, ...orphan('next', '30d') } }
    const plan = planFor(repositories, { maxDeletePercent: 50, maxDeletes: 3 })
    expect(roots(repositories, plan)).toEqual(['web@light', 'web@next'])
  })

  test('trips also a repository that is reached only then', () => {
    const repositories = { app: HEAVY, web: orphan('heavy2', '45d', 3), api: LIGHT }
    const plan = planFor(repositories, { maxDeletePercent: 50, maxDeletes: 3 })
    expect(roots(repositories, plan)).toEqual(['api@light'])
    expect(plan.trips.map(({ repository }) => repository)).toEqual(['app', 'web'])
  })

  test('counts what this run would delete, not what is left to the next one', () => {
    const repositories = { app: { ...orphan('a', '50d'), ...orphan('b', '40d'), live: { tags: ['v1'] } } }
    expect(planFor(repositories, { maxDeletePercent: 30 }).trips).toHaveLength(1)
    expect(planFor(repositories, { maxDeletePercent: 30, maxDeletes: 1 }).trips).toEqual([])
  })

  test('stops a plan that is oversized too', () => {
    const plan = planFor({ app: HEAVY }, { maxDeletePercent: 50, maxDeletes: 1 })
    expect(plan).toMatchObject({ lots: [], oversized: undefined })
  })
})

describe('an obstacle', () => {
  const OBSTACLE: Obstacle = { kind: 'locked', why: 'The repository is locked.' }
  const REPOSITORIES = {
    app: { ...orphan('a', '50d', 3), ...orphan('young', '1d') },
    web: orphan('b', '40d', 2),
  }

  function withObstacle(wish: Wish): Plan {
    const [app, web] = surveys(REPOSITORIES, wish)
    if (app === undefined || web === undefined) throw new Error('two repositories expected')
    return planOf([{ ...app, obstacle: OBSTACLE }, web], policyOf(wish))
  }

  test('leaves its repository alone', () => {
    const plan = withObstacle({})
    expect(roots(REPOSITORIES, plan)).toEqual(['web@b'])
    expect(fateOf(REPOSITORIES, plan)).toEqual({
      'app@a': 'obstacle',
      'app@young': 'waiting',
      'web@b': 'due',
    })
  })

  test('frees what the repository would have used of max-deletes', () => {
    expect(roots(REPOSITORIES, withObstacle({ maxDeletes: 2 }))).toEqual(['web@b'])
  })

  test('trips no breaker', () => {
    const plan = withObstacle({ maxDeletePercent: 70 })
    expect(plan.trips).toEqual([])
    expect(fateOf(REPOSITORIES, plan)).toMatchObject({ 'app@a': 'obstacle' })
  })
})

test('a plan tells what becomes of everything that was found', () => {
  const repositories: Pictures = {
    app: {
      due: { age: '90d' },
      waiting: { age: '1d' },
      held: { age: '30d' },
      signature: { subject: 'held', tags: ['signed'] },
      hidden: { age: '30d', locks: 'hidden' },
      referrer: { age: '30d', subject: 'gone' },
    },
  }
  expect(fateOf(repositories, planFor(repositories))).toEqual({
    'app@due': 'due',
    'app@waiting': 'waiting',
    'app@held': 'held',
    'app@hidden': 'locks-unknown',
    'app@referrer': 'not-asked',
  })
})

test('nothing found is an empty plan', () => {
  expect(planFor({ app: {} })).toMatchObject({ lots: [], manifests: 0, trips: [], oversized: undefined })
})
