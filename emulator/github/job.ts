/** The job whose identity GitHub vouches for. */
export interface Job {
  /** `owner/name`, in the case that GitHub has it. */
  repository: string
  ref: string
  eventName: string
  /** The environment the job names, if it does; it takes the place of the ref in the subject. */
  environment: string | undefined
  /**
   * Whether the subject has the ids of owner and repository: so it is for repositories created, renamed or transferred since
   * 15 July 2026, and for others that chose it (github/docs, reference/security/oidc.md).
   */
  immutableSubject: boolean
  ownerId: number
  repositoryId: number
  /** Instead of the subject that follows from the rest. */
  subject: string | undefined
}

export const usualJob: Readonly<Job> = {
  repository: 'octo-org/octo-repo',
  ref: 'refs/heads/main',
  eventName: 'push',
  environment: undefined,
  immutableSubject: false,
  ownerId: 65,
  repositoryId: 74,
  subject: undefined,
}

/** `repo:octo-org/octo-repo:ref:refs/heads/main`, or with ids `repo:octo-org@65/octo-repo@74:ref:refs/heads/main`. */
export function subjectOf(job: Job): string {
  if (job.subject !== undefined) return job.subject
  const [owner, name] = ownerAndName(job)
  const repository = job.immutableSubject
    ? `${owner}@${job.ownerId}/${name}@${job.repositoryId}`
    : `${owner}/${name}`
  return `repo:${repository}:${contextOf(job)}`
}

/** The claims of the token, in about the order of the documented example. */
export function claimsOf(job: Job): Readonly<Record<string, unknown>> {
  const [owner] = ownerAndName(job)
  const workflow = `${job.repository}/.github/workflows/hygiene.yml@${job.ref}`
  return {
    sub: subjectOf(job),
    ref: job.ref,
    sha: '0123456789abcdef0123456789abcdef01234567',
    repository: job.repository,
    repository_owner: owner,
    repository_owner_id: String(job.ownerId),
    run_id: '1',
    run_number: '1',
    run_attempt: '1',
    repository_visibility: 'private',
    repository_id: String(job.repositoryId),
    actor_id: '1',
    actor: 'octocat',
    workflow: 'hygiene',
    head_ref: '',
    base_ref: '',
    event_name: job.eventName,
    ref_protected: 'true',
    ref_type: job.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    runner_environment: 'github-hosted',
    ...(job.environment === undefined ? {} : { environment: job.environment }),
  }
}

/** What the token is for when nobody asks for anything: documented as the URL of the owner. */
export function usualAudience(job: Job): string {
  return `https://github.com/${ownerAndName(job)[0]}`
}

function contextOf({ environment, eventName, ref }: Job): string {
  if (environment !== undefined) return `environment:${environment}`
  return eventName === 'pull_request' ? 'pull_request' : `ref:${ref}`
}

function ownerAndName({ repository }: Job): [owner: string, name: string] {
  const [owner = '', name = ''] = repository.split('/')
  return [owner, name]
}
