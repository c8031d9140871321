import { describe, expect, test } from 'vitest'
import type { Survey } from '../../src/domain/survey.ts'
import { DAY } from '../../src/domain/duration.ts'
import { logGroups } from '../../src/report/log-lines.ts'
import type { Report } from '../../src/report/report.ts'
import { summary } from '../../src/report/summary.ts'
import { survey } from '../domain/picture.ts'
import { notRead, orphan, reportOf, repository, withOrphans } from './story.ts'

/** GitHub refuses more than 1024 KiB as a whole; the rest is for what other steps of the job write. */
const MOST_BYTES = 900_000

/** As long as a name of a repository may be, and of nothing but characters that Markdown has to be kept from. */
function longName(number: number): string {
  return `${number}${'-'.repeat(200)}`.slice(0, 120) + `/a${'_'.repeat(2)}b`.repeat(27) + number
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

function numberIn(text: string | undefined): number {
  return Number((text ?? '0').replaceAll(',', ''))
}

/** How many rows the lists of orphans have, and how many orphans they say that they leave out. */
function listed(markdown: string): { readonly shown: number; readonly cut: number } {
  const shown = markdown.match(/^\| <code>sha256/gm)?.length ?? 0
  const inList = [...markdown.matchAll(/and ([\d,]+) more, see the log/g)].map(([, count]) => numberIn(count))
  const elsewhere = /And ([\d,]+) orphans? in other repositories/.exec(markdown)?.[1]
  return { shown, cut: inList.reduce((sum, count) => sum + count, numberIn(elsewhere)) }
}

/** Repositories that differ in nothing but their names. */
function manyRepositories(
  count: number,
  orphans: number,
  name = (index: number) => `team/app-${index}`,
): Report {
  const { findings } = withOrphans('any', orphans)
  const surveys = Array.from({ length: count }, (_, index) =>
    repository(name(index), { manifests: orphans, findings }),
  )
  return reportOf(surveys, { maxOrphans: 0, scope: 'repository' })
}

/** Built once: what is measured is what is made of them. */
const BACKLOG = reportOf([withOrphans('api', 140_000)], { maxOrphans: 25 })
const CROWD = manyRepositories(5000, 30)

describe('a summary stays within what GitHub takes, and says what it left out', () => {
  test('140,000 orphans in one repository', () => {
    const markdown = summary(BACKLOG)
    const { shown, cut } = listed(markdown)
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(shown).toBeGreaterThan(100)
    expect(shown + cut).toBe(140_000)
    expect(markdown).toContain('140,000 orphans')
  })

  test('5,000 repositories with 30 orphans each', () => {
    const markdown = summary(CROWD)
    const { shown, cut } = listed(markdown)
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(shown).toBeGreaterThan(100)
    expect(shown + cut).toBe(150_000)
    expect(markdown).toMatch(/4,900 more repositories with orphans/)
  })

  test('1,000 repositories with very long names', () => {
    const markdown = summary(manyRepositories(1000, 3, longName))
    const { shown, cut } = listed(markdown)
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(shown).toBeGreaterThan(0)
    expect(shown + cut).toBe(3000)
  })

  test('500 repositories of which nothing could be read', () => {
    const gaps = Array.from({ length: 500 }, (_, index): Survey => {
      const why = `Could not list the manifests of ${longName(index)} (403 DENIED): the identity may not.`
      return notRead(longName(index), { kind: 'permission', why })
    })
    const markdown = summary(reportOf(gaps))
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(markdown.match(/^\| <code>/gm)).toHaveLength(50)
    expect(markdown).toContain('And 450 more')
  })

  test('hundreds of broken indexes, notices and repositories without a tag', () => {
    const broken = survey(
      { index: { tags: [`v${'_'.repeat(120)}`], children: ['gone'] } },
      { missing: ['gone'] },
    ).broken
    const surveys = Array.from({ length: 500 }, (_, index) =>
      repository(longName(index), {
        broken: broken.map((each) => ({ ...each, repository: longName(index) })),
        findings: [{ ...orphan(longName(index)), kind: 'digest-only' }],
      }),
    )
    const notices = surveys.map((each) => `${each.repository} was deleted while the registry was read.`)
    const markdown = summary(reportOf(surveys, {}, { notices }))
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(markdown).toContain('500 broken indexes')
    expect(markdown).toContain('And 450 more')
    expect(markdown).toContain('and 490 more, see the log')
    expect(markdown).toContain('500 repositories without any tag')
    expect(markdown).toContain('</code> and 490 more |')
  })

  test('names, tags and reasons of nothing but control characters, everywhere at once', () => {
    const unseen = (number: number): string => `${number}${'\u{202E}'.repeat(250)}`
    const long = '\u{202E}'.repeat(2000)
    const tags = Array.from({ length: 5 }, (_, number) => unseen(number))
    const surveys = Array.from({ length: 200 }, (_, index) => [
      survey(
        { old: {}, index: { tags, children: ['gone'] } },
        { missing: ['gone'], repository: unseen(index) },
      ),
      notRead(unseen(index), { why: long }),
    ]).flat()
    const notices = Array.from({ length: 20 }, () => long)
    const markdown = summary(reportOf(surveys, { maxOrphans: 0, scope: 'repository' }, { notices }))
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
  })

  test('one orphan for thousands of platforms does not hide all the others', () => {
    const platforms = Array.from({ length: 20_000 }, (_, index) => `linux/${'_'.repeat(20)}${index}`)
    const huge = { ...orphan('api', { age: 100 * DAY }), platforms }
    const markdown = summary(reportOf([repository('api', { findings: [huge] }), withOrphans('web', 3)]))
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(listed(markdown)).toEqual({ shown: 4, cut: 0 })
  })

  test.each(['total', 'repository'] as const)('200,000 repositories, judged by %s', (scope) => {
    const surveys = Array.from({ length: 200_000 }, (_, index) => repository(`app-${index}`))
    expect(bytes(summary(reportOf(surveys, { scope })))).toBeLessThan(MOST_BYTES)
  })

  test('one repository more than are shown, in English', () => {
    expect(summary(manyRepositories(101, 1))).toContain('And 1 more repository with orphans.')
  })

  test('a thousand orphans for more platforms than anybody builds for', () => {
    const platforms = Array.from({ length: 30 }, (_, index) => `linux/${'_'.repeat(150)}${index}`)
    const findings = Array.from({ length: 500 }, (_, number) => ({
      ...orphan('api', { number }),
      platforms,
    }))
    const markdown = summary(reportOf([repository('api', { findings }), repository('web', { findings })]))
    const { shown, cut } = listed(markdown)
    expect(bytes(markdown)).toBeLessThan(MOST_BYTES)
    expect(shown).toBeGreaterThan(10)
    expect(shown + cut).toBe(1000)
  })

  test.each([1, 99, 100, 101, 999, 1000, 1001])(
    '%i orphans in one repository: shown and left out are all',
    (count) => {
      const { shown, cut } = listed(summary(reportOf([withOrphans('api', count)])))
      expect(shown + cut).toBe(count)
      if (count <= 1000) expect(cut).toBe(0)
    },
  )

  test.each([
    [3, 500],
    [20, 101],
    [100, 10],
    [101, 10],
  ])('%i repositories with %i orphans each: shown and left out are all', (repositories, orphans) => {
    const { shown, cut } = listed(summary(manyRepositories(repositories, orphans)))
    expect(shown).toBeGreaterThanOrEqual(Math.min(1000, repositories * orphans) / 2)
    expect(shown).toBeLessThanOrEqual(1000)
    expect(shown + cut).toBe(repositories * orphans)
  })

  test('a large registry in reasonable time', () => {
    const started = performance.now()
    summary(BACKLOG)
    expect(performance.now() - started).toBeLessThan(1500)
  })
})

describe('the log', () => {
  const linesOf = (report: Report): readonly string[] => logGroups(report).flatMap(({ lines }) => lines)
  const cutOf = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + numberIn(/^… and ([\d,]+) more lines?$/.exec(line)?.[1]), 0)

  test('lists every orphan of a usual registry', () => {
    const lines = linesOf(manyRepositories(50, 30))
    expect(lines.filter((line) => line.startsWith('orphan sha256:'))).toHaveLength(1500)
    expect(cutOf(lines)).toBe(0)
  })

  test.each<[string, Report]>([
    ['140,000 orphans in one repository', BACKLOG],
    ['5,000 repositories with 30 orphans each', CROWD],
  ])('stays one that a browser opens, and says what it left out: %s', (_, report) => {
    const lines = linesOf(report)
    const orphans = lines.filter((line) => line.startsWith('orphan sha256:')).length
    expect(lines.length).toBeLessThan(30_000)
    expect(orphans + cutOf(lines)).toBe(report.evaluation.totals.orphans)
  })

  test('has the totals in its titles, whatever was cut', () => {
    const titles = logGroups(CROWD).map(({ title }) => title)
    expect(titles).toHaveLength(5000)
    expect(titles.at(-1)).toMatch(/^team\/app-4999: 30 orphans/)
  })
})
