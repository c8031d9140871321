import { describe, expect, test } from 'vitest'
import { startEmulator, type Registry } from '../../emulator/index.ts'
import { ADMIN, gate } from './gate.ts'
import { runAction } from './run-action.ts'

function seed(registry: Registry): void {
  for (const name of ['api', 'web']) {
    registry.repo(name).multiPlatform({ tag: 'latest', age: '9d' })
    registry.repo(name).multiPlatform({ tag: 'latest', age: '2d' })
  }
}

const FOUND = { orphans: '2', 'orphan-manifests': '6', complete: 'true' }

describe('what passes is waited for', () => {
  test.each([429, 500, 502, 503, 504, 408])('status %i on any call', async (status) => {
    await using emulator = await startEmulator({ seed })
    for (const route of ['token', 'catalog', 'manifests', 'manifest'] as const) {
      emulator.faults.add({ route, nth: 1 }, { status, ...(status === 429 ? { retryAfter: 1 } : {}) })
    }
    expect(await gate(emulator)).toMatchObject({ status: 0, outputs: FOUND })
  })

  test('a 429 that does not say how long to wait', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ route: 'manifest', times: 3 }, { status: 429 })
    expect(await gate(emulator)).toMatchObject({ status: 0, outputs: FOUND })
  })

  test('a 429 holds every request back, not only the one that got it', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ route: 'manifest', nth: 2 }, { status: 429, retryAfter: 2 })
    await gate(emulator, { concurrency: '2' })
    const times = emulator.log.requests({ route: 'manifest' }).map(({ time }) => Date.parse(time))
    const refused = emulator.log.requests({ status: 429 })[0]
    const after = times.filter((time) => time > Date.parse(refused?.time ?? '') + 200)
    expect(Math.min(...after) - Date.parse(refused?.time ?? '')).toBeGreaterThan(1900)
  })

  test.each(['before', 'after'] as const)('a connection cut %s the registry did its part', async (drop) => {
    await using emulator = await startEmulator({ seed })
    for (const route of ['token', 'manifests', 'manifest'] as const)
      emulator.faults.add({ route, nth: 1 }, { drop })
    expect(await gate(emulator)).toMatchObject({ status: 0, outputs: FOUND })
  })

  test('a page of a gateway instead of an answer', async () => {
    await using emulator = await startEmulator({ seed, switches: { htmlError503: true } })
    emulator.faults.add({ route: 'manifests', nth: 1 }, { status: 503 })
    expect(await gate(emulator)).toMatchObject({ status: 0, outputs: FOUND })
  })
})

describe('what does not pass leaves the repository unjudged, and the others judged', () => {
  test('an index that cannot be read: its children are never taken for orphans (W4)', async () => {
    await using emulator = await startEmulator({ seed })
    const index = emulator.registry.repo('api').tags()['latest']
    emulator.faults.add({ path: `/v2/api/manifests/${index}` }, { status: 404 })
    const step = await gate(emulator, { 'max-orphans': '5' })
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '1', complete: 'false' } })
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toMatch(/^error: Not read in full: api\. Could not read the manifest sha256:/)
  })

  test('is a warning with warn-only', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ path: '/acr/v1/api/_manifests' }, { status: 418 })
    const step = await gate(emulator, { 'warn-only': 'true' })
    expect(step).toMatchObject({ status: 0, outputs: { result: 'warn', orphans: '1', complete: 'false' } })
    expect(step.annotations[0]).toMatch(/^warning: Not read in full: api\./)
  })

  test('a list entry that cannot be understood', async () => {
    await using emulator = await startEmulator({ seed })
    const page = { registry: emulator.host, imageName: 'api', manifests: [{ digest: 'not a digest' }] }
    emulator.faults.add({ path: '/acr/v1/api/_manifests' }, { status: 200, body: page })
    const step = await gate(emulator)
    expect(step).toMatchObject({ status: 1, outputs: { orphans: '1', complete: 'false' } })
    expect(step.annotations[0]).toContain('a digest is missing or malformed')
  })

  test('a body that does not match its digest', async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ route: 'manifest', path: '/v2/api/*' }, { status: 200, body: { manifests: [] } })
    const step = await gate(emulator)
    expect(step).toMatchObject({ status: 1, outputs: { orphans: '1', complete: 'false' } })
  })

  test('a manifest that was listed and is really gone is no gap (docker-tools#2202)', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        seed(registry)
        registry.repo('api').image({ name: 'passing', age: '9d' })
      },
    })
    const passing = emulator.log
    emulator.faults.before({ route: 'manifest', nth: 1 }, (registry) => {
      registry.repo('api').delete(registry.repo('api').image({ name: 'passing' }))
    })
    expect((await gate(emulator, { concurrency: '1' })).outputs).toMatchObject(FOUND)
    expect(passing.counts().byStatus['404']).toBeGreaterThanOrEqual(1)
  })

  test('a manifest that was listed, is gone, and is needed by an index that is still there', async () => {
    let inner = ''
    await using emulator = await startEmulator({
      seed: (registry) => {
        const app = registry.repo('app')
        inner = app.index([app.image({ age: '9d' })], { age: '9d' })
        app.index([inner], { tag: 'v1', age: '9d' })
      },
    })
    emulator.switches.listGetRace = [inner]
    emulator.switches.listGetRaceMetadata = true
    const step = await gate(emulator)
    expect(step).toMatchObject({ status: 1, outputs: { complete: 'false' } })
    expect(step.annotations[0]).toContain(`${inner} was listed, then not found, and the index sha256:`)
  })

  test('an index that is deleted while the registry is read is not called broken', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        const app = registry.repo('app')
        app.index([app.image({ age: '9d' }), app.missingChild()], { tag: 'old', age: '9d' })
        app.image({ tag: 'latest', age: '2d' })
      },
    })
    emulator.faults.before(
      { route: 'manifest-metadata', nth: 1 },
      (registry) => void registry.repo('app').delete('old'),
    )
    const step = await gate(emulator, { 'broken-indexes': 'fail' })
    // The child that it leaves behind is an orphan now.
    expect(step).toMatchObject({
      status: 0,
      outputs: { 'broken-indexes': '0', orphans: '1', complete: 'true' },
    })
  })
})

