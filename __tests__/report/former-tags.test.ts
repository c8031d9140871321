import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/domain/duration.ts'
import type { FormerTags } from '../../src/domain/memory.ts'
import type { Origin } from '../../src/domain/origin.ts'
import type { Finding } from '../../src/domain/survey.ts'
import { formerCell, formerLine, formerWords } from '../../src/report/former-tags.ts'
import { NO_HISTORY, type Report } from '../../src/report/report.ts'
import { watched } from '../domain/memories.ts'
import { NOW } from '../domain/picture.ts'
import { orphan, reportOf } from './story.ts'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'
const SOURCE = 'https://github.com/octo-org/app'

const UNTIL: FormerTags = { names: ['main'], lastSeen: NOW - DAY, replacedAt: NOW - 2 * HOUR }

function seenWith(formerly: FormerTags | undefined): Finding {
  return { ...orphan('app'), observed: { ...watched(DAY, { formerly }), isNew: false } }
}

function reportWith(finding: Finding, origin: Origin | undefined, server?: string): Report {
  const origins = new Map(origin === undefined ? [] : [[finding.root.digest, origin]])
  return reportOf([], {}, { history: { ...NO_HISTORY, origins }, server })
}

/** With nothing between words of our own but blanks, and nothing around names. */
function words(finding: Finding, origin?: Origin, server?: string): string {
  const plain = { show: String, together: String }
  return formerWords(finding, { origin, now: NOW, server, ...plain }).join(' / ')
}

describe('what an orphan was', () => {
  test.each<readonly [string, Finding, Origin | undefined, string]>([
    ['nothing', orphan('app'), undefined, ''],
    ['nothing of labels that say nothing', orphan('app'), {}, ''],
    ['nothing of an orphan whose tags nobody saw', seenWith(undefined), undefined, ''],
    [
      'the tag, until something else was pushed under it',
      seenWith(UNTIL),
      undefined,
      'main until 2 hours ago',
    ],
    [
      'the tag and when it was seen, when nobody knows when it was lost',
      seenWith({ ...UNTIL, lastSeen: NOW - 3 * DAY, replacedAt: undefined }),
      undefined,
      'main, last seen 3 days ago',
    ],
    [
      'three of the tags, and how many more there were',
      seenWith({ ...UNTIL, names: ['a', 'b', 'c', 'd', 'e'] }),
      undefined,
      'a, b, c and 2 more until 2 hours ago',
    ],
    [
      'a guess by the label, and that it is one',
      orphan('app'),
      { version: 'v1' },
      'perhaps v1, says its label',
    ],
    ['the guess where no tag was seen', seenWith(undefined), { version: 'v1' }, 'perhaps v1, says its label'],
    ['no guess where the tag is known', seenWith(UNTIL), { version: 'v1' }, 'main until 2 hours ago'],
    ['the commit', orphan('app'), { revision: COMMIT }, 'built from 1a2b3c4'],
    [
      'the tag and the commit',
      seenWith(UNTIL),
      { version: 'v1', revision: COMMIT },
      'main until 2 hours ago / built from 1a2b3c4',
    ],
    [
      'the commit rather than the day',
      orphan('app'),
      { revision: COMMIT, created: '2026-11-20' },
      'built from 1a2b3c4',
    ],
    ['the day of the build', orphan('app'), { created: '2026-11-20T10:00:00Z' }, 'built on 2026-11-20'],
    [
      'the day where no commit is told',
      orphan('app'),
      { revision: 'main', created: '2026-11-20' },
      'built on 2026-11-20',
    ],
    ['no day that is none', orphan('app'), { created: 'yesterday' }, ''],
    ['no day with more behind it', orphan('app'), { created: '2026-11-20<b>' }, ''],
    ['nothing of the source alone', orphan('app'), { source: SOURCE }, ''],
  ])('is %s', (...[, finding, origin, expected]) => {
    expect(words(finding, origin)).toBe(expected)
  })

  test('is never of the future, whatever the clocks say', () => {
    const late = seenWith({ ...UNTIL, replacedAt: NOW + DAY })
    expect(words(late)).toBe(words(seenWith({ ...UNTIL, replacedAt: NOW })))
  })

  test('links the commit on the server of the workflow, and only there', () => {
    const origin = { revision: COMMIT, source: SOURCE }
    expect(words(orphan('app'), origin, 'https://github.com')).toBe(
      `built from [1a2b3c4](${SOURCE}/commit/${COMMIT})`,
    )
    expect(words(orphan('app'), origin, 'https://ghes.example')).toBe('built from 1a2b3c4')
    expect(words(orphan('app'), origin)).toBe('built from 1a2b3c4')
  })
})

describe('the cell and the line', () => {
  const origin = { version: '<b>|', revision: COMMIT, source: SOURCE }

  test('say the same: as code and with a link in the summary, as it is and without one in the log', () => {
    const finding = orphan('app')
    const report = reportWith(finding, origin, 'https://github.com')
    expect(formerCell(finding, report).replaceAll('&nbsp;', ' ')).toBe(
      'perhaps <code>&#60;b&#62;&#124;</code>, says its label<br>' +
        `built from [<code>1a2b3c4</code>](${SOURCE}/commit/${COMMIT})`,
    )
    expect(formerLine(finding, report)).toBe('perhaps <b>|, says its label; built from 1a2b3c4')
  })

  test('are empty for an orphan that nobody knows anything of', () => {
    const [known, unknown] = [orphan('app', { number: 1 }), orphan('app', { number: 2 })]
    const report = reportWith(known, origin)
    expect(formerCell(unknown, report)).toBe('')
    expect(formerLine(unknown, report)).toBe('')
  })
})
