/**
 * The action on a registry of this machine: an emulator with a story, the committed bundle in a process of its own, with
 * inputs as a runner would pass them. Needs no Azure.
 *
 *     npm run demo                                       a gate that fails
 *     npm run demo -- max-orphans=20 broken-indexes=warn the same registry with other inputs
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pictureNamed } from '../emulator/cli/pictures.ts'
import { startEmulator } from '../emulator/index.ts'
import { showMarkdown } from './show-markdown.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.demo')
const summary = join(folder, 'summary.md')
const outputs = join(folder, 'outputs.txt')

const inputs: Readonly<Record<string, string>> = {
  username: 'emulator',
  password: 'emulator-password',
  'max-orphans': '5',
  'max-orphan-age': '90d',
  'warn-orphan-size': '500MB',
  'broken-indexes': 'fail',
  ...Object.fromEntries(process.argv.slice(2).map(inputOf)),
}

await using emulator = await startEmulator({ seed: pictureNamed('story') })
const step = { registry: emulator.url, ...inputs }

console.log(`A registry with a story runs at ${emulator.url}. The step:\n`)
console.log(`  - uses: ./\n    with:`)
for (const [name, value] of Object.entries(step))
  console.log(`      ${name}: ${name === 'password' ? '***' : value}`)
console.log('\nIts log:\n')
const status = await runStep(step)
console.log(
  `\n${'='.repeat(100)}\nThe job summary, as GitHub would show it below the run:\n${'='.repeat(100)}\n`,
)
console.log(showMarkdown(readFileSync(summary, 'utf8')))
console.log('='.repeat(100))
console.log(
  `The step ended with exit status ${status}${status === 0 ? '.' : ': the check is red, as the limits ask for.'}`,
)
console.log(`Summary: ${relative(process.cwd(), summary)}   outputs: ${relative(process.cwd(), outputs)}`)
console.log('Try other limits: npm run demo -- max-orphans=20 max-orphan-age=1w warn-only=true')
console.log("Try a purge:      npm run demo -- purge=true 'repositories=**' older-than=30d")

function inputOf(argument: string): readonly [string, string] {
  const equals = argument.indexOf('=')
  if (equals <= 0) throw new Error(`${argument} is not input=value`)
  return [argument.slice(0, equals), argument.slice(equals + 1)]
}

async function runStep(given: Readonly<Record<string, string>>): Promise<number> {
  mkdirSync(folder, { recursive: true })
  for (const file of [summary, outputs]) writeFileSync(file, '')
  const child = spawn(process.execPath, [join(root, 'dist/index.js')], {
    env: {
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      GITHUB_OUTPUT: outputs,
      GITHUB_STEP_SUMMARY: summary,
      NODE_EXTRA_CA_CERTS: emulator.certificateFile,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A runner swallows the lines that name secrets.
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text.replaceAll(/^::add-mask::.*\n/gm, ''))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}
