import { expect, test } from 'vitest'
import { itemsOf } from '../../src/azure/collection.ts'
import type { Management } from '../../src/ports.ts'

const PATH = '/subscriptions/1/providers/x'
const question = { operation: 'list them', role: 'Reader' }

/** Answers page by page; remembers what it was asked for. */
function pages(...answers: readonly unknown[]): Management & { readonly asked: readonly string[] } {
  const asked: string[] = []
  return {
    asked,
    get: async (path) => {
      asked.push(path)
      return answers[asked.length - 1] ?? answers.at(-1)
    },
    query: () => Promise.reject(new Error('not asked for')),
  }
}

const all = (management: Management) => itemsOf(management, { path: PATH, apiVersion: '1', question })

test('every page is read, in order', async () => {
  const management = pages(
    { value: [1, 2], nextLink: `https://management.azure.com${PATH}?$skiptoken=a%2Fb` },
    { value: [3] },
  )
  expect(await all(management)).toEqual([1, 2, 3])
  expect(management.asked).toEqual([PATH, `${PATH}?$skiptoken=a%2Fb`])
})

test('of a link only what is behind the host is used: no answer leads to another one', async () => {
  const management = pages({ value: [], nextLink: 'https://evil.example/steal?token' }, {})
  await all(management)
  expect(management.asked).toEqual([PATH, '/steal?token'])
})

test('a list without end ends', async () => {
  const management = pages({ value: [1], nextLink: `https://management.azure.com${PATH}` })
  expect(await all(management)).toHaveLength(50)
})

test.each([{}, { value: null }, { value: 'x', nextLink: 7 }, { value: {}, nextLink: 'none' }, [], null])(
  'an answer of another shape has no items: %j',
  async (answer) => {
    expect(await all(pages(answer))).toEqual([])
  },
)
