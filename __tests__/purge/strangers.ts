import { digestTagOf, type RepositorySeed } from '../../emulator/seed/repository.ts'
import type { Registry } from '../../emulator/seed/registry.ts'
import { isLocked } from '../../emulator/state/attributes.ts'
import { deleteManifest, deleteTag } from '../../emulator/state/deletion.ts'
import type { Manifest, Tag } from '../../emulator/state/manifest.ts'
import type { Repository } from '../../emulator/state/repository.ts'
import { leads, REPOSITORY } from './stock.ts'

/** Something that somebody else does to the registry. */
export interface Interruption {
  /** So many calls after what came before, in a scan or from the first look at something that is to be deleted on. */
  readonly wait: number
  readonly during: 'scan' | 'purge'
  readonly act: Act
  /** `recent`: asked for or deleted just before; that and `untagged` is where others do most harm. */
  readonly whom: 'recent' | 'untagged' | 'any'
  /** Whom it concerns, and further ones that it needs: taken from whatever is there by then. */
  readonly target: number
  readonly others: readonly number[]
  readonly tag: string | undefined
}

/** Whom an act concerns. */
interface Scene {
  readonly registry: Registry
  readonly repository: Repository
  readonly target: string
  readonly others: readonly string[]
  /** Of all tags of the repository. */
  readonly tagged: Tag | undefined
  /** To push again. */
  readonly known: Manifest | undefined
  readonly number: number
  readonly tag: string | undefined
  /** A new one for each push. */
  readonly name: string
}

/** What is pushed, if anything is: an index is refused without its children. */
const PUSHES = {
  'push-image': (scene: Scene) => seedOf(scene).image({ ...descriptionOf(scene), layers: [] }),
  'push-index': (scene: Scene) => seedOf(scene).index([scene.target, ...scene.others], descriptionOf(scene)),
  'push-referrer': (scene: Scene) => {
    const kind = (['index', 'oras', 'image'] as const)[scene.number % 3] ?? 'image'
    const children = leads(scene.registry, scene.others, scene.target) ? [] : scene.others
    return seedOf(scene).referrer(scene.target, { ...descriptionOf(scene), kind, children })
  },
  'push-signature': (scene: Scene) => {
    const suffix = scene.number % 2 === 0 ? 'sig' : 'att'
    return seedOf(scene).digestTag(scene.target, suffix, { name: scene.name })
  },
  'push-again': (scene: Scene) => {
    const { known, repository, registry, tag } = scene
    const isWhole = known?.children?.every(({ digest }) => repository.manifests.has(digest)) ?? true
    if (known === undefined || !isWhole || leads(registry, [known.digest], known.subject)) return undefined
    const { bytes, mediaType } = known
    return seedOf(scene).push(bytes, { mediaType, ...(tag === undefined ? {} : { tag }) })
  },
} as const satisfies Readonly<Record<string, (scene: Scene) => string | undefined>>

const CHANGES = {
  tag: (scene: Scene) => {
    const { repository, tag = 'v1' } = scene
    if (isOpen(repository, repository.tags.get(tag))) seedOf(scene).tag(tag, scene.target)
  },
  'move-tag': (scene: Scene) => {
    const { repository, target, tagged } = scene
    if (tagged === undefined || !isOpen(repository, tagged)) return
    const [, hex] = /^sha256-([0-9a-f]{64})/.exec(tagged.name) ?? []
    if (hex === undefined) seedOf(scene).tag(tagged.name, target)
    else if (mayRefer(scene, `sha256:${hex}`)) seedOf(scene).tag(tagged.name, target)
  },
  'digest-tag': (scene: Scene) => {
    const { repository, target, others } = scene
    const [subject = target] = others
    if (isOpen(repository, undefined) && mayRefer(scene, subject))
      seedOf(scene).tag(digestTagOf(subject, 'sbom'), target)
  },
  untag: ({ registry, repository, tagged }: Scene) => {
    const occasion = { at: registry.clock.now(), rules: registry.switches }
    if (tagged !== undefined) deleteTag(registry.state, { repository, name: tagged.name }, occasion)
  },
  lock: (scene: Scene) => {
    seedOf(scene).lock(scene.target, (['delete', 'write', 'all'] as const)[scene.number % 3] ?? 'all')
  },
  unlock: (scene: Scene) => seedOf(scene).unlock(scene.target),
  'lock-tag': (scene: Scene) => {
    if (scene.tagged !== undefined) seedOf(scene).lock(scene.tagged.name)
  },
  'lock-repository': (scene: Scene) => seedOf(scene).lockRepository('write'),
  'unlock-repository': (scene: Scene) => seedOf(scene).setRepositoryAttributes({ writeEnabled: true }),
} as const satisfies Readonly<Record<string, (scene: Scene) => void>>

