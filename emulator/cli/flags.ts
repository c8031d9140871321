import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { millisecondsIn } from '../clock.ts'
import { defaultIdentities, type EmulatorOptions, type Registry, type Sku, type Switches } from '../index.ts'
import { parseSwitchValue, switchProblem } from '../switch-values.ts'
import { pictureNamed, pictures } from './pictures.ts'

const flags = {
  port: { type: 'string', default: '5443' },
  user: { type: 'string', default: 'emulator' },
  password: { type: 'string', default: 'emulator-password' },
  seed: { type: 'string', multiple: true, default: ['story'] },
  abac: { type: 'boolean', default: false },
  anonymous: { type: 'boolean', default: false },
  latency: { type: 'string' },
  'clock-offset': { type: 'string' },
  time: { type: 'string' },
  frozen: { type: 'boolean', default: false },
  sku: { type: 'string', default: 'Standard' },
  throttle: { type: 'boolean', default: false },
  switch: { type: 'string', multiple: true, default: [] },
  'host-name': { type: 'string', multiple: true, default: [] },
  certificate: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} satisfies ParseArgsOptionsConfig

export const help = `An Azure Container Registry on this machine's loopback.

npm run emulator -- [flags]

  --port N              port to serve on (default 5443; 0: any free one)
  --user, --password    the admin user (default emulator / emulator-password)
  --seed PICTURE        what is in the registry (default story); may be given more than once:
${pictureLines()}
                        ./file.ts  a module that exports seed(registry)
  --abac                role assignment mode "RBAC + ABAC repository permissions"
  --anonymous           anonymous pull is allowed
  --latency TIME        how long each request takes: 30ms, 1s
  --clock-offset TIME   how far the registry's clock is off: --clock-offset=-30d, 2h
  --time INSTANT        the registry's time at the start: 2026-10-02T14:14:24Z
  --frozen              the registry's time stands still
  --throttle            the documented request limits hold
  --sku NAME            Basic, Standard or Premium: which limits (default Standard)
  --switch NAME=VALUE   any switch of emulator/README.md; may be given more than once
  --host-name NAME      a further name for the certificate; may be given more than once
  --certificate FILE    where to write the certificate to be trusted (default: a temporary folder)
  -h, --help            this text`

export interface Invocation {
  readonly options: EmulatorOptions
  readonly user: string
  readonly password: string
}

/** What the command line says, or `help`. Throws a sentence about the first thing in it that makes no sense. */
export async function readFlags(args: readonly string[]): Promise<Invocation | 'help'> {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true })
  if (values.help) return 'help'
  const switches = Object.assign({}, ...values.switch.map(readSwitch)) as Partial<Switches>
  const seeds = await Promise.all(values.seed.map(readSeed))
  return {
    user: values.user,
    password: values.password,
    options: {
      port: readPort(values.port),
      sku: readSku(values.sku),
      abac: values.abac,
      frozen: values.frozen,
      hostNames: values['host-name'],
      identities: [
        { kind: 'admin', username: values.user, password: values.password },
        ...defaultIdentities.filter(({ kind }) => kind === 'entra'),
      ],
      switches: {
        anonymousPull: values.anonymous,
        throttle: values.throttle,
        ...(values.latency === undefined ? {} : { latencyMs: readDuration('--latency', values.latency) }),
        ...switches,
      },
      ...readTime(values.time, values['clock-offset']),
      ...(values.certificate === undefined ? {} : { certificateFile: resolve(values.certificate) }),
      seed: async (registry) => {
        for (const seed of seeds) await seed(registry)
      },
    },
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--port takes a number from 0 to 65535, not ${JSON.stringify(text)}.`)
}

function readSku(text: string): Sku {
  if (text === 'Basic' || text === 'Standard' || text === 'Premium') return text
  throw new Error(`--sku takes Basic, Standard or Premium, not ${JSON.stringify(text)}.`)
}

function readDuration(flag: string, text: string): number {
  try {
    return millisecondsIn(text)
  } catch {
    throw new Error(`${flag} takes a time such as 30ms, 90s, 2h or 30d, not ${JSON.stringify(text)}.`)
  }
}

/** The offset counts from the instant given, or from now. Pictures are painted after it: their ages are of that time. */
function readTime(time: string | undefined, offset: string | undefined): { time?: number } {
  if (time === undefined && offset === undefined) return {}
  const start = time === undefined ? Date.now() : Date.parse(time)
  if (Number.isNaN(start)) {
    throw new Error(`--time takes an instant such as 2026-10-02T14:14:24Z, not ${JSON.stringify(time)}.`)
  }
  const amount = readDuration('--clock-offset', (offset ?? '0s').replace(/^[+-]/, ''))
  return { time: offset?.startsWith('-') === true ? start - amount : start + amount }
}

function readSwitch(text: string): Partial<Switches> {
  const at = text.indexOf('=')
  if (at === -1) throw new Error(`--switch takes NAME=VALUE, not ${JSON.stringify(text)}.`)
  const [name, value] = [text.slice(0, at), parseSwitchValue(text.slice(at + 1))]
  const problem = switchProblem(name, value)
  if (problem !== undefined) throw new Error(problem)
  return { [name]: value }
}

type Seed = (registry: Registry) => void | Promise<void>

async function readSeed(text: string): Promise<Seed> {
  if (!/\.[cm]?[jt]s$/.test(text)) return pictureNamed(text)
  const module = (await import(pathToFileURL(resolve(text)).href)) as { seed?: Seed }
  if (typeof module.seed !== 'function') throw new Error(`${text} exports no function seed(registry).`)
  return module.seed
}

function pictureLines(): string {
  return Object.entries(pictures)
    .map(([name, { about, count }]) => {
      const number = count === undefined ? '' : ` (${count.usual} ${count.of}; ${name}:N for N)`
      return `                        ${name}  ${about}${number}`
    })
    .join('\n')
}
