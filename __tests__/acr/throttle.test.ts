import { expect, test } from 'vitest'
import { Pace } from '../../src/acr/pace.ts'
import { Throttle } from '../../src/acr/throttle.ts'

/** A clock that only sleeping moves. */
class Night {
  now = 0
  readonly #sleepers: { at: number; wake: () => void }[] = []

  readonly elapsed = (): number => this.now
  readonly sleep = (length: number): Promise<void> =>
    new Promise((wake) => this.#sleepers.push({ at: this.now + length, wake }))

  async pass(length: number): Promise<void> {
    this.now += length
    for (const { at, wake } of this.#sleepers) if (at <= this.now) wake()
    await settled()
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

test('a steady pace: turns that were not taken are not made up for', async () => {
  const night = new Night()
  const pace = new Pace(8, night)
  const taken: number[] = []
  const take = (): Promise<void> => pace.turn().then(() => void taken.push(night.now))
  const turns = [take(), take(), take()]
  await settled()
  for (let step = 0; step < 4; step += 1) await night.pass(125)
  await Promise.all(turns)
  expect(taken).toEqual([0, 125, 250])
  await night.pass(10_000)
  const late = [take(), take()]
  await settled()
  expect(taken).toEqual([0, 125, 250, 10_500])
  await night.pass(125)
  await Promise.all(late)
  expect(taken.at(-1)).toBe(10_625)
})

test('a pause holds its own class back, and no other', async () => {
  const night = new Night()
  const throttle = new Throttle(4, night.sleep)
  const done: string[] = []
  throttle.pause('delete', 1000)
  throttle.pause('delete', 5000)
  const running = [
    throttle.run('delete', async () => void done.push('delete')),
    throttle.run('read', async () => void done.push('read')),
  ]
  await settled()
  expect(done).toEqual(['read'])
  expect(throttle.isPaused('delete')).toBe(true)
  await night.pass(1000)
  await Promise.all(running)
  expect(done).toEqual(['read', 'delete'])
  expect(throttle.isPaused('delete')).toBe(false)
})

test('what is reserved for deletions is taken from the others, but never all of it', async () => {
  const throttle = new Throttle(4, async () => {})
  throttle.reserve(2)
  let [running, most] = [0, 0]
  const request = async (): Promise<void> => {
    most = Math.max(most, (running += 1))
    await settled()
    running -= 1
  }
  await Promise.all(Array.from({ length: 10 }, () => throttle.run('read', request)))
  expect(most).toBe(2)
  throttle.reserve(10)
  most = 0
  await Promise.all(Array.from({ length: 3 }, () => throttle.run('read', request)))
  expect(most).toBe(1)
})

test('a refusal halves the requests at a time, once per pause; calm brings them back', async () => {
  const night = new Night()
  const throttle = new Throttle(8, night.sleep)
  const most = async (): Promise<number> => {
    let [running, peak] = [0, 0]
    const request = async (): Promise<void> => {
      peak = Math.max(peak, (running += 1))
      await settled()
      running -= 1
    }
    await Promise.all(Array.from({ length: 20 }, () => throttle.run('read', request)))
    return peak
  }
  expect(await most()).toBe(8)
  for (let refusal = 0; refusal < 5; refusal += 1)
    throttle.heed('read', { refused: 1000, remaining: undefined })
  await night.pass(1000)
  expect(await most()).toBe(4)
  throttle.heed('read', { refused: 1000, remaining: undefined })
  await night.pass(1000)
  expect(await most()).toBe(2)
  for (let answer = 0; answer < 1000; answer += 1)
    throttle.heed('read', { refused: undefined, remaining: undefined })
  expect(await most()).toBe(8)
})

test('when few calls are left the class takes a breath', async () => {
  const night = new Night()
  const throttle = new Throttle(8, night.sleep)
  throttle.heed('read', { refused: undefined, remaining: 83.3 })
  expect(throttle.isPaused('read')).toBe(false)
  throttle.heed('read', { refused: undefined, remaining: 0.1 })
  expect(throttle.isPaused('read')).toBe(true)
  expect(throttle.isPaused('oauth')).toBe(false)
})
