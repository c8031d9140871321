import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ask, Told } from './credential-program.ts'
import { finished, node } from './process.ts'

export const acrScope = 'https://containerregistry.azure.net/.default'
/** A GUID that stands for nobody. */
export const nobody = '11111111-1111-1111-1111-111111111111'

/** Variables of this machine that would say something about identities. */
const telling = /^(?:AZURE_|ACTIONS_|IDENTITY_|IMDS_|MSI_|NODE_EXTRA_CA_CERTS$|.*_PROXY$|.*_proxy$)/

/** Puts the questions to credentials in a process of its own, which knows nothing but this environment. */
export async function ask(
  asks: readonly Ask[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Told[]> {
  const without = Object.keys(process.env).filter((name) => telling.test(name) && !(name in env))
  const unset = Object.fromEntries(without.map((name) => [name, '']))
  const child = node(['__tests__/emulator/credential-program.ts', JSON.stringify(asks)], { ...unset, ...env })
  const { output } = await finished(child)
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  return JSON.parse(line) as Told[]
}

/** The same for one. */
export async function askOne(question: Ask, env: Readonly<Record<string, string>>): Promise<Told> {
  const [told] = await ask([question], env)
  if (told === undefined) throw new Error('no answer')
  return told
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'identity-'))
}
