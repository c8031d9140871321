import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/domain/digest.ts'
import { DAY, HOUR } from '../../src/domain/duration.ts'
import type { Memory } from '../../src/domain/memory.ts'
import type { Origin } from '../../src/domain/origin.ts'
import { Past } from '../../src/domain/past.ts'
import { newOrphansOf, pushedTags, type PushedTag } from '../../src/domain/push.ts'
import { memoryOf, watched } from './memories.ts'
import { digestOf, NOW, survey, type Described } from './picture.ts'

const PICTURE: Readonly<Record<string, Described>> = {
  old: { age: '90d' },
  other: { age: '80d' },
  new: { tags: ['latest'], age: '2h' },
}

const SAW_OLD = memoryOf({ app: { seenAt: NOW - DAY, tags: new Map([['latest', digestOf('old')]]) } })

function pushed(
  tag: string,
  memory: Memory | undefined,
  origins: ReadonlyMap<Digest, Origin> = new Map(),
): PushedTag {
  const past = memory === undefined ? undefined : new Past(memory, 'app', NOW)
  const surveys = [survey(PICTURE, { repository: 'app' }, { past })]
  const [told] = pushedTags([{ repository: 'app', tag }], { surveys, memory, origins })
  if (told === undefined) throw new Error('nothing is told')
  return told
}

describe('what a pushed tag left', () => {
  test('is the orphan that the state saw it on', () => {
    const { digest, before, left } = pushed('latest', SAW_OLD)
    expect([digest, before]).toEqual([digestOf('new'), digestOf('old')])
    expect(left).toMatchObject([{ finding: { root: { digest: digestOf('old') } }, evidence: 'state' }])
  })

  test('is nothing that anybody knows without a state', () => {
    expect(pushed('latest', undefined)).toMatchObject({ before: undefined, known: false, left: [] })
  })

  test('is nothing when the state saw it where it is', () => {
    const memory = memoryOf({ app: { seenAt: NOW - HOUR, tags: new Map([['latest', digestOf('new')]]) } })
    expect(pushed('latest', memory)).toMatchObject({ before: undefined, known: true, left: [] })
  })

  test('is also what says so itself, if no run knew it', () => {
    const origins = new Map([
      [digestOf('old'), { version: 'latest' }],
      [digestOf('other'), { version: 'else' }],
    ])
    const unknown = memoryOf({ app: { seenAt: NOW - DAY } })
    expect(pushed('latest', unknown, origins).left).toMatchObject([{ evidence: 'label' }])
    const known = memoryOf({ app: { seenAt: NOW - DAY, roots: new Map([[digestOf('old'), watched(DAY)]]) } })
    expect(pushed('latest', known, origins).left).toEqual([])
  })

  test('of a tag that is not there is nothing', () => {
    expect(pushed('gone', SAW_OLD)).toMatchObject({ digest: undefined, left: [] })
  })
})

describe('new orphans', () => {
  const surveys = (memory: Memory) => [
    survey(PICTURE, { repository: 'app' }, { past: new Past(memory, 'app', NOW) }),
  ]

  test.each([undefined, memoryOf({})])('are not known without a state that knows anything', (memory) => {
    expect(newOrphansOf([], { memory, pushed: undefined })).toBeUndefined()
  })

  test('are those that the state did not know', () => {
    const memory = memoryOf({ app: { seenAt: NOW - DAY, roots: new Map([[digestOf('old'), watched(DAY)]]) } })
    const found = newOrphansOf(surveys(memory), { memory, pushed: undefined })
    expect([...(found ?? [])]).toEqual([`app@${digestOf('other')}`])
  })

  test('after a push are those that it left', () => {
    const told = pushed('latest', SAW_OLD)
    const found = newOrphansOf(surveys(SAW_OLD), { memory: SAW_OLD, pushed: [told] })
    expect([...(found ?? [])]).toEqual([`app@${digestOf('old')}`])
  })
})
