import { parseDigest, type Digest } from '../domain/digest.ts'

/** The file cannot be used; the message says why, in words for the log. */
export class UnusableState extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'UnusableState'
  }
}

/** Texts that repeat a hundred thousand times, each once. */
export class Words {
  readonly #all: string[]
  readonly #places = new Map<string, number>()

  constructor(words: readonly unknown[] = []) {
    this.#all = words.map(textOf)
  }

  get all(): readonly string[] {
    return this.#all
  }

  /** Its number; a new one gets one. */
  place(word: string): number {
    const known = this.#places.get(word)
    if (known !== undefined) return known
    this.#places.set(word, this.#all.length)
    return this.#all.push(word) - 1
  }

  at(place: unknown): string {
    const word = typeof place === 'number' ? this.#all[place] : undefined
    if (word === undefined) throw damaged()
    return word
  }
}

const SHA256 = /^sha256:[0-9a-f]{64}$/

/** Digests as one run of bytes where they are SHA-256, 32 bytes each, in base64; others as they are. */
export type PackedDigests = readonly [string, ...string[]]

export function pack(digests: Iterable<Digest>): PackedDigests {
  const plain: Buffer[] = []
  const others: string[] = []
  for (const digest of digests) {
    if (SHA256.test(digest)) plain.push(Buffer.from(digest.slice(7), 'hex'))
    else others.push(digest)
  }
  return [Buffer.concat(plain).toString('base64'), ...others]
}

export function* unpack(packed: unknown): Generator<Digest> {
  const [plain, ...others] = listOf(packed)
  const bytes = Buffer.from(textOf(plain), 'base64')
  if (bytes.length % 32 !== 0) throw damaged()
  for (let start = 0; start < bytes.length; start += 32)
    yield digestOf(`sha256:${bytes.toString('hex', start, start + 32)}`)
  for (const other of others) yield digestOf(other)
}

export function digestOf(text: unknown): Digest {
  const digest = typeof text === 'string' ? parseDigest(text) : undefined
  if (digest === undefined) throw damaged()
  return digest
}

export function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw damaged()
  return value
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw damaged()
  return value
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged()
  return value
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged()
  return value as Readonly<Record<string, unknown>>
}

export function damaged(): UnusableState {
  return new UnusableState('it is damaged')
}
