import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What waits for two minutes without doing anything begins first, beside all others. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): number => Number(moduleId.endsWith('/long-run.test.ts'))
    return (await super.sort(files)).toSorted((a, b) => isLong(b) - isLong(a))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['__tests__/require-node-24.ts', '__tests__/installed-action.ts'],
    projects: [
      {
        extends: true,
        // Pure functions need no worlds of their own, which cost more than the tests.
        test: {
          name: 'fast',
          include: [
            '__tests__/{domain,inputs,report,memory,acr,sign-in,azure,docker,github,contract,bench}/**/*.test.ts',
          ],
          isolate: false,
        },
      },
      {
        extends: true,
        // Thousands of small worlds in memory.
        test: {
          name: 'purge',
          include: ['__tests__/purge/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'emulator',
          include: ['__tests__/emulator/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['__tests__/e2e/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'clients', include: ['__tests__/clients/**/*.test.ts'], testTimeout: 120_000 },
      },
    ],
  },
})
