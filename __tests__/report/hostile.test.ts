import { describe, expect, test } from 'vitest'
import { formatBytes } from '../../src/domain/bytes.ts'
import type { Origin } from '../../src/domain/origin.ts'
import type { RegistrySettings, RegistryTask } from '../../src/domain/registry-settings.ts'
import { annotations } from '../../src/report/annotations.ts'
import { auditGroup } from '../../src/report/audit.ts'
import { failureSummary } from '../../src/report/failure-summary.ts'
import { logGroups, type LogGroup } from '../../src/report/log-lines.ts'
import { outputs } from '../../src/report/outputs.ts'
import { NO_HISTORY, type Report } from '../../src/report/report.ts'
import { runningGroup } from '../../src/report/running.ts'
import { summary } from '../../src/report/summary.ts'
import { vulnerabilityGroup } from '../../src/report/vulnerabilities.ts'
import { digestOf, survey, type Described } from '../domain/picture.ts'
import { recorded } from '../domain/vulnerability-picture.ts'
import { notRead, reportOf } from './story.ts'

/** What somebody may call a repository or tag to be seen, and what may be seen of it. */
const HOSTILE: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a table cell', 'x | y || z', 'x | y || z'],
  ['a new row', 'x |\n| 0 | 0 |', 'x |\u{FFFD}| 0 | 0 |'],
  ['Markdown emphasis', '**bold** _it_ ~~no~~', '**bold** _it_ ~~no~~'],
  ['a heading', '\n\n# All is well\n', '\u{FFFD}# All is well\u{FFFD}'],
  ['a link', '[pay](https://evil.example/)', '[pay](https://evil.example/)'],
  ['a script as a link', '[x](javascript:alert(1))', '[x](javascript:alert(1))'],
  ['an image', '![x](https://evil.example/p.png)', '![x](https://evil.example/p.png)'],
  ['a bare address', 'https://evil.example www.evil.example', 'https://evil.example www.evil.example'],
  [
    'HTML',
    '</code></td><script>x</script><img src=x onerror=y>',
    '</code></td><script>x</script><img src=x onerror=y>',
  ],
  ['an entity', '&lt;b&gt; &#60; &amp;', '&lt;b&gt; &#60; &amp;'],
  ['backticks', '`x` ``` ```yaml', '`x` ``` ```yaml'],
  ['backslashes', '\\| \\` \\<', '\\| \\` \\<'],
  ['a mention', '@octocat @org/team', '@octocat @org/team'],
  ['an issue', '#123 org/repo#1 GH-1', '#123 org/repo#1 GH-1'],
  ['a command', 'x\n::error::y', 'x\u{FFFD}::error::y'],
  ['a command of the old kind', '##[error]x', '##[error]x'],
  ['a list', '- x\r\n- y', '- x\u{FFFD}- y'],
  ['an alert', '> [!CAUTION]', '> [!CAUTION]'],
  ['a formula', '$`x`$ $$y$$', '$`x`$ $$y$$'],
  ['text that runs backwards', 'a\u{202E}gpj.exe', 'a\u{FFFD}gpj.exe'],
  ['text that nobody sees', 'a\u{200B}b\u{2066}c\u{FEFF}', 'a\u{FFFD}b\u{FFFD}c\u{FFFD}'],
  ['other line ends', 'a\u{2028}b\u{2029}c\u{85}d\u{B}e', 'a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e'],
  ['NUL and escape', 'a\0b\u{1B}[31mc', 'a\u{FFFD}b\u{FFFD}[31mc'],
  ['a replacement of replacements', '$& $1 $<x>', '$& $1 $<x>'],
  ['letters of any script', 'äöü 日本語 ñ', 'äöü 日本語 ñ'],
]

const IN_USE = { current: { tags: ['latest'] } }

/** Everywhere that a repository's name is shown. */
function withRepository(repository: string): Report {
  const surveys = [
    survey(
      { ...IN_USE, old: {}, index: { tags: ['v1'], children: ['gone'] } },
      { repository, missing: ['gone'] },
    ),
    survey({ image: {} }, { repository }),
    notRead(repository, { why: 'It is broken.' }),
  ]
  const vulnerabilities = recorded({ old: ['CVE-1 high'] })
  return reportOf(surveys, { maxOrphans: 0, scope: 'repository' }, { vulnerabilities })
}

function withManifest(described: Described): Report {
  return reportOf([
    survey({ ...IN_USE, old: described, index: { tags: ['v1'], children: ['gone'] } }, { missing: ['gone'] }),
  ])
}

function withTag(tag: string): Report {
  const index = { tags: [tag], children: ['gone'] }
  return reportOf([survey({ index }, { missing: ['gone'] })])
}

