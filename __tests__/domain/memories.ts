import type { Memory, RepositoryMemory, RootMemory } from '../../src/domain/memory.ts'
import { NOW } from './picture.ts'

export const HOST = 'myregistry.azurecr.io'

/** One repository as earlier runs saw it, with just what a test is about. */
export function repositoryMemory(known: Partial<RepositoryMemory> = {}): RepositoryMemory {
  return {
    since: 1,
    seenAt: 1,
    documents: new Map(),
    tags: new Map(),
    roots: new Map(),
    churn: new Map(),
    origins: new Map(),
    ...known,
  }
}

export function memoryOf(
  repositories: Readonly<Record<string, Partial<RepositoryMemory>>>,
  trends: Memory['trends'] = new Map(),
): Memory {
  const entries = Object.entries(repositories)
  return {
    host: HOST,
    repositories: new Map(entries.map(([name, known]) => [name, repositoryMemory(known)])),
    trends,
  }
}

/** A root that nobody saw in use, watched for so long. */
export function watched(length: number, more: Partial<RootMemory> = {}): RootMemory {
  const since = NOW - length
  return { kind: 'orphan', since, quietSince: since, seenLive: false, formerly: undefined, ...more }
}
