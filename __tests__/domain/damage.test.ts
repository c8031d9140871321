import { describe, expect, test } from 'vitest'
import { damageOf, type Before } from '../../src/domain/damage.ts'
import type { Outcome, Receipt } from '../../src/domain/outcome.ts'
import type { Survey } from '../../src/domain/survey.ts'
import { digestOf, NOW, survey, type Described } from './picture.ts'
import { judged, planned } from './purge-words.ts'

type Picture = Readonly<Record<string, Described>>

const DELETED: Outcome = { kind: 'deleted', answered: true }

/** When the scan began: everything in a picture that is older was there. */
const SINCE = NOW - 60_000

const INDEX: Described = { tags: ['v1'], children: ['amd64', 'arm64'] }
const WHOLE: Picture = { index: INDEX, amd64: {}, arm64: {} }
const BROKEN: Picture = { index: INDEX, amd64: {} }

function looked(described: Picture, repository = 'app'): Survey {
  return survey(described, { repository, missing: ['amd64', 'arm64', 'old'] })
}

/** What a purge did to a repository with one orphan, `old`. */
function receipt(outcome: Outcome): Receipt {
  const [lot] = planned({ current: { tags: ['latest'] }, old: { age: '30d' } }).lots
  const [step] = lot?.steps() ?? []
  if (lot === undefined || step === undefined) throw new Error('an orphan is expected')
  return { lots: [{ lot, outcomes: [{ step, outcome }] }], halted: undefined }
}

function before(described: Picture, rest: Partial<Before> = {}): Before {
  return {
    surveys: [looked(described)],
    since: SINCE,
    receipt: { lots: [], halted: undefined },
    ...rest,
  }
}

/** Names of what is missing, by the names of their indexes. */
function damage(after: Picture, was: Before): readonly string[] {
  const names = ['index', 'other', 'amd64', 'arm64', 'old']
  const nameOf = (digest: string): string => names.find((name) => digestOf(name) === digest) ?? digest
  return damageOf([looked(after)], was)
    .flatMap(({ index, missing }) => missing.map((child) => `${nameOf(index.digest)} lacks ${nameOf(child)}`))
    .sort()
}

test('a live index that was whole and is not any more', () => {
  expect(damage(BROKEN, before(WHOLE))).toEqual(['index lacks arm64'])
})

test('every child that is gone, no other one', () => {
  expect(damage({ index: INDEX }, before(WHOLE))).toEqual(['index lacks amd64', 'index lacks arm64'])
})

test('nothing where all is whole', () => {
  expect(damage(WHOLE, before(WHOLE))).toEqual([])
})

test('not what was broken before', () => {
  expect(damage(BROKEN, before(BROKEN))).toEqual([])
})

test('only what is new of an index that was broken before', () => {
  expect(damage({ index: INDEX }, before(BROKEN))).toEqual(['index lacks amd64'])
})

test('not what another index lacked before', () => {
  const other: Picture = { other: { tags: ['v2'], children: ['arm64'] } }
  expect(damage({ ...BROKEN, ...other }, before({ ...BROKEN, arm64: {} }))).toEqual([
    'index lacks arm64',
    'other lacks arm64',
  ])
})

test('not what was broken in another repository of the same name before', () => {
  const was = { ...before(WHOLE), surveys: [looked(WHOLE), looked(BROKEN, 'web')] }
  expect(damage(BROKEN, was)).toEqual(['index lacks arm64'])
})

describe('an index that was pushed since the scan began', () => {
  const COMING: Picture = {
    current: { tags: ['latest'] },
    index: { ...INDEX, age: '0d' },
  }

  test('may still wait for its children', () => {
    expect(damage(COMING, before({}))).toEqual([])
  })

  test('is damaged when the purge deleted one of them', () => {
    const coming = { ...COMING, index: { ...INDEX, children: ['old', 'arm64'], age: '0d' } }
    expect(damage(coming, before({}, { receipt: receipt(DELETED) }))).toEqual(['index lacks old'])
  })

  test.each<[string, Outcome]>([
    ['deleted, answered or not', { kind: 'deleted', answered: false }],
    ['deleted along with something', { kind: 'cascaded', along: digestOf('subject') }],
  ])('is damaged by what was %s', (_, outcome) => {
    const coming = { ...COMING, index: { ...INDEX, children: ['old'], age: '0d' } }
    expect(damage(coming, before({}, { receipt: receipt(outcome) }))).toEqual(['index lacks old'])
  })

  test.each<[string, Outcome]>([
    ['gone already', { kind: 'gone' }],
    ['left alone', { kind: 'skipped', because: { rule: 'changed' }, of: digestOf('old') }],
    ['not deleted', { kind: 'failed', error: 'no', of: digestOf('old') }],
    ['not tried', { kind: 'not-tried', why: 'no time' }],
  ])('is not damaged by what was %s', (_, outcome) => {
    const coming = { ...COMING, index: { ...INDEX, children: ['old'], age: '0d' } }
    expect(damage(coming, before({}, { receipt: receipt(outcome) }))).toEqual([])
  })

  test('is not damaged by a deletion of the same digest in another repository', () => {
    const coming = { ...COMING, index: { ...INDEX, children: ['old'], age: '0d' } }
    const was = before({}, { receipt: receipt(DELETED) })
    expect(damageOf([looked(coming, 'web')], was)).toEqual([])
  })
})

test('an orphan index that lacks a child is no damage', () => {
  const after: Picture = { current: { tags: ['latest'] }, index: { children: ['arm64'], age: '30d' } }
  expect(damage(after, before({ ...after, arm64: {} }))).toEqual([])
})

test('a repository that could not be read again says nothing', () => {
  const gap = { kind: 'unreadable', why: 'no', reason: 'no' } as const
  expect(damageOf([{ ...judged({}), gap }], before(WHOLE))).toEqual([])
})
