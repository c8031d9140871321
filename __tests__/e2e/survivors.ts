import {
  startEmulator,
  type Emulator,
  type EmulatorOptions,
  type RepositorySeed,
} from '../../emulator/index.ts'
import { gate } from './gate.ts'
import type { StepOptions, StepResult } from './run-action.ts'

type Named = Readonly<Record<string, string>>
type Inputs = Readonly<Record<string, string>>

/** Paints one repository, `app`, and gives names to what tests speak of. */
export type Picture = (app: RepositorySeed) => Named

export interface PurgeSetting extends Omit<EmulatorOptions, 'seed'> {
  readonly inputs?: Inputs | ((named: Named) => Inputs)
  readonly step?: StepOptions
  /** Sets what others do to the registry while the purge runs. */
  readonly meanwhile?: (emulator: Emulator, named: Named) => void
  /** For tests in which somebody else breaks something. */
  readonly harm?: 'expected'
}

export interface Purged {
  readonly step: StepResult
  readonly outputs: StepResult['outputs']
  /** Names of all that was painted and is not on the server any more; the digest of what has no name. */
  readonly gone: readonly string[]
  readonly app: RepositorySeed
  readonly named: Named
  readonly emulator: Emulator
}

/**
 * Purges `app` as a runner would and looks at what is left on the server. Whatever the test is about, no tag may be lost, no
 * tagged index may lack anything that it had, and nothing may be sent but reads and DELETEs of manifests by digest.
 *
 * @throws Error when anything in use was harmed
 */
export async function purge(picture: Picture, setting: PurgeSetting = {}): Promise<Purged> {
  const { inputs, step: stepOptions, meanwhile, harm, ...options } = setting
  let named: Named = {}
  await using emulator = await startEmulator({
    ...options,
    seed: (registry) => {
      named = picture(registry.repo('app'))
    },
  })
  const app = emulator.registry.repo('app')
  const before = { digests: app.digests(), tags: ordinaryTags(app), lacking: lacking(app) }
  meanwhile?.(emulator, named)
  const given = typeof inputs === 'function' ? inputs(named) : inputs
  const step = await gate(emulator, { purge: 'true', repositories: 'app', ...given }, stepOptions)
  const lost = before.tags.filter((tag) => !app.has(tag)).map((tag) => `the tag ${tag} is lost`)
  const broken = lacking(app).filter((lack) => !before.lacking.includes(lack))
  const harmed = harm === 'expected' ? [] : [...lost, ...broken]
  const wrong = [...harmed, ...foreignRequests(emulator)]
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n\n${step.log}`)
  const names = new Map(Object.entries(named).map(([name, digest]) => [digest, name]))
  const gone = before.digests
    .filter((digest) => !app.has(digest))
    .map((digest) => names.get(digest) ?? digest)
  return { step, outputs: step.outputs, gone: gone.sort(), app, named, emulator }
}

/** Every combination of what the real registry may delete along with a manifest: it is not known which holds. */
export const CASCADES: readonly (readonly [string, NonNullable<EmulatorOptions['switches']>])[] = [
  ['alone', { cascadeReferrers: false, cascadeChildren: false }],
  ['with its referrers', { cascadeReferrers: true, cascadeChildren: false, cascadeLockedReferrers: true }],
  ['with its children', { cascadeReferrers: false, cascadeChildren: true }],
  ['with both', { cascadeReferrers: true, cascadeChildren: true, cascadeLockedReferrers: true }],
]

/** DELETE requests, those that were refused included. */
export function deletions({ emulator }: Pick<Purged, 'emulator'>): readonly string[] {
  return emulator.log.requests({ method: 'DELETE' }).map(({ path }) => path)
}

/** Digest tags go with the orphan that they describe. */
function ordinaryTags(app: RepositorySeed): readonly string[] {
  return Object.keys(app.tags()).filter((tag) => !/^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/.test(tag))
}

/** Whatever a tagged index lists, at any depth, and the repository does not hold. */
function lacking(app: RepositorySeed): readonly string[] {
  const found: string[] = []
  for (const tag of ordinaryTags(app)) {
    const waiting = [app.tags()[tag] ?? '']
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      for (const { digest } of app.manifest(index)?.children ?? []) {
        if (app.has(digest)) waiting.push(digest)
        else found.push(`${tag} lacks ${digest}, a child of ${index}`)
      }
    }
  }
  return found
}

function foreignRequests({ log }: Emulator): readonly string[] {
  return log
    .requests()
    .filter(({ method, route, path }) => {
      if (method === 'GET' || route === 'token' || route === 'exchange') return false
      return !(method === 'DELETE' && /^\/v2\/app\/manifests\/sha256:[0-9a-f]{64}$/.test(path))
    })
    .map(({ method, path }) => `${method} ${path} was sent`)
}
