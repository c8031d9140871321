import { appendFileSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/** What a helper has under a host. An identity token has the user name `<token>`. */
export type HelperEntry =
  | { readonly username: string; readonly secret: string }
  /** It fails with this on stdout, as helpers do. */
  | { readonly error: string }
  /** It never answers. */
  | { readonly hang: true }

/** What runs as `docker-credential-…` (docker-credential-helpers, credentials/credentials.go): failures go to stdout too. */
export interface HelperSettings {
  readonly entries: Readonly<Record<string, HelperEntry>>
  readonly callsFile: string
}

async function main([settingsFile = '', action = '']: readonly string[]): Promise<void> {
  const { entries, callsFile } = JSON.parse(readFileSync(settingsFile, 'utf8')) as HelperSettings
  const input = action === 'get' ? (await text(process.stdin)).trim() : ''
  appendFileSync(callsFile, `${JSON.stringify(action === 'get' ? [action, input] : [action])}\n`)
  if (action === 'get') get(input, entries[input])
  else if (action === 'list') list(entries)
  else fail(`Unknown credential action \`${action}\``)
}

function get(host: string, entry: HelperEntry | undefined): void {
  if (host === '') fail('no credentials server URL')
  else if (entry === undefined) fail('credentials not found in native keychain')
  else if ('error' in entry) fail(entry.error)
  else if ('hang' in entry) setInterval(() => {}, 60_000)
  else print({ ServerURL: host, Username: entry.username, Secret: entry.secret })
}

function list(entries: HelperSettings['entries']): void {
  const known = Object.entries(entries).flatMap(([host, entry]) =>
    'username' in entry ? [[host, entry.username] as const] : [],
  )
  print(Object.fromEntries(known))
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function fail(message: string): void {
  process.stdout.write(`${message}\n`)
  process.exitCode = 1
}

await main(process.argv.slice(2))
