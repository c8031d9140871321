import { expect, test } from 'vitest'
import { isCacheOffered } from '../../src/memory/actions-cache.ts'

const TOKEN = { ACTIONS_RUNTIME_TOKEN: 'token' }
const RESULTS = { ACTIONS_RESULTS_URL: 'https://results.example' }
const FIRST = { ACTIONS_CACHE_URL: 'https://cache.example' }
const SECOND = { ACTIONS_CACHE_SERVICE_V2: 'True' }

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['nothing', {}, false],
  ['the second version', { ...TOKEN, ...RESULTS, ...SECOND }, true],
  [
    'the second version on a tenant of its own',
    ghe({ ...TOKEN, ...RESULTS, ...SECOND }, 'octo.ghe.com'),
    true,
  ],
  ['the second version without a token', { ...RESULTS, ...SECOND }, false],
  ['the second version with an empty token', { ...RESULTS, ...SECOND, ACTIONS_RUNTIME_TOKEN: '' }, false],
  ['the second version without its address', { ...TOKEN, ...FIRST, ...SECOND }, false],
  ['the first version', { ...TOKEN, ...FIRST }, true],
  ['the address of results alone, which is for artifacts too', { ...TOKEN, ...RESULTS }, false],
  ['a server, which has no second version', ghe({ ...TOKEN, ...RESULTS, ...SECOND }, 'git.example'), false],
  ['a server with a cache', ghe({ ...TOKEN, ...RESULTS, ...SECOND, ...FIRST }, 'git.example'), true],
])('%s', (_, environment, offered) => {
  expect(isCacheOffered(environment)).toBe(offered)
})

function ghe(environment: Readonly<Record<string, string>>, host: string) {
  return { ...environment, GITHUB_SERVER_URL: `https://${host}` }
}
