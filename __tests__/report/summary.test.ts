import { describe, expect, test } from 'vitest'
import { shortDigest } from '../../src/domain/digest.ts'
import { DAY } from '../../src/domain/duration.ts'
import type { Report } from '../../src/report/report.ts'
import { summary } from '../../src/report/summary.ts'
import { digestOf, survey } from '../domain/picture.ts'
import { orphan, reportOf, repository, withOrphans } from './story.ts'

/** The lines under a heading, without entities, so that they can be read. */
function section(report: Report, heading: string): string {
  const text = summary(report).replaceAll(/&#(\d+);/g, (_, code: string) =>
    String.fromCodePoint(Number(code)),
  )
  return text.split(/^### /m).find((part) => part.startsWith(heading)) ?? ''
}

/** The first cells of the rows of a table. */
function firstCells(markdown: string): readonly (string | undefined)[] {
  return [...markdown.matchAll(/^\| <code>(.*?)<\/code> \|/gm)].map(([, cell]) => cell)
}

describe('the repositories with orphans', () => {
  const sized = (name: string, size: number, count = 1): ReturnType<typeof repository> =>
    repository(name, {
      findings: Array.from({ length: count }, (_, number) => orphan(name, { number, size })),
    })

  test('begin with the one that has the most bytes, then with the most orphans', () => {
    const surveys = [
      sized('small', 10),
      sized('large', 30),
      sized('few', 20),
      sized('many', 10, 2),
      repository('clean'),
    ]
    const [table = ''] = section(reportOf(surveys), 'Orphans by repository').split('<details>')
    expect(firstCells(table)).toEqual(['large', 'many', 'few', 'small'])
    expect(table).toContain('1 repository without orphans')
  })

  test('list their orphans from the oldest to the youngest', () => {
    const ages = [5 * DAY, 9 * DAY, 3 * DAY]
    const findings = ages.map((age, number) => orphan('api', { number, age }))
    const [, list = ''] = section(reportOf([repository('api', { findings })]), 'Orphans by repository').split(
      '<details>',
    )
    expect(list.match(/\d+&nbsp;days&nbsp;ago/g)).toEqual(
      ['9', '5', '3'].map((days) => `${days}&nbsp;days&nbsp;ago`),
    )
  })
})

describe('the limits', () => {
  const limits = { maxOrphans: 1, warnOrphans: 0 }

  test('are all shown, kept or not', () => {
    const rows = section(reportOf([withOrphans('api', 1)], limits), 'Limits')
    expect(rows).toMatch(/✅ \| `max-orphans`/)
    expect(rows).toMatch(/⚠️ \| `warn-orphans`/)
  })

  test('per repository are shown where they are not kept, the others counted', () => {
    const surveys = [withOrphans('api', 2), withOrphans('web', 1), repository('clean')]
    const rows = section(reportOf(surveys, { ...limits, scope: 'repository' }), 'Limits')
    expect(rows.match(/^\| (?:❌|⚠️) .*?<code>(?:api|web)<\/code>/gmu)).toHaveLength(3)
    expect(rows).not.toContain('✅')
    expect(rows).not.toContain('clean')
    expect(rows).toMatch(/\b3 limits\b/)
  })

  test('that are not kept are at most five lines at the head, the rest counted', () => {
    const surveys = Array.from({ length: 8 }, (_, index) => withOrphans(`app-${index}`, 1))
    const [head = ''] = summary(reportOf(surveys, { maxOrphans: 0, scope: 'repository' })).split('### ')
    expect(head.match(/expected none/g)).toHaveLength(5)
    expect(head).toContain('And 3 limits more')
  })

  test('that are not set at all are said to be none', () => {
    expect(summary(reportOf([withOrphans('api', 1)]))).toContain('no limit is set')
    expect(summary(reportOf([withOrphans('api', 1)], { maxOrphans: 1 }))).not.toContain('no limit is set')
  })
})

test('a broken index names five of its missing children and counts the rest', () => {
  const children = Array.from({ length: 8 }, (_, index) => `gone${index}`)
  const rows = (missing: readonly string[]): string =>
    section(reportOf([survey({ index: { tags: ['v1'], children } }, { missing })]), 'Broken indexes')
  expect(rows(children).match(/<code>sha256:/g)).toHaveLength(5)
  expect(rows(children)).toContain('and 3 more')
  expect(rows(['gone0', 'gone1'])).not.toContain('more')
})

test('a broken index without a tag of its own is named by its digest', () => {
  const found = survey(
    { outer: { tags: ['v1'], children: ['inner'] }, inner: { children: ['gone'] } },
    { missing: ['gone'] },
  )
  expect(section(reportOf([found]), 'Broken indexes')).toContain(
    `<code>${shortDigest(digestOf('inner'))}</code>`,
  )
})

test('what was left alone is named by the reasons that there are, and by no other', () => {
  const rows = section(reportOf([survey({ image: { tags: ['v1'] }, young: { age: '1m' } })]), 'Left alone')
  expect(rows.match(/^\| \d+ \|/gm)).toEqual(['| 1 |', '| 1 |'])
  expect(rows).toContain('in use')
  expect(rows).toContain('in flight')
})

test('nothing that is empty has a heading', () => {
  expect(summary(reportOf([repository('api')], { maxOrphans: 0 })).match(/^### .*/gm)).toEqual(['### Limits'])
})
