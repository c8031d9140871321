import type { Thresholds } from '../domain/evaluate.ts'
import { SEVERITIES, type DataNeed, type Severity } from '../domain/vulnerability.ts'
import type { GivenInputs } from './given.ts'
import type { InputName } from './names.ts'

const LIMITS = ['fail-on-severity', 'warn-on-severity'] as const

/** Reads the limits on vulnerabilities of orphans. */
export function readSeverities(given: GivenInputs): Thresholds['severity'] {
  const [max, warn] = LIMITS.map((name) => readSeverity(given, name))
  return { max, warn }
}

function readSeverity(given: GivenInputs, name: InputName): Severity | undefined {
  const parse = (text: string): Severity | undefined => SEVERITIES.find((severity) => severity === text)
  return given.parsed(name, parse, SEVERITIES.join(', '))
}

/** Reads whether Microsoft Defender is asked, which a limit on severities cannot do without. */
export function readDefender(given: GivenInputs): DataNeed | 'off' {
  const choice = given.oneOf('defender', ['auto', 'on', 'off', 'required'], 'auto')
  const limit = LIMITS.find((name) => given.text(name) !== undefined)
  if (choice === 'off' && limit !== undefined) {
    given.reject('defender', `is off, but ${limit} needs it: leave one of the two out.`)
  }
  return choice
}
