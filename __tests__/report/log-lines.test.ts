import { describe, expect, test } from 'vitest'
import { shortDigest } from '../../src/domain/digest.ts'
import { logGroups } from '../../src/report/log-lines.ts'
import { digestOf, survey } from '../domain/picture.ts'
import { notRead, orphan, reportOf, repository, withOrphans } from './story.ts'

const IN_USE = { current: { tags: ['latest'] } }

describe('the log', () => {
  test('has a group for each repository in which something was found, in the order of the report', () => {
    const surveys = [withOrphans('web', 2), repository('clean'), withOrphans('api', 1)]
    expect(logGroups(reportOf(surveys)).map(({ title }) => title)).toEqual([
      'web: 2 orphans',
      'api: 1 orphan',
    ])
  })

  test('is empty when nothing was found', () => {
    expect(logGroups(reportOf([repository('clean'), survey(IN_USE)]))).toEqual([])
  })

  test('names each finding with its whole digest, the oldest first', () => {
    const found = survey({ ...IN_USE, young: { age: '3d' }, old: { age: '9d' }, middle: { age: '5d' } })
    const [group] = logGroups(reportOf([found]))
    expect(group?.lines.map((line) => line.split(' (')[0])).toEqual([
      `orphan ${digestOf('old')}`,
      `orphan ${digestOf('middle')}`,
      `orphan ${digestOf('young')}`,
    ])
  })

  test('says of each finding how many manifests, how large, how old and for which platforms', () => {
    const found = survey({
      ...IN_USE,
      old: { children: ['amd64', 'arm64'], age: '9d' },
      amd64: { platform: 'linux/amd64', size: 3 * 1024 ** 2 },
      arm64: { platform: 'linux/arm64', size: 1024 ** 2 },
    })
    expect(logGroups(reportOf([found]))[0]?.lines).toEqual([
      expect.stringContaining('(3 manifests, up to 4.0 MiB, pushed 9 days ago, linux/amd64, linux/arm64): '),
    ])
  })

  test('says of sizes that are not known no upper bound of nothing', () => {
    const unsized = { ...orphan('api', { size: 0 }), unsized: 1 }
    const [line] = logGroups(reportOf([repository('api', { findings: [unsized] })]))[0]?.lines ?? []
    expect(line).toContain('(1 manifest, of unknown size, pushed 2 days ago, ')
  })

  test('says no size of a wrapper: what it lists is in use', () => {
    const found = survey({ ...IN_USE, wrapper: { children: ['current'], age: '4d' } })
    expect(logGroups(reportOf([found]))[0]?.lines).toEqual([
      expect.stringContaining('(1 manifest, pushed 4 days ago): '),
    ])
  })

  test('says what every finding is', () => {
    const found = survey({
      ...IN_USE,
      old: { age: '5d' },
      wrapper: { children: ['current'], age: '4d' },
      sbom: { subject: 'gone', age: '3d' },
    })
    const [group] = logGroups(reportOf([found, survey({ image: {} }, { repository: 'digests' })]))
    expect(group?.lines.map((line) => line.split(' sha256:')[0])).toEqual([
      'orphan',
      'wrapper',
      'orphaned referrer',
    ])
    const [, digests] = logGroups(reportOf([found, survey({ image: {} }, { repository: 'digests' })]))
    expect(digests?.lines).toEqual([expect.stringMatching(/^without tag sha256:/)])
  })

  test('says what holds an orphan', () => {
    const found = survey({ ...IN_USE, old: {}, signature: { subject: 'old', tags: ['signed'] } })
    const [line = ''] = logGroups(reportOf([found]))[0]?.lines ?? []
    expect(line).toContain(`held: ${shortDigest(digestOf('signature'))} refers to it and is kept`)
  })

  test('names the tags of a broken index and what it misses', () => {
    const found = survey({ index: { tags: ['v1', 'latest'], children: ['gone'] } }, { missing: ['gone'] })
    expect(logGroups(reportOf([found]))[0]?.lines).toEqual([
      `broken index ${digestOf('index')} (v1, latest): missing ${digestOf('gone')}`,
    ])
  })

  test('gives the whole reason of a repository that was not read', () => {
    const why = 'Could not list the manifests of web (403 DENIED): the identity may not read it.'
    expect(logGroups(reportOf([notRead('web', { kind: 'permission', why })]))).toEqual([
      { title: 'web: not read in full', lines: [why] },
    ])
  })
})
