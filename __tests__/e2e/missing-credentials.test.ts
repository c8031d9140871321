import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAzure, type AzureWorld } from './azure.ts'

/** What a runner says about the event. */
function event(
  world: AzureWorld,
  { head, actor = 'octocat' }: { head: string | null; actor?: string },
): Readonly<Record<string, string>> {
  const path = join(world.folder, 'event.json')
  const repository = (name: string | null): object | null => (name === null ? null : { full_name: name })
  const payload = {
    pull_request: {
      user: { login: actor },
      head: { repo: repository(head) },
      base: { repo: repository('octo-org/octo-repo') },
    },
  }
  writeFileSync(path, JSON.stringify(payload))
  return { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: path, GITHUB_ACTOR: actor }
}

const SKIP = { 'on-missing-credentials': 'skip' }
const SKIPPED = { status: 0, outputs: { result: 'skipped', orphans: '', complete: 'true' } }

test('skip: nothing configured is green with a notice, on any event', async () => {
  await using world = await startAzure()
  const step = await world.run(SKIP)
  expect(step).toMatchObject(SKIPPED)
  expect(step.annotations).toEqual(['notice: Skipped: there is nothing to sign in with.'])
  expect(step.summary).toContain('Nothing was looked at: there is nothing to sign in with.')
  expect(world.registry.log.counts().total).toBe(0)
})

test('skip: a fork and Dependabot, who get no OIDC token, are green with a notice', async () => {
  await using world = await startAzure()
  for (const [who, words] of [
    [{ head: 'mallory/octo-repo' }, 'the pull request comes from a fork'],
    [{ head: null }, 'the pull request comes from a fork'],
    [{ head: 'octo-org/octo-repo', actor: 'dependabot[bot]' }, 'Dependabot started it'],
  ] as const) {
    const step = await world.run({ ...world.application, ...SKIP }, event(world, who))
    expect(step).toMatchObject(SKIPPED)
    expect(step.annotations[0]).toContain(words)
  }
})

test('skip: a missing OIDC endpoint is an error for everybody else, and names the permission', async () => {
  await using world = await startAzure()
  const step = await world.run(
    { ...world.application, ...SKIP },
    event(world, { head: 'octo-org/octo-repo' }),
  )
  expect(step.status).toBe(1)
  expect(step.annotations[0]).toContain('id-token: write')
})

test('skip: a secret that a fork does not have is nothing configured', async () => {
  await using world = await startAzure()
  const step = await world.run(
    { username: 'ci', password: '', ...SKIP },
    event(world, { head: 'mallory/octo-repo' }),
  )
  expect(step).toMatchObject(SKIPPED)
})

test('skip: a credential that is refused is an error all the same', async () => {
  await using world = await startAzure()
  const step = await world.run({ username: 'ci', password: 'wrong', ...SKIP })
  expect(step).toMatchObject({ status: 1, outputs: { result: 'fail' } })
})

test('fail, the default: a fork is told how to skip', async () => {
  await using world = await startAzure()
  const step = await world.run(world.application, event(world, { head: 'mallory/octo-repo' }))
  expect(step.status).toBe(1)
  expect(step.annotations[0]).toContain(
    'comes from a fork. Set on-missing-credentials: skip for such events.',
  )
})
