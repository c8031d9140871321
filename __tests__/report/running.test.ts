import { describe, expect, test } from 'vitest'
import { pinsOf, type Deployed } from '../../src/domain/deployment.ts'
import { Pins } from '../../src/domain/pin.ts'
import type { Report } from '../../src/report/report.ts'
import { runningGroup, runningSection } from '../../src/report/running.ts'
import { summary } from '../../src/report/summary.ts'
import { digestOf, survey } from '../domain/picture.ts'
import { reportOf } from './story.ts'

/** What runs in Azure, by the names of the pictures. */
export function deployed(...names: readonly string[]): Extract<Deployed, { kind: 'checked' }> {
  return {
    kind: 'checked',
    deployments: names.map((name) => ({
      repository: 'app',
      digest: digestOf(name),
      workload: `container app ${name}`,
    })),
    seen: 14,
    gaps: [],
  }
}

function reported(running: Deployed, rest: Partial<Report> = {}, repository = 'app'): Report {
  const pins = new Pins(pinsOf(running))
  const found = survey(
    { current: { tags: ['latest'] }, shop: { age: '30d' }, old: { age: '30d' } },
    { repository },
    { pinnedBy: (digest) => pins.sourceOf(repository, digest) },
  )
  return reportOf([found], {}, { deployed: running, ...rest })
}

const NOTE = 'Clusters are not among them: see protect-digests-from.'

describe('what runs without a tag', () => {
  const report = reported(deployed('shop'))

  test('is a finding of its own, with what runs it and the command that locks it', () => {
    const section = runningSection(report)
    expect(section[0]).toBe('### Running, but untagged')
    expect(section[2]).toContain('container app shop')
    expect(section[3]).toBe(
      `\`\`\`sh\naz acr repository update --name myregistry --image app@${digestOf('shop')} --delete-enabled false --write-enabled false\n\`\`\``,
    )
    expect(summary(report)).toContain(section.join('\n\n'))
  })

  test('is in the log', () => {
    expect(runningGroup(report)).toEqual([
      {
        title: 'Running, but untagged: 1 manifest',
        lines: [
          `app@${digestOf('shop')}: run by container app shop`,
          `Of what this identity sees in Azure, 14 workloads, 1 image of this registry runs by digest and is protected. ${NOTE}`,
        ],
      },
    ])
  })

  test('is no orphan, and not due', () => {
    expect(report.evaluation.totals.orphans).toBe(1)
    expect(report.plan.lots.map(({ finding }) => finding.root.digest)).toEqual([digestOf('old')])
  })

  test('has no command where the host does not tell the name of the registry', () => {
    const section = runningSection({ ...report, host: 'registry.example.com' })
    expect(section.join('\n')).not.toContain('az acr')
  })
})

describe('what is known of what runs is said where something can be lost', () => {
  test.each<[string, Deployed, readonly string[]]>([
    [
      'images that have a tag',
      deployed('current'),
      [
        '### Running in Azure',
        `Of what this identity sees in Azure, 14 workloads, 1 image of this registry runs by digest and is protected. ${NOTE}`,
      ],
    ],
    [
      'gaps',
      { ...deployed(), gaps: ['One.', 'Two.'] },
      [
        '### Running in Azure',
        `Of what this identity sees in Azure, 14 workloads, 0 images of this registry run by digest and are protected. One&#46; Two&#46; ${NOTE}`,
      ],
    ],
    [
      'nothing seen',
      { ...deployed(), seen: 0 },
      [
        '### Running in Azure',
        `Azure shows this identity nothing that runs images: either there is nothing, or it lacks the role Reader on the subscriptions with the workloads. ${NOTE}`,
      ],
    ],
    [
      'nothing asked',
      { kind: 'unchecked', why: 'Assign a role.' },
      [
        '### Running in Azure',
        'What Azure runs was not looked at, so that a purge knows only the pins that it was given. Assign a role&#46;',
      ],
    ],
    ['nobody asked', { kind: 'off' }, []],
    [
      'somebody waits',
      { kind: 'not-asked' },
      [
        '### Running in Azure',
        'What Azure runs was not looked at in this run; a purge does, and so does a run on schedule or workflow_dispatch.',
      ],
    ],
    [
      'nothing counted',
      { ...deployed('current'), seen: undefined },
      [
        '### Running in Azure',
        `Of what this identity sees in Azure, 1 image of this registry runs by digest and is protected. ${NOTE}`,
      ],
    ],
  ])('%s', (_, running, section) => {
    expect(runningSection(reported(running))).toEqual(section)
    expect(runningGroup(reported(running))).toHaveLength(section.length === 0 ? 0 : 1)
  })

  test('and not where nothing can', () => {
    const clean = survey({ current: { tags: ['latest'] } })
    for (const running of [deployed('current'), { kind: 'unchecked', why: 'No.' } as const])
      expect(runningSection(reportOf([clean], {}, { deployed: running }))).toEqual([])
  })
})
