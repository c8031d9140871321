import type { Emulator, EmulatorOptions, Switches } from '../../emulator/index.ts'
import { call, type Answer, type Call } from './client.ts'

/** What can be seen of a switch: with its default, and with another value. */
export interface Effect {
  readonly default: unknown
  readonly other: unknown
  readonly expected: readonly [byDefault: unknown, otherwise: unknown]
  readonly options?: EmulatorOptions
  readonly observe: (emulator: Emulator) => Promise<unknown>
}

export type Effects = Partial<Record<keyof Switches, Effect>>

export const missing = `sha256:${'0'.repeat(64)}`

export function ask(emulator: Emulator, line: string, more: Call = {}): Promise<Answer> {
  return call(emulator, line, { basic: 'emulator:emulator-password', ...more })
}

export async function statusOf(emulator: Emulator, line: string, more: Call = {}): Promise<number> {
  return (await ask(emulator, line, more)).status
}

export async function jsonOf<T>(emulator: Emulator, line: string): Promise<T> {
  return (await ask(emulator, line)).json() as T
}

/** On or off, and what each shows. */
export function toggle(
  by: boolean,
  expected: Effect['expected'],
  observe: Effect['observe'],
): Pick<Effect, 'default' | 'other' | 'expected' | 'observe'> {
  return { default: by, other: !by, expected, observe }
}
