import { describe, expect, test } from 'vitest'
import { readInputs } from '../../src/inputs/inputs.ts'
import { INPUT_NAMES } from '../../src/inputs/names.ts'
import { environmentOf, problems, REQUIRED } from './reading.ts'

describe('an input that the action does not have is refused', () => {
  test.each([
    ['max_orphans', 'max-orphans'],
    ['maxorphans', 'max-orphans'],
    ['max-orphan', 'max-orphans'],
    ['max-orpahns', 'max-orphans'],
    ['warn-orphan', 'warn-orphans'],
    ['repository', 'repositories'],
    ['registy', 'registry'],
    ['warnonly', 'warn-only'],
    ['treshold-scope', 'threshold-scope'],
    ['image', 'images'],
    ['user-name', 'username'],
  ])('with the name that was probably meant: %s, %s', (name, meant) => {
    expect(problems({ [name]: 'x' })).toEqual([
      { input: name, message: expect.stringContaining(`no such input. Did you mean ${meant}?`) },
    ])
  })

  test.each(['subscription-id', 'fail-fast', 'x', 'github-secret-scanning'])(
    'without a guess when nothing is near: %s',
    (name) => {
      expect(problems({ [name]: 'x' })).toEqual([
        { input: name, message: expect.not.stringContaining('Did you mean') },
      ])
    },
  )

  test('with the environment variable that it came as, since the runner changes its letters', () => {
    const [problem] = problems({ 'max orphans': '1' })
    expect(problem?.input).toBe('max_orphans')
    expect(problem?.message).toContain('INPUT_MAX_ORPHANS')
  })

  test.each(['dry-run', 'dry_run', 'Dry-Run'])('%s: nothing is ever deleted anyway', (name) => {
    expect(problems({ [name]: 'true' })).toEqual([
      {
        input: name.toLowerCase(),
        message:
          'this action has no such input. Nothing is ever deleted without purge: true, so there is nothing to switch off.',
      },
    ])
  })

  test('whatever its value, also when it is empty', () => {
    expect(problems({ 'max-orphan': '' })).toHaveLength(1)
  })

  test('never with its value, which may be a secret', () => {
    expect(JSON.stringify(problems({ passwort: 'tr0ub4dor&3' }))).not.toContain('tr0ub4dor')
  })
})

test('whatever else is in the environment is none of its business', () => {
  const others = { PATH: '/usr/bin', INPUT: 'x', MY_INPUT_FOO: 'x', GITHUB_TOKEN: 'x', UNSET: undefined }
  expect(readInputs({ ...environmentOf(REQUIRED), ...others })).toEqual(readInputs(environmentOf(REQUIRED)))
})

test('every input that the action has is known', () => {
  const written = Object.fromEntries(INPUT_NAMES.map((name) => [name, '']))
  expect(() => readInputs({ ...environmentOf(written), ...environmentOf(REQUIRED) })).not.toThrow()
})
