import { formatDurationLimit, type Milliseconds } from './domain/duration.ts'

/** The answer, or what stands for it when it is late. A run that is stopped ends every request, so that its answers come soon. */
export function inTime<Answer>(answer: Promise<Answer>, late: Answer, limit: Promise<void>): Promise<Answer> {
  return Promise.race([answer, limit.then(() => late).catch(() => answer)])
}

export function lateWords(service: string, limit: Milliseconds): string {
  return `${service} did not answer within ${formatDurationLimit(limit)}: allow this runner to reach it.`
}
