import { dirname } from 'node:path'
import { help, readFlags, type Invocation } from './cli/flags.ts'
import { startEmulator, type Emulator } from './index.ts'

/** `npm run emulator`: serves a registry until it is told to stop. */
async function main(): Promise<void> {
  const invocation = await readFlags(process.argv.slice(2))
  if (invocation === 'help') {
    console.log(help)
    return
  }
  const emulator = await startEmulator(invocation.options)
  console.log(welcome(emulator, invocation))
  const stop = () => void emulator.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function welcome(emulator: Emulator, { user, password }: Invocation): string {
  const repository = emulator.registry.repositories()[0] ?? 'app'
  const trust = `--cert-dir ${dirname(emulator.certificateFile)} --creds ${user}:${password}`
  return `Registry     ${emulator.url}
User         ${user}
Password     ${password}
Certificate  ${emulator.certificateFile}
Its time     ${emulator.clock.date().toISOString()}
Holds        ${emulator.registry.repositories().length} repositories

skopeo
  skopeo list-tags ${trust} docker://${emulator.host}/${repository}
  skopeo copy --dest-cert-dir ${dirname(emulator.certificateFile)} --dest-creds ${user}:${password} oci:LAYOUT:TAG docker://${emulator.host}/app:TAG

curl
  curl --cacert ${emulator.certificateFile} -u ${user}:${password} ${emulator.url}/acr/v1/_catalog

the action
  env NODE_EXTRA_CA_CERTS=${emulator.certificateFile} INPUT_REGISTRY=${emulator.url} INPUT_USERNAME=${user} INPUT_PASSWORD=${password} \\
    'INPUT_MAX-ORPHANS=0' node dist/index.js

Control      ${emulator.url}/_emulator/ (emulator/README.md)
Stop with Ctrl-C.`
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? sentence(error) : error)
  process.exitCode = 1
}

function sentence(error: Error & { code?: string; port?: number }): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${error.port} is taken: give another with --port, or 0 for any free one.`
  return `${error.message.split('\n')[0]} See --help.`
}
