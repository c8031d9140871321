import { describe, expect, test } from 'vitest'
import { BYTES_GRAMMAR } from '../../src/domain/bytes.ts'
import { DAY, DURATION_GRAMMAR, HOUR, MINUTE } from '../../src/domain/duration.ts'
import { LOGIN_SERVER_GRAMMAR } from '../../src/domain/login-server.ts'
import { INPUT_NAMES, type InputName } from '../../src/inputs/names.ts'
import type { Inputs } from '../../src/inputs/inputs.ts'
import { problems, read, refusal } from './reading.ts'
import { NO_LIMIT, UNLIMITED } from '../domain/unlimited.ts'

test('what is not given has the default of the contract', () => {
  expect(read({})).toEqual({
    registry: { host: 'myregistry.azurecr.io', endpoint: 'https://myregistry.azurecr.io', azure: true },
    credential: {
      choice: 'anonymous',
      username: undefined,
      password: undefined,
      clientId: undefined,
      tenantId: undefined,
      clientSecret: undefined,
      allowHost: undefined,
      onMissing: 'fail',
    },
    repositories: [],
    allowNoMatch: false,
    images: undefined,
    thresholds: UNLIMITED,
    inFlight: HOUR,
    purge: {
      wanted: false,
      policy: {
        olderThan: 7 * 24 * HOUR,
        orphanAge: 'observed',
        purgeOrphanedReferrers: false,
        maxDeletes: 1000,
        maxDeletePercent: undefined,
      },
      keepNewest: 0,
      allowEmptyRepository: false,
      pins: [],
      pinFiles: [],
      protectDeployed: 'auto',
    },
    summary: true,
    state: { kind: 'auto' },
    defender: 'auto',
    audit: 'auto',
    concurrency: 16,
    timeLimit: HOUR,
  } satisfies Inputs)
})

test.each(['', ' ', '\n', '\t \r\n'])('an empty value means not given: %j', (empty) => {
  const optional = INPUT_NAMES.filter((name) => name !== 'registry' && name !== 'credential')
  const written = Object.fromEntries(optional.map((name) => [name, empty]))
  expect(read(written)).toEqual(read({}))
})

test('a required input that is empty is not given either', () => {
  expect(refusal({ registry: ' ', credential: 'anonymous' }).problems).toEqual([
    { input: 'registry', message: `is required, accepted: ${LOGIN_SERVER_GRAMMAR}.` },
  ])
})

describe('an input is taken', () => {
  test.each<[InputName, string, (inputs: Inputs) => unknown, unknown]>([
    ['registry', 'https://localhost:5000', ({ registry }) => registry.host, 'localhost:5000'],
    ['registry', ' myregistry.azurecr.us\n', ({ registry }) => registry.host, 'myregistry.azurecr.us'],
    ['allow-no-match', 'true', ({ allowNoMatch }) => allowNoMatch, true],
    ['max-orphans', '25', ({ thresholds }) => thresholds.orphans, { ...NO_LIMIT, max: 25 }],
    ['max-orphans', '0', ({ thresholds }) => thresholds.orphans, { ...NO_LIMIT, max: 0 }],
    ['warn-orphans', '5', ({ thresholds }) => thresholds.orphans, { ...NO_LIMIT, warn: 5 }],
    [
      'max-orphan-size',
      '5GiB',
      ({ thresholds }) => thresholds.orphanSize,
      { ...NO_LIMIT, max: 5 * 1024 ** 3 },
    ],
    ['max-orphan-size', '0', ({ thresholds }) => thresholds.orphanSize, { ...NO_LIMIT, max: 0 }],
    ['warn-orphan-size', '500MB', ({ thresholds }) => thresholds.orphanSize, { ...NO_LIMIT, warn: 5e8 }],
    ['max-orphan-age', '30 days', ({ thresholds }) => thresholds.orphanAge, { ...NO_LIMIT, max: 30 * DAY }],
    ['max-orphan-age', '0d', ({ thresholds }) => thresholds.orphanAge, { ...NO_LIMIT, max: 0 }],
    ['warn-orphan-age', '1d12h', ({ thresholds }) => thresholds.orphanAge, { ...NO_LIMIT, warn: 36 * HOUR }],
    ['broken-indexes', 'report', ({ thresholds }) => thresholds.brokenIndexes, 'report'],
    ['broken-indexes', 'warn', ({ thresholds }) => thresholds.brokenIndexes, 'warn'],
    ['broken-indexes', 'fail', ({ thresholds }) => thresholds.brokenIndexes, 'fail'],
    ['threshold-scope', 'total', ({ thresholds }) => thresholds.scope, 'total'],
    ['threshold-scope', 'repository', ({ thresholds }) => thresholds.scope, 'repository'],
    ['in-flight', '15m', ({ inFlight }) => inFlight, 15 * MINUTE],
    ['in-flight', '2h', ({ inFlight }) => inFlight, 2 * HOUR],
    ['warn-only', 'true', ({ thresholds }) => thresholds.warnOnly, true],
    ['summary', 'false', ({ summary }) => summary, false],
    ['concurrency', '1', ({ concurrency }) => concurrency, 1],
    ['concurrency', '64', ({ concurrency }) => concurrency, 64],
    ['time-limit', '1m', ({ timeLimit }) => timeLimit, MINUTE],
    ['time-limit', '6h', ({ timeLimit }) => timeLimit, 6 * HOUR],
  ])('%s: %j', (...[name, value, pick, expected]) => {
    expect(pick(read({ [name]: value }))).toEqual(expected)
  })
})

