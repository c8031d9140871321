import { Clock } from '../../emulator/clock.ts'
import { digestTagOf, type RepositorySeed } from '../../emulator/seed/repository.ts'
import { Registry } from '../../emulator/seed/registry.ts'
import { digestOf } from '../../emulator/state/manifest.ts'
import { mediaTypes } from '../../emulator/state/media-types.ts'
import { RegistryState } from '../../emulator/state/registry.ts'
import { defaultSwitches } from '../../emulator/switches.ts'
import { addDependants, type Thing } from '../domain/needed.ts'
import type { Drawn, DrawnManifest } from './drawing.ts'

export const REPOSITORY = 'app'

/** The emulator's registry without anything in front of it, at a standing time, stocked as it was drawn. */
export function stocked({ manifests, rules }: Pick<Drawn, 'manifests' | 'rules'>): {
  readonly registry: Registry
  readonly digests: readonly string[]
} {
  const clock = new Clock()
  clock.freeze('2026-11-20T12:00:00Z')
  const switches = { ...defaultSwitches, ...rules }
  const registry = new Registry({ state: new RegistryState(), clock, switches })
  const repository = registry.repo(REPOSITORY)
  const digests: string[] = []
  for (const [number, drawn] of manifests.entries())
    digests.push(push(repository, { drawn, number, digests }))
  for (const [number, { digestTags = [], tagged, age }] of manifests.entries()) {
    const digest = digests[number] ?? ''
    if (tagged === true) repository.tag(`v${number}`, digest, { age })
    for (const target of digestTags) {
      const subject = digests[target] ?? digestOf(`absent ${target}`)
      // Each suffix is a tag of its own, so that a manifest can have many signatures.
      const suffix = (['sig', 'att', 'sbom', ''] as const)[number % 4] ?? 'sig'
      if (!leads(registry, [digest], subject)) repository.tag(digestTagOf(subject, suffix), digest, { age })
    }
  }
  return { registry, digests }
}

/**
 * Whether some manifests take another one along, at any depth. What lists them, or is tagged as their signature, must then
 * not refer to that one: dependencies in a circle are possible, but no client makes any.
 */
export function leads(registry: Registry, from: readonly string[], to: string | undefined): boolean {
  const manifests = registry.state.repository(REPOSITORY)?.manifests.values() ?? []
  const things = [...manifests].map((manifest): Thing => ({
    digest: manifest.digest,
    tags: [...(manifest.tags ?? [])],
    children: (manifest.children ?? []).map((child) => child.digest),
    subject: manifest.subject,
    locked: false,
    stays: false,
    pinned: false,
  }))
  const along = new Set(from)
  addDependants(things, along)
  return to !== undefined && along.has(to)
}

interface Place {
  readonly drawn: DrawnManifest
  readonly number: number
  /** Of those before. */
  readonly digests: readonly string[]
}

function push(repository: RepositorySeed, { drawn, number, digests }: Place): string {
  const { children, lock, hidden, unknown, docker, age } = drawn
  const before = (back: number): string | undefined => digests[number - 1 - back]
  const held = children?.flatMap((child) => before(child) ?? [])
  const wanted = drawn.subject === 'absent' ? digestOf('absent') : before(drawn.subject ?? number)
  const subject = leads(repository.registry, held ?? [], wanted) ? undefined : wanted
  const name = `m${number}`
  const description = {
    age,
    name,
    annotations: { name },
    ...(lock === 'read' ? { readEnabled: false } : lock === undefined ? {} : { lock }),
    ...(hidden === true ? { listEnabled: false } : {}),
    ...(subject === undefined ? {} : { subject }),
  }
  if (unknown === true) {
    const mediaType = 'application/vnd.example.unknown.v1+json'
    const manifests = (held ?? []).map((digest) => ({ mediaType: mediaTypes.ociManifest, digest, size: 1 }))
    return repository.push({ schemaVersion: 2, mediaType, name, manifests }, description)
  }
  const format = docker === true && subject === undefined ? 'docker' : 'oci'
  if (held !== undefined) return repository.index(held, { ...description, format })
  if (subject === undefined) return repository.image({ ...description, format, layers: [] })
  return repository.referrer(subject, { ...description, kind: docker === true ? 'oras' : 'image' })
}
