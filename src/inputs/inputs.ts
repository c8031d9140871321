import { BYTES_GRAMMAR, parseBytes } from '../domain/bytes.ts'
import { DURATION_GRAMMAR, HOUR, MINUTE, parseDuration, type Milliseconds } from '../domain/duration.ts'
import type { CredentialInputs } from '../domain/credential.ts'
import type { Thresholds } from '../domain/evaluate.ts'
import {
  IMAGE_REFERENCE_GRAMMAR,
  parseImageReference,
  type ImageReference,
} from '../domain/image-reference.ts'
import { LOGIN_SERVER_GRAMMAR, parseLoginServer, type LoginServer } from '../domain/login-server.ts'
import { parsePattern, PATTERN_GRAMMAR, type Pattern } from '../domain/pattern.ts'
import type { DataNeed } from '../domain/vulnerability.ts'
import { UsageError } from '../errors.ts'
import { readCredentialInputs } from './credential.ts'
import { readDefender, readSeverities } from './defender.ts'
import { GivenInputs, parseCount, type Environment } from './given.ts'
import type { InputName } from './names.ts'
import { readPurgeInputs, type PurgeInputs } from './purge.ts'

/** Where what this run learns is kept for the next one. */
type StateChoice =
  /** The cache of GitHub Actions where the runner offers one, else nowhere; kept from the default branch only. */
  | { readonly kind: 'auto' }
  | { readonly kind: 'cache' }
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly path: string }

/** Everything the workflow's author asked for, checked and typed. Holds no secret in readable form. */
export interface Inputs {
  readonly registry: LoginServer
  readonly credential: CredentialInputs
  /** Empty: all repositories. */
  readonly repositories: readonly Pattern[]
  readonly allowNoMatch: boolean
  /** Undefined: not limited to what was just pushed. References to other registries are still in it. */
  readonly images: readonly ImageReference[] | undefined
  readonly thresholds: Thresholds
  readonly inFlight: Milliseconds
  readonly purge: PurgeInputs
  readonly summary: boolean
  readonly state: StateChoice
  readonly defender: DataNeed | 'off'
  /** `auto`: when nobody waits for the run. */
  readonly audit: 'auto' | 'on' | 'off'
  readonly concurrency: number
  readonly timeLimit: Milliseconds
}

const SHORTEST_IN_FLIGHT = 15 * MINUTE
const MOST_CONCURRENCY = 64

/**
 * Reads and checks all inputs.
 *
 * @throws UsageError with every problem there is
 */
export function readInputs(environment: Environment): Inputs {
  const given = new GivenInputs(environment)
  const registry = readRegistry(given)
  const credential = readCredentialInputs(given)
  const images = given.list('images', parseImageReference, IMAGE_REFERENCE_GRAMMAR)
  const repositories = given.list('repositories', parsePattern, PATTERN_GRAMMAR)
  const state = readState(given)
  const inputs = {
    repositories,
    allowNoMatch: given.boolean('allow-no-match', false),
    // A list of comments is as good as none.
    images: images.length === 0 ? undefined : images,
    thresholds: readThresholds(given, state),
    inFlight: readInFlight(given),
    purge: readPurgeInputs(given, { repositories, images }),
    summary: given.boolean('summary', true),
    state,
    defender: readDefender(given),
    audit: given.oneOf('audit', ['auto', 'on', 'off'], 'auto'),
    concurrency: readConcurrency(given),
    timeLimit: readTimeLimit(given),
  }
  if (registry === undefined || given.problems.length > 0) {
    throw new UsageError(given.problems)
  }
  return { registry, credential, ...inputs }
}

function readRegistry(given: GivenInputs): LoginServer | undefined {
  const registry = given.parsed('registry', parseLoginServer, LOGIN_SERVER_GRAMMAR)
  if (given.text('registry') === undefined) {
    given.reject('registry', `is required, accepted: ${LOGIN_SERVER_GRAMMAR}.`)
  }
  return registry
}

function readThresholds(given: GivenInputs, state: StateChoice): Thresholds {
  const size = (name: InputName): number | undefined => given.parsed(name, parseBytes, BYTES_GRAMMAR)
  const age = (name: InputName): number | undefined => given.parsed(name, parseDuration, DURATION_GRAMMAR)
  return {
    orphans: { max: given.count('max-orphans'), warn: given.count('warn-orphans') },
    orphanSize: { max: size('max-orphan-size'), warn: size('warn-orphan-size') },
    orphanAge: { max: age('max-orphan-age'), warn: age('warn-orphan-age') },
    severity: readSeverities(given),
    brokenIndexes: given.oneOf('broken-indexes', ['report', 'warn', 'fail'], 'report'),
    scope: given.oneOf('threshold-scope', ['total', 'repository'], 'total'),
    onlyNew: readOnlyNew(given, state),
    warnOnly: given.boolean('warn-only', false),
  }
}

function readOnlyNew(given: GivenInputs, state: StateChoice): boolean {
  const onlyNew = given.boolean('only-new', false)
  if (onlyNew && state.kind === 'none')
    given.reject('only-new', 'needs a state to know what is new: leave state out, or give it a file.')
  return onlyNew
}

function readState(given: GivenInputs): StateChoice {
  const text = given.text('state') ?? 'auto'
  return text === 'auto' || text === 'cache' || text === 'none'
    ? { kind: text }
    : { kind: 'file', path: text }
}

function readInFlight(given: GivenInputs): Milliseconds {
  const inFlight = given.within('in-flight', {
    parse: parseDuration,
    accept: (length) => length >= SHORTEST_IN_FLIGHT,
    grammar: 'a duration of at least 15m, such as 90m or 36h (a push of many platforms takes its time)',
  })
  return inFlight ?? HOUR
}

function readConcurrency(given: GivenInputs): number {
  const concurrency = given.within('concurrency', {
    parse: parseCount,
    accept: (count) => count >= 1 && count <= MOST_CONCURRENCY,
    grammar: `1 to ${MOST_CONCURRENCY} requests at a time`,
  })
  return concurrency ?? 16
}

function readTimeLimit(given: GivenInputs): Milliseconds {
  const limit = given.within('time-limit', {
    parse: parseDuration,
    accept: (length) => length >= MINUTE,
    grammar: `${DURATION_GRAMMAR}, and at least 1m`,
  })
  return limit ?? HOUR
}
