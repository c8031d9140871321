import { describe, expect, test } from 'vitest'
import { neighbourhoodFor } from '../../src/around.ts'
import type { AzureAccess } from '../../src/connect.ts'
import { MINUTE } from '../../src/domain/duration.ts'
import { StoppedError } from '../../src/errors.ts'
import type { Inputs } from '../../src/inputs/inputs.ts'
import type { Management, Neighbourhood } from '../../src/ports.ts'
import { read } from '../inputs/reading.ts'

interface Situation {
  readonly inputs?: Readonly<Record<string, string>>
  readonly azure?: AzureAccess | undefined
  readonly event?: string
  /** Every wait is over at once. */
  readonly late?: boolean
  readonly stopped?: boolean
}

/** Counts what is asked, and answers with what it was given, or never. */
function access(answer?: Management['query']): AzureAccess & { asked: number } {
  const counting = {
    asked: 0,
    requests: () => 0,
    management: async (): Promise<Management> => ({
      get: () => new Promise(() => undefined),
      query: (kql, question) => {
        counting.asked += 1
        return answer === undefined ? new Promise(() => undefined) : answer(kql, question)
      },
    }),
  }
  return counting
}

function around({ inputs = {}, azure, event = '', late, stopped }: Situation): {
  readonly near: Neighbourhood
  readonly waits: readonly number[]
} {
  const given: Inputs = read({ registry: 'myregistry', ...inputs })
  const waits: number[] = []
  const sleep = (length: number): Promise<void> => {
    waits.push(length)
    if (stopped === true) return Promise.reject(new StoppedError('stopped'))
    return late === true ? Promise.resolve() : new Promise(() => undefined)
  }
  const near = neighbourhoodFor(given, { azure, environment: { GITHUB_EVENT_NAME: event }, sleep })
  return { near, waits }
}

const NOTHING: Management['query'] = async () => ({ rows: [], cut: false })
const PURGE = { purge: 'true', repositories: '**' }

describe('Azure is asked', () => {
  test('nothing before somebody wants an answer, nor for what is switched off', async () => {
    const azure = access(NOTHING)
    const { near } = around({ azure, inputs: { 'protect-deployed': 'off' } })
    expect(await near.deployed()).toEqual({ kind: 'off' })
    expect(await near.audit()).toBeUndefined()
    expect(azure.asked).toBe(0)
  })

  test.each<[Readonly<Record<string, string>>, string, boolean]>([
    [{}, 'push', false],
    [{}, 'pull_request', false],
    [{ images: 'myregistry.azurecr.io/app:1' }, '', false],
    [{ images: 'myregistry.azurecr.io/app:1' }, 'schedule', true],
    [{}, 'schedule', true],
    [{}, 'workflow_dispatch', true],
    [{}, '', true],
    [{ audit: 'on' }, 'push', true],
    [{ ...PURGE }, 'push', true],
  ])('for what runs, with %j on "%s": %s', async (inputs, event, asked) => {
    const azure = access(NOTHING)
    const deployed = await around({ azure, inputs, event }).near.deployed()
    expect(deployed.kind === 'not-asked').toBe(!asked)
    expect(azure.asked > 0).toBe(asked)
  })

  test.each([
    ['auto', 'schedule', true],
    ['auto', 'workflow_dispatch', true],
    ['auto', 'pull_request', false],
    ['on', 'pull_request', true],
    ['off', 'schedule', false],
  ])('for an audit: %s on %s is %s', async (audit, event, asked) => {
    const azure = access(NOTHING)
    await around({ azure, inputs: { audit }, event }).near.audit()
    expect(azure.asked).toBe(asked ? 1 : 0)
  })
})

describe('Azure is not asked', () => {
  test('without an identity of Entra: the answer says what it takes', async () => {
    const { near } = around({ inputs: { audit: 'on' }, azure: undefined })
    const why = expect.stringContaining('It takes an identity of Microsoft Entra with the role Reader')
    expect(await near.deployed()).toEqual({ kind: 'unchecked', why })
    expect(await near.audit()).toEqual({ kind: 'unread', why })
    expect(await near.cacheRules()).toEqual([])
  })

  test('about a host that is none of its own', async () => {
    const azure = access(NOTHING)
    const { near } = around({ azure, inputs: { registry: 'https://registry.example.com:5000' } })
    const why = 'Azure knows registries by their login servers, and registry.example.com:5000 is none.'
    expect(await near.deployed()).toEqual({ kind: 'unchecked', why })
    expect(azure.asked).toBe(0)
  })
})

describe('what Azure does not answer in time', () => {
  test.each([
    [{}, 10_000, '10 seconds'],
    [PURGE, 2 * MINUTE, '2 minutes'],
  ])('is not known: %j waits %d ms', async (inputs, wait, words) => {
    const { near, waits } = around({ azure: access(), inputs, late: true })
    expect(await near.deployed()).toEqual({
      kind: 'unchecked',
      why: `Azure Resource Manager did not answer within ${words}: allow this runner to reach it.`,
      transient: true,
    })
    expect(waits).toEqual([wait])
  })

  test('leaves an audit unread, and cache rules unknown', async () => {
    const { near } = around({ azure: access(), inputs: { audit: 'on' }, late: true })
    expect(await near.audit()).toMatchObject({ kind: 'unread', why: expect.stringContaining('2 minutes') })
    expect(await near.cacheRules()).toEqual([])
  })

  test('is awaited as long as a run that is stopped takes to end its requests', async () => {
    const azure = access(() => Promise.reject(new StoppedError('The job was cancelled.')))
    const { near } = around({ azure, stopped: true })
    expect(await near.deployed()).toMatchObject({ kind: 'unchecked', why: 'The job was cancelled.' })
  })
})

test('a bug is no answer', async () => {
  const azure = access(() => Promise.reject(new TypeError('a bug')))
  const { near } = around({ azure, inputs: { audit: 'on' } })
  await expect(near.deployed()).rejects.toThrow('a bug')
  await expect(near.audit()).rejects.toThrow('a bug')
  await expect(near.cacheRules()).rejects.toThrow('a bug')
})
