import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../domain/secret.ts'
import { RegistryError } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What docker keeps for a registry: a user name with password, or a refresh token of the registry. */
export type DockerLogin =
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'identity-token'; readonly token: Secret }

/** Whether docker's configuration has something for the host; nothing is decrypted and no helper is started. */
export async function hasDockerLogin(host: string, environment: Environment): Promise<boolean> {
  const config = await readConfig(environment)
  return entryOf(config, host) !== undefined || config.credHelpers?.[host] !== undefined
}

/**
 * Reads what `docker login`, `docker/login-action` or `az acr login` left behind.
 *
 * @throws RegistryError when there is nothing, or a credential helper does not give it away
 */
export async function readDockerLogin(host: string, environment: Environment): Promise<DockerLogin> {
  const config = await readConfig(environment)
  const helper = config.credHelpers?.[host] ?? config.credsStore
  const entry = entryOf(config, host)
  const login = loginOf(entry) ?? (helper === undefined ? undefined : await askHelper(helper, host))
  if (login !== undefined) return login
  throw failure(host, `there is nothing for ${host}.`, `Log in before: docker/login-action, or az acr login.`)
}

interface Entry {
  readonly auth?: string
  readonly identitytoken?: string
}

interface Config {
  readonly auths?: Readonly<Record<string, Entry>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/** A file that is missing or cannot be understood is no login; docker itself starts with an empty one. */
async function readConfig({ DOCKER_CONFIG }: Environment): Promise<Config> {
  const folder =
    DOCKER_CONFIG === undefined || DOCKER_CONFIG === '' ? join(homedir(), '.docker') : DOCKER_CONFIG
  try {
    return (JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Config | null) ?? {}
  } catch {
    return {}
  }
}

/** Older clients wrote addresses, with scheme and path, where newer ones write hosts. */
function entryOf({ auths = {} }: Config, host: string): Entry | undefined {
  return Object.entries(auths).find(
    ([key]) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '') === host,
  )?.[1]
}

/** `az acr login` leaves a token and, as password, nothing (devcontainers/cli#444). */
function loginOf(entry: Entry | undefined): DockerLogin | undefined {
  if (entry?.identitytoken !== undefined && entry.identitytoken !== '') {
    return { kind: 'identity-token', token: new Secret(entry.identitytoken) }
  }
  const [username, ...rest] = Buffer.from(entry?.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const password = rest.join(':')
  if (username === undefined || username === '' || password === '') return undefined
  return { kind: 'password', username, password: new Secret(password) }
}

/** The user name with which helpers mark an identity token (docker/docker-credential-helpers). */
const TOKEN_USER = '<token>'

async function askHelper(name: string, host: string): Promise<DockerLogin | undefined> {
  if (!/^[\w.-]+$/.test(name))
    throw failure(host, 'the name of its credential helper is none.', 'Correct config.json.')
  const answer = await runHelper(`docker-credential-${name}`, host)
  const { Username, Secret: secret } = answer
  if (typeof Username !== 'string' || typeof secret !== 'string' || secret === '') return undefined
  if (Username === TOKEN_USER) return { kind: 'identity-token', token: new Secret(secret) }
  return { kind: 'password', username: Username, password: new Secret(secret) }
}

interface HelperAnswer {
  readonly Username?: unknown
  readonly Secret?: unknown
}

/** The host goes to standard input, JSON comes from standard output; "not found" is an exit status of 1. */
function runHelper(program: string, host: string): Promise<HelperAnswer> {
  return new Promise((done, failed) => {
    const child = execFile(program, ['get'], { timeout: 30_000 }, (error, stdout) => {
      if (error !== null && stdout.includes('credentials not found')) {
        done({})
      } else if (error !== null) {
        const why = error.code === 'ENOENT' ? 'is not on the PATH' : 'failed'
        failed(failure(host, `its credential helper ${program} ${why}.`, 'Install it, or log in again.'))
      } else {
        try {
          done(JSON.parse(stdout) as HelperAnswer)
        } catch {
          failed(failure(host, `its credential helper ${program} did not answer in JSON.`, 'Log in again.'))
        }
      }
    })
    child.stdin?.end(host)
  })
}

function failure(host: string, cause: string, cure: string): RegistryError {
  return new RegistryError({
    kind: 'credential',
    operation: `read the login for ${host} from docker's configuration`,
    cause,
    cure,
  })
}
