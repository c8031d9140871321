import { expect, test } from 'vitest'
import { INPUT_NAMES } from '../../src/inputs/names.ts'
import { refusal, type Written } from './reading.ts'

/** A workflow in which nothing is right. */
const ALL_WRONG: Written = {
  registry: 'registry.example.com',
  credential: 'oicd',
  'client-id': 'my-app',
  'tenant-id': '!',
  'allow-host': 'a host',
  'on-missing-credentials': 'ignore',
  repositories: 'Team/App',
  'allow-no-match': 'yes',
  images: 'https://x/y',
  'max-orphans': 'none',
  'warn-orphans': 'few',
  'max-orphan-size': '5',
  'warn-orphan-size': '5G',
  'max-orphan-age': '7',
  'warn-orphan-age': 'a week',
  'fail-on-severity': 'severe',
  'warn-on-severity': 'Low',
  'broken-indexes': 'ignore',
  'threshold-scope': 'each',
  'in-flight': '5m',
  'only-new': 'yes',
  'warn-only': 'on',
  purge: 'yes',
  'older-than': '7',
  'orphan-age': 'created',
  'keep-n-untagged': '-1',
  'protect-digests': 'sha256:abc',
  'protect-digests-from': '../secrets.txt',
  'protect-deployed': 'on',
  audit: 'true',
  'purge-orphaned-referrers': 'all',
  'max-deletes': '0',
  'max-delete-percent': '101',
  'allow-empty-repository': '1',
  summary: 'no',
  defender: 'always',
  concurrency: '65',
  'time-limit': '0d',
  'dry-run': 'true',
}

test('everything that is wrong is reported in one go', () => {
  const inputs = refusal(ALL_WRONG).problems.map(({ input }) => input)
  // Any text may be a user name, a secret or a path.
  const expected = [
    ...INPUT_NAMES.filter((name) => !/^username$|password|secret|^state$/.test(name)),
    'dry-run',
  ]
  expect(new Set(inputs)).toEqual(new Set(expected))
  expect(inputs).toHaveLength(expected.length)
})

test('the error itself says all of it, one line for each', () => {
  const { message, problems } = refusal(ALL_WRONG)
  expect(message.split('\n')).toEqual(problems.map((problem) => `${problem.input}: ${problem.message}`))
})

test('every problem says what was given or missing, and what to do', () => {
  for (const { message } of refusal(ALL_WRONG).problems) {
    expect(message).toMatch(/^(?:got |is |this action has no such input\.)/)
    expect(message).toMatch(/accepted: |go together|Nothing is ever deleted/)
    expect(message).toMatch(/[.)]$/)
  }
})

test('inputs that are right are not mentioned', () => {
  const one = refusal({ ...ALL_WRONG, 'max-orphans': '25', summary: 'true' })
  expect(one.problems.map(({ input }) => input)).not.toContain('max-orphans')
  expect(one.message).not.toContain('summary')
})

test('no input at all: the registry is asked for', () => {
  expect(refusal({}).problems.map(({ input }) => input)).toEqual(['registry'])
})
