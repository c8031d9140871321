import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { annotations } from '../../src/report/annotations.ts'
import { auditGroup } from '../../src/report/audit.ts'
import { failureSummary } from '../../src/report/failure-summary.ts'
import { logGroups } from '../../src/report/log-lines.ts'
import { outputs } from '../../src/report/outputs.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { DAY } from '../../src/domain/duration.ts'
import { Past } from '../../src/domain/past.ts'
import { pushedTags } from '../../src/domain/push.ts'
import type { Report, ReportedHistory } from '../../src/report/report.ts'
import { runningGroup } from '../../src/report/running.ts'
import { summary } from '../../src/report/summary.ts'
import { vulnerabilityGroup } from '../../src/report/vulnerabilities.ts'
import { memoryOf, watched } from '../domain/memories.ts'
import { digestOf, NOW, survey, type Described } from '../domain/picture.ts'
import { recorded } from '../domain/vulnerability-picture.ts'
import { AZURE_STORY } from './azure-story.ts'
import { notRead, purgedReport, reportOf } from './story.ts'

/**
 * Approved output, compared byte for byte. After a change that is meant, `UPDATE_GOLDEN=1 vitest run --project fast`
 * rewrites the files; read the difference before it is committed.
 */
function approved(file: string, text: string): string {
  const path = new URL(`golden/${file}`, import.meta.url)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
  return readFileSync(path, 'utf8')
}

const MIB = 1024 ** 2

/** An image for two platforms, as buildx pushes it: with an attestation. */
function multiPlatform(name: string, { age, tags = [] }: Described): Readonly<Record<string, Described>> {
  return {
    [name]: {
      children: [`${name}-amd64`, `${name}-arm64`, `${name}-attestation`],
      tags,
      age: age ?? '2d',
      size: 1600,
    },
    [`${name}-amd64`]: { platform: 'linux/amd64', size: 48.2 * MIB, age: age ?? '2d' },
    [`${name}-arm64`]: { platform: 'linux/arm64', size: 45.9 * MIB, age: age ?? '2d' },
    [`${name}-attestation`]: { size: 18_344, age: age ?? '2d' },
  }
}

const FORMERLY = { names: ['main', 'stable'], lastSeen: NOW - 10 * DAY, replacedAt: undefined }

const API = survey(
  {
    ...multiPlatform('api-3', { tags: ['1.4.2', 'latest'] }),
    ...multiPlatform('api-2', { age: '30d' }),
    ...multiPlatform('api-1', { age: '212d' }),
    'api-0': { platform: 'linux/amd64', size: 'unknown', age: '400d' },
    signed: { platform: 'linux/amd64', size: 51 * MIB, age: '90d' },
    signature: { subject: 'signed', tags: ['signed-by-release'], size: 700 },
    released: { children: ['released-amd64', 'released-arm64'], tags: ['1.4.1'], age: '60d' },
    'released-amd64': { platform: 'linux/amd64', size: 47 * MIB, age: '60d' },
    joined: { children: ['released-amd64'], age: '59d' },
    sbom: { subject: 'gone', size: 90_211, age: '45d' },
    uploading: { platform: 'linux/amd64', size: 48 * MIB, age: '4m' },
  },
  { repository: 'team/api', missing: ['released-arm64'] },
)

const WEB = survey(
  {
    now: { tags: ['main'], platform: 'linux/amd64', size: 21 * MIB },
    before: { platform: 'linux/amd64', size: 20 * MIB, age: '5d' },
    kept: { platform: 'linux/amd64', size: 19 * MIB, age: '100d', locks: { delete: false } },
    strange: { type: 'application/vnd.example.bundle+json', size: 4000, age: '100d' },
    signature: { tags: ['sha256-{elsewhere}.sig'], size: 300, age: '100d' },
  },
  { repository: 'team/web' },
)

/** A registry that earlier runs have watched for two weeks. */
const WATCHED = memoryOf({
  'team/web': {
    since: NOW - 14 * DAY,
    seenAt: NOW - DAY,
    tags: new Map([['main', digestOf('old-1')]]),
    roots: new Map([
      [digestOf('old-2'), watched(9 * DAY, { seenLive: true, formerly: FORMERLY })],
      [digestOf('old-3'), watched(14 * DAY)],
    ]),
  },
})

