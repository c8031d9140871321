/** One thing that is wrong with what the workflow's author wrote. */
export interface Problem {
  /** The input's name. */
  readonly input: string
  /** What is wrong and what is accepted, in one sentence. */
  readonly message: string
}

/** The workflow is wrong, not the program: every problem at once, never a stack trace. */
export class UsageError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ input, message }) => `${input}: ${message}`).join('\n'))
    this.name = 'UsageError'
    this.problems = problems
  }
}

/**
 * What a failure means for the rest of the run: with `credential`, `firewall` and `unreachable` nothing else can succeed
 * either; the others may be about one repository.
 */
export type FailureKind =
  | 'credential'
  | 'firewall'
  | 'unreachable'
  | 'permission'
  | 'not-found'
  | 'not-json'
  | 'throttled'
  | 'server'

/** What is known about a call to the registry that did not succeed. */
export interface Failure {
  readonly kind: FailureKind
  /** What was being done, such as `list the manifests`. */
  readonly operation: string
  readonly repository?: string
  readonly status?: number
  /** The service's error code, such as `DENIED`, or the network's, such as `ENOTFOUND`. */
  readonly code?: string
  readonly correlationId?: string
  /** The likely reason, in one sentence. */
  readonly cause: string
  /** What to do about it: role, input or link. */
  readonly cure: string
}

/** The registry, or the way to it, refused or failed. Expected in operation: shown without a stack trace. */
export class RegistryError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(sentence(failure), options)
    this.name = 'RegistryError'
    this.failure = failure
  }
}

/** Azure Resource Manager or Resource Graph, or the way to it, refused or failed. Expected in operation, like a RegistryError. */
export class ManagementError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(sentence(failure), options)
    this.name = 'ManagementError'
    this.failure = failure
  }
}

/** The time limit or a signal ended the run: what was read so far is still reported. */
export class StoppedError extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'StoppedError'
  }
}

function sentence({ operation, repository, status, code, correlationId, cause, cure }: Failure): string {
  const where = repository === undefined ? '' : ` of ${repository}`
  const facts = [status, code].filter((fact) => fact !== undefined).join(' ')
  const answer = facts === '' ? '' : ` (${facts})`
  const id = correlationId === undefined ? '' : ` Correlation id for Azure Support: ${correlationId}.`
  return `Could not ${operation}${where}${answer}: ${cause} ${cure}${id}`
}
