import { readInputs, type Inputs } from '../../src/inputs/inputs.ts'
import { UsageError, type Problem } from '../../src/errors.ts'

/** Inputs by name, as a workflow writes them. */
export type Written = Readonly<Record<string, string>>

/** What every workflow has to write, in its shortest form. */
export const REQUIRED: Written = { registry: 'myregistry', credential: 'anonymous' }

/** As the runner hands inputs on: spaces become underscores, letters become capitals. */
export function environmentOf(written: Written): Readonly<Record<string, string>> {
  const entries = Object.entries(written).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  return Object.fromEntries(entries)
}

/** The inputs of a workflow that is right. */
export function read(written: Written): Inputs {
  return readInputs(environmentOf({ ...REQUIRED, ...written }))
}

/** The error for a workflow that is wrong. */
export function refusal(written: Written): UsageError {
  try {
    readInputs(environmentOf(written))
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** What is wrong with these inputs, when everything else is right. */
export function problems(written: Written): readonly Problem[] {
  return refusal({ ...REQUIRED, ...written }).problems
}
