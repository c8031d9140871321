import { expect, test } from 'vitest'
import { defaultSwitches, startEmulator, type Switches } from '../../emulator/index.ts'
import { switchProblem, switchValues } from '../../emulator/switch-values.ts'
import { accessEffects } from './switch-effects-access.ts'
import { readingEffects } from './switch-effects-reading.ts'
import { stateEffects } from './switch-effects-state.ts'

const effects = { ...stateEffects, ...readingEffects, ...accessEffects }

test('each switch has an effect that can be seen', () => {
  expect(Object.keys(effects).sort()).toEqual(Object.keys(defaultSwitches).sort())
})

for (const [name, effect] of Object.entries(effects)) {
  test(`the switch ${name} makes a difference`, async () => {
    expect(defaultSwitches[name as keyof Switches]).toEqual(effect.default)
    expect(effect.expected[0]).not.toEqual(effect.expected[1])
    for (const [number, value] of [effect.default, effect.other].entries()) {
      const switches = { ...effect.options?.switches, [name]: value }
      await using emulator = await startEmulator({ ...effect.options, switches })
      expect(await effect.observe(emulator)).toEqual(effect.expected[number])
    }
  })

  test(`the switch ${name} can be set from outside, and not to nonsense`, () => {
    expect(switchProblem(name, effect.default)).toBeUndefined()
    expect(switchProblem(name, effect.other)).toBeUndefined()
    expect(switchProblem(name, { not: 'a value' })).toMatch(
      /^The switch .+ takes .+, not \{"not":"a value"\}\.$/,
    )
  })
}

test('what can be set from outside are the switches', () => {
  expect(Object.keys(switchValues).sort()).toEqual(Object.keys(defaultSwitches).sort())
  expect(switchProblem('nonsense', true)).toBe('There is no switch nonsense.')
})
