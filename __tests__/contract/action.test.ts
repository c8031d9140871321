import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { INPUT_NAMES } from '../../src/inputs/names.ts'
import { OUTPUT_NAMES } from '../../src/report/outputs.ts'

const ROOT = resolve(import.meta.dirname, '../..')

interface Described {
  readonly description?: string
  readonly default?: string
  readonly required?: boolean
}

const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly description: string
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
  readonly runs: { readonly using: string; readonly main: string }
}

test('action.yml declares exactly the inputs that the action reads, in the same order', () => {
  expect(Object.keys(action.inputs)).toEqual([...INPUT_NAMES])
})

test('action.yml declares exactly the outputs that the action writes, in the same order', () => {
  expect(Object.keys(action.outputs)).toEqual([...OUTPUT_NAMES])
})

/** Not given means not there. */
const WITHOUT_DEFAULT = new Set([
  'username',
  'password',
  'client-id',
  'tenant-id',
  'client-secret',
  'allow-host',
  'images',
  'protect-digests',
  'protect-digests-from',
])

test('every input and output is described; only the registry is required; the code applies the defaults', () => {
  for (const [name, { description, default: value, required }] of Object.entries(action.inputs)) {
    expect(description?.length ?? 0, name).toBeGreaterThan(20)
    expect(value, name).toBeUndefined()
    expect(required, name).toBe(name === 'registry')
    if (name !== 'registry' && !WITHOUT_DEFAULT.has(name)) {
      expect(description, name).toMatch(/Default: .+\.$/)
    }
  }
  for (const [name, { description }] of Object.entries(action.outputs)) {
    expect(description?.length ?? 0, name).toBeGreaterThan(20)
  }
})

test('the action runs the committed bundle on Node 24, and the Marketplace takes its description', () => {
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
  expect(action.description.length).toBeLessThan(125)
})
