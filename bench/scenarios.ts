import { join } from 'node:path'
import type { Job } from './lower-bound.ts'
import type { Limit } from './targets.ts'
import type { PictureName } from './pictures.ts'

/** Where a step runs: what its inputs may have to name. */
interface Place {
  readonly host: string
  /** Of this measurement alone. */
  readonly folder: string
}

/** One thing to measure. */
export interface Scenario {
  /** `c`, or `c-throttled` for a variant of it. */
  readonly key: string
  readonly title: string
  readonly picture: PictureName
  readonly latencies: readonly number[]
  readonly inputs: (place: Place) => Readonly<Record<string, string>>
  readonly job: Job
  /** The documented limits hold. */
  readonly throttled?: boolean
  /** An input without which the action cannot do this: the scenario is left out until there is one. */
  readonly needs?: string
  /** Besides those that hold for all. */
  readonly limits: readonly Limit[]
}

const EVERYWHERE = [0, 30, 100]

const LOOKING: Job = { discovers: true, remembers: false, deletes: false }

const nothing = (): Readonly<Record<string, string>> => ({})

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [
  {
    key: 'a',
    title: '1 repository, 1,350 manifests',
    picture: 'one-repository',
    latencies: EVERYWHERE,
    inputs: nothing,
    job: LOOKING,
    limits: [
      { what: 'requests', most: 765 },
      { what: 'wall beyond start-up', timesBusy: 1.3 },
    ],
  },
  {
    key: 'a-again',
    title: 'the same, remembering the run before',
    picture: 'one-repository',
    latencies: EVERYWHERE,
    inputs: ({ folder }) => ({ state: join(folder, 'state') }),
    job: { ...LOOKING, remembers: true },
    needs: 'state',
    limits: [{ what: 'requests', most: 8 }],
  },
  {
    key: 'b',
    title: '120 small repositories',
    picture: 'small-repositories',
    latencies: EVERYWHERE,
    inputs: nothing,
    job: LOOKING,
    limits: [
      { what: 'requests', most: 375 },
      { what: 'wall', most: 1.6, at: 30 },
    ],
  },
  {
    key: 'c',
    title: '2,000 repositories',
    picture: 'many-repositories',
    latencies: EVERYWHERE,
    inputs: nothing,
    job: LOOKING,
    limits: [],
  },
  {
    key: 'c-throttled',
    title: '2,000 repositories, documented limits',
    picture: 'many-repositories',
    latencies: [30],
    inputs: nothing,
    job: LOOKING,
    throttled: true,
    limits: [],
  },
  {
    key: 'd',
    title: '1 repository, 140,000 manifests, half of them Docker',
    picture: 'many-manifests',
    latencies: [5],
    inputs: nothing,
    job: LOOKING,
    limits: [
      { what: 'wall', most: 15, at: 5 },
      { what: 'memory', most: 350 },
    ],
  },
  {
    key: 'd-docker',
    title: '1 repository, 140,000 Docker manifests',
    picture: 'many-docker-manifests',
    latencies: [5],
    inputs: nothing,
    job: LOOKING,
    limits: [
      { what: 'wall', most: 15, at: 5 },
      { what: 'memory', most: 350 },
    ],
  },
  {
    key: 'd-again',
    title: '140,000 manifests, half of them Docker, remembering the run before',
    picture: 'many-manifests',
    latencies: [5],
    inputs: ({ folder }) => ({ state: join(folder, 'state') }),
    job: { ...LOOKING, remembers: true },
    needs: 'state',
    limits: [{ what: 'wall', most: 15, at: 5 }],
  },
  {
    key: 'e',
    title: 'purge of 900 orphans, documented limits',
    picture: 'one-repository',
    latencies: [30],
    inputs: () => ({ purge: 'true', repositories: '**', 'older-than': '0d', 'max-deletes': '1000' }),
    job: { ...LOOKING, deletes: true },
    throttled: true,
    needs: 'purge',
    limits: [{ what: 'answers 429', most: 0 }],
  },
  {
    key: 'f',
    title: '10,000 tagged images, 100 orphans',
    picture: 'many-tags',
    latencies: EVERYWHERE,
    inputs: nothing,
    job: LOOKING,
    limits: [{ what: 'requests', most: 130 }],
  },
  {
    key: 'g',
    title: '50 manifests, named by images after a push',
    picture: 'after-a-push',
    latencies: EVERYWHERE,
    inputs: ({ host }) => ({ images: `${host}/app:latest` }),
    job: { ...LOOKING, discovers: false },
    limits: [{ what: 'requests', mostBesidesManifests: 6 }],
  },
]

/** `a` means all variants of it, `c-throttled` that one alone. Throws a sentence for what is none. */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  const isMeant = ({ key }: Scenario, name: string): boolean => key === name || key.startsWith(`${name}-`)
  const wrong = names.find((name) => !scenarios.some((scenario) => isMeant(scenario, name)))
  if (wrong !== undefined) {
    const keys = scenarios.map(({ key }) => key).join(', ')
    throw new Error(`There is no scenario ${JSON.stringify(wrong)}. There are ${keys}.`)
  }
  return scenarios.filter((scenario) => names.some((name) => isMeant(scenario, name)))
}
