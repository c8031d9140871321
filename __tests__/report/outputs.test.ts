import { describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/domain/duration.ts'
import type { Survey } from '../../src/domain/survey.ts'
import { failedOutputs, OUTPUT_NAMES, outputs, type Outputs } from '../../src/report/outputs.ts'
import { survey } from '../domain/picture.ts'
import { notRead, orphan, reportOf, repository, withOrphans } from './story.ts'

const FULL: Survey = survey(
  {
    index: { tags: ['v1'], children: ['amd64', 'gone'] },
    amd64: { platform: 'linux/amd64' },
    old: { children: ['oldAmd64', 'oldArm64'], age: '9d' },
    oldAmd64: { size: 100 },
    oldArm64: { size: 20 },
    older: { size: 3, age: '212d' },
    wrapper: { children: ['amd64'] },
    sbom: { subject: 'gone' },
    sbomSignature: { subject: 'sbom' },
    young: { age: '1m' },
    younger: { age: '1m' },
    locked: { locks: { delete: false } },
  },
  { missing: ['gone'] },
)

test('the outputs are the totals over everything that was looked at', () => {
  expect(outputs(reportOf([FULL, withOrphans('web', 1)], { maxOrphans: 2 }))).toEqual({
    result: 'fail',
    orphans: '3',
    'orphan-manifests': '5',
    'orphan-bytes': '1123',
    'oldest-orphan-days': '212',
    'purgeable-manifests': '4',
    'new-orphans': '',
    'broken-indexes': '1',
    'orphaned-referrers': '1',
    wrappers: '1',
    'in-flight': '2',
    'findings-critical': '',
    'findings-high': '',
    'purged-manifests': '',
    'purged-bytes': '',
    'purge-complete': '',
    complete: 'true',
  } satisfies Outputs)
})

test.each([
  ['pass', {}],
  ['pass', { maxOrphans: 1 }],
  ['warn', { warnOrphans: 0 }],
  ['warn', { maxOrphans: 0, warnOnly: true }],
  ['fail', { maxOrphans: 0 }],
])('the result is %s with %j', (result, limits) => {
  expect(outputs(reportOf([withOrphans('api', 1)], limits)).result).toBe(result)
})

test('a clean registry has zeros, and no age where there is no orphan', () => {
  expect(outputs(reportOf([repository('api')], { maxOrphans: 0 }))).toEqual({
    result: 'pass',
    orphans: '0',
    'orphan-manifests': '0',
    'orphan-bytes': '0',
    'oldest-orphan-days': '',
    'purgeable-manifests': '0',
    'new-orphans': '',
    'broken-indexes': '0',
    'orphaned-referrers': '0',
    wrappers: '0',
    'in-flight': '0',
    'findings-critical': '',
    'findings-high': '',
    'purged-manifests': '',
    'purged-bytes': '',
    'purge-complete': '',
    complete: 'true',
  } satisfies Outputs)
})

test('a registry without repositories is known to have no orphan', () => {
  expect(outputs(reportOf([]))).toMatchObject({ result: 'pass', orphans: '0', complete: 'true' })
})

describe('the age of the oldest orphan is in whole days, rounded down', () => {
  test.each([
    [DAY - MINUTE, '0'],
    [DAY, '1'],
    [2 * DAY - 1, '1'],
    [212 * DAY + 23 * 60 * MINUTE, '212'],
  ])('%i ms: %s', (age, days) => {
    const report = reportOf([repository('api', { findings: [orphan('api', { age })] })])
    expect(outputs(report)['oldest-orphan-days']).toBe(days)
  })
})

describe('what is not known is empty, never 0', () => {
  const empty = {
    orphans: '',
    'orphan-manifests': '',
    'orphan-bytes': '',
    'oldest-orphan-days': '',
    'purgeable-manifests': '',
    'new-orphans': '',
    'broken-indexes': '',
    'orphaned-referrers': '',
    wrappers: '',
    'in-flight': '',
    'findings-critical': '',
    'findings-high': '',
    'purged-manifests': '',
    'purged-bytes': '',
    'purge-complete': '',
  }

  test('the bytes of all orphans, when an image has no known size', () => {
    const findings = [orphan('api', { size: 0 }), { ...orphan('api', { size: 0 }), unsized: 1 }]
    expect(outputs(reportOf([repository('api', { findings })]))).toMatchObject({
      orphans: '2',
      'orphan-bytes': '',
    })
  })

  test('everything, when no repository could be read in full', () => {
    expect(outputs(reportOf([notRead('api', { kind: 'stopped' })]))).toEqual({
      ...empty,
      result: 'fail',
      complete: 'false',
    } satisfies Outputs)
  })

  test('everything, when nothing was looked at', () => {
    expect(
      outputs(
        reportOf([], { maxOrphans: 0 }, { skipped: 'none of the pushed images is in myregistry.azurecr.io' }),
      ),
    ).toMatchObject({
      ...empty,
      result: 'skipped',
    })
  })

  test('everything, when the run failed before it could judge', () => {
    expect(failedOutputs()).toEqual({ ...empty, result: 'fail', complete: 'false' } satisfies Outputs)
  })
})

test('a run that could read only some repositories counts these and says that it is not complete', () => {
  expect(outputs(reportOf([notRead('api'), withOrphans('web', 2)], { warnOnly: true }))).toMatchObject({
    result: 'warn',
    orphans: '2',
    complete: 'false',
  })
})

test('every run sets every output, in the order of the list', () => {
  const all = [
    outputs(reportOf([FULL])),
    outputs(reportOf([], {}, { skipped: 'none of the pushed images is in myregistry.azurecr.io' })),
    failedOutputs(),
  ]
  for (const each of all) expect(Object.keys(each)).toEqual([...OUTPUT_NAMES])
})
