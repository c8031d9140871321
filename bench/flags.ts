import { resolve } from 'node:path'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { scenarios, scenariosNamed, type Scenario } from './scenarios.ts'

const root = resolve(import.meta.dirname, '..')

const flags = {
  only: { type: 'string' },
  latency: { type: 'string' },
  action: { type: 'string', default: root },
  json: { type: 'string', default: '.bench/result.json' },
  markdown: { type: 'boolean', default: false },
  attempts: { type: 'string', default: '1' },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} satisfies ParseArgsOptionsConfig

export const help = `Measures the committed action on registries of this machine.

npm run bench -- [flags]

  --only a,b        these scenarios, with their variants; c-throttled is one variant alone
  --latency 0,30    milliseconds per request, in the place of each scenario's own. Mind d: 30 takes two minutes
  --action FOLDER   another version of the action: a folder with action.yml and dist
  --json FILE       where to write everything that was measured (default .bench/result.json)
  --markdown        write the tables into docs/performance.md
  --attempts N      measure up to N times what other processes disturb, and keep what they disturbed least
  --strict          a target that is missed is a failure
  -h, --help        this text

Scenarios
${scenarios.map(({ key, title, latencies }) => `  ${key.padEnd(17)} ${title} (${latencies.join(', ')} ms)`).join('\n')}`

export interface Invocation {
  readonly scenarios: readonly Scenario[]
  readonly actionFolder: string
  readonly jsonFile: string
  readonly markdown: boolean
  readonly attempts: number
  readonly strict: boolean
}

/** What the command line says, or `help`. Throws a sentence about the first thing in it that makes no sense. */
export function readFlags(args: readonly string[]): Invocation | 'help' {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true })
  if (values.help) return 'help'
  if (values.markdown && (values.only ?? values.latency) !== undefined) {
    throw new Error('--markdown writes all of the tables, so it goes without --only and --latency.')
  }
  const chosen = values.only === undefined ? scenarios : scenariosNamed(listed(values.only))
  const latencies = values.latency === undefined ? undefined : listed(values.latency).map(readLatency)
  return {
    scenarios: latencies === undefined ? chosen : chosen.map((scenario) => ({ ...scenario, latencies })),
    actionFolder: resolve(values.action),
    jsonFile: resolve(values.json),
    markdown: values.markdown,
    attempts: readAttempts(values.attempts),
    strict: values.strict,
  }
}

function listed(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim())
}

function readLatency(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new Error(`--latency takes milliseconds such as 0,30,100, not ${JSON.stringify(text)}.`)
}

function readAttempts(text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text)
  throw new Error(`--attempts takes 1 to 9, not ${JSON.stringify(text)}.`)
}
