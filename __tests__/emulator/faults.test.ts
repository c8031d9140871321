import { expect, test } from 'vitest'
import { startEmulator, type Emulator, type FaultMatch } from '../../emulator/index.ts'
import { call, type Answer } from './client.ts'

const admin = { basic: 'emulator:emulator-password' }

const list = (emulator: Emulator, repository = 'app') =>
  call(emulator, `GET /acr/v1/${repository}/_tags`, admin)
const failure = async (asked: Promise<Answer>) => asked.then(({ status }) => status).catch(() => 'no answer')

async function withImages(
  count: number,
  what: (emulator: Emulator, digests: string[]) => Promise<void>,
): Promise<void> {
  await using emulator = await startEmulator()
  const digests = emulator.registry.repo('app').images(count)
  await what(emulator, digests)
}

test('a fault answers the n-th request that matches, with its status, body and headers', () =>
  withImages(1, async (emulator) => {
    const fault = emulator.faults.add(
      { method: 'GET', path: '/acr/v1/app/*', nth: [2, 4] },
      { status: 429, retryAfter: 7, body: { errors: [] }, headers: { 'x-more': 'yes' } },
    )
    const answers: Answer[] = []
    for (let number = 0; number < 5; number += 1) answers.push(await list(emulator))
    await list(emulator, 'other')
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 200, 429, 200])
    expect(answers[1]?.headers).toMatchObject({ 'retry-after': '7', 'x-more': 'yes', server: 'openresty' })
    expect(answers[1]?.text).toBe('{"errors":[]}\n')
    expect(fault.hits).toBe(2)
    fault.remove()
    expect(emulator.faults.list()).toEqual([])
  }))

test.each<[FaultMatch, number[]]>([
  [{}, [500, 500]],
  [{ method: 'GET' }, [500, 500]],
  [{ method: 'HEAD' }, [200, 200]],
  [{ class: 'read' }, [500, 500]],
  [{ class: 'delete' }, [200, 200]],
  [{ route: 'tags' }, [500, 200]],
  [{ identity: 'emulator' }, [500, 500]],
  [{ identity: 'other' }, [200, 200]],
  [{ path: /_tags$/ }, [500, 200]],
  [{ path: '/acr/*' }, [500, 200]],
  [{ path: '/acr' }, [200, 200]],
  [{ path: '/v2/' }, [200, 500]],
  [{ nth: 2 }, [200, 500]],
  [{ from: 2 }, [200, 500]],
  [{ times: 1 }, [500, 200]],
  [{ route: 'version', nth: 1 }, [200, 500]],
])('a fault for %j meets only what matches', (match, expected) =>
  withImages(1, async (emulator) => {
    emulator.faults.add(match, { status: 500 })
    const tags = await list(emulator)
    const version = await call(emulator, 'GET /v2/', admin)
    expect([tags.status, version.status]).toEqual(expected)
  }),
)

test('an answer can hide that the registry did what was asked', () =>
  withImages(2, async (emulator, [first, second]) => {
    const app = emulator.registry.repo('app')
    emulator.faults.add({ class: 'delete', nth: 1 }, { status: 500, afterEffect: true })
    emulator.faults.add({ class: 'delete', nth: 2 }, { status: 500 })
    const remove = (digest = '') => call(emulator, `DELETE /v2/app/manifests/${digest}`, admin)
    expect([(await remove(first)).status, (await remove(second)).status]).toEqual([500, 500])
    expect(app.digests()).toEqual([second])
  }))

test('a connection is cut before or after the effect', () =>
  withImages(2, async (emulator, [first, second]) => {
    const app = emulator.registry.repo('app')
    emulator.faults.add({ class: 'delete', nth: 1 }, { drop: 'before' })
    emulator.faults.add({ class: 'delete', nth: 2 }, { drop: 'after' })
    const remove = (digest = '') => failure(call(emulator, `DELETE /v2/app/manifests/${digest}`, admin))
    expect([await remove(first), await remove(second)]).toEqual(['no answer', 'no answer'])
    expect(app.digests()).toEqual([first])
    expect(emulator.log.counts()).toMatchObject({ byStatus: { dropped: 2 }, inFlight: 0 })
  }))

test('a request that is never answered stays in flight until the client or the emulator gives up', () =>
  withImages(1, async (emulator) => {
    emulator.faults.add({ route: 'tags' }, { hang: true })
    const asked = failure(list(emulator))
    await expect.poll(() => emulator.log.counts().inFlight).toBe(1)
    await emulator.close()
    expect(await asked).toBe('no answer')
    expect(emulator.log.requests().map(({ status, fault }) => [status, fault])).toEqual([
      [undefined, 'never answered'],
    ])
  }))

test('something can happen in the registry just before a request, and the request meets it', () =>
  withImages(3, async (emulator, digests) => {
    const app = emulator.registry.repo('app')
    emulator.faults.before({ class: 'delete', nth: 2 }, async (registry) => {
      await Promise.resolve()
      registry.repo('app').lock(digests[1] ?? '')
      registry.repo('app').tag('rescued', digests[2] ?? '')
    })
    const statuses: number[] = []
    for (const digest of digests) {
      statuses.push((await call(emulator, `DELETE /v2/app/manifests/${digest}`, admin)).status)
    }
    expect(statuses).toEqual([202, 405, 202])
    expect(app.digests()).toEqual([digests[1]])
  }))

test('a fault can only delay', () =>
  withImages(1, async (emulator) => {
    emulator.faults.add({ nth: 1 }, { delayMs: 60 })
    const started = performance.now()
    expect((await list(emulator)).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThanOrEqual(59)
  }))

test.each([
  [401, 'UNAUTHORIZED'],
  [403, 'DENIED'],
  [404, 'MANIFEST_UNKNOWN'],
  [405, 'REGISTRY_DISALLOWED_OPERATION'],
  [429, 'TOOMANYREQUESTS'],
  [500, 'UNKNOWN'],
  [503, 'UNAVAILABLE'],
])('without a body of its own, status %i says %s', (status, code) =>
  withImages(1, async (emulator) => {
    emulator.faults.add({}, { status })
    const answer = await list(emulator)
    expect([answer.status, answer.text.includes(`"code":"${code}"`)]).toEqual([status, true])
    expect(answer.headers['www-authenticate'] === undefined).toBe(status !== 401)
  }),
)

test('latency holds each request, not one after the other', () =>
  withImages(1, async (emulator) => {
    emulator.switches.latencyMs = 200
    const started = performance.now()
    await Promise.all(Array.from({ length: 10 }, () => list(emulator)))
    const took = performance.now() - started
    expect(took).toBeGreaterThanOrEqual(199)
    expect(took).toBeLessThan(1900)
    expect(emulator.log.counts().peakInFlight).toBe(10)
  }))
