import { expect, test } from 'vitest'
import { startEmulator } from '../../emulator/index.ts'
import { runAction } from './run-action.ts'

test('2 pushes of a 2-platform index over one tag are 1 orphan with 3 manifests', async () => {
  await using emulator = await startEmulator({
    seed: (registry) => {
      const app = registry.repo('app')
      app.multiPlatform({ tag: 'latest', platforms: ['linux/amd64', 'linux/arm64'], age: '9d' })
      app.multiPlatform({ tag: 'latest', platforms: ['linux/amd64', 'linux/arm64'], age: '2d' })
    },
  })
  const step = await runAction(
    { registry: emulator.url, username: 'emulator', password: 'emulator-password', 'max-orphans': '0' },
    { certificateFile: emulator.certificateFile },
  )
  console.log(step.log, step.summary, step.outputs, emulator.log.counts)
  expect(step.outputs['orphans']).toBe('1')
})
