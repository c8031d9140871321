/** 100-nanosecond units since 1970-01-01T00:00:00Z: the resolution in which the registry prints its times. */
export type Ticks = bigint

/** `2026-10-02T14:14:24.0417305Z`, a Date, or milliseconds since 1970. */
export type Instant = string | Date | number

/** `90d`, `1d12h`, `30s`, `250ms`, or milliseconds. */
export type Duration = string | number

const ticksPerMillisecond = 10_000n
const ticksPerSecond = 10_000_000n

/** The registry's own time. It runs with the machine's clock unless frozen, and can be moved at will. */
export class Clock {
  // The wall clock has millisecond resolution; the monotonic one supplies the digits below.
  readonly #origin: Ticks = BigInt(Date.now()) * ticksPerMillisecond - monotonicTicks()
  #offset: Ticks = 0n
  #frozenAt: Ticks | undefined

  now(): Ticks {
    return this.#frozenAt ?? this.#machine() + this.#offset
  }

  date(): Date {
    return new Date(Number(this.now() / ticksPerMillisecond))
  }

  /** Jump to an instant; a running clock runs on from there. */
  set(instant: Instant): void {
    const target = ticksOf(instant)
    if (this.#frozenAt !== undefined) this.#frozenAt = target
    this.#offset = target - this.#machine()
  }

  advance(duration: Duration): void {
    this.#offset += ticksIn(duration)
    if (this.#frozenAt !== undefined) this.#frozenAt += ticksIn(duration)
  }

  goBack(duration: Duration): void {
    this.#offset -= ticksIn(duration)
    if (this.#frozenAt !== undefined) this.#frozenAt -= ticksIn(duration)
  }

  freeze(instant?: Instant): void {
    this.#frozenAt = instant === undefined ? this.now() : ticksOf(instant)
  }

  /** Run on from the present instant. */
  run(): void {
    this.#offset = this.now() - this.#machine()
    this.#frozenAt = undefined
  }

  /** Back to the machine's time. */
  reset(): void {
    this.#offset = 0n
    this.#frozenAt = undefined
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined
  }

  /** How far ahead of the machine's clock it is (negative: behind), in milliseconds. */
  offsetMilliseconds(): number {
    return Number((this.now() - this.#machine()) / ticksPerMillisecond)
  }

  #machine(): Ticks {
    return this.#origin + monotonicTicks()
  }
}

export function ticksOf(instant: Instant): Ticks {
  if (typeof instant === 'string') {
    const parts = /^(.+T\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z$/.exec(instant)
    if (parts?.[1] !== undefined) {
      const seconds = Date.parse(`${parts[1]}Z`)
      if (!Number.isNaN(seconds)) {
        return BigInt(seconds) * ticksPerMillisecond + BigInt((parts[2] ?? '').padEnd(7, '0'))
      }
    }
  }
  const milliseconds = new Date(instant).getTime()
  if (Number.isNaN(milliseconds)) throw new RangeError(`not an instant: ${JSON.stringify(instant)}`)
  return BigInt(milliseconds) * ticksPerMillisecond
}

export function ticksIn(duration: Duration): Ticks {
  return BigInt(Math.round(millisecondsIn(duration) * 10_000))
}

export function millisecondsIn(duration: Duration): number {
  if (typeof duration === 'number') return duration
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(duration)) {
    throw new RangeError(`not a duration: ${JSON.stringify(duration)} (for example 90d, 1d12h, 30s, 250ms)`)
  }
  let total = 0
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ms|[smhdw])/g)) {
    total += Number(amount) * (millisecondsPer[unit ?? ''] ?? 0)
  }
  return total
}

/** Up to seven fraction digits, trailing zeros trimmed (recorded: js-2021-09-list-manifests, `…00.913255Z`). */
export function formatTicks(ticks: Ticks): string {
  const seconds = ticks / ticksPerSecond
  const fraction = String(ticks % ticksPerSecond)
    .padStart(7, '0')
    .replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`
}

/** Whole seconds since 1970, as JSON web tokens count. */
export function epochSeconds(ticks: Ticks): number {
  return Number(ticks / ticksPerSecond)
}

const millisecondsPer: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

function monotonicTicks(): Ticks {
  return process.hrtime.bigint() / 100n
}
