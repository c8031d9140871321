import { readFileSync } from 'node:fs'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether the run was started by somebody who gets neither secrets nor OIDC tokens: a pull request from a fork, or
 * Dependabot (GitHub Docs, "Events that trigger workflows").
 */
export function outsiderOf(environment: Environment): 'fork' | 'dependabot' | undefined {
  const pull = readPayload(environment['GITHUB_EVENT_PATH'])?.pull_request
  const dependabot = [environment['GITHUB_ACTOR'], pull?.user?.login].includes('dependabot[bot]')
  if (dependabot) return 'dependabot'
  const [head, base] = [pull?.head?.repo?.full_name, pull?.base?.repo?.full_name]
  // The repository of a deleted fork is null.
  return pull !== undefined && head !== base ? 'fork' : undefined
}

export function isOnPullRequest(environment: Environment): boolean {
  return (environment['GITHUB_EVENT_NAME'] ?? '').startsWith('pull_request')
}

/** Started by the clock or by hand: nobody waits for it, so it may look further than a run that follows a push. */
export function isUnhurried(environment: Environment): boolean {
  return ['schedule', 'workflow_dispatch'].includes(environment['GITHUB_EVENT_NAME'] ?? '')
}

/**
 * Whether this run is about the default branch itself: what it learns is for all others to read. A pull request reads, and
 * never writes.
 */
export function isOnDefaultBranch(environment: Environment): boolean {
  if (isOnPullRequest(environment)) return false
  // Schedules run there and nowhere else (GitHub Docs, "Events that trigger workflows"); their payload names no repository
  // before 2022, nor on servers that imitate GitHub (github/codeql-action#1211).
  if (environment['GITHUB_EVENT_NAME'] === 'schedule') return true
  const branch = readPayload(environment['GITHUB_EVENT_PATH'])?.repository?.default_branch
  return branch !== undefined && environment['GITHUB_REF'] === `refs/heads/${branch}`
}

interface Payload {
  readonly repository?: { readonly default_branch?: string }
  readonly pull_request?: {
    readonly user?: { readonly login?: string }
    readonly head?: { readonly repo?: { readonly full_name?: string } | null }
    readonly base?: { readonly repo?: { readonly full_name?: string } }
  }
}

function readPayload(path: string | undefined): Payload | undefined {
  if (path === undefined || path === '') return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Payload
  } catch {
    return undefined
  }
}