type Push = keyof typeof PUSHES
type Change = keyof typeof CHANGES
export type Act = Push | Change | 'delete'

export const ACTS: readonly Act[] = [
  ...(Object.keys(PUSHES) as Push[]),
  ...(Object.keys(CHANGES) as Change[]),
  'delete',
]

/** Others who work with the same repository. The registry refuses them what it refuses anybody. */
export class Strangers {
  readonly deleted = new Set<string>()
  /** New ones and known ones. */
  readonly pushed = new Set<string>()
  readonly #registry: Registry
  /** Everything that ever was in the repository: clients that have an image can push it again. */
  readonly #known = new Map<string, Manifest>()
  #pushes = 0

  constructor(registry: Registry) {
    this.#registry = registry
    this.#remember()
  }

  /** @param recent what was asked for or deleted just before */
  act(interruption: Interruption, recent: readonly string[]): void {
    const scene = this.#scene(interruption, recent)
    // Where nothing is left there is nothing to do; a first push has nothing to do with a purge.
    if (scene === undefined) return
    const { act } = interruption
    if (act in PUSHES) this.#push(act as Push, scene)
    else if (act === 'delete') this.#delete(scene)
    else CHANGES[act as Change](scene)
    this.#remember()
  }

  #scene({ whom, target, others, tag }: Interruption, recent: readonly string[]): Scene | undefined {
    const registry = this.#registry
    const repository = registry.state.repository(REPOSITORY)
    if (repository === undefined) return undefined
    const all = [...repository.manifests.inKeyOrder(undefined)]
    const digests = all.map(({ digest }) => digest)
    const wanted = {
      recent: recent.filter((digest) => repository.manifests.has(digest)),
      untagged: all.filter(({ tags }) => tags === undefined).map(({ digest }) => digest),
      any: digests,
    }
    const concerned = pick(wanted[whom], target) ?? pick(digests, target)
    if (concerned === undefined) return undefined
    const known = whom === 'recent' && recent.length > 0 ? recent : [...this.#known.keys()]
    return {
      registry,
      repository,
      target: concerned,
      others: others.flatMap((other) => pick(digests, other) ?? []),
      tagged: pick([...repository.tags.inKeyOrder(undefined)], target),
      known: this.#known.get(pick(known, target) ?? ''),
      number: target,
      tag,
      name: `pushed ${this.#pushes}`,
    }
  }

  #push(act: Push, scene: Scene): void {
    const { repository, tag } = scene
    if (!isOpen(repository, tag === undefined ? undefined : repository.tags.get(tag))) return
    this.#pushes += 1
    const pushed = PUSHES[act](scene)
    if (pushed !== undefined) this.pushed.add(pushed)
  }

  #delete({ repository, target }: Scene): void {
    const { state, clock, switches } = this.#registry
    const occasion = { at: clock.now(), rules: switches }
    const deletion = deleteManifest(state, { repository, digest: target }, occasion)
    if (deletion.kind === 'deleted') for (const digest of deletion.manifests) this.deleted.add(digest)
  }

  #remember(): void {
    for (const manifest of this.#registry.state.repository(REPOSITORY)?.manifests.values() ?? [])
      this.#known.set(manifest.digest, manifest)
  }
}

function seedOf({ registry }: Scene): RepositorySeed {
  return registry.repo(REPOSITORY)
}

function descriptionOf({ name, tag }: Scene): {
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
  readonly tag?: string
} {
  return { name, annotations: { name }, ...(tag === undefined ? {} : { tag }) }
}

/** Nobody makes anything a signature of two others, nor of what depends on it. */
function mayRefer({ registry, repository, target }: Scene, subject: string): boolean {
  const { subject: present, tags = [] } = repository.manifests.get(target) ?? {}
  const refers = present !== undefined || [...tags].some((tag) => tag.startsWith('sha256-'))
  return !refers && !leads(registry, [target], subject)
}

/** Whether the registry takes a push with this tag. */
function isOpen({ attributes }: Repository, tag: Tag | undefined): boolean {
  return attributes.writeEnabled && (tag === undefined || !isLocked(tag.attributes))
}

function pick<Item>(items: readonly Item[], number: number): Item | undefined {
  return items.length === 0 ? undefined : items[number % items.length]
}
