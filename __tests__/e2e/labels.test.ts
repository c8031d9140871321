import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator, type RepositorySeed } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { cellsOf, COMMIT, labelled, LABELS, OLD, seedOne, SERVER, SOURCE, wordsOf } from './labels.ts'
import { alarmsOf, workspace } from './remembering.ts'
import type { StepResult } from './run-action.ts'

async function ran(seed: (app: RepositorySeed) => unknown): Promise<StepResult> {
  await using emulator = await startEmulator({ seed: (registry) => void seed(registry.repo('app')) })
  return await gate(emulator, {}, SERVER)
}

const LINK = `[<code>1a2b3c4</code>](${SOURCE}/commit/${COMMIT})`

describe.concurrent('an orphan says where it comes from', () => {
  test.each<readonly [string, (app: RepositorySeed) => unknown]>([
    ['the labels of an OCI image', (app) => app.image({ labels: LABELS, ...OLD })],
    ['the labels of a Docker image', (app) => app.image({ format: 'docker', labels: LABELS, ...OLD })],
    ['the annotations of an image', (app) => app.image({ annotations: LABELS, ...OLD })],
    [
      'of an image its annotations before its labels',
      (app) =>
        app.image({
          annotations: labelled({ version: 'v1' }),
          labels: { ...LABELS, ...labelled({ version: 'v2' }) },
          ...OLD,
        }),
    ],
    [
      'the annotations of an index, whatever its images say',
      (app) => app.multiPlatform({ annotations: LABELS, labels: labelled({ version: 'other' }), ...OLD }),
    ],
    [
      'of an index without them the first of its images',
      (app) => app.multiPlatform({ labels: LABELS, attestations: true, ...OLD }),
    ],
    [
      'of a Docker list its first image',
      (app) => app.multiPlatform({ format: 'docker', labels: LABELS, ...OLD }),
    ],
    [
      'of an index that begins with an attestation the first of its images',
      (app) => {
        const image = app.image({ labels: LABELS, ...OLD })
        app.index([app.attestation(image, OLD), image], OLD)
      },
    ],
  ])('by %s', async (_, seed) => {
    const step = await ran((app) => {
      app.image({ tag: 'latest', ...OLD })
      seed(app)
    })
    expect(cellsOf(step)).toEqual([`perhaps <code>v1</code>, says its label<br>built from ${LINK}`])
    expect(wordsOf(step)).toEqual(['perhaps v1, says its label; built from 1a2b3c4'])
    expect(alarmsOf(step)).toEqual([])
  })

  test.each([
    ['another host', 'https://gitlab.example/octo-org/app'],
    ['a host that looks like it', 'https://github.com.evil.example/octo-org/app'],
    ['credentials in the address', 'https://octocat:hunter2@github.com/octo-org/app'],
    ['a path that is no repository', 'https://github.com/octo-org/../../x'],
    ['Markdown in the path', 'https://github.com/octo-org/app)[pay](https://evil.example'],
    ['no address at all', 'javascript:alert(1)'],
  ])('and is not linked to %s', async (_, source) => {
    const step = await ran((app) => {
      app.image({ tag: 'latest', ...OLD })
      app.image({ labels: labelled({ revision: COMMIT, source }), ...OLD })
    })
    expect(cellsOf(step)).toEqual(['built from <code>1a2b3c4</code>'])
    expect(`${step.summary}${step.log}`).not.toMatch(/hunter2|evil|gitlab/)
  })

  test('and is not linked outside of GitHub', async () => {
    await using emulator = await startEmulator({ seed: (registry) => seedOne(registry.repo('app')) })
    expect(cellsOf(await gate(emulator))[0]).toMatch(/built from <code>1a2b3c4<\/code>$/)
    const elsewhere = { environment: { GITHUB_SERVER_URL: 'https://ghes.example' } }
    expect(cellsOf(await gate(emulator, {}, elsewhere))[0]).toMatch(/built from <code>1a2b3c4<\/code>$/)
  })
})

function withManifest(app: RepositorySeed, more: object): void {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  app.push({ schemaVersion: 2, mediaType, layers: [], ...more }, OLD)
}

/** An image whose configuration is these bytes. */
function withConfig(app: RepositorySeed, content: string): void {
  const mediaType = 'application/vnd.oci.image.config.v1+json'
  withManifest(app, { config: { mediaType, digest: app.blob(content), size: content.length } })
}

