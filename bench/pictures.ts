import { pictureNamed } from '../emulator/cli/pictures.ts'
import type { Registry } from '../emulator/index.ts'

/** The registries of the benchmark, by name. None has an untagged manifest that is too young to be judged. */
export const pictures = {
  'one-repository': paintOneRepository,
  'small-repositories': paintSmallRepositories,
  'many-repositories': pictureNamed('many-repositories:2000'),
  'many-manifests': pictureNamed('many-manifests:140000'),
  'many-docker-manifests': paintManyDockerManifests,
  'many-tags': paintManyTags,
  'after-a-push': paintAfterAPush,
} satisfies Readonly<Record<string, (registry: Registry) => void>>

export type PictureName = keyof typeof pictures

/** 1,350 manifests: 150 tagged indexes with 300 children, 600 dangling OCI images, 300 dangling Docker images. */
function paintOneRepository(registry: Registry): void {
  const app = registry.repo('app', { age: '40d' })
  for (let number = 0; number < 150; number += 1) app.multiPlatform({ tag: `v${number}` })
  app.images(600, (number) => ({ age: `${2 + (number % 300)}d` }))
  app.images(300, (number) => ({ age: `${2 + (number % 300)}d`, format: 'docker' }))
}

/** 120 repositories with a tagged index, its child and one dangling image each. */
function paintSmallRepositories(registry: Registry): void {
  for (let number = 0; number < 120; number += 1) {
    const repository = registry.repo(`team-${number % 8}/service-${number}`, { age: '30d' })
    repository.image()
    repository.multiPlatform({ platforms: ['linux/amd64'], tag: 'latest' })
  }
}

/** As `many-manifests`, but no manifest can refer to another, so that the list alone says it all. */
function paintManyDockerManifests(registry: Registry): void {
  registry.repo('big/one', { format: 'docker' }).images(140_000, (number) => ({
    age: `${1 + (number % 500)}d`,
    layers: [5_000_000],
    ...(number % 10 === 0 ? { tag: `build-${number}` } : {}),
  }))
}

/** 10,000 tagged images and 100 orphans. */
function paintManyTags(registry: Registry): void {
  const app = registry.repo('app', { age: '60d' })
  app.images(10_000, (number) => ({ tag: `build-${number}` }))
  app.images(100)
}

/** 50 manifests: twelve releases for two platforms, and a `latest` that was pushed for the fourteenth time just now. */
function paintAfterAPush(registry: Registry): void {
  const app = registry.repo('app')
  for (let release = 0; release < 12; release += 1) app.multiPlatform({ tag: `v${release}`, age: '50d' })
  for (let push = 13; push >= 0; push -= 1) app.image({ tag: 'latest', age: push === 0 ? '1m' : `${push}d` })
}
