import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator, type Identity, type Registry } from '../../emulator/index.ts'
import { SECRET, startAzure, type AzureWorld } from './azure.ts'
import { auditedPurge, heldBy, outcomesIn, tally } from './purge-robustness.ts'
import type { StepResult } from './run-action.ts'

function seed(registry: Registry): void {
  for (const name of ['api', 'web']) {
    for (const age of ['30d', '20d', '10d', '2d'] as const) registry.repo(name).image({ tag: 'latest', age })
  }
}

function deletions({ log }: Emulator): number {
  return log.counts().byClass.delete ?? 0
}

const NOTHING_TRIED = {
  status: 1,
  outputs: { result: 'fail', 'purged-manifests': '0', 'purge-complete': 'false' },
}

describe.concurrent('no right to delete, told by the token: nothing is sent', () => {
  function token(delete1: boolean, delete2: boolean): Identity {
    const reading = ['content/read', 'metadata/read'] as const
    const all = [...reading, 'content/delete'] as const
    const repositories = { api: delete1 ? all : reading, web: delete2 ? all : reading }
    return { kind: 'scope-map', username: 'ci', password: 'secret', repositories }
  }
  const AS_TOKEN = { username: 'ci', password: 'secret', repositories: 'api, web' }

  test('a token with a scope map without content/delete', async () => {
    await using emulator = await startEmulator({ seed, identities: [token(false, false)] })
    const { step, tally } = await auditedPurge(emulator, AS_TOKEN)
    expect(step).toMatchObject(NOTHING_TRIED)
    expect(tally).toEqual({ 'not tried': 6 })
    expect(deletions(emulator)).toBe(0)
    expect(step.annotations.join()).toContain(
      'the user "ci" may not delete manifests. Add content/delete for this repository to the token\'s scope map.',
    )
    // What is there is still judged.
    expect(step.outputs).toMatchObject({ orphans: '6', complete: 'true' })
  })

  test('in one of two repositories: the other is purged', async () => {
    await using emulator = await startEmulator({ seed, identities: [token(false, true)] })
    const { step, tally, lost } = await auditedPurge(emulator, AS_TOKEN)
    expect(tally).toEqual({ deleted: 3, 'not tried': 3 })
    expect([...lost].every((manifest) => manifest.startsWith('web@'))).toBe(true)
    expect(step.annotations.join()).toContain('Could not delete manifests of api (401)')
    expect(
      emulator.log.requests({ class: 'delete' }).filter(({ path }) => path.startsWith('/v2/api')),
    ).toEqual([])
  })

  async function asEntra(world: AzureWorld): Promise<StepResult> {
    const step = await world.run(
      {
        ...world.application,
        'client-secret': SECRET,
        repositories: 'api, web',
        purge: 'true',
        'older-than': '0d',
      },
      world.oidc.environment,
    )
    expect(step).toMatchObject(NOTHING_TRIED)
    expect(tally(outcomesIn(step.log))).toEqual({ 'not tried': 6 })
    expect(deletions(world.registry)).toBe(0)
    expect(heldBy(world.registry).size).toBe(8)
    return step
  }

  test('an Entra identity with AcrPull alone: AcrDelete is named', async () => {
    await using world = await startAzure({ roles: ['AcrPull'], registry: { seed } })
    const said = (await asEntra(world)).annotations.join()
    expect(said).toContain('(client secret) may not delete manifests.')
    expect(said).toContain('Assign it the role AcrDelete (besides AcrPull) on the registry.')
  })

  test('a repository reader, where roles are per repository: the contributor role is named', async () => {
    await using world = await startAzure({
      roles: ['Container Registry Repository Reader'],
      registry: { seed, abac: true },
    })
    const said = (await asEntra(world)).annotations.join()
    expect(said).toContain('Assign it the role Container Registry Repository Contributor (')
    expect(said).not.toContain('role AcrDelete')
  })

  test('AcrDelete counts for nothing where roles are per repository, and that is said', async () => {
    await using world = await startAzure({
      roles: ['Container Registry Repository Reader', 'AcrDelete'],
      registry: { seed, abac: true },
    })
    expect((await asEntra(world)).annotations.join()).toContain('where AcrPull and AcrDelete have no effect')
  })
})

