import type { Token } from './lexer.ts'
import { QueryProblem } from './problem.ts'

/** Reads tokens one by one. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #index = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get here(): Token {
    return this.ahead(0)
  }

  ahead(steps: number): Token {
    const token = this.#tokens[Math.min(this.#index + steps, this.#tokens.length - 1)]
    if (token === undefined) throw new Error('there is always an end')
    return token
  }

  next(): Token {
    const token = this.here
    this.#index += 1
    return token
  }

  /** Whether the next token is this symbol or word. A string of the same text is not. */
  isAt(text: string): boolean {
    return this.here.kind !== 'string' && this.here.text === text
  }

  /** Takes the token if it is there. */
  takes(text: string): boolean {
    if (!this.isAt(text)) return false
    this.#index += 1
    return true
  }

  expect(text: string): Token {
    return this.isAt(text) ? this.next() : this.fail()
  }

  expectName(): Token {
    return this.here.kind === 'name' ? this.next() : this.fail()
  }

  expectCount(): number {
    return this.here.kind === 'number' ? Number(this.next().text) : this.fail()
  }

  /** One or several, separated by commas. */
  listOf<T>(read: () => T): readonly T[] {
    const items = [read()]
    while (this.takes(',')) items.push(read())
    return items
  }

  /** The recorded form of whatever the service cannot parse, the token named. */
  fail(why = 'ParserFailure'): never {
    const { text, at } = this.here
    throw new QueryProblem('syntax', why, { token: text, at })
  }
}
