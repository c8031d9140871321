import { counted, grouped } from '../domain/count.ts'
import { auditSection } from './audit.ts'
import { churningTags } from './churn.ts'
import { leftAlone } from './left-alone.ts'
import { limits } from './limits.ts'
import { alert, byteLength, code, sentence } from './markdown.ts'
import { nextSteps } from './next-steps.ts'
import { pinned } from './pinned.ts'
import { deletedList, purgeSection } from './purge.ts'
import { orphanList, orphansByRepository } from './orphans.ts'
import type { Report } from './report.ts'
import { pushLeft } from './pushed.ts'
import { runningSection } from './running.ts'
import { trend } from './trend.ts'
import { brokenIndexes, cachedRepositories, unreadRepositories } from './trouble.ts'
import { verdictWords } from './verdict-words.ts'
import { vulnerabilities } from './vulnerabilities.ts'
import { checkSentence, checkWords, foundWords } from './wording.ts'

/**
 * GitHub refuses a job summary over 1 MiB as a whole (actions/runner, FileCommandManager.cs), so this stays well below
 * whatever the size of the registry.
 */
const BYTE_BUDGET = 900_000

/** The job summary: the verdict first, then the numbers, then every orphan, then what to do. */
export function summary(report: Report): string {
  const purge = purgeSection(report)
  const [first, second] = report.purge === undefined ? [[], purge] : [purge, []]
  const head = [
    ...heading(report),
    ...pushLeft(report),
    ...limits(report),
    ...first,
    ...orphansByRepository(report),
    ...vulnerabilities(report),
  ]
  const tail = [
    ...second,
    ...unreadRepositories(report),
    ...brokenIndexes(report),
    ...cachedRepositories(report),
    ...runningSection(report),
    ...leftAlone(report),
    ...pinned(report),
    ...churningTags(report),
    ...trend(report),
    ...auditSection(report),
    ...nextSteps(report),
  ]
  const room = BYTE_BUDGET - byteLength([...head, ...tail].join('\n\n'))
  // Only names that no registry allows make the rest too long; then the log has to do.
  if (room <= 0) return `${[...heading(report), TOO_LONG].join('\n\n')}\n`
  const deleted = deletedList(report, room / 2)
  const list = orphanList(report, room - byteLength(deleted.join('')) - 10)
  const parts = [...head, ...list, ...deleted, ...tail]
  return `${parts.join('\n\n')}\n`
}

const TOO_LONG = 'The names in this registry are too long for a job summary: see the log of this step.'

function heading(report: Report): readonly string[] {
  const { icon, title, kind, lines } = verdictWords(report, {
    show: code,
    say: sentence,
    sayCheck: (check) => {
      if (check.repository !== undefined) return checkSentence(check, report.host, code)
      const { found, expected } = checkWords(check)
      return `${found.replace(/^./, (letter) => letter.toUpperCase())}, expected ${expected}`
    },
  })
  return [
    `## ${icon} ${title}`,
    alert(kind, lines),
    ...(report.skipped === undefined ? [foundLine(report)] : []),
    ...notices(report),
  ]
}

function foundLine({ evaluation, surveys, scope, now, requests, elapsed }: Report): string {
  const manifests = surveys.reduce((sum, survey) => sum + survey.manifests, 0)
  const read = surveys.filter(({ gap }) => gap === undefined).length
  const among = `${foundWords(evaluation.totals)} among ${counted(manifests, 'manifest')}`
  const found =
    read === surveys.length
      ? `${among} of ${sentence(scope)}`
      : read === 0
        ? `Nothing could be read of ${sentence(scope)}`
        : `${among} of the ${grouped(read)} of ${counted(surveys.length, 'repository', 'repositories')} that could be read`
  const when = now > 0 ? `, as of ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC` : ''
  return `${found}${when}. <sub>${counted(requests, 'request')} in ${(elapsed / 1000).toFixed(1)} s</sub>`
}

const MOST_NOTICES = 10

function notices({ notices: all }: Report): readonly string[] {
  if (all.length === 0) return []
  const more = all.length > MOST_NOTICES ? [`- and ${all.length - MOST_NOTICES} more, see the log`] : []
  return [[...all.slice(0, MOST_NOTICES).map((notice) => `- ${sentence(notice)}`), ...more].join('\n')]
}
