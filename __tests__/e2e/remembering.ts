import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Emulator, RepositorySeed } from '../../emulator/index.ts'
import { gate } from './gate.ts'
import type { StepOptions, StepResult } from './run-action.ts'

type Inputs = Readonly<Record<string, string>>

// Not on the hour at which a day is over: the registry's answers say no more than seconds.
const OLD = { age: '9d1h' }

/** Something of each kind that a run reads to judge, and so may remember. */
export function paint(app: RepositorySeed): Readonly<Record<'live' | 'index' | 'orphan', string>> {
  const live = app.image({ tag: 'live', ...OLD })
  app.referrer(app.referrer(live, OLD), OLD)
  app.digestTag(live, 'sig', OLD)
  const { index, images } = app.multiPlatform({ tag: 'multi', attestations: true, ...OLD })
  app.index(images, OLD)
  app.index([app.multiPlatform(OLD).index], { tag: 'nested', ...OLD })
  app.multiPlatform({ format: 'docker', ...OLD })
  app.referrer(`sha256:${'1'.repeat(64)}`, OLD)
  app.images(2, () => OLD)
  return { live, index, orphan: app.image({ age: '8d1h' }) }
}

export interface Counted {
  readonly step: StepResult
  readonly requests: number
  /** Manifests that were read. */
  readonly documents: number
}

/** Runs the action once, and counts what it asked the registry. */
export async function counted(
  emulator: Emulator,
  inputs: Inputs = {},
  options: StepOptions = {},
): Promise<Counted> {
  emulator.log.reset()
  const step = await gate(emulator, inputs, options)
  const { total, byRoute } = emulator.log.counts()
  return { step, requests: total, documents: byRoute.manifest ?? 0 }
}

/** What a step came to, without what only a state can tell: since when, and what is new. */
export function judgement({ status, outputs, annotations }: StepResult): object {
  const { 'new-orphans': _, 'oldest-orphan-days': __, 'purgeable-manifests': ___, ...judged } = outputs
  return { status, outputs: judged, failures: annotations.filter((text) => !text.startsWith('notice: ')) }
}

/** Notices about the state, or the cache. */
export function noticesOf({ annotations }: StepResult): readonly string[] {
  return annotations.filter((text) => /^notice: .*\b(?:state|cache)\b/i.test(text))
}

/** Nothing that would make anybody look: no warning, no error, whoever wrote it. */
export function alarmsOf({ log }: StepResult): readonly string[] {
  return log.split('\n').filter((line) => /^::(?:warning|error)/.test(line))
}

export interface Workspace {
  readonly folder: string
  readonly options: StepOptions
  at(path: string): string
  [Symbol.dispose](): void
}

/** Where GITHUB_WORKSPACE points; it stays from run to run, as on a runner of one's own. */
export function workspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'acr-hygiene-workspace-'))
  return {
    folder,
    options: { environment: { GITHUB_WORKSPACE: folder } },
    at: (path) => join(folder, path),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