describe('an input is refused, with its name, what was given and what is accepted', () => {
  const count = 'a whole number, 0 or more'
  const concurrency = '1 to 64 requests at a time'
  // What is half pushed must not be counted.
  const inFlight = 'a duration of at least 15m, such as 90m or 36h (a push of many platforms takes its time)'
  const timeLimit = `${DURATION_GRAMMAR}, and at least 1m`
  test.each<[InputName, string, string]>([
    ['registry', 'registry.example.com', LOGIN_SERVER_GRAMMAR],
    ['registry', 'http://localhost:5000', LOGIN_SERVER_GRAMMAR],
    ['max-orphans', '-1', count],
    ['max-orphans', '1.5', count],
    ['max-orphans', '10%', count],
    ['max-orphans', 'none', count],
    ['max-orphans', '1e3', count],
    ['max-orphans', '0x10', count],
    ['max-orphans', '9'.repeat(16), count],
    ['warn-orphans', 'few', count],
    ['max-orphan-size', '5', BYTES_GRAMMAR],
    ['max-orphan-size', '-5GiB', BYTES_GRAMMAR],
    ['warn-orphan-size', '1.5GB', BYTES_GRAMMAR],
    ['max-orphan-age', '7', DURATION_GRAMMAR],
    ['max-orphan-age', '-7d', DURATION_GRAMMAR],
    ['max-orphan-age', 'd', DURATION_GRAMMAR],
    ['max-orphan-age', 'sevend', DURATION_GRAMMAR],
    ['max-orphan-age', '1.5.2d', DURATION_GRAMMAR],
    ['max-orphan-age', '999999d', DURATION_GRAMMAR],
    ['warn-orphan-age', 'a week', DURATION_GRAMMAR],
    ['broken-indexes', 'ignore', 'report, warn, fail'],
    ['broken-indexes', 'FAIL', 'report, warn, fail'],
    ['threshold-scope', 'registry', 'total, repository'],
    ['in-flight', 'soon', inFlight],
    ['in-flight', '14m', inFlight],
    ['in-flight', '5m', inFlight],
    ['in-flight', '0d', inFlight],
    ['concurrency', 'many', concurrency],
    ['concurrency', '0', concurrency],
    ['concurrency', '65', concurrency],
    ['concurrency', '065', concurrency],
    ['concurrency', '1000', concurrency],
    ['time-limit', 'forever', timeLimit],
    ['time-limit', '0m', timeLimit],
    ['time-limit', '0d', timeLimit],
  ])('%s: %s', (input, value, accepted) => {
    expect(problems({ [input]: value })).toEqual([
      { input, message: `got "${value}", accepted: ${accepted}.` },
    ])
  })

  test.each<InputName>(['allow-no-match', 'warn-only', 'summary'])(
    'booleans are true or false only: %s',
    (name) => {
      for (const value of ['True', 'TRUE', 'yes', 'no', 'on', '1', '0', 'truefalse', "'true'"]) {
        expect(problems({ [name]: value })).toEqual([
          { input: name, message: `got "${value}", accepted: true, false.` },
        ])
      }
    },
  )

  test('a long value is shown in part', () => {
    const [problem] = problems({ 'max-orphans': 'x'.repeat(100_000) })
    expect(problem?.message).toContain(`"${'x'.repeat(60)}…"`)
    expect(problem?.message.length).toBeLessThan(200)
  })
})
