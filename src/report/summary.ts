import { counted } from '../domain/count.ts'
import { leftAlone } from './left-alone.ts'
import { limits } from './limits.ts'
import { alert, byteLength, code, sentence } from './markdown.ts'
import { nextSteps } from './next-steps.ts'
import { orphanList, orphansByRepository } from './orphans.ts'
import type { Report } from './report.ts'
import { brokenIndexes, unreadRepositories } from './trouble.ts'
import { verdictWords } from './verdict-words.ts'
import { checkPredicate, checkSentence } from './wording.ts'

/**
 * GitHub refuses a job summary over 1 MiB as a whole (actions/runner, FileCommandManager.cs), so this stays well below
 * whatever the size of the registry.
 */
const BYTE_BUDGET = 900_000

/** The job summary: the verdict first, then the numbers, then every orphan, then what to do. */
export function summary(report: Report): string {
  const head = [...heading(report), ...limits(report), ...orphansByRepository(report)]
  const tail = [
    ...unreadRepositories(report),
    ...brokenIndexes(report),
    ...leftAlone(report),
    ...nextSteps(report),
  ]
  const room = BYTE_BUDGET - byteLength([...head, ...tail].join('\n\n'))
  return `${[...head, ...orphanList(report, room), ...tail].join('\n\n')}\n`
}

function heading(report: Report): readonly string[] {
  const { icon, title, kind, lines } = verdictWords(report, (check) =>
    check.repository === undefined ? checkPredicate(check) : checkSentence(check, report.host, code),
  )
  return [`## ${icon} ${title}`, alert(kind, lines), scopeLine(report), ...notices(report)]
}

function scopeLine({ scope, surveys, now, requests, elapsed }: Report): string {
  const manifests = surveys.reduce((sum, survey) => sum + survey.manifests, 0)
  const when = now > 0 ? `, as of ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC` : ''
  const cost = `${counted(requests, 'request')} in ${(elapsed / 1000).toFixed(1)} s`
  return `Looked at ${sentence(scope)}: ${counted(manifests, 'manifest')}${when} <sub>(${cost})</sub>`
}

const MOST_NOTICES = 10

function notices({ notices: all }: Report): readonly string[] {
  if (all.length === 0) return []
  const more = all.length > MOST_NOTICES ? [`- and ${all.length - MOST_NOTICES} more, see the log`] : []
  return [[...all.slice(0, MOST_NOTICES).map((notice) => `- ${sentence(notice)}`), ...more].join('\n')]
}
