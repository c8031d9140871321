import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isToolkitBusy, withToolkit } from '../../src/memory/toolkit.ts'

const going = new AbortController().signal
const written: string[] = []
const original = Object.getOwnPropertyDescriptor(process.stdout, 'write')

beforeAll(() => {
  process.stdout.write = (chunk: unknown): boolean => {
    written.push(String(chunk))
    return true
  }
})

afterAll(() => {
  // It belongs to the prototype.
  if (original === undefined) Reflect.deleteProperty(process.stdout, 'write')
  else Object.defineProperty(process.stdout, 'write', original)
})

/** As @actions/core says it, now or later. */
function say(command: string): void {
  process.stdout.write(`${command}\n`)
}

test('what comes of it is handed on, and what it says besides is shown', async () => {
  const work = async (): Promise<string> => {
    await setImmediate()
    say('Cache Size: ~0 MB (1 B)')
    say('::debug::a line')
    say('::add-mask::secret')
    return 'found'
  }
  expect(await withToolkit(work, going)).toBe('found')
  expect(written.splice(0)).toEqual([
    'Cache Size: ~0 MB (1 B)\n',
    '::debug::a line\n',
    '::add-mask::secret\n',
  ])
})

test.each([
  ['::warning::Failed to restore: no%0Atoken', 'no'],
  ['::error::Failed to save: 100%25 full', '100% full'],
  ['::warning title=Cache::Cache reservation failed: x', 'Cache reservation failed: x'],
])('%s is no annotation but the reason why it failed', async (command, message) => {
  const work = async (): Promise<number> => {
    await pause(1)
    say(command)
    say('::warning::and more')
    return -1
  }
  await expect(withToolkit(work, going)).rejects.toThrow(new Error(message))
  expect(written.splice(0)).toEqual([])
})

test('others are heard meanwhile, and two at a time are told apart', async () => {
  const both = Promise.allSettled([
    withToolkit(async () => {
      await pause(5)
      say('::warning::one')
    }, going),
    withToolkit(() => pause(10, 'two'), going),
  ])
  say('::warning::of the action')
  expect(await both).toMatchObject([{ reason: new Error('one') }, { value: 'two' }])
  say('::error::of the action')
  expect(written.splice(0)).toEqual(['::warning::of the action\n', '::error::of the action\n'])
})

test('what it throws is thrown', async () => {
  await expect(withToolkit(() => Promise.reject(new Error('no')), going)).rejects.toThrow('no')
})

test('nobody waits longer than the run goes on, but what was begun is known to go on', async () => {
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    await pause(30)
    say('::warning::too late')
  }
  const waiting = withToolkit(work, stop.signal)
  stop.abort(new Error('The run has ended.'))
  await expect(waiting).rejects.toThrow('The run has ended.')
  expect(isToolkitBusy()).toBe(true)
  await pause(40)
  expect(isToolkitBusy()).toBe(false)
  await expect(withToolkit(work, stop.signal)).rejects.toThrow('The run has ended.')
  expect(isToolkitBusy()).toBe(false)
  expect(written.splice(0)).toEqual([])
})
