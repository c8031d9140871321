import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateStore } from '../ports.ts'
import { withToolkit } from './toolkit.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether the runner offers a cache: without these variables the toolkit cannot reach one. Which of the two addresses counts
 * depends on the service's version (actions/toolkit, cache.ts: isFeatureAvailable); GitHub Enterprise Server has the first.
 */
export function isCacheOffered(environment: Environment): boolean {
  const second = (environment['ACTIONS_CACHE_SERVICE_V2'] ?? '') !== '' && !isEnterpriseServer(environment)
  const address = environment[second ? 'ACTIONS_RESULTS_URL' : 'ACTIONS_CACHE_URL'] ?? ''
  return address !== '' && (environment['ACTIONS_RUNTIME_TOKEN'] ?? '') !== ''
}

/** As the toolkit finds it out (config.ts: isGhes). */
function isEnterpriseServer(environment: Environment): boolean {
  const server = URL.parse(environment['GITHUB_SERVER_URL'] ?? '')?.hostname ?? 'github.com'
  return server !== 'github.com' && !server.endsWith('.ghe.com') && !server.endsWith('.localhost')
}

/**
 * The state in the cache of GitHub Actions. An entry can never be changed, so each run saves its own, and the newest one is
 * found by the beginning of its key. Branches and pull requests read the entries of the default branch.
 *
 * @param host whose state it is
 * @param around.signal ends every wait for the cache
 */
export function actionsCache(
  host: string,
  { environment, signal }: { readonly environment: Environment; readonly signal: AbortSignal },
): StateStore {
  // The path is part of what identifies an entry (actions/toolkit, cacheUtils.ts), so it must not differ between runs.
  const folder = join(environment['RUNNER_TEMP'] ?? '.', 'acr-hygiene')
  const path = join(folder, 'state.gz')
  const prefix = `acr-hygiene-state-${createHash('sha256').update(host).digest('hex').slice(0, 12)}-`
  const run = `${environment['GITHUB_RUN_ID'] ?? '0'}-${environment['GITHUB_RUN_ATTEMPT'] ?? '1'}`
  // A job may have several steps, a workflow several jobs.
  const key = `${prefix}${run}-${Date.now()}`
  return {
    description: 'the cache of GitHub Actions',
    async load() {
      await mkdir(folder, { recursive: true })
      const found = await withToolkit(async () => {
        const { restoreCache } = await import('@actions/cache')
        return await restoreCache([path], key, [prefix])
      }, signal)
      return found === undefined ? undefined : await readFile(path)
    },
    async save(bytes) {
      await mkdir(folder, { recursive: true })
      await writeFile(path, bytes)
      try {
        await withToolkit(async () => {
          const { saveCache } = await import('@actions/cache')
          return await saveCache([path], key)
        }, signal)
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}
