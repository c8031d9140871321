import { describe, expect, test } from 'vitest'
import type { Vulnerabilities } from '../../src/domain/vulnerability.ts'
import { annotations } from '../../src/report/annotations.ts'
import { outputs } from '../../src/report/outputs.ts'
import type { Report } from '../../src/report/report.ts'
import { summary } from '../../src/report/summary.ts'
import { vulnerabilityGroup } from '../../src/report/vulnerabilities.ts'
import { defenderNotices } from '../../src/report/vulnerability-words.ts'
import { digestOf, survey } from '../domain/picture.ts'
import { recorded } from '../domain/vulnerability-picture.ts'
import { orphan, purgedReport, reportOf, repository } from './story.ts'

const HEADING = '### Vulnerabilities of the orphans'

const OLD = survey({ current: { tags: ['latest'] }, old: {} })
const CLEAN = survey({ current: { tags: ['latest'] } })

function section(report: Report): string {
  const [, text = ''] = summary(report).split(`${HEADING}\n\n`)
  return text.split('\n### ')[0] ?? ''
}

function withRecords(vulnerabilities: Vulnerabilities): Report {
  return reportOf([OLD], {}, { vulnerabilities })
}

describe('the section is there when there is something to say', () => {
  test.each([
    ['nobody asked', reportOf([OLD]), false],
    ['there is no orphan', reportOf([CLEAN], {}, { vulnerabilities: recorded({}) }), false],
    ['an orphan has a CVE', withRecords(recorded({ old: ['CVE-1 low'] })), true],
    ['an orphan has none', withRecords(recorded({ old: [] })), true],
    ['nothing is known', withRecords({ kind: 'unknown', reason: 'plan-off', detail: undefined }), true],
    [
      'a purge left no orphan',
      purgedReport([survey({ current: { tags: ['v'] }, old: { age: '90d' } })], [CLEAN], {
        vulnerabilities: recorded({}),
      }),
      true,
    ],
    ['a purge had nothing to do', purgedReport([CLEAN], [CLEAN], { vulnerabilities: recorded({}) }), false],
  ] as const)('%s', (_, report, there) => {
    expect(summary(report).includes(HEADING)).toBe(there)
  })
})

describe('what is known in part', () => {
  test('has no number in the outputs, and lower bounds in the summary', () => {
    const report = withRecords(recorded({ old: ['CVE-1 critical', '…'] }))
    expect(outputs(report)).toMatchObject({ 'findings-critical': '', 'findings-high': '' })
    expect(section(report)).toContain('**at least 1 critical CVE on 1 of 1 orphan**')
    expect(section(report)).toContain('≥ 1')
  })

  test('of no orphan a record: nothing is known, whatever other images have', () => {
    const report = reportOf([OLD], { failOnSeverity: 'low' }, { vulnerabilities: recorded({ other: [] }) })
    expect(outputs(report)).toMatchObject({ result: 'warn', 'findings-critical': '' })
    expect(section(report)).toContain('none of these orphans')
    expect(annotations(report)).toHaveLength(1)
    expect(vulnerabilityGroup(report)[0]?.lines[0]).toContain('none of these orphans')
  })
})

test('the worst come first: by the worst severity, then by the next', () => {
  const described = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, {}]))
  const surveys = [survey({ current: { tags: ['latest'] }, ...described })]
  const vulnerabilities = recorded({
    a: ['CVE-1 high', 'CVE-2 high'],
    b: ['CVE-1 critical'],
    c: ['CVE-1 high', 'CVE-2 high', 'CVE-3 low'],
    d: ['CVE-1 unknown'],
  })
  const [group] = vulnerabilityGroup(reportOf(surveys, {}, { vulnerabilities }))
  const digests = group?.lines.map((line) => /sha256:\w+/.exec(line)?.[0])
  expect(digests).toEqual(['b', 'c', 'a', 'd'].map(digestOf))
})

test('long lists are cut, and say by how much', () => {
  const surveys = Array.from({ length: 60 }, (_, number) => {
    const findings = [orphan(`team/app-${number}`, { number })]
    return repository(`team/app-${number}`, { manifests: 1, findings })
  })
  const cves = [{ id: 'CVE-1', severity: 'high', fixable: true }] as const
  const images = new Map(
    surveys.flatMap(({ findings }) =>
      findings.map(({ root }) => [root.digest, { cves, truncated: false }] as const),
    ),
  )
  const text = section(reportOf(surveys, {}, { vulnerabilities: { kind: 'known', images } }))
  expect(text).toContain('And 10 more repositories.')
  expect(text).toContain('And 35 more, see the log of this step.')
})

describe('whoever asked is told when there is no data', () => {
  const unknown = { kind: 'unknown', reason: 'not-scanned', detail: undefined } as const

  test.each([
    ['on', 1],
    ['required', 1],
    ['auto', 0],
    [undefined, 0],
  ] as const)('defender: %s: %i notices', (need, count) => {
    expect(defenderNotices(unknown, need)).toHaveLength(count)
    expect(defenderNotices(recorded({}), need)).toEqual([])
  })
})
