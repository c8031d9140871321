import { describe, expect, test } from 'vitest'
import { purgeCommandsIn } from '../../src/domain/purge-task.ts'

const TAGS = { deletes: 'tags', dryRun: false, includesLocked: false, hasAge: true } as const
const MANIFESTS = { ...TAGS, deletes: 'manifests' } as const

/** As `az acr task create --cmd` writes it. */
const taskFile = (command: string): string =>
  `version: v1.1.0\nsteps:\n  - cmd: ${command}\n    disableWorkingDirectoryOverride: true\n    timeout: 3600\n`

describe('what an acr purge does, by its flags', () => {
  test.each([
    ["acr purge --filter 'app:.*' --ago 30d", TAGS],
    ["acr purge --filter 'app:.*' --untagged --ago 30d", MANIFESTS],
    ["acr purge --filter 'app:.*' --ago=30d --untagged=true", MANIFESTS],
    ['acr purge --untagged-only', { ...MANIFESTS, hasAge: false }],
    ['acr purge --untagged-only --ago 1d --dry-run', { ...MANIFESTS, dryRun: true }],
    ["acr purge --filter 'app:.*' --ago 1d --untagged=false --dry-run=false", TAGS],
    ['acr purge --include-locked --ago 1d', { ...TAGS, includesLocked: true }],
    ["acr purge --filter 'app:--untagged-x' --ago 1d", TAGS],
    ['"acr purge --ago 1d --untagged"', MANIFESTS],
    ['acr  purge --ago 1d --untagged', MANIFESTS],
    ["mcr.microsoft.com/acr/acr-cli:0.14 purge --filter 'app:.*' --ago 1d --untagged", MANIFESTS],
  ])('%s', (command, expected) => {
    expect(purgeCommandsIn(taskFile(command))).toEqual([expected])
  })
})

test('a command that is folded over lines is one', () => {
  const steps = 'steps:\n  - cmd: >-\n      acr purge\n      --untagged\n      --ago 1d\n    timeout: 3600\n'
  expect(purgeCommandsIn(steps)).toEqual([MANIFESTS])
})

test('steps are told apart: the flags of one are not those of another', () => {
  const steps = 'steps:\n  - cmd: acr purge --ago 1d\n  - cmd: acr purge --untagged --ago 1d --dry-run\n'
  expect(purgeCommandsIn(steps)).toEqual([TAGS, { ...MANIFESTS, dryRun: true }])
})

test('a step for each repository is one kind of purge', () => {
  const step = (repository: number): string => `  - cmd: acr purge --filter 'app${repository}:.*' --ago 1d\n`
  expect(purgeCommandsIn(`steps:\n${[1, 2, 3].map(step).join('')}`)).toEqual([TAGS])
})

test('other commands, comments and nothing at all are no purge', () => {
  for (const steps of [
    '',
    taskFile('acr tag list'),
    'steps:\n  # - cmd: acr purge --untagged\n  - build: .\n',
    taskFile('macr purgex'),
    '\u0000\u0001',
  ])
    expect(purgeCommandsIn(steps)).toEqual([])
})

test('a task of a hundred megabytes takes no time', () => {
  const began = performance.now()
  purgeCommandsIn('acr purge - '.repeat(8_000_000))
  expect(performance.now() - began).toBeLessThan(2000)
})

test.each(['TRUE', 'True', '1', 't', 'T'])('--untagged=%s deletes manifests', (value) => {
  expect(purgeCommandsIn(`cmd: acr purge --untagged=${value} --ago 1d`)[0]?.deletes).toBe('manifests')
})

test.each([
  ['0d', false],
  ['-7d', false],
  ['d', false],
  ['sevend', false],
  ['0', false],
  ['0h', false],
  ['7d', true],
  ['2d3h6m', true],
  ['36h', true],
  ['"30d"', true],
])('--ago %s waits for some age: %s', (ago, hasAge) => {
  expect(purgeCommandsIn(`cmd: acr purge --untagged --filter 'a:.*' --ago ${ago}`)[0]?.hasAge).toBe(hasAge)
})
