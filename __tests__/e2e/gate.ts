import {
  startEmulator,
  type Emulator,
  type EmulatorOptions,
  type RepositorySeed,
} from '../../emulator/index.ts'
import { runAction, type StepOptions, type StepResult } from './run-action.ts'

/** The admin user of an emulator that names nobody else. */
export const ADMIN = { username: 'emulator', password: 'emulator-password' }

/** Runs the action on an emulator as its admin user; inputs that are given win. */
export function gate(
  emulator: Emulator,
  inputs: Readonly<Record<string, string>> = {},
  options: StepOptions = {},
): Promise<StepResult> {
  return runAction(
    { registry: emulator.url, ...ADMIN, ...inputs },
    { certificateFile: emulator.certificateFile, ...options },
  )
}

/** Seeds one repository, `app`, runs the action on it and forgets the emulator. */
export async function gateOn(
  seed: (app: RepositorySeed) => void,
  inputs: Readonly<Record<string, string>> = {},
  options: EmulatorOptions = {},
): Promise<StepResult> {
  await using emulator = await startEmulator({ ...options, seed: (registry) => seed(registry.repo('app')) })
  return await gate(emulator, inputs)
}
