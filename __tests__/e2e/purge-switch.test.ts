import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startEmulator, type Identity, type Registry } from '../../emulator/index.ts'
import { gate } from './gate.ts'

/** Orphans of every kind, older than any rule asks for. */
function seed(registry: Registry): void {
  for (const name of ['app', 'team/web', 'by-digest']) {
    const repo = registry.repo(name)
    if (name !== 'by-digest') repo.image({ tag: 'latest', age: '1d' })
    repo.multiPlatform({ attestations: true, age: '900d' })
    repo.digestTag(repo.image({ age: '900d' }), 'sig', { age: '900d' })
    repo.referrer(`sha256:${'0'.repeat(64)}`, { age: '900d' })
  }
}

function sizes(registry: Registry): readonly number[] {
  return registry.repositories().map((name) => registry.repo(name).size)
}

const workspace = mkdtempSync(join(tmpdir(), 'acr-hygiene-switch-'))
writeFileSync(join(workspace, 'pins.txt'), `sha256:${'1'.repeat(64)}`)
afterAll(() => rmSync(workspace, { recursive: true, force: true }))

/** Everything that makes a purge delete more. */
const EAGER = {
  repositories: '**',
  'older-than': '0d',
  'in-flight': '15m',
  'keep-n-untagged': '0',
  'max-deletes': '100000',
  'max-delete-percent': '100',
  'allow-empty-repository': 'true',
  'purge-orphaned-referrers': 'true',
  'protect-digests': `sha256:${'1'.repeat(64)}`,
  'protect-digests-from': 'pins.txt',
  'max-orphans': '0',
  'warn-only': 'true',
}

const CLEANER = {
  kind: 'entra',
  name: 'cleaner',
  appId: '11111111-2222-3333-4444-555555555555',
  clientSecret: 'client-secret',
  roles: [
    'Owner',
    'Container Registry Repository Contributor',
    'Container Registry Repository Catalog Lister',
  ],
} satisfies Identity

const TOKEN = {
  kind: 'scope-map',
  username: 'ci',
  password: 'token-password',
  repositories: { app: ['content/read', 'content/delete', 'metadata/read', 'metadata/write'] },
} satisfies Identity

describe.concurrent('without purge: true not one DELETE is sent, and the right to delete is not asked for', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['purge is not given', {}],
    ['purge is empty', { purge: '' }],
    ['purge is false', { purge: 'false' }],
    ['every other input is as eager as can be', EAGER],
    ['purge is false and every other input is as eager as can be', { ...EAGER, purge: 'false' }],
    ['only images are named', { images: 'placeholder' }],
    [
      'a service principal that may delete is signed in',
      { username: CLEANER.appId, password: CLEANER.clientSecret },
    ],
    [
      'the same where repository permissions are used',
      { username: CLEANER.appId, password: CLEANER.clientSecret, repositories: 'app, team/web' },
    ],
    [
      'a token of the registry that may delete is signed in',
      { repositories: 'app', username: TOKEN.username, password: TOKEN.password },
    ],
  ]
  test.each(cases)('%s', async (name, inputs) => {
    const admin: Identity = { kind: 'admin', username: 'emulator', password: 'emulator-password' }
    await using emulator = await startEmulator({
      seed,
      abac: name.includes('repository permissions'),
      identities: [admin, CLEANER, TOKEN],
    })
    const before = sizes(emulator.registry)
    const images = inputs['images'] === undefined ? {} : { images: `${emulator.host}/app:latest` }
    const step = await gate(
      emulator,
      { ...inputs, ...images },
      { environment: { GITHUB_WORKSPACE: workspace } },
    )
    expect(step.status).toBe(0)
    expect(Number(step.outputs['orphans'])).toBeGreaterThan(0)
    expect(step.outputs).toMatchObject({ 'purged-manifests': '', 'purged-bytes': '', 'purge-complete': '' })
    expect(step.summary).toContain('### What a purge would delete')
    expect(sizes(emulator.registry)).toEqual(before)
    const methods = emulator.log
      .requests()
      .flatMap(({ method, class: kind }) => (kind === 'oauth' ? [] : method))
    expect([...new Set(methods)]).toEqual(['GET'])
    const scopes = emulator.log.requests({ class: 'oauth' }).flatMap(({ query }) => query['scope'] ?? [])
    expect(scopes.length).toBeGreaterThan(0)
    expect(scopes.join(' ')).not.toContain('delete')
  })

  test('with it the right is asked for, so that the above says something', async () => {
    await using emulator = await startEmulator({ seed })
    await gate(emulator, { purge: 'true', repositories: 'app, team/web' })
    const scopes = emulator.log.requests({ class: 'oauth' }).map(({ query }) => query['scope'])
    expect(scopes).toEqual([expect.stringContaining('repository:app:metadata_read,pull,delete')])
    expect(emulator.log.counts().byClass.delete).toBeGreaterThan(0)
  })
})

