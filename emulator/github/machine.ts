import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheScope } from './cache-entries.ts'

/** The run of a workflow that a step belongs to. */
export interface WorkflowRun {
  /** `refs/heads/main` without it, of a pull request `refs/pull/1/merge`. */
  readonly ref?: string
  /** `main` without it. */
  readonly defaultBranch?: string
  /** Of a pull request; the default branch without it. */
  readonly baseBranch?: string
  /** `push` without it. */
  readonly event?: string
  /** The pull request comes from a fork, and its token writes to no cache. */
  readonly fork?: boolean
  readonly runId?: number
  readonly runAttempt?: number
  /** What the token allows with caches, where it is not what follows from the rest. */
  readonly cache?: 'write' | 'read' | 'none'
  /** What the runner says of it in ACTIONS_CACHE_MODE; nothing without a word. */
  readonly cacheMode?: 'none' | 'read' | 'write' | 'write-only'
  /** What the event's payload has besides, or instead; `{ repository: undefined }` takes it away. */
  readonly payload?: Readonly<Record<string, unknown>>
  /** Runs with different names for it happen on machines with different paths. */
  readonly machine?: string
}

const repository = 'octo-org/octo-repo'

/**
 * Which refs the token of a run is for, in the order in which they are searched: its own, the base branch's, the default
 * branch's (GitHub Docs, "Dependency caching reference": restrictions for accessing a cache).
 */
export function scopesOf(run: WorkflowRun): readonly CacheScope[] {
  const { defaultBranch = 'main', baseBranch = defaultBranch, event = 'push' } = run
  const lessTrusted = run.fork === true || event === 'pull_request_target'
  const access = run.cache ?? (lessTrusted ? 'read' : 'write')
  if (access === 'none') return []
  const others = [
    ...(isPullRequest(event) ? [`refs/heads/${baseBranch}`] : []),
    `refs/heads/${defaultBranch}`,
  ]
  const own: CacheScope = { ref: refOf(run), permission: access }
  const read = [...new Set(others)].filter((ref) => ref !== own.ref)
  return [own, ...read.map((ref) => ({ ref, permission: 'read' as const }))]
}

/** The folders of runners, all under one that goes away with them. */
export class Machines {
  readonly #folder = mkdtempSync(join(tmpdir(), 'actions-runner-'))

  /**
   * A step's variables that do not depend on the cache. The machine is empty: whatever an earlier run left is gone, and the
   * paths are the same, as on hosted runners.
   */
  environment(run: WorkflowRun): Readonly<Record<string, string>> {
    const {
      event = 'push',
      runId = 1,
      runAttempt = 1,
      defaultBranch = 'main',
      baseBranch = defaultBranch,
    } = run
    const work = join(this.#folder, run.machine ?? 'runner', 'work')
    rmSync(work, { recursive: true, force: true })
    const temp = join(work, '_temp')
    const workspace = join(work, 'octo-repo', 'octo-repo')
    const eventFile = join(temp, '_github_workflow', 'event.json')
    mkdirSync(join(temp, '_github_workflow'), { recursive: true })
    mkdirSync(workspace, { recursive: true })
    writeFileSync(eventFile, JSON.stringify(payloadOf(run)))
    return {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: eventFile,
      GITHUB_REF: refOf(run),
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ATTEMPT: String(runAttempt),
      GITHUB_RUN_ID: String(runId),
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: temp,
      ...(isPullRequest(event) ? { GITHUB_BASE_REF: baseBranch, GITHUB_HEAD_REF: 'feature' } : {}),
      ...(run.cacheMode === undefined ? {} : { ACTIONS_CACHE_MODE: run.cacheMode }),
      // For tar and zstd, which the toolkit starts.
      PATH: process.env['PATH'] ?? '',
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export function refOf({ ref, event, baseBranch, defaultBranch = 'main' }: WorkflowRun): string {
  if (ref !== undefined) return ref
  // That of the base branch, unlike that of the other event of pull requests.
  if (event === 'pull_request_target') return `refs/heads/${baseBranch ?? defaultBranch}`
  return event === 'pull_request' ? 'refs/pull/1/merge' : `refs/heads/${defaultBranch}`
}

function isPullRequest(event: string): boolean {
  return event === 'pull_request' || event === 'pull_request_target'
}

function payloadOf(run: WorkflowRun): object {
  const { event = 'push', defaultBranch = 'main', baseBranch = defaultBranch, fork = false, payload } = run
  const head = { ref: 'feature', repo: { full_name: fork ? 'somebody/octo-repo' : repository } }
  const base = { ref: baseBranch, repo: { full_name: repository } }
  return {
    ...(event === 'schedule' ? { schedule: '0 3 * * *' } : { ref: refOf(run) }),
    ...(isPullRequest(event) ? { number: 1, pull_request: { head, base, user: { login: 'octocat' } } } : {}),
    repository: { full_name: repository, default_branch: defaultBranch },
    sender: { login: 'octocat' },
    ...payload,
  }
}
