import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const VARIABLE = 'ACR_HYGIENE_INSTALLED'
const ROOT = resolve(import.meta.dirname, '..')

/** The action as a runner gets it: without `node_modules`, which would hide a package that the bundle lacks. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-action-'))
  for (const part of ['action.yml', 'dist']) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  process.env[VARIABLE] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** Where it is, for the tests of this run. */
export function installedAction(): string {
  const folder = process.env[VARIABLE]
  if (folder === undefined) throw new Error('the action is installed by the global setup of the tests')
  return folder
}
