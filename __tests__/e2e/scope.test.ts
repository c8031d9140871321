import { describe, expect, test } from 'vitest'
import { startEmulator, type Registry } from '../../emulator/index.ts'
import { ADMIN, gate } from './gate.ts'
import { runAction } from './run-action.ts'

/** One orphan in each repository. */
function seed(registry: Registry): void {
  for (const name of ['api', 'team/api', 'team/web', 'team/tools/lint', 'other/api']) {
    for (const age of ['9d', '2d']) registry.repo(name).image({ tag: 'latest', age })
  }
}

async function lookAt(inputs: Readonly<Record<string, string>>): Promise<{
  readonly step: Awaited<ReturnType<typeof gate>>
  readonly listed: readonly string[]
  readonly catalogs: number
}> {
  await using emulator = await startEmulator({ seed })
  const step = await gate(emulator, inputs)
  const listed = emulator.log
    .requests({ route: 'manifests' })
    .map(({ path }) => path.slice('/acr/v1/'.length, -'/_manifests'.length))
  return { step, listed: listed.toSorted(), catalogs: emulator.log.counts().byRoute.catalog ?? 0 }
}

describe('repositories', () => {
  test.each([
    ['', ['api', 'other/api', 'team/api', 'team/tools/lint', 'team/web']],
    ['**', ['api', 'other/api', 'team/api', 'team/tools/lint', 'team/web']],
    ['*', ['api']],
    ['team/*', ['team/api', 'team/web']],
    ['team/**', ['team/api', 'team/tools/lint', 'team/web']],
    ['**/api', ['api', 'other/api', 'team/api']],
    ['!team/**', ['api', 'other/api']],
    ['team/**\n!team/tools/**', ['team/api', 'team/web']],
    ['!team/web, team/*', ['team/api']],
    ['# the two, that matter\napi, team/api # and no more\n', ['api', 'team/api']],
  ])('%j selects %j', async (repositories, expected) => {
    const { listed, step } = await lookAt({ repositories })
    expect(listed).toEqual(expected)
    expect(step.outputs['orphans']).toBe(String(expected.length))
  })

  test('names without a star are read without the catalog', async () => {
    expect((await lookAt({ repositories: 'api, team/api' })).catalogs).toBe(0)
    expect((await lookAt({ repositories: 'api, team/*' })).catalogs).toBe(1)
  })

  test('a pattern that matches nothing is an error, unless allow-no-match says otherwise', async () => {
    for (const repositories of ['api, teem/*', 'api, teem']) {
      const { step } = await lookAt({ repositories })
      expect(step).toMatchObject({ status: 1, outputs: { result: 'fail', orphans: '' } })
      expect(step.annotations[0]).toMatch(/^error: Input repositories: .*"?teem/)
      const { step: allowed } = await lookAt({ repositories, 'allow-no-match': 'true' })
      expect(allowed).toMatchObject({ status: 0, outputs: { result: 'pass', orphans: '1' } })
      expect(allowed.annotations.join()).toMatch(/^notice: .*teem/)
    }
  })

  test('a negative pattern that matches nothing is a notice', async () => {
    const { step } = await lookAt({ repositories: 'team/*, !nothing/*' })
    expect(step).toMatchObject({ status: 0, outputs: { orphans: '2' } })
    expect(step.annotations.join()).toMatch(/^notice: .*"!nothing\/\*" matches none/)
  })
})

describe('images', () => {
  test("limits the run to the repositories of docker/metadata-action's tags, without the catalog", async () => {
    await using emulator = await startEmulator({ seed })
    const images = `${emulator.host}/team/api:main\n${emulator.host}/team/api:sha-1a2b3c4\n${emulator.host}/api:main`
    const step = await gate(emulator, { images })
    expect(step.outputs).toMatchObject({ orphans: '2', result: 'pass' })
    expect(emulator.log.counts().byRoute.catalog).toBeUndefined()
  })

  test('references to other registries are left out with a notice', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await gate(emulator, {
      images: `${emulator.host}/api:main, ghcr.io/org/api:main, library/api:1`,
    })
    expect(step.outputs['orphans']).toBe('1')
    expect(step.annotations).toEqual([
      `notice: images: ghcr.io/org/api:main is not in ${emulator.host} and was left out.`,
      `notice: images: library/api:1 is not in ${emulator.host} and was left out.`,
    ])
  })

  test('nothing is looked at when no image is in this registry', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await gate(emulator, { images: 'ghcr.io/org/api:main', 'max-orphans': '0' })
    expect(step).toMatchObject({ status: 0, outputs: { result: 'skipped', orphans: '', complete: 'true' } })
    expect(emulator.log.counts().total).toBe(0)
  })

  test('are narrowed further by repositories', async () => {
    await using emulator = await startEmulator({ seed })
    const images = `${emulator.host}/api:main, ${emulator.host}/team/api:main`
    expect((await gate(emulator, { images, repositories: 'team/**' })).outputs['orphans']).toBe('1')
    expect((await gate(emulator, { images, repositories: 'none/**' })).outputs['result']).toBe('skipped')
  })

  test('an image in a repository that does not exist is an error', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await gate(emulator, { images: `${emulator.host}/apii:main` })
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toContain('has no repository "apii"')
  })
})

describe('registry', () => {
  test('is required', async () => {
    const step = await runAction({ ...ADMIN })
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(/^error: Input registry: is required/)
  })

  test('a host that is not Azure must be given with https://', async () => {
    await using emulator = await startEmulator({ seed })
    const step = await gate(emulator, { registry: emulator.host })
    expect(step.status).toBe(1)
    expect(step.annotations[0]).toMatch(
      /^error: Input registry: got "127\.0\.0\.1:\d+", accepted: .*https:\/\/host/,
    )
    expect(emulator.log.counts().total).toBe(0)
  })
})
