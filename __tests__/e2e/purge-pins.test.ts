import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startEmulator, type RepositorySeed } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import { CASCADES, purge, type Picture } from './survivors.ts'

const OLD = { age: '60d' }
const COMPLETE = { 'purge-complete': 'true', complete: 'true' }

/** Something that is due, so that a purge that does nothing is found out, and something with a tag. */
function orphan(app: RepositorySeed): string {
  app.image({ tag: 'latest', age: '1d' })
  return app.image({ age: '90d' })
}

/** An image for two platforms with attestations, signed, and its signature signed. */
const signed: Picture = (app) => {
  const { index, images, attestations } = app.multiPlatform({ attestations: true, ...OLD })
  const sbom = app.referrer(index, OLD)
  return {
    index,
    image: images[0] ?? '',
    attestation: attestations[0] ?? '',
    sbom,
    'signature of sbom': app.referrer(sbom, OLD),
    signature: app.digestTag(index, 'sig', OLD),
    orphan: orphan(app),
  }
}

describe.concurrent('protect-digests', () => {
  for (const [how, switches] of CASCADES) {
    test.each(['index', 'image', 'attestation', 'sbom', 'signature of sbom', 'signature'])(
      `a pin on any part of it keeps the whole image: its %s; a registry that deletes a manifest ${how}`,
      async (part) => {
        const { gone, outputs } = await purge(signed, {
          switches,
          inputs: (named) => ({ 'protect-digests': `app@${named[part]}` }),
        })
        expect(gone).toEqual(['orphan'])
        // An index is not pinned with what it lists, but goes neither: it counts, and is held.
        const orphans = part === 'image' || part === 'attestation' ? '1' : '0'
        expect(outputs).toMatchObject({ ...COMPLETE, orphans, 'purged-manifests': '1' })
      },
    )
  }

  test('with a repository a pin holds there only, without one in every repository', async () => {
    await using emulator = await startEmulator({
      seed: (registry) => {
        for (const name of ['app', 'team/web']) {
          for (const image of ['everywhere', 'in-web']) registry.repo(name).image({ name: image, ...OLD })
          orphan(registry.repo(name))
        }
      },
    })
    const [app, web] = ['app', 'team/web'].map((name) => emulator.registry.repo(name))
    const [everywhere = '', inWeb = ''] = ['everywhere', 'in-web'].map((name) => app?.image({ name }))
    const pins = `${everywhere}\n# a comment\nteam/web@${inWeb}`
    await gate(emulator, { purge: 'true', repositories: '**', 'protect-digests': pins })
    expect([app?.has(everywhere), app?.has(inWeb), app?.size]).toEqual([true, false, 2])
    expect([web?.has(everywhere), web?.has(inWeb), web?.size]).toEqual([true, true, 3])
  })

  test('a pin of something that is in use, or not there, changes nothing', async () => {
    const { gone } = await purge(
      (app) => {
        const tagged = app.image({ tag: 'v1', ...OLD })
        return { tagged, orphan: orphan(app) }
      },
      { inputs: ({ tagged }) => ({ 'protect-digests': `${tagged}, sha256:${'0'.repeat(64)}` }) },
    )
    expect(gone).toEqual(['orphan'])
  })

  test.each([
    'sha256:abc',
    'app',
    'app:v1',
    `sha512:${'0'.repeat(128)}`,
    `App@sha256:${'0'.repeat(64)}`,
    'x@',
  ])('a pin that cannot be understood deletes nothing: %s', async (pin) => {
    const { gone, step, emulator } = await purge((app) => ({ orphan: orphan(app) }), {
      inputs: { 'protect-digests': pin },
    })
    expect(gone).toEqual([])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/^error: .*protect-digests/)
    expect(emulator.log.counts().total).toBe(0)
  })
})

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A workspace with files in it: text, bytes, or a link to something. */
function workspace(
  files: Readonly<Record<string, string | Uint8Array | { readonly link: string }>>,
): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-workspace-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, 'workspace', name)
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, path)
    else writeFileSync(path, content)
  }
  mkdirSync(join(folder, 'elsewhere'))
  writeFileSync(join(folder, 'elsewhere', 'pins.txt'), 'outside')
  return { GITHUB_WORKSPACE: join(folder, 'workspace') }
}

