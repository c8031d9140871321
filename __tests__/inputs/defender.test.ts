import { describe, expect, test } from 'vitest'
import { problems, read } from './reading.ts'

describe('vulnerabilities', () => {
  test.each(['critical', 'high', 'medium', 'low'] as const)('a limit can be %s', (severity) => {
    const { thresholds } = read({ 'fail-on-severity': severity, 'warn-on-severity': 'low' })
    expect(thresholds.severity).toEqual({ max: severity, warn: 'low' })
  })

  test.each(['High', 'unknown', 'none', '7'])('%j is no severity', (given) => {
    expect(problems({ 'fail-on-severity': given })).toEqual([
      { input: 'fail-on-severity', message: `got "${given}", accepted: critical, high, medium, low.` },
    ])
  })

  test.each(['auto', 'on', 'off', 'required'] as const)('defender: %s', (defender) => {
    expect(read({ defender }).defender).toBe(defender)
  })

  test('a limit cannot do without Defender', () => {
    expect(problems({ defender: 'off', 'warn-on-severity': 'low' })).toEqual([
      { input: 'defender', message: 'is off, but warn-on-severity needs it: leave one of the two out.' },
    ])
  })
})
