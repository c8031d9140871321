import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { ADMIN } from '../e2e/gate.ts'
import { auditedPurge, heldBy } from '../e2e/purge-robustness.ts'
import { Clients, DockerEngine, isInstalled, temporaryFolder } from './client.ts'
import { writeReferrerLayout } from './oci-layout.ts'

// Before the suite, so that a machine without the clients says so instead of being green for nothing.
for (const program of ['skopeo', 'buildah']) {
  if (!(await isInstalled(program)))
    throw new Error(`${program} is not installed: apt-get install ${program}`)
}

type Format = 'v2s2' | 'oci'

function built(format: Format): string {
  return format === 'oci' ? 'oci' : 'docker'
}

/** Puts a new list under a tag: the image for amd64 stays the same, the one for arm64 is another each time. */
async function pushLists(clients: Clients, reference: string, format: Format): Promise<void> {
  await clients.build('shared-amd64', { content: 'shared', arch: 'amd64', format: built(format) })
  for (const version of ['first', 'second']) {
    await clients.build(`${version}-arm64`, { content: version, arch: 'arm64', format: built(format) })
    await clients.buildah('manifest', 'create', version)
    for (const image of ['shared-amd64', `${version}-arm64`])
      await clients.buildah('manifest', 'add', version, image)
    await clients.pushAll(version, reference, format)
  }
}

/** Attaches something to whatever a tag points at now. */
async function attach({ clients, emulator }: Scene, repository: string, tag: string): Promise<string> {
  const image = emulator.registry.repo(repository).manifest(tag)
  const layout = join(clients.folder, `referrer-of-${image?.digest.slice(7, 19)}`)
  const referrer = writeReferrerLayout(layout, {
    mediaType: image?.mediaType ?? '',
    digest: image?.digest ?? '',
    size: image?.bytes.length ?? 0,
  })
  await clients.copyTo(`oci:${layout}`, `${repository}@${referrer}`)
  return referrer
}

interface Scene {
  readonly emulator: Emulator
  readonly clients: Clients
}

/** Every tag that is left, and every manifest that is left, by a client that wants all of it. */
async function pullEverything({ emulator, clients }: Scene): Promise<number> {
  const { registry } = emulator
  const tagged = registry.repositories().flatMap((name) => {
    return Object.keys(registry.repo(name).tags()).map((tag) => `${name}:${tag}`)
  })
  for (const reference of tagged) await clients.pull(reference)
  for (const reference of heldBy(emulator)) await clients.pull(reference)
  return tagged.length
}

describe('a purge of what real clients pushed', () => {
  test.each(['v2s2', 'oci'] as const)(
    'skopeo and buildah, %s: every remaining tag is pulled',
    async (format) => {
      using folder = temporaryFolder()
      await using emulator = await startEmulator()
      const clients = new Clients(emulator, folder.path)
      const scene = { emulator, clients }
      emulator.clock.goBack('10d1h')
      const overwritten: string[] = []
      for (const content of ['first', 'second', 'third']) {
        await clients.build('image', { content, format: built(format) })
        await clients.push('image', 'team/app:latest', '--format', format)
        if (content === 'second') await clients.push('image', 'team/app:stable', '--format', format)
        overwritten.push(emulator.registry.repo('team/app').tags()['latest'] ?? '')
      }
      await pushLists(clients, 'multi:latest', format)
      // The same list in another place, so that the same digests are in use there.
      await clients.copyTo(clients.at('multi:latest'), 'copied:v1', '--all', ...clients.fromThere)
      emulator.clock.reset()

      const { step, tally } = await auditedPurge(emulator)
      expect(step).toMatchObject({ status: 0, outputs: { 'purge-complete': 'true', orphans: '0' } })
      // The first image, the first list, and of its images the one that the second list does not have.
      expect(tally).toEqual({ deleted: 3 })
      expect(step.log).not.toContain('DAMAGE')
      expect(await pullEverything(scene)).toBe(4)
      await expect(clients.pull(`team/app@${overwritten[0]}`)).rejects.toThrow('manifest unknown')
      expect(emulator.registry.repo('multi').digests()).toHaveLength(3)
    },
  )

  test('an attached referrer goes with its overwritten image, and stays with the one in use', async () => {
    using folder = temporaryFolder()
    await using emulator = await startEmulator()
    const clients = new Clients(emulator, folder.path)
    const scene = { emulator, clients }
    emulator.clock.goBack('10d1h')
    const referrers: string[] = []
    for (const content of ['first', 'second']) {
      await clients.build('image', { content, format: 'oci' })
      await clients.push('image', 'signed:latest', '--format', 'oci')
      referrers.push(await attach(scene, 'signed', 'latest'))
    }
    emulator.clock.reset()
    const { step, tally } = await auditedPurge(emulator)
    expect(step.status).toBe(0)
    expect(tally).toEqual({ deleted: 1, along: 1 })
    const signed = emulator.registry.repo('signed')
    expect(referrers.map((digest) => signed.has(digest))).toEqual([false, true])
    expect(await pullEverything(scene)).toBe(1)
  })

  test('a push in the middle of the purge: the overwritten image goes, what was pushed is whole', async () => {
    using folder = temporaryFolder()
    await using emulator = await startEmulator()
    const clients = new Clients(emulator, folder.path)
    emulator.clock.goBack('10d1h')
    await pushLists(clients, 'multi:latest', 'oci')
    const { images } = emulator.registry.repo('multi').multiPlatform({ age: '1d' })
    emulator.clock.reset()
    // The first list comes back under another tag before the first DELETE.
    emulator.faults.before({ route: 'manifests', nth: 2 }, () =>
      clients.pushAll('first', 'multi:again', 'oci'),
    )
    const { step, lost } = await auditedPurge(emulator)
    expect(step.status).toBe(0)
    expect(lost.size).toBe(1 + images.length)
    expect(await pullEverything({ emulator, clients })).toBe(2)
  })
})

describe.runIf(await isInstalled('dockerd'))('docker', () => {
  test('images of a Docker engine, where one can be had', async ({ skip }) => {
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
    const repository = `${emulator.host}/by-docker`
    for (const version of ['1', '2', '3']) {
      const tags = ['latest', `v${version}`].flatMap((tag) => ['-t', `${repository}:${tag}`])
      await engine.docker('build', '-q', '--build-arg', `VERSION=${version}`, ...tags, context)
      for (const tag of version === '2' ? ['latest', 'v2'] : ['latest'])
        await engine.docker('push', '-q', `${repository}:${tag}`)
    }
    emulator.clock.reset()
    const { step, tally } = await auditedPurge(emulator)
    expect(step.status).toBe(0)
    expect(tally).toEqual({ deleted: 1 })
    for (const tag of ['latest', 'v2']) {
      await engine.docker('rmi', '-f', `${repository}:${tag}`)
      await engine.docker('pull', '-q', `${repository}:${tag}`)
    }
  })
})
