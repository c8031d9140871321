import { alert, sentence } from './markdown.ts'

/** The job summary of a run that could not judge anything. */
export function failureSummary(sentences: readonly string[]): string {
  const lines = sentences.map((text) => sentence(text))
  return `## ❌ ACR Hygiene Gate: failed\n\n${alert('CAUTION', lines.flatMap((line) => [line, '']).slice(0, -1))}\n`
}