describe('what concerns the whole registry is one helpful message', () => {
  test('a firewall', async () => {
    await using emulator = await startEmulator({ seed, switches: { firewall: true } })
    const step = await gate(emulator)
    expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', complete: 'false', orphans: '' } })
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toMatch(
      /403 DENIED\): the registry's firewall does not let this runner in\..*aka\.ms\/acr\/firewall/,
    )
  })

  test('a host that does not exist', async () => {
    const step = await runAction({ registry: 'https://registry.invalid', ...ADMIN })
    expect(step.status).toBe(1)
    expect(step.annotations).toHaveLength(1)
    expect(step.annotations[0]).toMatch(
      /there is no host registry\.invalid|registry\.invalid does not answer/,
    )
  })

  test('a host that answers to nobody', async () => {
    const step = await runAction({ registry: 'https://127.0.0.1:1', ...ADMIN })
    expect(step.annotations).toEqual([
      'error: Could not sign in to 127.0.0.1:1 as the user "emulator" (ECONNREFUSED): 127.0.0.1:1 does not answer. ' +
        'Check the input registry, the network of the runner, and HTTPS_PROXY if it needs a proxy.',
    ])
  })

  test('a certificate that nobody vouches for', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await runAction({ registry: emulator.url, ...ADMIN })
    expect(step.annotations[0]).toMatch(
      /certificate of 127\.0\.0\.1:\d+ is not trusted\. .*NODE_EXTRA_CA_CERTS/,
    )
  })

  test('a host that is no container registry', async () => {
    await using emulator = await startEmulator({ seed })
    for (const answer of [{ status: 404 }, { status: 200, body: '<html>Welcome</html>' }]) {
      emulator.faults.clear()
      emulator.faults.add({ route: 'token' }, answer)
      const step = await gate(emulator)
      expect(step.annotations).toHaveLength(1)
      expect(step.annotations[0]).toContain('this host does not answer like an Azure Container Registry')
    }
  })

  test('throttling that does not end', { timeout: 120_000 }, async () => {
    await using emulator = await startEmulator({ seed })
    emulator.faults.add({ route: 'token' }, { status: 429, retryAfter: 1 })
    const step = await gate(emulator)
    expect(step.annotations[0]).toMatch(/\(429 TOOMANYREQUESTS\).*too many/)
  })
})

test('a link that leads to another host is not followed', async () => {
  await using other = await startEmulator({ seed })
  await using emulator = await startEmulator({
    seed: (registry) => void registry.repo('app').images(3, () => ({ tag: 'v', age: '9d' })),
  })
  emulator.faults.add(
    { route: 'manifests' },
    {
      status: 200,
      headers: { Link: `<${other.url}/acr/v1/api/_manifests?n=1000>; rel="next"` },
      body: { manifests: [] },
    },
  )
  const step = await gate(emulator, { repositories: 'app' })
  expect(step).toMatchObject({ status: 1, outputs: { complete: 'false' } })
  expect(other.log.counts().total).toBe(0)
})

test('a redirect to another host gets no credential', async () => {
  await using other = await startEmulator({ seed })
  await using emulator = await startEmulator({ seed })
  for (const route of ['token', 'manifests', 'manifest', 'catalog'] as const) {
    emulator.faults.clear()
    emulator.faults.add({ route }, { status: 307, headers: { Location: `${other.url}/v2/` } })
    expect((await gate(emulator)).status).toBe(1)
  }
  expect(other.log.counts().total).toBe(0)
})

test('an output file that cannot be written ends the step red', async () => {
  const environment = { GITHUB_OUTPUT: '/nonexistent/output' }
  const step = await runAction({ registry: 'https://127.0.0.1:1', ...ADMIN }, { environment })
  expect(step.status).toBe(1)
})