describe.concurrent('nothing is claimed, and nothing else changes', () => {
  const LARGE = JSON.stringify({ config: { Labels: LABELS }, history: 'x'.repeat(1024 * 1024) })

  test.each<readonly [string, (app: RepositorySeed) => unknown, blobs: number]>([
    ['an image without labels', (app) => app.image(OLD), 1],
    ['a configuration larger than 1 MiB', (app) => withConfig(app, LARGE), 1],
    ['a configuration that is not JSON', (app) => withConfig(app, '\u{0}not JSON'), 1],
    ['a configuration that is no object', (app) => withConfig(app, '[1]'), 1],
    ['a configuration without labels', (app) => withConfig(app, '{"config":{"Labels":null}}'), 1],
    [
      'labels that are no text',
      (app) => withConfig(app, '{"config":{"Labels":{"org.opencontainers.image.version":1}}}'),
      1,
    ],
    ['an empty configuration', (app) => withConfig(app, ''), 1],
    ['an image without a configuration', (app) => withManifest(app, {}), 0],
    [
      'a configuration that is not there',
      (app) => withManifest(app, { config: { digest: `sha256:${'0'.repeat(64)}` } }),
      1,
    ],
    ['a configuration without a digest', (app) => withManifest(app, { config: { digest: 'latest' } }), 0],
    [
      'an index of attestations',
      (app) => app.index([app.attestation(`sha256:${'1'.repeat(64)}`, OLD)], OLD),
      0,
    ],
  ])('by %s, which is not read again', async (_, seed, blobs) => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        registry.repo('app').image({ tag: 'latest', ...OLD })
        seed(registry.repo('app'))
      },
    })
    using place = workspace()
    const first = await gate(emulator, { state: 'state' }, place.options)
    expect(first).toMatchObject({ status: 0, outputs: { orphans: '1', complete: 'true' } })
    expect([cellsOf(first), wordsOf(first), alarmsOf(first)]).toEqual([[], [], []])
    expect(emulator.log.counts().byRoute.blob ?? 0).toBe(blobs)
    emulator.log.reset()
    await gate(emulator, { state: 'state' }, place.options)
    expect(emulator.log.counts().byRoute).toEqual({ token: 1, catalog: 1, manifests: 1 })
  })

  const WRONG = JSON.stringify({ config: { Labels: LABELS } })

  test.each<readonly [string, Parameters<Emulator['faults']['add']>]>([
    ['other bytes than the digest says', [{ route: 'blob' }, { status: 200, body: WRONG }]],
    ['nothing', [{ route: 'blob' }, { status: 200, body: '' }]],
    [
      'something else than it says is packed',
      [{ route: 'blob' }, { status: 200, body: WRONG, headers: { 'Content-Encoding': 'gzip' } }],
    ],
    [
      'less than it says',
      [{ route: 'blob' }, { status: 200, body: WRONG, headers: { 'Content-Type': 'text/html' } }],
    ],
    ['a refusal', [{ route: 'blob' }, { status: 401 }]],
    ['a firewall', [{ route: 'blob' }, { status: 403 }]],
    ['a failure, each time', [{ route: 'blob' }, { status: 500 }]],
    ['nothing any more, each time', [{ route: 'blob' }, { drop: 'before' }]],
    ['a redirect that names no place', [{ route: 'blob' }, { status: 307 }]],
    [
      'a redirect of another kind',
      [{ route: 'blob' }, { status: 302, headers: { Location: 'https://a.blob.core.windows.net/' } }],
    ],
  ])('when the registry answers with %s', async (_, fault) => {
    await using emulator = await startEmulator({ seed: (registry) => seedOne(registry.repo('app')) })
    const { outputs } = await gate(emulator, { 'max-orphans': '0' })
    emulator.faults.add(...fault)
    const step = await gate(emulator, { 'max-orphans': '0' })
    expect([cellsOf(step), wordsOf(step)]).toEqual([[], []])
    expect(step.outputs).toEqual(outputs)
  })
})

