import { NO_HISTORY } from '../../src/report/report.ts'
import { expect, test } from 'vitest'
import { churningTags } from '../../src/report/churn.ts'
import { reportOf } from './story.ts'

function advice(tag: string, host = 'myregistry.azurecr.io'): string {
  const churn = [{ repository: 'app', tag, times: 2, bytes: 1, last: 0, since: 0 }]
  return churningTags(reportOf([], {}, { host, history: { ...NO_HISTORY, churn } })).join('\n')
}

test.each(['myregistry.azurecr.io', 'myregistry-abc123.azurecr.io', 'myregistry.westeurope.geo.azurecr.io'])(
  'the command to lock a tag of %s names the registry as Azure does',
  (host) => {
    expect(advice('1.2.3', host)).toContain('--name myregistry --image app:1.2.3')
  },
)

test('a registry that is not one of Azure gets no command of the Azure CLI', () => {
  expect(advice('1.2.3', 'registry.example')).not.toContain('az acr')
})

test.each(['1.2.3', 'v1.2.3', '1.2.3-alpine', 'sha-0123abc', '0'.repeat(40)])('%s is a release', (tag) => {
  expect(advice(tag)).toContain('--write-enabled false')
})

test.each(['latest', 'main', '1.2', 'v1.2', '1.27-alpine', '20241105', 'facade1', '1.2-latest'])(
  'nobody is told to lock %s, which is moved on purpose',
  (tag) => {
    expect(advice(tag)).not.toContain('--write-enabled false')
  },
)
