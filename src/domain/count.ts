/** `1 orphan`, `12,431 orphans`: a number with its noun, as English writes them. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(count)} ${count === 1 ? singular : plural}`
}

/** `12,431`: thousands separated; the runner's own locale must not matter. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
