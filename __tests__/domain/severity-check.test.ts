import { describe, expect, test } from 'vitest'
import {
  evaluate,
  keyOf,
  type Evaluation,
  type NewOrphans,
  type Thresholds,
} from '../../src/domain/evaluate.ts'
import { withSeverities, type SeverityRules } from '../../src/domain/severity-check.ts'
import { unread, type Survey } from '../../src/domain/survey.ts'
import type { Ignorance, Severity, Vulnerabilities } from '../../src/domain/vulnerability.ts'
import { NOW, survey } from './picture.ts'
import { UNLIMITED } from './unlimited.ts'
import { recorded } from './vulnerability-picture.ts'

const IN_USE = { current: { tags: ['latest'] } }
const CLEAN = survey(IN_USE, { repository: 'clean' })
const API = survey({ ...IN_USE, old: {} }, { repository: 'api' })
const WEB = survey({ ...IN_USE, older: {} }, { repository: 'web' })

interface Wish extends Partial<Omit<Thresholds, 'severity'>> {
  readonly fail?: Severity
  readonly warn?: Severity
  readonly need?: SeverityRules['need']
  readonly newOrphans?: NewOrphans
}

function judge(
  surveys: readonly Survey[],
  vulnerabilities: Vulnerabilities,
  { fail, warn, need, newOrphans, ...limits }: Wish,
): Evaluation {
  const thresholds = { ...UNLIMITED, ...limits, severity: { max: fail, warn } }
  const rules = { thresholds, vulnerabilities, need, newOrphans, now: NOW }
  return withSeverities(evaluate(surveys, thresholds, { now: NOW, newOrphans }), surveys, rules)
}

function outcome({ checks, result }: Evaluation): readonly string[] {
  return [
    result,
    ...checks.map(
      ({ id, repository, status, level }) =>
        `${id}${repository ? ` ${repository}` : ''}: ${status} (${level})`,
    ),
  ]
}

function unknown(reason: Ignorance): Vulnerabilities {
  return { kind: 'unknown', reason, detail: undefined }
}

describe('a limit on severities is exceeded by one CVE of that severity or a worse one', () => {
  test.each([
    ['critical', 'critical', 'exceeded'],
    ['critical', 'high', 'within'],
    ['high', 'critical', 'exceeded'],
    ['high', 'high', 'exceeded'],
    ['high', 'medium', 'within'],
    ['medium', 'medium', 'exceeded'],
    ['medium', 'low', 'within'],
    ['low', 'low', 'exceeded'],
  ] as const)('fail-on-severity: %s, found: %s: %s', (fail, found, status) => {
    const evaluation = judge([API, CLEAN], recorded({ old: [`CVE-1 ${found}`] }), { fail })
    expect(outcome(evaluation)).toEqual([
      status === 'exceeded' ? 'fail' : 'pass',
      `fail-on-severity: ${status} (fail)`,
    ])
  })

  test('warn-on-severity warns, and the worse of both limits decides', () => {
    const known = recorded({ old: ['CVE-1 medium'] })
    expect(outcome(judge([API], known, { fail: 'high', warn: 'low' }))).toEqual([
      'warn',
      'fail-on-severity: within (fail)',
      'warn-on-severity: exceeded (warn)',
    ])
  })

  test('warn-only makes a warning of it', () => {
    const known = recorded({ old: ['CVE-1 critical'] })
    expect(outcome(judge([API], known, { fail: 'low', warnOnly: true }))).toEqual([
      'warn',
      'fail-on-severity: exceeded (warn)',
    ])
  })

  test('with threshold-scope: repository each repository is judged by itself', () => {
    const known = recorded({ old: ['CVE-1 high'], older: [] })
    expect(outcome(judge([API, CLEAN, WEB], known, { fail: 'high', scope: 'repository' }))).toEqual([
      'fail',
      'fail-on-severity api: exceeded (fail)',
      'fail-on-severity clean: within (fail)',
      'fail-on-severity web: within (fail)',
    ])
  })

  test('with only-new the vulnerabilities of new orphans count, and none without a state', () => {
    const known = recorded({ old: ['CVE-1 critical'], older: [] })
    const all = { fail: 'low', onlyNew: true } as const
    const newOrphans = (survey: Survey): NewOrphans => new Set(survey.findings.map(keyOf))
    expect(outcome(judge([API, WEB], known, { ...all, newOrphans: newOrphans(WEB) }))).toEqual([
      'pass',
      'fail-on-severity: within (fail)',
    ])
    expect(outcome(judge([API, WEB], known, { ...all, newOrphans: newOrphans(API) }))).toEqual([
      'fail',
      'fail-on-severity: exceeded (fail)',
    ])
    expect(outcome(judge([API, WEB], known, all))).toEqual(['warn'])
  })

  test('images in use, kept orphans and repositories that could not be read are not judged', () => {
    const known = recorded({ current: ['CVE-1 critical'], old: ['CVE-2 critical'] })
    const kept = survey({ ...IN_USE, old: {} }, {}, { keepNewest: 1 })
    const gap = unread('billing', { kind: 'permission', why: 'no', reason: 'no' })
    expect(outcome(judge([kept, gap, CLEAN], known, { fail: 'low', warnOnly: true }))).toEqual([
      'warn',
      'fail-on-severity: within (warn)',
    ])
  })

  test('other limits count as before', () => {
    const known = recorded({ old: [] })
    const limits = { fail: 'low', orphans: { max: 0, warn: undefined } } as const
    expect(outcome(judge([API], known, limits))).toEqual([
      'fail',
      'max-orphans: exceeded (fail)',
      'fail-on-severity: within (fail)',
    ])
  })
})

