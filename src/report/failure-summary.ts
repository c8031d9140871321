import { alert, sentence } from './markdown.ts'

/** The job summary of a run that could not judge anything. */
export function failureSummary(sentences: readonly string[]): string {
  return `## ❌ ACR Hygiene Gate: failed\n\n${alert('CAUTION', sentences.map(sentence))}\n`
}
