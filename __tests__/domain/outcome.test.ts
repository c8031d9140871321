import { describe, expect, test } from 'vitest'
import { isLeftOver, isPurged, outcomesOf, type Outcome, type Receipt } from '../../src/domain/outcome.ts'
import { digestOf } from './picture.ts'
import { namer, planned } from './purge-words.ts'

const OLD = digestOf('old')
const OTHER = digestOf('other')

/** Every outcome, whether the manifest is gone because of this run, and whether an orphan that was due is still there. */
const OUTCOMES: readonly (readonly [string, Outcome, boolean, boolean])[] = [
  ['deleted', { kind: 'deleted', answered: true }, true, false],
  ['deleted, though the answer was lost', { kind: 'deleted', answered: false }, true, false],
  ['deleted with its subject or index', { kind: 'cascaded', along: OTHER }, true, false],
  ['gone before', { kind: 'gone' }, false, false],
  ['tagged again', { kind: 'skipped', because: { rule: 'tagged', tag: 'v1' }, of: OLD }, false, false],
  ['locked', { kind: 'skipped', because: { rule: 'locked' }, of: OLD }, false, true],
  [
    'with a locked tag',
    { kind: 'skipped', because: { rule: 'locked', tag: 'sha256-0.sig' }, of: OLD },
    false,
    true,
  ],
  ['beside one that is locked', { kind: 'skipped', because: { rule: 'locked' }, of: OTHER }, false, true],
  ['pushed again', { kind: 'skipped', because: { rule: 'changed' }, of: OLD }, false, false],
  ['listed', { kind: 'skipped', because: { rule: 'listed', by: OTHER }, of: OLD }, false, false],
  ['referred to', { kind: 'skipped', because: { rule: 'referred', by: OTHER }, of: OLD }, false, false],
  [
    'beside one that failed',
    { kind: 'skipped', because: { rule: 'together', stays: OTHER }, of: OTHER },
    false,
    false,
  ],
  [
    'beside something unclear',
    { kind: 'skipped', because: { rule: 'unclear', by: OTHER }, of: OLD },
    false,
    false,
  ],
  ['failed', { kind: 'failed', error: 'no', of: OLD }, false, true],
  ['not tried', { kind: 'not-tried', why: 'no time' }, false, true],
]

describe('gone because of this run', () => {
  test.each(OUTCOMES)('%s: %o', (_, outcome, purged) => {
    expect(isPurged(outcome)).toBe(purged)
  })
})

describe('due and still there', () => {
  test.each(OUTCOMES)('%s: %o', (...[, outcome, , leftOver]) => {
    expect(isLeftOver(outcome)).toBe(leftOver)
  })
})

test('the outcomes of a receipt are in the order of the plan', () => {
  const described = {
    current: { tags: ['latest'] },
    older: { age: '40d', children: ['child'] },
    child: {},
    old: { age: '30d' },
  }
  const gone: Outcome = { kind: 'gone' }
  const lots = planned(described).lots.map((lot) => ({
    lot,
    outcomes: lot.steps().map((step) => ({ step, outcome: gone })),
  }))
  const receipt: Receipt = { lots, halted: undefined }
  expect(outcomesOf(receipt).map(({ step }) => namer(described)(step.digest))).toEqual([
    'older',
    'child',
    'old',
  ])
})