describe.concurrent('protect-digests-from', () => {
  const images: Picture = (app) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    return {
      ...Object.fromEntries(names.map((name) => [name, app.image({ name, ...OLD })])),
      orphan: orphan(app),
    }
  }
  /** What `images` paints, known before it is painted. */
  async function digests(): Promise<Readonly<Record<string, string>>> {
    let named: Readonly<Record<string, string>> = {}
    await using _ = await startEmulator({ seed: (registry) => void (named = images(registry.repo('app'))) })
    return named
  }

  test('pins every digest in every file that the globs name, in whatever form it is written', async () => {
    const { a = '', b = '', c = '', d = '', e = '', f = '' } = await digests()
    const environment = workspace({
      'deploy/production/api.yaml': `image: myregistry.azurecr.io/app@${a}\r\n# image: "app:v1@${b}"`,
      'deploy/production/nested/deep/web.yaml': `{"image":"app@${c}"}`,
      'pods.txt': `docker-pullable://myregistry.azurecr.io/app@${d.toUpperCase().replace('SHA', 'sha')}\n`,
      'windows/pods.txt': Buffer.from(`\uFEFFapp@${e}\r\n`, 'utf16le'),
      'deploy/README.md': `not asked for: ${f}`,
    })
    const { gone, step } = await purge(images, {
      inputs: { 'protect-digests-from': 'deploy/**/*.yaml, pods.txt\nwindows/*.txt' },
      step: { environment },
    })
    expect(gone).toEqual(['f', 'orphan'])
    expect(step.summary).toContain('<code>deploy&#47;production&#47;api&#46;yaml</code>: 2 digests')
    expect(step.summary).toContain('<code>windows&#47;pods&#46;txt</code>: 1 digest')
  })

  const wrong: readonly (readonly [string, string])[] = [
    ['a glob that matches nothing', 'deploy/**/*.yml'],
    ['one of several that matches nothing', 'pods.txt, nothing.txt'],
    ['a folder', 'deploy'],
    ['a path out of the workspace', '../elsewhere/pins.txt'],
    ['a path out of the workspace in the middle', 'deploy/../../elsewhere/pins.txt'],
    ['an absolute path', '/etc/hostname'],
    ['the home folder', '~/pods.txt'],
    ['a link out of the workspace', 'link.txt'],
    ['a link out of the workspace, among others', '*.txt'],
    ['a file behind a link out of the workspace', 'folder/pins.txt'],
    ['braces that lead out of the workspace', '{../elsewhere,deploy}/pins.txt'],
    ['a broken link', 'broken/*.txt'],
  ]
  test.each(wrong)('%s is an error, and nothing is deleted: %s', async (_, glob) => {
    const environment = workspace({
      'deploy/production/api.yaml': 'nothing',
      'pods.txt': 'nothing',
      'link.txt': { link: '../elsewhere/pins.txt' },
      folder: { link: '../elsewhere' },
      'broken/broken.txt': { link: 'gone' },
    })
    const { gone, step, emulator } = await purge(images, {
      inputs: { 'protect-digests-from': glob },
      step: { environment },
    })
    expect(gone).toEqual([])
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/^error: .*protect-digests-from/)
    expect(emulator.log.counts().total).toBe(0)
  })

  test('a link within the workspace is followed', async () => {
    const { a = '', b = '' } = await digests()
    const environment = workspace({
      'real/one.txt': a,
      'real/two.txt': b,
      'current.txt': { link: 'real/one.txt' },
      current: { link: 'real' },
    })
    const { gone } = await purge(images, {
      inputs: { 'protect-digests-from': 'current.txt, current/two.txt' },
      step: { environment },
    })
    expect(gone).toEqual(['c', 'd', 'e', 'f', 'orphan'])
  })
})