describe('what is not known is never within', () => {
  test.each([
    ['no-permission'],
    ['plan-off'],
    ['not-scanned'],
    ['no-record'],
    ['no-identity'],
    ['failed'],
  ] as const)('%s', (reason) => {
    expect(outcome(judge([API], unknown(reason), { fail: 'critical' }))).toEqual([
      'warn',
      'fail-on-severity: unknown (fail)',
    ])
  })

  test.each([
    ['a CVE that nobody rated', recorded({ old: ['CVE-1 unknown', 'CVE-2 low'] })],
    ['more CVEs than are shown', recorded({ old: ['CVE-2 low', '…'] })],
  ])('%s may be of any severity', (_, known) => {
    expect(outcome(judge([API], known, { fail: 'high' }))).toEqual([
      'warn',
      'fail-on-severity: unknown (fail)',
    ])
    expect(outcome(judge([API], known, { fail: 'low' }))[0]).toBe('fail')
  })

  test('that nothing is recorded of any orphan says nothing, whatever is recorded of other images', () => {
    const known = recorded({ elsewhere: [] })
    expect(outcome(judge([API, WEB], known, { fail: 'low' }))[0]).toBe('warn')
    const some = recorded({ old: [] })
    expect(outcome(judge([API, WEB], some, { fail: 'low' }))[0]).toBe('pass')
    expect(outcome(judge([API, WEB], some, { fail: 'low', scope: 'repository' }))).toEqual([
      'warn',
      'fail-on-severity api: within (fail)',
      'fail-on-severity web: unknown (fail)',
    ])
  })

  test('but without an orphan there is nothing to know', () => {
    expect(outcome(judge([CLEAN], unknown('no-permission'), { fail: 'low' }))).toEqual([
      'pass',
      'fail-on-severity: within (fail)',
    ])
    const both = judge([CLEAN, API], unknown('failed'), { fail: 'low', scope: 'repository' })
    expect(outcome(both)).toEqual([
      'warn',
      'fail-on-severity clean: within (fail)',
      'fail-on-severity api: unknown (fail)',
    ])
  })
})

describe('defender: required', () => {
  test.each([
    ['no-identity', 'fail'],
    ['foreign-host', 'fail'],
    ['no-permission', 'fail'],
    ['plan-off', 'fail'],
    ['scanning-off', 'fail'],
    ['not-scanned', 'fail'],
    ['failed', 'fail'],
    // Defender answers for this registry: there is just nothing on its orphans.
    ['no-record', 'pass'],
  ] as const)('without data (%s): %s', (reason, result) => {
    expect(judge([API], unknown(reason), { need: 'required' }).result).toBe(result)
  })

  test('is a warning with warn-only, and nothing at all where it is only wanted', () => {
    const none = unknown('plan-off')
    expect(outcome(judge([API], none, { need: 'required', warnOnly: true }))).toEqual([
      'warn',
      'defender: exceeded (warn)',
    ])
    expect(outcome(judge([API], none, { need: 'on' }))).toEqual(['pass'])
    expect(outcome(judge([API], recorded({ old: [] }), { need: 'required' }))).toEqual(['pass'])
  })
})
