import { describe, expect, test } from 'vitest'
import { DAY } from '../../src/domain/duration.ts'
import type { Inputs } from '../../src/inputs/inputs.ts'
import type { InputName } from '../../src/inputs/names.ts'
import { problems, read } from './reading.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('an input of the purge is taken', () => {
  test.each<[InputName, string, (inputs: Inputs['purge']) => unknown, unknown]>([
    ['older-than', '14d', ({ policy }) => policy.olderThan, 14 * DAY],
    ['older-than', '0d', ({ policy }) => policy.olderThan, 0],
    ['keep-n-untagged', '3', ({ keepNewest }) => keepNewest, 3],
    ['purge-orphaned-referrers', 'true', ({ policy }) => policy.purgeOrphanedReferrers, true],
    ['max-deletes', '1', ({ policy }) => policy.maxDeletes, 1],
    ['max-delete-percent', '50', ({ policy }) => policy.maxDeletePercent, 50],
    ['max-delete-percent', '12.5%', ({ policy }) => policy.maxDeletePercent, 12.5],
    ['allow-empty-repository', 'true', ({ allowEmptyRepository }) => allowEmptyRepository, true],
    [
      'protect-digests-from',
      'deploy/**/*.yaml\n# not this\nrunning.txt',
      ({ pinFiles }) => pinFiles,
      ['deploy/**/*.yaml', 'running.txt'],
    ],
    ['protect-deployed', 'off', ({ protectDeployed }) => protectDeployed, 'off'],
    [
      'protect-digests',
      `${DIGEST}, team/app@${DIGEST}`,
      ({ pins }) => pins,
      [
        { digest: DIGEST, repository: undefined, source: 'protect-digests' },
        { digest: DIGEST, repository: 'team/app', source: 'protect-digests' },
      ],
    ],
  ])('%s: %j', (...[name, value, pick, expected]) => {
    expect(pick(read({ [name]: value }).purge)).toEqual(expected)
  })
})

describe('an input of the purge is refused', () => {
  test.each<[InputName, string, RegExp]>([
    ['purge', 'yes', /accepted: true, false\.$/],
    ['older-than', '7', /accepted: .*7d/],
    ['older-than', '-7d', /accepted: /],
    ['keep-n-untagged', '-1', /a whole number, 0 or more/],
    ['max-deletes', '0', /a whole number, 1 or more \(to delete nothing, leave purge out\)/],
    ['max-delete-percent', '0', /over 0 and up to 100/],
    ['max-delete-percent', '101', /over 0 and up to 100/],
    ['max-delete-percent', 'half', /over 0 and up to 100/],
    ['protect-digests', 'app:latest', /sha256:<64 hex digits>/],
    ['protect-deployed', 'on', /^got "on", accepted: auto, off\.$/],
    ['protect-digests', 'sha256:abc', /sha256:<64 hex digits>/],
    ['protect-digests', `App@${DIGEST}`, /sha256:<64 hex digits>/],
    ['protect-digests-from', '/etc/passwd', /inside the workspace/],
    ['protect-digests-from', '../other/*.yaml', /inside the workspace/],
    ['protect-digests-from', 'deploy/../../x', /inside the workspace/],
    ['protect-digests-from', '!deploy/old.yaml', /inside the workspace/],
    ['protect-digests-from', 'C:\\deploy\\x.yaml', /inside the workspace/],
    ['protect-digests-from', '~/x.yaml', /inside the workspace/],
  ])('%s: %s', (input, value, accepted) => {
    const [problem, ...more] = problems({ [input]: value })
    expect(more).toEqual([])
    expect(problem?.input).toBe(input)
    expect(problem?.message).toMatch(accepted)
  })
})

describe('deleting everywhere has to be said', () => {
  test('purge: true asks for repositories or images', () => {
    const [problem, ...more] = problems({ purge: 'true' })
    expect(more).toEqual([])
    expect(problem).toEqual({
      input: 'repositories',
      message:
        'is required with purge: true, unless images is given: name what may be purged; ** means all repositories.',
    })
  })

  test.each([
    { repositories: '# team/api' },
    { repositories: ',' },
    { repositories: '!web' },
    { images: ',' },
    { images: '# none' },
    { images: ',', repositories: '!web' },
  ])('%j names nothing', (where) => {
    expect(problems({ purge: 'true', ...where }).map(({ input }) => input)).toEqual(['repositories'])
  })

  test('what was not understood is said once', () => {
    expect(problems({ purge: 'true', repositories: 'Team/API' }).map(({ input }) => input)).toEqual([
      'repositories',
    ])
  })

  test.each([{ repositories: '**' }, { images: 'myregistry.azurecr.io/app:latest' }])(
    '%j is enough',
    (where) => {
      expect(read({ purge: 'true', ...where }).purge.wanted).toBe(true)
    },
  )

  test('without purge: true nothing is wanted, whatever else is given', () => {
    expect(read({ repositories: '**', 'older-than': '0d', 'max-deletes': '10' }).purge.wanted).toBe(false)
    expect(read({ purge: 'false' }).purge.wanted).toBe(false)
    expect(read({ purge: '' }).purge.wanted).toBe(false)
  })
})
