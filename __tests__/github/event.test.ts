import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isOnDefaultBranch } from '../../src/github/event.ts'

const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-event-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MAIN = 'refs/heads/main'
const payload = { repository: { default_branch: 'main' } }

const CASES: readonly (readonly [string, string, unknown, boolean])[] = [
  ['push', MAIN, payload, true],
  ['push', 'refs/heads/feature', payload, false],
  ['push', 'refs/heads/main/2', payload, false],
  ['push', 'refs/tags/main', payload, false],
  ['push', MAIN, { repository: { default_branch: 'trunk' } }, false],
  ['push', MAIN, {}, false],
  ['push', MAIN, 'not JSON', false],
  ['workflow_dispatch', MAIN, payload, true],
  ['schedule', MAIN, payload, true],
  ['schedule', MAIN, { schedule: '0 3 * * *' }, true],
  ['schedule', MAIN, { repository: null }, true],
  ['pull_request', 'refs/pull/1/merge', payload, false],
  ['pull_request_target', MAIN, payload, false],
  ['pull_request_review', MAIN, payload, false],
  ['merge_group', 'refs/heads/gh-readonly-queue/main/pr-1-0123', payload, false],
]

test.each(CASES)('%s of %s with %j is on the default branch: %s', (...[name, ref, content, expected]) => {
  const path = join(folder, 'event.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  const environment = { GITHUB_EVENT_NAME: name, GITHUB_REF: ref, GITHUB_EVENT_PATH: path }
  expect(isOnDefaultBranch(environment)).toBe(expected)
})

test('without a payload it is not', () => {
  expect(isOnDefaultBranch({ GITHUB_EVENT_NAME: 'push', GITHUB_REF: MAIN })).toBe(false)
  expect(isOnDefaultBranch({})).toBe(false)
})
