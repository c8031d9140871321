import { distance } from 'fastest-levenshtein'
import type { Problem } from '../errors.ts'
import { INPUT_NAMES, type InputName } from './names.ts'

/** Environment variables, as the runner hands inputs to an action: `INPUT_MAX-ORPHANS`. */
export type Environment = Readonly<Record<string, string | undefined>>

interface Bounded<Value> {
  readonly parse: (text: string) => Value | undefined
  readonly accept: (value: Value) => boolean
  readonly grammar: string
}

/**
 * Reads inputs one by one, typed, and remembers everything that is wrong, so that the author sees all problems in one go.
 * An empty value means "not given": a reusable workflow passes on inputs that its caller left out.
 */
export class GivenInputs {
  readonly #environment: Environment
  readonly #problems: Problem[] = []

  constructor(environment: Environment) {
    this.#environment = environment
    this.#rejectUndeclared()
  }

  get problems(): readonly Problem[] {
    return this.#problems
  }

  reject(input: string, message: string): undefined {
    this.#problems.push({ input, message })
    return undefined
  }

  /** The trimmed value, or undefined when it was not given. */
  text(name: InputName): string | undefined {
    const value = this.#environment[`INPUT_${name.toUpperCase()}`]?.trim()
    return value === '' ? undefined : value
  }

  boolean(name: InputName, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], String(fallback) as 'true' | 'false') === 'true'
  }

  oneOf<Choice extends string>(name: InputName, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.text(name)
    if (value === undefined) return fallback
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) this.reject(name, `got ${quote(value)}, accepted: ${choices.join(', ')}.`)
    return choice ?? fallback
  }

  /** A value by its own parser, which answers undefined for what it does not accept. */
  parsed<Value>(
    name: InputName,
    parse: (text: string) => Value | undefined,
    grammar: string,
  ): Value | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const parsed = parse(value)
    return parsed ?? this.reject(name, `got ${quote(value)}, accepted: ${grammar}.`)
  }

  count(name: InputName): number | undefined {
    return this.parsed(name, parseCount, 'a whole number, 0 or more')
  }

  /** A value that has to be within bounds besides. */
  within<Value>(name: InputName, { parse, accept, grammar }: Bounded<Value>): Value | undefined {
    const bounded = (text: string): Value | undefined => {
      const value = parse(text)
      return value !== undefined && accept(value) ? value : undefined
    }
    return this.parsed(name, bounded, grammar)
  }

  /** Elements separated by newlines or commas, without blanks and `#` comments; every bad element is reported. */
  list<Value>(
    name: InputName,
    parse: (text: string) => Value | undefined,
    grammar: string,
  ): readonly Value[] {
    return elements(this.text(name) ?? '').flatMap((element) => {
      const parsed = parse(element)
      if (parsed !== undefined) return [parsed]
      this.reject(name, `got ${quote(element)}, accepted: ${grammar}.`)
      return []
    })
  }

  /**
   * The runner only prints a warning for an input that the action does not declare, and passes it on: a mistyped switch
   * would be ignored silently.
   */
  #rejectUndeclared(): void {
    for (const variable of Object.keys(this.#environment).sort()) {
      if (!variable.startsWith('INPUT_')) continue
      const name = variable.slice('INPUT_'.length).toLowerCase()
      if (!INPUT_NAMES.some((declared) => declared === name)) this.reject(name, undeclared(name))
    }
  }
}

function undeclared(name: string): string {
  const unknown = 'this action has no such input'
  if (name.replaceAll('_', '-') === 'dry-run') {
    return `${unknown}. Nothing is ever deleted without purge: true, so there is nothing to switch off.`
  }
  const near = INPUT_NAMES.map((declared) => ({ declared, away: distance(name, declared) })).sort(
    (a, b) => a.away - b.away,
  )[0]
  // More than a third of the letters wrong is another word, not a slip.
  const hint =
    near !== undefined && near.away <= Math.max(2, name.length / 3) ? ` Did you mean ${near.declared}?` : ''
  return `${unknown}.${hint} (It came as the environment variable INPUT_${name.toUpperCase()}.)`
}

export function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function elements(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|[\s,])#[^]*$/, ''))
    .flatMap((line) => line.split(','))
    .map((element) => element.trim())
    .filter((element) => element !== '')
}

/** At most 60 characters of what was given, so that a pasted file does not fill the log; never a password of a URL. */
function quote(value: string): string {
  const shown = value.replace(/^(\w+:\/\/)?[^]*@(?!sha256:)/, '$1***@')
  return `"${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}"`
}
