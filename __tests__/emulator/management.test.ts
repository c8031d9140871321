import { describe, expect, test } from 'vitest'
import { ManagementError, StoppedError } from '../../src/errors.ts'
import type { Question } from '../../src/ports.ts'
import { startEdge } from './management-edge.ts'

/** The action's way to Resource Manager and Resource Graph: pages, quotas, failures. */

const QUESTION: Question = { operation: 'look at the registry', role: 'Reader on the registry' }
const registries = [{ name: 'myregistry' }]
const EVERYTHING = "resources | where type =~ 'microsoft.containerregistry/registries' | project id, name"

async function failureOf(asked: Promise<unknown>): Promise<ManagementError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ManagementError)) throw new Error('no ManagementError', { cause: error })
  return error
}

test('one resource, in the version asked for', async () => {
  await using world = await startEdge({ registries })
  const { id } = world.arm.estate.registry('myregistry')
  expect(await world.management.get(id, '2025-11-01', QUESTION)).toMatchObject({ name: 'myregistry' })
  expect(world.arm.log.requests()).toMatchObject([{ method: 'GET', query: { 'api-version': '2025-11-01' } }])
})

test('a query has all its pages, a thousand rows each, and one token serves all requests', async () => {
  const names = Array.from({ length: 2001 }, (_, at) => ({ name: `registry${String(at).padStart(4, '0')}` }))
  await using world = await startEdge({ registries: names })
  const { rows, cut } = await world.management.query(`${EVERYTHING} | order by name asc`, QUESTION)
  expect(rows.map(({ name }) => name)).toEqual(names.map(({ name }) => name))
  expect([cut, world.requests(), world.tokens()]).toEqual([false, 3, 1])
})

test('rows that the service has and does not give are told of', async () => {
  const names = Array.from({ length: 1001 }, (_, at) => ({ name: `registry${String(at).padStart(4, '0')}` }))
  await using world = await startEdge({ registries: names })
  // In no stable order there is no second page.
  const unordered = EVERYTHING.replace('project id, name', 'project name')
  expect(await world.management.query(unordered, QUESTION)).toMatchObject({ cut: true })
})

describe('a quota that is used up', () => {
  test('is waited for, by all queries together, before the next is sent', async () => {
    await using world = await startEdge({ registries, switches: { graphQuota: 2, graphQuotaSeconds: 1 } })
    for (let count = 0; count < 3; count += 1) await world.management.query(EVERYTHING, QUESTION)
    expect(world.requests()).toBe(3)
    expect(world.arm.log.counts().byStatus).toEqual({ 200: 3 })
  })

  test.each([true, false])(
    'and a refusal is waited for as long as it says, with Retry-After: %s',
    async (graphRetryAfter) => {
      const switches = { graphQuota: 1, graphQuotaSeconds: 1, graphRetryAfter }
      await using world = await startEdge({ registries, switches })
      // Somebody else with the same identity has used it up.
      await world.query(EVERYTHING)
      const began = performance.now()
      expect((await world.management.query(EVERYTHING, QUESTION)).rows).toHaveLength(1)
      expect(performance.now() - began).toBeGreaterThan(500)
      expect(world.arm.log.counts().byStatus).toEqual({ 200: 2, 429: 1 })
    },
  )

  test('does not hold a run that is stopped', async () => {
    await using world = await startEdge({ registries, switches: { graphQuota: 1, graphQuotaSeconds: 60 } })
    await world.management.query(EVERYTHING, QUESTION)
    const asked = world.management.query(EVERYTHING, QUESTION)
    world.stop.abort(new StoppedError('The time limit was reached.'))
    await expect(asked).rejects.toThrow(new StoppedError('The time limit was reached.'))
    expect(world.requests()).toBe(1)
  })
})

describe('what may pass is tried again', () => {
  test.each([
    ['an answer of 503', { status: 503 }],
    ['a page of a gateway', { status: 502, body: '<html>' }],
    ['a connection that was cut', { drop: 'before' }],
  ] as const)('%s', async (_, effect) => {
    await using world = await startEdge({ registries })
    world.arm.faults.add({ route: 'graph', nth: 1 }, effect)
    expect((await world.management.query(EVERYTHING, QUESTION)).rows).toHaveLength(1)
    expect(world.requests()).toBe(2)
  })

  test('a token that has ended is replaced, once', async () => {
    await using world = await startEdge({ registries })
    world.arm.faults.add({ route: 'graph', nth: [1, 2, 3] }, { status: 401 })
    const failure = await failureOf(world.management.query(EVERYTHING, QUESTION))
    expect(failure.failure).toMatchObject({ kind: 'credential', status: 401 })
    expect([world.requests(), world.tokens()]).toEqual([2, 2])
  })
})

describe('a failure says what was asked, what came, and what to do', () => {
  test('without the role', async () => {
    await using world = await startEdge({ registries }, [])
    const { id } = world.arm.estate.registry('myregistry')
    const { message, failure } = await failureOf(world.management.get(id, '2025-11-01', QUESTION))
    expect(failure).toMatchObject({ kind: 'permission', status: 403, code: 'AuthorizationFailed' })
    expect(message).toBe(
      'Could not look at the registry (403 AuthorizationFailed): this identity lacks a role for it. Assign it the role ' +
        'Reader on the registry; a new role takes some minutes. Correlation id for Azure Support: ' +
        `${failure.correlationId ?? ''}.`,
    )
  })

  test('where nothing is', async () => {
    await using world = await startEdge({ registries })
    const { id } = world.arm.estate.registry('myregistry')
    const failure = await failureOf(world.management.get(`${id}2`, '2025-11-01', QUESTION))
    expect(failure.failure).toMatchObject({ kind: 'not-found', status: 404, code: 'ResourceNotFound' })
  })

  test('a query that is wrong, by its most particular code', async () => {
    await using world = await startEdge({ registries })
    const failure = await failureOf(world.management.query('resources | where', QUESTION))
    expect(failure.failure).toMatchObject({ kind: 'server', status: 400, code: 'ParserFailure' })
  })

  test('an answer that is no JSON, and one that leads elsewhere', async () => {
    await using world = await startEdge({ registries })
    world.arm.faults.add({ route: 'graph', nth: 1 }, { status: 200, body: 'welcome' })
    world.arm.faults.add(
      { route: 'graph', nth: 2 },
      { status: 307, headers: { Location: 'https://evil.example/' } },
    )
    const query = (): Promise<unknown> => world.management.query(EVERYTHING, QUESTION)
    expect((await failureOf(query())).failure).toMatchObject({ kind: 'not-json' })
    expect((await failureOf(query())).failure).toMatchObject({ kind: 'server', status: 307 })
    expect(world.requests()).toBe(2)
  })

  test('a path to another host is sent nowhere, and no token with it', async () => {
    await using world = await startEdge({ registries })
    await expect(world.management.get('//evil.example/x', '2025-11-01', QUESTION)).rejects.toThrow(
      /another host/,
    )
    expect([world.requests(), world.tokens()]).toEqual([0, 0])
  })

  test('nobody answers', async () => {
    await using world = await startEdge({ registries })
    await world.management.query(EVERYTHING, QUESTION)
    await world.arm.close()
    const { failure } = await failureOf(world.management.query(EVERYTHING, QUESTION))
    expect(failure).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' })
    expect(failure.cure).toContain(`https://${world.arm.host}`)
  })
})