describe.concurrent('no right to delete, told only by the answer', () => {
  test('the second 401 ends the purge at once', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ class: 'delete' }, { status: 401 })
    const { step, tally, outcomes } = await auditedPurge(emulator, { concurrency: '2' })
    expect(step).toMatchObject(NOTHING_TRIED)
    expect(tally).toEqual({ failed: 1, 'not tried': 5 })
    expect(deletions(emulator)).toBe(2)
    // The second one with another token than the first.
    const order = emulator.log
      .requests()
      .filter(({ route, method }) => route === 'token' || method === 'DELETE')
    expect(order.slice(0, 4).map(({ method }) => method)).toEqual(['POST', 'DELETE', 'POST', 'DELETE'])
    for (const { text } of outcomes)
      expect(text).toContain("Add content/delete for this repository to the token's scope map.")
  })

  test('also with many at a time: none is sent after it', async () => {
    await using emulator = await startEmulator({ seed, switches: { latencyMs: 30 } })
    emulator.faults.add({ class: 'delete' }, { status: 401 })
    const { tally } = await auditedPurge(emulator)
    expect((tally.failed ?? 0) + (tally['not tried'] ?? 0)).toBe(6)
    // One for each of the six that were under way together, the second for the first of them, and one on its way by then.
    expect(deletions(emulator)).toBeLessThanOrEqual(8)
  })

  test('the right is withdrawn in the middle: what is done is done, the rest is not tried', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ class: 'delete', from: 4 }, { status: 401 })
    const { step, tally } = await auditedPurge(emulator, { concurrency: '1' })
    expect(tally).toEqual({ deleted: 3, failed: 1, 'not tried': 2 })
    expect(step).toMatchObject({ status: 1, outputs: { 'purged-manifests': '3', 'purge-complete': 'false' } })
    expect(deletions(emulator)).toBe(5)
  })

  test('the action that the registry withholds from every token is found before the first DELETE', async () => {
    await using emulator = await startEmulator({ seed, switches: { insufficientScope: ['delete'] } })
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ 'not tried': 6 })
    expect(step).toMatchObject(NOTHING_TRIED)
    expect(deletions(emulator)).toBe(0)
  })
})

describe.concurrent('tokens end, the purge goes on', () => {
  const DONE = { status: 0, outputs: { 'purged-manifests': '6', 'purge-complete': 'true', complete: 'true' } }

  test('one 401 is overcome by another token', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ class: 'delete', nth: 2 }, { status: 401 })
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 6 })
    expect(step).toMatchObject(DONE)
  })

  test.for(['1', '16'])('revoked between look and DELETE, concurrency %s', async (concurrency) => {
    await using emulator = await startEmulator({ seed, switches: { latencyMs: 30 } })
    emulator.faults.before({ class: 'delete', nth: [2, 4] }, () => emulator.revokeTokens())
    const { step, tally } = await auditedPurge(emulator, { concurrency })
    expect(tally).toEqual({ deleted: 6 })
    expect(step).toMatchObject(DONE)
    // One for the start and one for each revocation, however many noticed it.
    expect(emulator.log.counts().byRoute.token).toBe(3)
  })

  test('revoked before the look, and before the last list', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.before({ route: 'manifest-metadata', nth: [1, 3] }, () => emulator.revokeTokens())
    emulator.faults.before({ class: 'delete', nth: 6 }, () => emulator.revokeTokens())
    const { step, tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 6 })
    expect(step).toMatchObject(DONE)
  })

  test('an Entra identity: revoked with its refresh token, because roles changed', async () => {
    await using world = await startAzure({ roles: ['AcrPull', 'AcrDelete'], registry: { seed } })
    world.registry.faults.before({ class: 'delete', nth: 3 }, () => world.registry.revokeTokens())
    const step = await world.run(
      { ...world.application, repositories: '**', purge: 'true', 'older-than': '0d' },
      world.oidc.environment,
    )
    expect(step).toMatchObject(DONE)
    expect(tally(outcomesIn(step.log))).toEqual({ deleted: 6 })
  })

  test('tokens that live three seconds are renewed before they end', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        seed(registry)
        registry.repo('api').images(26, () => ({ age: '9d' }))
      },
      switches: { accessTokenSeconds: 3 },
    })
    const { tally } = await auditedPurge(emulator)
    expect(tally).toEqual({ deleted: 32 })
    expect(emulator.log.counts().byStatus['401']).toBeUndefined()
    expect(emulator.log.counts().byRoute.token).toBeGreaterThan(1)
  })
})
