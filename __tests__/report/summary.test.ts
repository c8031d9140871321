import { describe, expect, test } from 'vitest'
import { shortDigest } from '../../src/domain/digest.ts'
import { DAY } from '../../src/domain/duration.ts'
import type { Survey } from '../../src/domain/survey.ts'
import type { Report } from '../../src/report/report.ts'
import { summary } from '../../src/report/summary.ts'
import { digestOf, survey } from '../domain/picture.ts'
import { notRead, orphan, reportOf, repository, withOrphans } from './story.ts'

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
    expect(rows).toContain('All other limits are kept (3 checks).')
  })

  test('that are not kept are at most five lines at the head, the rest counted', () => {
    const surveys = Array.from({ length: 8 }, (_, index) => withOrphans(`app-${index}`, 1))
    const [head = ''] = summary(reportOf(surveys, { maxOrphans: 0, scope: 'repository' })).split('### ')
    expect(head.match(/expected none/g)).toHaveLength(5)
    expect(head).toContain('And 3 more limits')
  })

  test('that are not kept are one line at the head for each measure: the one that fails says it all', () => {
    const report = reportOf([withOrphans('api', 2)], { ...limits, warnOrphanSize: 0 })
    const [head = '', rows = ''] = summary(report).split('### ')
    expect(head.match(/^> - .*expected (?:at most 1|none)\.$/gm)).toHaveLength(2)
    expect(head).toContain('2 orphans, expected at most 1.')
    expect(head).not.toContain('2 orphans, expected none')
    expect(rows).toMatch(/⚠️ \| `warn-orphans`/)
  })

  test('that are not set at all are said to be none', () => {
    expect(summary(reportOf([withOrphans('api', 1)]))).toContain('No limit is set')
    expect(summary(reportOf([withOrphans('api', 1)], { maxOrphans: 1 }))).not.toContain('No limit is set')
  })

  test('that are set are not said to be none when there is no repository to hold against them', () => {
    expect(summary(reportOf([], { maxOrphans: 0, scope: 'repository' }))).not.toContain('No limit is set')
  })

  test('are not shown as kept by a run that was skipped: nothing was looked at', () => {
    const markdown = summary(
      reportOf([], { maxOrphans: 0 }, { skipped: 'none of the pushed images is in myregistry.azurecr.io' }),
    )
    expect(markdown).not.toContain('✅')
    expect(markdown).not.toContain('max-orphans')
  })
})

describe('what was looked at', () => {
  const head = (surveys: readonly Survey[]): string => summary(reportOf(surveys)).split('### ')[0] ?? ''

  test('is all repositories when all were read', () => {
    expect(head([withOrphans('api', 2)])).toMatch(/among \d+ manifests? of all repositories of /)
  })

  test('is nothing when nothing was read: no number stands for what is not known', () => {
    expect(head([notRead('web')])).toContain('Nothing could be read of ')
    expect(head([notRead('web')])).not.toContain('No orphans')
  })

  test('is said to be a part when not all were read, and the others are named', () => {
    const text = head([withOrphans('api', 2), notRead('web'), notRead('site')])
    expect(text).toMatch(/among \d+ manifests? of the 1 of 3 repositories that could be read/)
    expect(text).toContain(
      '2 repositories could not be read in full and cannot be judged: <code>web</code>, <code>site</code>.',
    )
  })
})

test('sizes that are not known are no upper bound of nothing', () => {
  const unsized = repository('api', { findings: [{ ...orphan('api', { size: 0 }), unsized: 1 }] })
  const markdown = summary(reportOf([unsized], { maxOrphans: 5 }))
  expect(markdown).not.toContain('up to 0 B')
  expect(markdown).toContain('1 orphan (of unknown size, oldest pushed 2 days ago)')
  expect(markdown.match(/\| unknown \|/g)).toHaveLength(2)
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
