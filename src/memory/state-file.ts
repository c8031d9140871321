import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StateStore } from '../ports.ts'

/** The state as a file at a path that the author named. */
export function stateFile(path: string): StateStore {
  return {
    description: `the file ${path}`,
    async load() {
      try {
        return await readFile(path)
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    /** Whole or not at all: another run may read it at the same time. */
    async save(bytes) {
      await mkdir(dirname(path), { recursive: true })
      const draft = `${path}.${process.pid}.tmp`
      try {
        await writeFile(draft, bytes)
        await rename(draft, path)
      } finally {
        await rm(draft, { force: true })
      }
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