/** Something in Azure that runs an image without a tag. */
function withWorkload(workload: string): Report {
  const found = survey(
    { ...IN_USE, old: {} },
    {},
    { pinnedBy: (digest) => (digest === OLD ? workload : undefined) },
  )
  const deployments = [{ repository: 'app', digest: OLD, workload }]
  return reportOf([found], {}, { pins: 1, deployed: { kind: 'checked', deployments, seen: 1, gaps: [] } })
}

const OLD = digestOf('old')

function withTask(name: string): Report {
  return withAudit({ tasks: [{ ...TASK, name }] })
}

function withSchedule(schedule: string): Report {
  return withAudit({ tasks: [{ ...TASK, schedules: [schedule] }] })
}

const TASK: RegistryTask = {
  name: 'nightly',
  enabled: true,
  schedules: [],
  purges: [{ deletes: 'manifests', dryRun: true, includesLocked: false, hasAge: true }],
}

function withAudit(settings: Partial<RegistrySettings>): Report {
  return reportOf([], {}, { audit: { kind: 'read', settings: { ...SETTINGS, ...settings } } })
}

const SETTINGS: RegistrySettings = {
  name: 'myregistry',
  subscriptionId: '',
  sku: undefined,
  roleMode: undefined,
  retention: undefined,
  softDelete: { unread: 'No.' },
  adminUser: undefined,
  network: undefined,
  storage: { unread: 'No.' },
  tasks: [],
}

function withCacheRule(rule: string): Report {
  const { broken: sparse = [] } = withTag('v1').surveys[0] ?? {}
  return reportOf([], {}, { cached: [{ repository: 'app', rule, sparse }] })
}

/** What Azure answers when it refuses. */
function withRefusal(why: string): Report {
  return reportOf([survey({ ...IN_USE, old: {} })], {}, { deployed: { kind: 'unchecked', why } })
}

function withReason(why: string): Report {
  return reportOf([notRead('app', { why })])
}

/** An orphan whose image says this of itself, of every kind that is read. */
function withLabels(text: string, more: Origin = {}): Report {
  const surveys = [survey({ ...IN_USE, old: {} })]
  const origin = { version: text, revision: text, source: text, created: text, ...more }
  return reportOf(surveys, {}, { history: { ...NO_HISTORY, origins: new Map([[digestOf('old'), origin]]) } })
}

function withDetail(detail: string): Report {
  const old = survey({ ...IN_USE, old: {} })
  return reportOf([old], {}, { vulnerabilities: { kind: 'unknown', reason: 'failed', detail } })
}

/** GitHub makes no mention or issue of what it shows as code. */
const asCode = (shown: string): string => shown