const WATCHED_WEB = survey(
  {
    now: { tags: ['main'], platform: 'linux/amd64', size: 21 * MIB, age: '2h' },
    'old-1': { platform: 'linux/amd64', size: 20 * MIB, age: '5d' },
    'old-2': { platform: 'linux/amd64', size: 19 * MIB, age: '60d' },
    'old-3': { platform: 'linux/amd64', size: 18 * MIB, age: '300d' },
    'old-4': { platform: 'linux/amd64', size: 17 * MIB, age: '6h' },
  },
  { repository: 'team/web' },
  { past: new Past(WATCHED, 'team/web', NOW) },
)

const HISTORY: ReportedHistory = {
  state: 'known',
  learnt: [],
  newOrphans: 2,
  origins: new Map([
    [digestOf('old-1'), { revision: '1a2b3c4d5e6f', source: 'https://github.com/octo/web' }],
    [digestOf('old-3'), { version: 'release-7', created: '2026-01-24T10:00:00Z' }],
  ]),
  pushed: pushedTags([{ repository: 'team/web', tag: 'main' }], {
    surveys: [WATCHED_WEB],
    memory: WATCHED,
    origins: new Map(),
  }),
  trend: [12, 14, 15, 2, 3, 4].map((orphans, day) => ({
    at: NOW - (5 - day) * 2 * DAY,
    orphans,
    bytes: orphans * 18 * MIB,
  })),
  churn: [
    { repository: 'team/web', tag: 'main', since: NOW - 14 * DAY, times: 12, bytes: 240 * MIB, last: NOW },
    { repository: 'team/web', tag: '1.4.2', since: NOW - 14 * DAY, times: 1, bytes: 20 * MIB, last: NOW },
  ],
}

const CLEAN = survey({ ...multiPlatform('site', { tags: ['latest'] }) }, { repository: 'site' })
const BASE = survey(
  { one: { size: 30 * MIB, age: '500d' }, two: { size: 31 * MIB, age: '400d' } },
  { repository: 'base/os' },
)
const UNREAD = notRead('billing', {
  kind: 'permission',
  why: 'Could not list the manifests of billing (403 DENIED): the token has no right to read the metadata of this repository. Add metadata/read for it to the scope map. Correlation id for Azure Support: 9ba1c1d2-0d6f-4f7b-9b0e-3a1f0d2c7b11.',
})

/** Each way a planned deletion can end. */
const ENDS: Readonly<Record<string, Outcome>> = {
  [digestOf('api-1-amd64')]: { kind: 'cascaded', along: digestOf('api-1') },
  [digestOf('api-1-arm64')]: { kind: 'gone' },
  [digestOf('api-0')]: { kind: 'deleted', answered: false },
  [digestOf('api-2')]: {
    kind: 'skipped',
    because: { rule: 'tagged', tag: 'rollback' },
    of: digestOf('api-2'),
  },
  [digestOf('joined')]: {
    kind: 'failed',
    error: 'Could not delete it (409 CONFLICT): no.',
    of: digestOf('joined'),
  },
}

const VULNERABLE = recorded({
  'api-1-amd64': ['CVE-2025-1 critical fixable', 'CVE-2025-2 high', 'CVE-2025-3 medium'],
  'api-1-arm64': ['CVE-2025-1 critical fixable', 'CVE-2025-4 low fixable'],
  'api-2-amd64': ['CVE-2025-1 critical fixable', 'CVE-2025-5 unknown'],
  'api-0': ['CVE-2019-7 low', '…'],
  before: [],
})

