import { Buffer } from 'node:buffer'
import type { Row } from '../ports.ts'
import { field, list, text } from './decode.ts'

const APP = 'microsoft.app/containerapps'
const JOB = 'microsoft.app/jobs'
const GROUP = 'microsoft.containerinstance/containergroups'
const SITE = 'microsoft.web/sites'
const SLOT = 'microsoft.web/sites/slots'

/** What runs images and is in Resource Graph with them; pods of clusters are not. */
export const WORKLOAD_TYPES = [APP, JOB, GROUP, SITE, SLOT]

const NOUN: Readonly<Record<string, string>> = {
  [APP]: 'container app',
  [JOB]: 'container app job',
  [GROUP]: 'container instances',
}

/** What people call it: `container app shop`, `web app site, slot staging`. */
export function workloadName(row: Row): string {
  const [, name = '', , slot] = (text(row, 'id') ?? '').split('/providers/').at(-1)?.split('/').slice(1) ?? []
  const site = /functionapp/i.test(text(row, 'kind') ?? '') ? 'function app' : 'web app'
  return `${NOUN[typeOf(row)] ?? site} ${name}${slot === undefined ? '' : `, slot ${slot}`}`
}

export function isSite(row: Row): boolean {
  return [SITE, SLOT].includes(typeOf(row))
}

function typeOf(row: Row): string {
  return text(row, 'type')?.toLowerCase() ?? ''
}

/** Every image that the settings of a workload name. */
export function imagesIn(row: Row): readonly string[] {
  return [
    ...templateImages(field(row, 'template')),
    ...[...list(row, 'containers'), ...list(row, 'initContainers')].flatMap(groupImages),
    ...versionsOf(row).flatMap(imagesOfVersion),
  ]
}

function templateImages(template: unknown): readonly string[] {
  const containers = [...list(template, 'containers'), ...list(template, 'initContainers')]
  return containers.flatMap((container) => text(container, 'image') ?? [])
}

/** Container Instances and the sidecars of App Service have it alike. */
function groupImages(container: unknown): readonly string[] {
  const image = text(container, 'properties', 'image')
  return image === undefined ? [] : [image]
}

/** `LinuxFxVersion` and its like: where App Service has the image. */
function versionsOf(row: Row): readonly string[] {
  return list(row, 'site')
    .filter((property) => /^(?:Linux|Windows)FxVersion$/i.test(text(property, 'name') ?? ''))
    .flatMap((property) => text(property, 'value') ?? [])
}

/** `DOCKER|image`, or a whole file of several containers, encoded. */
function imagesOfVersion(version: string): readonly string[] {
  const bar = version.indexOf('|')
  const [kind, value] = [version.slice(0, bar).toUpperCase(), version.slice(bar + 1)]
  if (kind === 'DOCKER') return [value]
  if (kind !== 'COMPOSE' && kind !== 'KUBE') return []
  const file = Buffer.from(value, 'base64').toString('utf8')
  return [...file.matchAll(/^[\s-]*image:\s*["']?([^\s"']+)/gim)].flatMap(([, image]) => image ?? [])
}

/** Something of a workload that only Resource Manager knows. */
export interface InnerPart {
  readonly name: string
  readonly path: string
  readonly apiVersion: string
  /** For messages, in the plural. */
  readonly what: string
  readonly imagesOf: (item: unknown) => readonly string[]
}

const SAFE_ID = /^\/subscriptions\/[^?#\s]+$/i

/** Where the latest revision does not start, the one before goes on serving, even where there is one at a time. */
function mayRunOlder(row: Row): boolean {
  return text(row, 'revisions')?.toLowerCase() !== 'single' || text(row, 'latest') !== text(row, 'ready')
}

export function innerPartOf(row: Row): InnerPart | undefined {
  const id = text(row, 'id')
  if (id === undefined || !SAFE_ID.test(id)) return undefined
  const name = workloadName(row)
  if (typeOf(row) === APP && mayRunOlder(row)) {
    return {
      name,
      path: `${id}/revisions`,
      apiVersion: '2024-03-01',
      what: 'the revisions of container apps',
      imagesOf: (revision) =>
        field(revision, 'properties', 'active') === true
          ? templateImages(field(revision, 'properties', 'template'))
          : [],
    }
  }
  if (versionsOf(row).some((version) => version.toLowerCase() === 'sitecontainers')) {
    return {
      name,
      path: `${id}/sitecontainers`,
      apiVersion: '2024-04-01',
      what: 'the sidecars of web apps',
      imagesOf: groupImages,
    }
  }
  return undefined
}