/** In a sentence a space without width stands behind the signs that begin a mention or an issue. */
const asSentence = (shown: string): string => shown.replaceAll(/[#@]/g, (sign) => `${sign}\u{200B}`)

const PLACES: readonly (readonly [
  where: string,
  markdown: (text: string) => string,
  read: (shown: string) => string,
])[] = [
  ['the name of a repository', (text) => summary(withRepository(text)), asCode],
  ['a tag', (text) => summary(withTag(text)), asCode],
  ['a platform', (text) => summary(withManifest({ platform: text })), asCode],
  ['the labels of an image', (text) => summary(withLabels(text)), asCode],
  ['the reason of a gap', (text) => summary(withReason(text)), asSentence],
  ['what Defender answered', (text) => summary(withDetail(text)), asSentence],
  ['a workload', (text) => summary(withWorkload(text)), asCode],
  ['a task', (text) => summary(withTask(text)), asCode],
  ['the schedule of a task', (text) => summary(withSchedule(text)), asCode],
  ['a SKU', (text) => summary(withAudit({ sku: text })), asCode],
  ['a cache rule', (text) => summary(withCacheRule(text)), asCode],
  ['what Azure refuses', (text) => summary(withRefusal(text)), asSentence],
  ['what Azure refuses in part', (text) => summary(withAudit({ tasks: { unread: text } })), asSentence],
  ['a notice', (text) => summary(reportOf([], {}, { notices: [text] })), asSentence],
  ['the failure of a run', (text) => failureSummary([text]), asSentence],
]

/**
 * The text as it is in each cell, when everything outside of these cells is as with a harmless text and everything inside
 * is a letter, a digit, a blank, a comma, a sign for what is not shown or an entity.
 */
function cells(markdown: (text: string) => string, text: string): readonly string[] {
  const frame = markdown('harmless').split('harmless')
  const pattern = frame
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join('((?:[\\p{L}\\p{N}\u{FFFD} ,…]|&#\\d+;)*)')
  const found = new RegExp(`^${pattern}$`, 'u').exec(markdown(text))
  if (found === null || found.length < 2) throw new Error(`It left its cell: ${markdown(text)}`)
  return found.slice(1).map(decoded)
}

function decoded(cell: string): string {
  return cell.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

describe.each(PLACES)('%s in the summary', (_, markdown, read) => {
  test.each(HOSTILE)('stays in its cell as it is: %s', (_, text, shown) => {
    expect(new Set(cells(markdown, text))).toEqual(new Set([read(shown)]))
  })

  test('is cut when it is a hundred kilobytes long', () => {
    for (const cell of cells(markdown, '|<b>'.repeat(25_000))) {
      expect(cell.length).toBeGreaterThan(100)
      expect(cell.length).toBeLessThanOrEqual(1001)
      expect(cell).toMatch(/^(?:\|<b>)+.{0,3}…$/)
    }
  })

  test('is never cut within a character', () => {
    for (const cell of cells(markdown, `x${'日'.repeat(50)}${'😀'.repeat(5000)}`))
      expect(cell.isWellFormed()).toBe(true)
  })
})

test('the media type of a manifest is not shown at all, whatever it is', () => {
  const type = 'application/vnd.example.harmless'
  for (const [, text] of HOSTILE) {
    expect(summary(withManifest({ type: `${text}/x` }))).toBe(summary(withManifest({ type })))
  }
})

test('no text in a label makes a link, whatever the image was built from', () => {
  const revision = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'
  const good = summary(withLabels('x', { revision, source: 'https://github.com/o/r' }))
  expect(good).toContain(`](https://github.com/o/r/commit/${revision})`)
  for (const [, text] of HOSTILE) {
    for (const source of [text, `https://github.com/${text}/r`, `https://github.com/o/${text}`]) {
      const links = summary(withLabels('x', { revision, source })).match(/\]\([^)]*\)/g) ?? []
      for (const link of links)
        expect(link).toMatch(/^\]\(https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/commit\/\w+\)$/)
    }
  }
})

describe('an annotation', () => {
  test.each(HOSTILE)('is one line of text, whatever a repository is called: %s', (_, text, shown) => {
    const messages = annotations(withRepository(text)).map(({ message }) => message)
    expect(messages).toEqual([
      `myregistry/${shown}: 1 orphan, expected none (up to ${formatBytes(1000)}, oldest pushed 2 days ago)`,
      `Not read in full: ${shown}. It is broken.`,
    ])
  })

  test.each(HOSTILE)('is one line of text, whatever the registry answers: %s', (_, text, shown) => {
    expect(annotations(withReason(text)).map(({ message }) => message)).toEqual([
      `Not read in full: app. ${shown}`,
    ])
  })

  test('is of bounded length', () => {
    for (const report of [withRepository('x'.repeat(100_000)), withReason('x'.repeat(100_000))]) {
      for (const { message } of annotations(report)) expect(message.length).toBeLessThan(1500)
    }
  })
})

const groupsOf = (report: Report): readonly LogGroup[] => [
  ...logGroups(report),
  ...vulnerabilityGroup(report),
  ...runningGroup(report),
  ...auditGroup(report),
]

const REPORTS: readonly (readonly [string, (text: string) => Report])[] = [
  ['the name of a repository', withRepository],
  ['a tag', withTag],
  ['a platform', (platform) => withManifest({ platform })],
  ['the labels of an image', withLabels],
  ['a reason', withReason],
  ['what Defender answered', withDetail],
  ['a workload', withWorkload],
  ['a task', withTask],
]

describe.each(REPORTS)('%s in the log', (_, report) => {
  const lines = (text: string): readonly string[] =>
    groupsOf(report(text)).flatMap((group) => [group.title, ...group.lines])

  test.each(HOSTILE)('is on its line as it is: %s', (_, text, shown) => {
    const harmless = lines('harmless')
    expect(harmless.join('\n')).toContain('harmless')
    expect(lines(text)).toEqual(harmless.map((line) => line.replaceAll('harmless', () => shown)))
  })

  test('is cut when it is a hundred kilobytes long', () => {
    for (const line of lines('x'.repeat(100_000))) expect(line.length).toBeLessThan(5000)
  })
})

describe('neither outputs nor the shape of the log depend on', () => {
  const shape = (report: Report): unknown => [
    outputs(report),
    groupsOf(report).map(({ lines }) => lines.length),
    annotations(report).map(({ level }) => level),
  ]
  test.each(REPORTS)('%s', (_, report) => {
    for (const [, text] of HOSTILE) expect(shape(report(text))).toEqual(shape(report('harmless')))
  })
})
