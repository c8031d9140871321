import type { WorkloadDescription } from './descriptions.ts'
import type { Resource } from './resource.ts'

const location = 'westeurope'

/** What runs images, in the shapes of each provider as far as an image is named in them. */
export function workloadResources(workload: WorkloadDescription, subscriptionId: string): Resource[] {
  const make = maker(workload, subscriptionId)
  switch (workload.kind) {
    case 'container app':
    case 'container app job':
      return containerApp(workload, make)
    case 'container instances':
      return [
        make('Microsoft.ContainerInstance/containerGroups', workload.name, {
          provisioningState: 'Succeeded',
          osType: 'Linux',
          containers: containers(workload.images).map(({ name, image }) => ({ name, properties: { image } })),
        }),
      ]
    case 'web app':
    case 'function app':
      return site(workload, make)
    case 'web app with sidecars':
      return [
        {
          ...make('Microsoft.Web/sites', workload.name, siteProperties('linux', 'sitecontainers')),
          kind: 'app,linux,container',
        },
        ...containers(workload.images).map(({ name, image }, at) => ({
          ...make('Microsoft.Web/sites/sitecontainers', `${workload.name}/${name}`, {
            image,
            isMain: at === 0,
          }),
          table: undefined,
        })),
      ]
  }
}

/** Makes a resource of a type; names of children are behind those of their parents. */
type Make = (type: string, path: string, properties: Record<string, unknown>) => Resource

function maker({ resourceGroup = 'workloads' }: WorkloadDescription, subscriptionId: string): Make {
  return (type, path, properties) => {
    const [namespace = '', ...types] = type.split('/')
    const names = path.split('/')
    const tail = types.map((each, at) => `${each}/${names[at] ?? ''}`).join('/')
    return {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${namespace}/${tail}`,
      name: names.at(-1) ?? '',
      type,
      subscriptionId,
      resourceGroup,
      table: 'resources',
      location,
      tags: {},
      properties,
    }
  }
}

function containers(images: readonly string[]) {
  return images.map((image, at) => ({ name: at === 0 ? 'main' : `container${at + 1}`, image }))
}

type ContainerApp = Extract<WorkloadDescription, { kind: 'container app' | 'container app job' }>

/** Resource Graph has the current template only; older active revisions are children. */
function containerApp(
  { kind, name, images, initImages, activeRevisions = [], readyRevision }: ContainerApp,
  make: Make,
) {
  const template = {
    containers: containers(images),
    // Absent where there are none, so that array_concat() has to be guarded.
    ...(initImages === undefined ? {} : { initContainers: containers(initImages) }),
  }
  if (kind === 'container app job') {
    return [make('Microsoft.App/jobs', name, { provisioningState: 'Succeeded', template })]
  }
  const latest = `${name}--latest`
  const app = make('Microsoft.App/containerApps', name, {
    provisioningState: 'Succeeded',
    latestRevisionName: latest,
    latestReadyRevisionName: readyRevision === undefined ? latest : `${name}--${readyRevision}`,
    configuration: {
      activeRevisionsMode:
        activeRevisions.length === 0 || readyRevision !== undefined ? 'Single' : 'Multiple',
    },
    template,
  })
  const revisions = [
    { name: latest, template },
    ...activeRevisions.map((each) => ({
      name: `${name}--${each.name}`,
      template: { containers: containers(each.images) },
    })),
  ].map((revision) => ({
    ...make('Microsoft.App/containerApps/revisions', `${name}/${revision.name}`, {
      active: true,
      template: revision.template,
    }),
    table: undefined,
  }))
  return [app, ...revisions]
}

type Site = Extract<WorkloadDescription, { kind: 'web app' | 'function app' }>

function site({ kind, name, os = 'linux', image, slots = [] }: Site, make: Make): Resource[] {
  const word = `${kind === 'function app' ? 'functionapp' : 'app'}${os === 'linux' ? ',linux' : ''},container`
  const sites = [
    make('Microsoft.Web/sites', name, siteProperties(os, `DOCKER|${image}`)),
    ...slots.map((slot) =>
      make('Microsoft.Web/sites/slots', `${name}/${slot.name}`, siteProperties(os, `DOCKER|${slot.image}`)),
    ),
  ]
  return sites.map((each) => ({ ...each, kind: word }))
}

/** Read by Azure's own migration script of Functions. */
function siteProperties(os: 'linux' | 'windows', version: string): Record<string, unknown> {
  return {
    state: 'Running',
    siteProperties: {
      metadata: null,
      properties: [
        { name: 'LinuxFxVersion', value: os === 'linux' ? version : '' },
        { name: 'WindowsFxVersion', value: os === 'windows' ? version : null },
      ],
      appSettings: null,
    },
  }
}