const STORIES: Readonly<Record<string, Report>> = {
  'red-gate': reportOf(
    [BASE, CLEAN, API, WEB],
    { maxOrphans: 3, warnOrphans: 1, maxOrphanSize: 250 * MIB, maxOrphanAge: '30d', warnOrphanAge: '7d' },
    {
      notices: [
        'repositories: "!team/legacy/**" matches none of the 4 repositories of myregistry.azurecr.io.',
      ],
    },
  ),
  'each-repository-by-itself': reportOf([BASE, CLEAN, API, WEB], {
    maxOrphans: 2,
    warnOrphanAge: '3d',
    brokenIndexes: 'warn',
    scope: 'repository',
  }),
  'clean-pass': reportOf(
    [CLEAN],
    { maxOrphans: 0, maxOrphanAge: '30d', brokenIndexes: 'fail' },
    { scope: 'the repositories named' },
  ),
  'no-limit-set': reportOf([CLEAN, WEB]),
  watched: reportOf([WATCHED_WEB], { maxOrphanAge: '8d' }, { history: HISTORY }),
  purged: purgedReport([API, WEB], [WEB], { limits: { maxOrphans: 1 } }),
  'purged-in-part': purgedReport([API, WEB], [API, WEB], { ends: ENDS, limits: { maxOrphans: 3 } }),
  'purged-with-damage': purgedReport([API], [], {
    damage: API.broken,
    halted: { kind: 'damage', why: 'The registry deleted something along.' },
  }),
  vulnerable: reportOf(
    [API, BASE, WEB],
    { failOnSeverity: 'high', warnOnSeverity: 'low', defender: 'required' },
    { vulnerabilities: VULNERABLE },
  ),
  'vulnerable-in-each-repository': reportOf(
    [API, WEB],
    { failOnSeverity: 'critical', scope: 'repository' },
    {
      vulnerabilities: recorded({
        before: ['CVE-2026-1', 'CVE-2026-2'].map((id) => `${id} unknown` as const),
      }),
    },
  ),
  'vulnerabilities-not-known': reportOf(
    [API, WEB],
    { failOnSeverity: 'critical', defender: 'required' },
    {
      vulnerabilities: {
        kind: 'unknown',
        reason: 'no-permission',
        detail:
          'Could not ask Microsoft Defender for vulnerabilities (403 AccessDenied): this identity lacks a role for it. Assign it the role Security Reader on the subscription of the registry; a new role takes some minutes.',
      },
    },
  ),
  'vulnerable-before-the-purge': purgedReport([API, WEB], [WEB], {
    vulnerabilities: recorded({ before: [] }),
  }),
  'nothing-due': purgedReport([CLEAN], [CLEAN]),
  'told-by-azure': AZURE_STORY,
  incomplete: reportOf([UNREAD, WEB], { maxOrphans: 5 }),
  skipped: reportOf(
    [],
    { maxOrphans: 0 },
    {
      skipped: 'none of the pushed images is in myregistry.azurecr.io',
      scope: 'the repositories of the pushed images',
      notices: ['images: ghcr.io/octo/app:1.2 is not in myregistry.azurecr.io and was left out.'],
      now: 0,
      requests: 0,
      elapsed: 2,
    },
  ),
}

describe.each(Object.entries(STORIES))('%s', (name, report) => {
  test('the job summary', () => {
    const text = summary(report)
    expect(text).toBe(approved(`${name}.md`, text))
  })

  test('the annotations, the log and the outputs', () => {
    const told = [
      ...annotations(report).map(({ level, message }) => `${level}: ${message}`),
      ...[
        ...logGroups(report),
        ...vulnerabilityGroup(report),
        ...runningGroup(report),
        ...auditGroup(report),
      ].flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]),
      ...Object.entries(outputs(report)).map(([output, value]) => `${output}=${value}`),
    ]
    const text = `${told.join('\n')}\n`
    expect(text).toBe(approved(`${name}.txt`, text))
  })
})

test('the job summary of a run that could judge nothing', () => {
  const sentences = [
    'Input max-orphans: got "ten", accepted: a whole number, 0 or more.',
    'Input max_orphan_age: this action has no such input. Did you mean max-orphan-age? (It came as the environment variable INPUT_MAX_ORPHAN_AGE.)',
  ]
  const text = failureSummary(sentences)
  expect(text).toBe(approved('failed.md', text))
})
