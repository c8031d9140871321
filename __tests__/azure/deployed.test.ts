import { expect, test } from 'vitest'
import { deployedBy } from '../../src/azure/deployed.ts'
import type { Management, Row } from '../../src/ports.ts'
import { digestOf } from '../domain/picture.ts'

const HOST = 'myregistry.azurecr.io'

/** Answers every query with these rows. */
const answering = (rows: readonly Row[], cut = false): Management => ({
  get: async () => ({ value: null }),
  query: async () => ({ rows, cut }),
})

test('an answer that is cut says so', async () => {
  expect(await deployedBy(HOST, answering([], true))).toMatchObject({
    gaps: ['Azure has more workloads than it told of.'],
  })
})

test('rows of any shape pin what they name and nothing else', async () => {
  const image = `${HOST}/app@${digestOf('old')}`
  const rows: readonly Row[] = [
    {},
    { type: 7, id: null, template: 'x', containers: { image }, site: [null, 1, { name: 'LinuxFxVersion' }] },
    {
      type: 'microsoft.app/jobs',
      id: '/subscriptions/1/../../x?y',
      template: { containers: [{ image }, 1] },
    },
    { type: 'Microsoft.Web/Sites', id: 'x', site: [{ name: 'linuxfxversion', value: `docker|${image}` }] },
    { type: 'microsoft.web/sites', id: 'x', site: [{ name: 'LinuxFxVersion', value: 'COMPOSE|%%%' }] },
    { type: 'microsoft.web/sites', id: 'x', site: [{ name: 'LinuxFxVersion', value: 'DOTNETCORE|8.0' }] },
  ]
  const deployed = await deployedBy(HOST, answering(rows))
  expect(deployed.kind === 'checked' && deployed.deployments.map(({ digest }) => digest)).toEqual([
    digestOf('old'),
    digestOf('old'),
  ])
})
