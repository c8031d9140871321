import type { Registry } from '../index.ts'

export interface Picture {
  readonly about: string
  /** What the number behind the name counts, and how many there are without one. */
  readonly count?: { readonly of: string; readonly usual: number }
  paint(registry: Registry, count: number): void
}

/** Registries to start with, by name. */
export const pictures: Readonly<Record<string, Picture>> = {
  empty: { about: 'nothing', paint: () => {} },
  story: { about: 'what some months of pushing over tags leave behind', paint: paintStory },
  'many-repositories': {
    about: 'repositories with a tagged index, its images and one orphan each',
    count: { of: 'repositories', usual: 2000 },
    paint: paintManyRepositories,
  },
  'many-manifests': {
    about: 'one repository with many manifests, nine in ten untagged',
    count: { of: 'manifests', usual: 100_000 },
    paint: paintManyManifests,
  },
}

/** `story`, `many-manifests:140000`. Throws a sentence for a name that is none. */
export function pictureNamed(text: string): (registry: Registry) => void {
  const [name = '', number] = text.split(':')
  const picture = pictures[name]
  if (picture === undefined) {
    throw new Error(
      `There is no picture ${JSON.stringify(name)}. There are ${Object.keys(pictures).join(', ')}.`,
    )
  }
  const count = number === undefined ? (picture.count?.usual ?? 0) : Number(number)
  if (number !== undefined && (picture.count === undefined || !Number.isInteger(count) || count < 1)) {
    throw new Error(
      `The picture ${name} takes ${picture.count === undefined ? 'no number' : 'a whole number'}.`,
    )
  }
  return (registry) => picture.paint(registry, count)
}

function paintStory(registry: Registry): void {
  const megabytes = (count: number) => count * 1_000_000
  const web = registry.repo('shop/web', { format: 'docker' })
  for (const [number, age] of ['160d', '121d', '75d', '40d', '12d', '2d'].entries()) {
    web.image({
      tag: 'latest',
      age,
      layers: [{ size: megabytes(31), share: 'debian' }, megabytes(40 + number)],
    })
  }

  const api = registry.repo('shop/api')
  for (const age of ['95d', '30d', '3d']) {
    api.multiPlatform({ tag: 'main', age, attestations: true, layers: [megabytes(18)] })
  }
  const release = api.multiPlatform({
    tag: 'v1.0.0',
    age: '200d',
    attestations: true,
    layers: [megabytes(17)],
  })
  api.lock(release.index)
  api.lock('v1.0.0')
  api.multiPlatform({ platforms: ['linux/amd64'], age: '4m', layers: [megabytes(18)] })

  const signed = registry.repo('shop/payments')
  for (const age of ['60d', '20d']) {
    const image = signed.image({ tag: 'prod', age, layers: [megabytes(22)] })
    signed.digestTag(image, 'sig', { age })
    signed.referrer(image, { artifactType: 'application/spdx+json', age })
  }

  const broken = registry.repo('tools/builder')
  const half = broken.image({ age: '50d', layers: [megabytes(55)] })
  broken.index([half, broken.missingChild('linux/arm64')], { tag: 'latest', age: '50d' })
  broken.buildCache({ tag: 'cache', age: '1d' })
}

function paintManyRepositories(registry: Registry, count: number): void {
  for (let number = 0; number < count; number += 1) {
    const repository = registry.repo(`team-${number % 40}/service-${number}`, {
      age: `${5 + (number % 300)}d`,
    })
    repository.image({ tag: 'latest' })
    repository.multiPlatform({ tag: 'latest' })
  }
}

function paintManyManifests(registry: Registry, count: number): void {
  const repository = registry.repo('big/one')
  for (let number = 0; number < count; number += 1) {
    repository.image({
      age: `${number % 500}d`,
      format: number % 2 === 0 ? 'docker' : 'oci',
      layers: [5_000_000],
      ...(number % 10 === 0 ? { tag: `build-${number}` } : {}),
    })
  }
}