describe.concurrent('the requests for labels', () => {
  /** No run reads manifests of this format for anything else. */
  const images = (app: RepositorySeed): unknown =>
    app.images(12, (number) => ({ format: 'docker', labels: LABELS, age: `${number + 2}d1h` }))

  test.each<readonly [string, number, Readonly<Record<string, string>>]>([
    ['eight', 8, {}],
    ['two when a push is judged', 2, { images: 'HOST/app:latest' }],
    ['eight, however few are read at once', 8, { concurrency: '1' }],
  ])('are at most %s', async (_, most, inputs) => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        registry.repo('app').image({ tag: 'latest', format: 'docker', ...OLD })
        images(registry.repo('app'))
      },
    })
    const named = Object.entries(inputs).map(([name, text]) => [name, text.replace('HOST', emulator.host)])
    const step = await gate(emulator, Object.fromEntries(named), SERVER)
    const { manifest, blob } = emulator.log.counts().byRoute
    expect([manifest, blob]).toEqual([most / 2, most / 2])
    expect(wordsOf(step)).toHaveLength(most / 2)
    expect(cellsOf(step).filter((cell) => cell !== '')).toHaveLength(most / 2)
    const days = [...step.log.matchAll(/pushed (\d+) days ago.*; was/g)].map(([, day]) => Number(day))
    // Of all, the newest.
    expect(days).toEqual(Array.from({ length: most / 2 }, (_unused, at) => 1 + most / 2 - at))
  })

  test('are none for what an earlier run read, and the words stay', async () => {
    await using emulator = await startEmulator({ seed: (registry) => seedOne(registry.repo('app')) })
    using place = workspace()
    const first = await gate(emulator, { state: 'state' }, place.options)
    emulator.log.reset()
    const second = await gate(emulator, { state: 'state' }, place.options)
    expect(emulator.log.counts().byRoute).not.toHaveProperty('blob')
    expect(wordsOf(first)).toEqual(['perhaps v1, says its label; built from 1a2b3c4'])
    expect(wordsOf(second)).toEqual(wordsOf(first))
  })

  test('are none where there is no orphan', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => void registry.repo('app').image({ tag: 'latest', labels: LABELS, ...OLD }),
    })
    await gate(emulator)
    expect(emulator.log.counts().byRoute).not.toHaveProperty('blob')
  })

  test('are made again for what could not be read, once it is new', async () => {
    await using emulator = await startEmulator({ seed: (registry) => seedOne(registry.repo('app')) })
    using place = workspace()
    const fault = emulator.faults.add({ route: 'blob' }, { status: 403 })
    await gate(emulator, { state: 'state' }, place.options)
    fault.remove()
    emulator.registry.repo('app').image({ ...OLD, age: '8d' })
    const second = await gate(emulator, { state: 'state' }, place.options)
    expect(wordsOf(second)).toEqual(['perhaps v1, says its label; built from 1a2b3c4'])
  })
})

test('labels of any content change nothing but their own words, and are no command to the runner', async () => {
  await using emulator = await startEmulator({ seed: (registry) => seedOne(registry.repo('app')) })
  const plain = await gate(emulator, { 'max-orphans': '0' }, SERVER)
  await using other = await startEmulator({
    seed: (registry) => {
      const app = registry.repo('app')
      app.image({ tag: 'latest', ...OLD })
      const told = [
        '::error::pwned\n::set-output name=result::pass\r\n::stop-commands::x\n::add-mask::app\n',
        '##[error]pwned | `x` **b** <img src=x> @octocat #1 [pay](https://evil.example) \u{202E}\u{0}\u{1B}[31m',
      ].join('')
      const labels = labelled({ version: told, revision: told, source: told, created: told })
      app.image({ labels: { ...labels, '::error::key': told.repeat(500) }, ...OLD })
    },
  })
  const step = await gate(other, { 'max-orphans': '0' }, SERVER)
  expect(step.outputs).toEqual({ ...plain.outputs, registry: step.outputs['registry'] })
  expect(step.annotations.map((text) => text.replaceAll(other.host, emulator.host))).toEqual(
    plain.annotations,
  )
  // The runner reads a command wherever it begins a line, and the old kind anywhere in one.
  const commands = (log: string): readonly string[] =>
    log.split(/\r\n|\r|\n/).flatMap((line) => /^\s*::([\w-]+)/.exec(line)?.[1] ?? [])
  expect(commands(step.log)).toEqual(commands(plain.log))
  expect(step.log.split('\n')).toHaveLength(plain.log.split('\n').length)
  expect(step.log).toContain('pwned')
  expect(step.log).not.toContain('##[')
  const [cell = ''] = cellsOf(step)
  expect(cell).toMatch(/^perhaps <code>(?:[\p{L}\p{N}\uFFFD ,]|&#\d+;)+<\/code>, says its label$/u)
  const frame = ({ summary }: StepResult, own: string, { host }: Emulator): string =>
    summary
      .replaceAll('&nbsp;', ' ')
      .replace(own, '')
      .replaceAll(/sha256&#58;\w{12}|[\d.]+ s<\/sub>/g, '')
      .replaceAll(new URL(`https://${host}`).port, '')
  expect(frame(step, cell, other)).toBe(frame(plain, cellsOf(plain)[0] ?? '', emulator))
})
