import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { ADMIN, gate } from '../e2e/gate.ts'
import { Clients, DockerEngine, isInstalled, temporaryFolder } from './client.ts'
import { writeReferrerLayout } from './oci-layout.ts'

// Before the suite, so that a machine without the clients says so instead of being green for nothing.
for (const program of ['skopeo', 'buildah']) {
  if (!(await isInstalled(program)))
    throw new Error(`${program} is not installed: apt-get install ${program}`)
}

describe('skopeo and buildah', () => {
  test.each([
    ['docker', 'v2s2'],
    ['oci', 'oci'],
  ])('%s images pushed three times over a tag leave two orphans', async (format, pushed) => {
    using folder = temporaryFolder()
    await using emulator = await startEmulator()
    const clients = new Clients(emulator, folder.path)
    emulator.clock.goBack('10d1h')
    for (const content of ['first', 'second', 'third']) {
      await clients.build('image', { content, format })
      await clients.push('image', 'team/app:latest', '--format', pushed)
    }
    emulator.clock.reset()
    const step = await gate(emulator, { 'max-orphans': '1' })
    expect(step).toMatchObject({
      status: 1,
      outputs: {
        result: 'fail',
        orphans: '2',
        'orphan-manifests': '2',
        'oldest-orphan-days': '10',
        'in-flight': '0',
      },
    })
    await clients.pull('team/app:latest')
  })

  test.each(['v2s2', 'oci'] as const)(
    'a 2-platform %s list pushed twice over a tag leaves 1 orphan with 3 manifests',
    async (format) => {
      using folder = temporaryFolder()
      await using emulator = await startEmulator()
      const clients = new Clients(emulator, folder.path)
      emulator.clock.goBack('10d1h')
      for (const version of ['first', 'second']) {
        await clients.buildah('manifest', 'create', version)
        for (const arch of ['amd64', 'arm64']) {
          const image = `${version}-${arch}`
          await clients.build(image, { content: image, arch, format: format === 'oci' ? 'oci' : 'docker' })
          await clients.buildah('manifest', 'add', version, image)
        }
        await clients.pushAll(version, 'multi:latest', format)
      }
      emulator.clock.reset()
      const step = await gate(emulator, { 'max-orphans': '1' })
      expect(step).toMatchObject({
        status: 0,
        outputs: { orphans: '1', 'orphan-manifests': '3', 'broken-indexes': '0' },
      })
      expect(step.log).toMatch(/^orphan sha256:\S+ \(3 manifests, .*linux\/amd64, linux\/arm64\): no tag/m)
      await clients.pull('multi:latest')
    },
  )

  test('an attached referrer belongs to its image: live with it, orphan with it', async () => {
    using folder = temporaryFolder()
    await using emulator = await startEmulator()
    const clients = new Clients(emulator, folder.path)
    emulator.clock.goBack('10d1h')
    for (const content of ['first', 'second']) {
      await clients.build('image', { content, format: 'oci' })
      await clients.push('image', 'signed:latest', '--format', 'oci')
      const image = emulator.registry.repo('signed').manifest('latest')
      const layout = join(folder.path, content)
      const referrer = writeReferrerLayout(layout, {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: image?.digest ?? '',
        size: image?.bytes.length ?? 0,
      })
      await clients.copyTo(`oci:${layout}`, `signed@${referrer}`)
    }
    emulator.clock.reset()
    const step = await gate(emulator)
    expect(step.outputs).toMatchObject({ orphans: '1', 'orphan-manifests': '2', 'orphaned-referrers': '0' })
  })

  test('what was just pushed is in flight and not counted', async () => {
    using folder = temporaryFolder()
    await using emulator = await startEmulator()
    const clients = new Clients(emulator, folder.path)
    for (const content of ['first', 'second']) {
      await clients.build('image', { content, format: 'oci' })
      await clients.push('image', 'app:latest', '--format', 'oci')
    }
    const step = await gate(emulator, { 'max-orphans': '0', images: `${emulator.host}/app:latest` })
    expect(step).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '0', 'in-flight': '1' } })
  })
})

describe.runIf(await isInstalled('dockerd'))('docker', () => {
  test('images built and pushed by a Docker engine, where one can be had', async ({ skip }) => {
    using folder = temporaryFolder()
    await using engine = new DockerEngine(folder.path)
    if (!(await engine.start())) skip('this machine does not let a Docker engine start')
    await using emulator = await startEmulator()
    emulator.clock.goBack('10d1h')
    await engine.docker('login', '-u', ADMIN.username, '-p', ADMIN.password, emulator.host)
    const context = join(folder.path, 'context')
    mkdirSync(context)
    writeFileSync(
      join(context, 'Dockerfile'),
      'FROM scratch\nARG VERSION\nLABEL version=$VERSION\nCOPY Dockerfile /\n',
    )
    const reference = `${emulator.host}/by-docker:latest`
    for (const version of ['1', '2', '3']) {
      await engine.docker('build', '-q', '--build-arg', `VERSION=${version}`, '-t', reference, context)
      await engine.docker('push', '-q', reference)
    }
    emulator.clock.reset()
    const step = await gate(emulator, { 'max-orphans': '1' })
    expect(step).toMatchObject({ status: 1, outputs: { orphans: '2', 'orphan-manifests': '2' } })
    await engine.docker('rmi', '-f', reference)
    await engine.docker('pull', '-q', reference)
  })
})
