import { writeExecutable } from './executable.ts'
import type { HelperEntry, HelperSettings } from './docker-helper-program.ts'

export interface FakeDockerHelper {
  readonly environment: Readonly<Record<'PATH', string>>
  /** Each call so far: the action, and what came in with it. */
  calls(): readonly (readonly string[])[]
}

export type { HelperEntry } from './docker-helper-program.ts'

/** Writes `docker-credential-<name>`, which has these entries by host, into the folder. */
export function installFakeDockerHelper(
  folder: string,
  name: string,
  entries: Readonly<Record<string, HelperEntry>>,
): FakeDockerHelper {
  const settings: Omit<HelperSettings, 'callsFile'> = { entries }
  const program = new URL('docker-helper-program.ts', import.meta.url)
  const helper = writeExecutable(folder, `docker-credential-${name}`, { program, settings })
  return { environment: { PATH: helper.path }, calls: () => helper.calls() }
}
