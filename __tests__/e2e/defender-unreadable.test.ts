import { expect, test } from 'vitest'
import { startEstate } from './estate.ts'

type Json = Record<string, unknown>

/** A record that says "vulnerable" in a form nobody here understands is never a pass. */
test.each<[string, (details: Json) => void, object]>([
  ['whose list cannot be parsed', (details) => (details['CvesDetails'] = 'not json'), { result: 'warn' }],
  ['without a list', (details) => delete details['CvesDetails'], { result: 'warn' }],
  ['with an empty list', (details) => (details['CvesDetails'] = '[]'), { result: 'warn' }],
  [
    'with keys of another case',
    (details) => (details['CvesDetails'] = '[{"cveId":"CVE-1","severity":"Critical"}]'),
    { result: 'warn' },
  ],
  [
    'about what has no CVE id',
    (details) =>
      (details['CvesDetails'] = '[{"Severity":"Critical","AdditionalIdentifiers":["GHSA-aaaa-bbbb-cccc"]}]'),
    { result: 'fail', 'findings-critical': '1' },
  ],
])('an unhealthy record %s is not taken for a clean image', async (_, change, outputs) => {
  let digest = ''
  await using azure = await startEstate({
    seed: (registry) => {
      digest = registry.repo('app').image({ age: '9d' })
      registry.repo('app').image({ tag: 'latest', age: '1d' })
    },
  })
  const cves = [{ id: 'CVE-1', severity: 'Critical' as const }]
  azure.arm.estate.addFinding('myregistry', {
    repository: 'app',
    digest,
    packages: [{ software: 'openssl', cves }],
  })
  const record = azure.arm.estate.resources.at(-1)
  change(record?.properties['additionalData'] as Json)
  const step = await azure.run({
    'fail-on-severity': 'low',
    'protect-deployed': 'off',
    audit: 'off',
    state: 'none',
  })
  expect(step.outputs).toMatchObject(outputs)
})