describe.concurrent('what a purge may touch has to be said', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['neither repositories nor images', {}, 'repositories'],
    ['both are empty', { repositories: '', images: '' }, 'repositories'],
    ['True', { repositories: '**', purge: 'True' }, 'purge'],
    ['yes', { repositories: '**', purge: 'yes' }, 'purge'],
    ['1', { repositories: '**', purge: '1' }, 'purge'],
    ['dry-run beside it', { repositories: '**', 'dry-run': 'true' }, 'dry-run'],
    ['an input that does not exist', { repositories: '**', 'older-then': '900d' }, 'older-then'],
    ['a limit of nothing', { repositories: '**', 'max-deletes': '0' }, 'max-deletes'],
    ['a share over 100', { repositories: '**', 'max-delete-percent': '101' }, 'max-delete-percent'],
    ['a negative number to keep', { repositories: '**', 'keep-n-untagged': '-1' }, 'keep-n-untagged'],
    ['in flight for less than 15 minutes', { repositories: '**', 'in-flight': '14m' }, 'in-flight'],
  ]
  test.each(wrong)('%s: an error, and not one request', async (_, inputs, input) => {
    await using emulator = await startEmulator({ seed })
    const before = sizes(emulator.registry)
    const step = await gate(emulator, { purge: 'true', ...inputs })
    expect(step.status).toBe(1)
    expect(step.outputs).toMatchObject({ result: 'fail', 'purged-manifests': '' })
    expect(step.annotations[0]).toMatch(new RegExp(`^error: .*${input}`))
    expect(emulator.log.counts().total).toBe(0)
    expect(sizes(emulator.registry)).toEqual(before)
  })

  test('one pattern that matches nothing: nothing is deleted anywhere', async () => {
    await using emulator = await startEmulator({ seed })
    const before = sizes(emulator.registry)
    const step = await gate(emulator, { purge: 'true', repositories: 'app*, nothing/*' })
    expect(step.status).toBe(1)
    expect(sizes(emulator.registry)).toEqual(before)
  })

  test('images: their repositories and no other', async () => {
    await using emulator = await startEmulator({ seed })
    const { registry, host } = emulator
    const step = await gate(emulator, {
      purge: 'true',
      images: `${host}/app:latest\nexample.com/team/web:v1`,
    })
    expect(step.status).toBe(0)
    expect(['app', 'team/web', 'by-digest'].map((name) => registry.repo(name).size)).toEqual([2, 9, 8])
  })

  test('images of other registries only: nothing is looked at', async () => {
    await using emulator = await startEmulator({ seed })
    const before = sizes(emulator.registry)
    const step = await gate(emulator, { purge: 'true', images: 'example.com/team/web:v1' })
    expect(step.outputs['result']).toBe('skipped')
    expect(sizes(emulator.registry)).toEqual(before)
  })

  test('a repository that is excluded is not touched', async () => {
    await using emulator = await startEmulator({ seed })
    await gate(emulator, { purge: 'true', repositories: '**, !team/**' })
    expect(['app', 'team/web', 'by-digest'].map((name) => emulator.registry.repo(name).size)).toEqual([
      2, 9, 8,
    ])
  })
})
